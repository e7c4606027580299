"""How far work of known size is: it ends once, when it says so."""

from __future__ import annotations

import pytest

from populace.cli.progress import Progress
from populace.event import Event, Stage


def test_more_than_was_expected_is_not_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    heard: list[Event] = []
    progress = Progress()

    def hear(event: Event) -> None:
        heard.append(event)
        progress.hear(event)

    stage = Stage(hear, "rows", "rows", 10)
    for done in (0, 9, 10, 12):
        stage.at(done)
    stage.over(12, "written")
    assert [event.total for event in heard] == [10, 10, None, None, 12]
    assert capsys.readouterr().err.count("12 rows in") == 1
