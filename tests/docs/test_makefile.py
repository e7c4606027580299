"""The Makefile makes a whole environment or none, and what pages say of its size is so."""

from __future__ import annotations

import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from docs import pages

MAKEFILE = pages.ROOT / "Makefile"
FAKE = """#!/bin/sh
case "$*" in
  *ensurepip*) exit {ensurepip} ;;
  "-m venv "*) shift 2; while [ "$1" != "${{1#-}}" ]; do flag=$1; shift; done
               [ "$flag" = --clear ] && rm -rf "$1"; mkdir -p "$1/bin" && touch "$1/bin/python" ;;
esac
"""


def made(folder: Path, *, ensurepip: int) -> tuple[subprocess.CompletedProcess[str], Path]:
    """What `make` says and leaves with a Python that has ensurepip, or that has none."""
    python, venv = folder / "python", folder / "venv"
    python.write_text(FAKE.format(ensurepip=ensurepip), encoding="utf-8")
    python.chmod(0o755)
    command = ["make", "-s", "-f", str(MAKEFILE), f"PYTHON={python}", f"VENV={venv}", f"{venv}/.made"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False), venv


def test_a_python_that_cannot_make_environments_leaves_nothing(tmp_path: Path) -> None:
    done, venv = made(tmp_path, ensurepip=1)
    assert done.returncode == 2
    assert "python3-venv" in done.stdout
    assert not venv.exists()


def test_an_environment_that_was_left_half_made_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "half").touch()
    done, venv = made(tmp_path, ensurepip=0)
    assert done.returncode == 0, done.stderr
    assert (venv / ".made").exists()
    assert not (venv / "half").exists()


def installed_mb(lock: str) -> float:
    """What the packages of a lock file take, as far as they are here."""
    size = 0
    for name in re.findall(r"^([a-z0-9-]+)==", pages.text(lock), flags=re.MULTILINE):
        try:
            files = metadata.distribution(name).files or ()
        except metadata.PackageNotFoundError:  # of another system
            continue
        size += sum(Path(str(f.locate())).stat().st_size for f in files if Path(str(f.locate())).is_file())
    return size / 1e6


@pytest.mark.parametrize(
    ("lock", "says"), [("requirements.lock", r"takes about (\d+) MB"), ("requirements-report.lock", r"(\d+) MB more")]
)
def test_the_size_that_pages_name_is_that_of_what_is_installed(lock: str, says: str) -> None:
    found = re.findall(says, pages.text("docs/decisions/0004-dependencies.md"))
    assert len(found) == 1
    assert installed_mb(lock) == pytest.approx(int(found[0]), rel=0.15)
    if lock == "requirements.lock":
        assert f"MEGABYTES = {found[0]}\n" in pages.text("Makefile")


def test_reports_are_an_extra_of_the_package() -> None:
    listed = re.search(r"^report = \[(.*)\]$", pages.text("pyproject.toml"), flags=re.MULTILINE)
    assert listed
    wanted = set(re.findall(r'"([a-z0-9]+)', listed[1]))
    assert wanted <= set(re.findall(r"^([a-z0-9-]+)==", pages.text("requirements-report.lock"), flags=re.MULTILINE))
    assert not wanted & set(re.findall(r"^([a-z0-9-]+)==", pages.text("requirements.lock"), flags=re.MULTILINE))
