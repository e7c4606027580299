"""docs/how-to/from-python.md: its example runs, and its table names every function that may be imported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import pages
from populace import operations
from populace.errors import BadInput, CheckFailed, Interrupted, PopulaceError, Refused, TargetUnavailable
from populace.operations import Context, Settings, stop_server

PAGE = "docs/how-to/from-python.md"
(EXAMPLE,) = pages.fenced(PAGE, "python")


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        exec(compile(EXAMPLE, PAGE, "exec"), {})  # noqa: S102
    finally:
        stop_server(Context(Settings(target=f"embedded:{tmp_path / 'people'}")))
    rows, lived, checked = capsys.readouterr().out.splitlines()
    assert int(re.sub(r"\D", "", rows)) > 1000
    assert re.fullmatch(r"[\d,]+ sessions in 2 windows", lived)
    assert re.fullmatch(r"\d+ checks, 0 failed", checked)
    assert len([line for line in EXAMPLE.splitlines() if line]) <= 10


def test_every_function_is_in_the_table_and_no_other() -> None:
    section = pages.section(PAGE, "## What there is")
    listed = {name for row in pages.cells(section) for name in re.findall(r"`(\w+)`", row[1])}
    assert listed == {name for name in operations.__all__ if name[0].islower()}


def test_every_name_can_be_had() -> None:
    assert all(getattr(operations, name) is not None for name in operations.__all__)
    assert sorted(operations._HOME) == sorted(operations.__all__)


@pytest.mark.parametrize("kind", [CheckFailed, BadInput, Refused, TargetUnavailable, Interrupted])
def test_the_errors_are_worth_what_the_page_says(kind: type[PopulaceError]) -> None:
    (row,) = (row for row in pages.cells(pages.section(PAGE, "## Results and errors")) if kind.__name__ in row[0])
    assert row[1:3] == [str(kind.exit_code), str(kind.http_status)]
