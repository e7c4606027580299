"""Which programs are taken for a browser, before any visit is claimed for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from populace.bots import chromium
from populace.errors import BadInput


def program(folder: Path, does: str) -> Path:
    made = folder / "chromium"
    made.write_text(f"#!/bin/sh\n{does}\n")
    made.chmod(0o755)
    return made


@pytest.mark.parametrize("says", ["Chromium 140.0.1 built on Debian", "Google Chrome 141.0", "Microsoft Edge 140"])
def test_one_that_says_what_it_is_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str) -> None:
    there = program(tmp_path, f"echo '{says}'")
    assert chromium.chromium(there) == there
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.chromium() == there


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("echo true 9.1", "asked for its version it says: true 9.1"),
        ("echo libnss3.so is missing >&2; exit 127", "libnss3.so is missing"),
        ("exit 0", "it says no version"),
        ("exec sleep 60", "does not say its version within"),
    ],
)
def test_another_one_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, said: str) -> None:
    monkeypatch.setattr(chromium, "ANSWERS_S", 0.3 if "sleep" in does else 20.0)
    with pytest.raises(BadInput, match="not a browser that can be used") as caught:
        chromium.chromium(program(tmp_path, does))
    assert said in str(caught.value)


def test_none_at_all_and_one_that_is_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="no program at this path"):
        chromium.chromium(tmp_path / "none")
    broken = program(tmp_path, "")
    broken.write_bytes(b"\x7fELF of nothing")
    with pytest.raises(BadInput, match="cannot be started"):
        chromium.chromium(broken)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(BadInput, match="no Chromium on this machine"):
        chromium.chromium()
