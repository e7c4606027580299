"""A report's file: what is there beside it stays, and what cannot be written is found out before."""

from __future__ import annotations

from pathlib import Path

import pytest

from populace.checks import report
from populace.checks.judgement import Judgement
from populace.errors import BadInput
from populace.operations.inspection import report as reporting


def test_what_lies_beside_it_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("report.html.part", "report.html.0.part"):
        (tmp_path / name).write_text("somebody's", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    reporting.require_writable(tmp_path / "report.html")
    assert sorted(tmp_path.iterdir()) == before
    monkeypatch.setattr(report, "render", lambda judgement, now_us: "<html>")
    reporting.write(Judgement("Club", "", "", {}, {}), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == "<html>"
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "report.html"])
    assert {path.read_text(encoding="utf-8") for path in before} == {"somebody's"}


def test_a_folder_that_is_not_there_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="a report cannot be written: No such file or directory"):
        reporting.require_writable(tmp_path / "none" / "report.html")
    assert list(tmp_path.iterdir()) == []
