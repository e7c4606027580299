"""Tables and fields as text: plain for programs, folded for terminals of any width, and nothing of them is lost."""

from __future__ import annotations

import re

import pytest

from populace.cli import screen
from populace.cli.tables import duration, fields, folded, table, wrapped

HEADER = ("", "WORLD", "WHAT IT IS", "ROWS WRITTEN", "REJECTED")
ROWS = [
    ("ok", "campaigns", "direct mail: clients mail campaigns, people scan, visit, call and opt in", "229,715", "0"),
    ("FAILED", "public.contact_campaign_participation", "a table with a long name", "15,000", "3"),
    ("open", "hogflix", "2026-01-09T07:41:04.271Z", "", ""),
]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def at_width(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Whoever asks finds a terminal without colours; a test says how wide it is."""
    return monkeypatch


def terminal(patch: pytest.MonkeyPatch, columns: int, *, colour: bool = False) -> None:
    patch.setattr(screen, "width", lambda *_: columns)
    patch.setattr(screen, "coloured", lambda *_: colour)


def test_for_a_program_each_row_is_a_line_without_signs() -> None:
    shown = table(HEADER, ROWS, right=[3, 4])
    assert shown.isascii()
    assert len(shown.splitlines()) == 2 + len(ROWS)
    assert shown.splitlines()[2].split("  ")[0] == "ok"
    assert fields([("state", "ready"), ("a long name", "x")]) == "state: ready\na long name: x"


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
def test_a_table_fits_and_nothing_of_it_is_lost(columns: int, at_width: pytest.MonkeyPatch) -> None:
    terminal(at_width, columns)
    shown = table(HEADER, ROWS, right=[3, 4])
    assert max(map(len, shown.splitlines())) <= columns
    letters = re.sub(r"[\s─]", "", shown)
    for row in ROWS:
        for cell in row:
            for word in cell.split():
                assert all(part in letters for part in re.findall(r"[^_./:,-]{1,10}", word)), (word, shown)


def test_an_id_and_a_time_are_never_cut(at_width: pytest.MonkeyPatch) -> None:
    terminal(at_width, 60)
    assert "2026-01-09T07:41:04.271Z" in table(HEADER[:3], [row[:3] for row in ROWS])


def test_more_columns_than_fit_are_shown_row_by_row(at_width: pytest.MonkeyPatch) -> None:
    terminal(at_width, 60)
    header = [f"NUMBER {n}" for n in range(12)]
    shown = table(header, [[str(n) for n in range(12)], ["1000000"] * 12], right=range(12))
    first, second = shown.split("\n\n")
    assert first.splitlines()[3] == "NUMBER 3   3"
    assert len(second.splitlines()) == 12


def test_colours_are_only_added(at_width: pytest.MonkeyPatch) -> None:
    terminal(at_width, 80)
    plain = table(HEADER, ROWS, right=[3, 4])
    terminal(at_width, 80, colour=True)
    painted = table(HEADER, ROWS, right=[3, 4])
    assert COLOUR.sub("", painted) == plain
    assert "\x1b[32mok" in painted
    assert "\x1b[1;31mFAILED" in painted
    assert re.search(r"\x1b\[1;31m +3\x1b", painted)
    assert not re.search(r"\x1b\[1;31m +0\x1b", painted)


def test_folded_cells_are_as_wide_as_they_may_be_for_a_program() -> None:
    shown = folded(("A", "B"), [("x", "one two three four")], most=(0, 9))
    assert [line.split(None, 1)[-1] for line in shown.splitlines()[2:]] == ["one two", "three", "four"]


@pytest.mark.parametrize("width", [5, 12, 30])
def test_lines_break_between_words_else_after_signs(width: int) -> None:
    lines = list(wrapped("the table public.contact_campaign_participation is there", width))
    assert max(map(len, lines)) <= width
    assert "".join("".join(lines).split()) == "thetablepublic.contact_campaign_participationisthere"
    if width == 30:
        assert lines == ["the table public.contact_", "campaign_participation is", "there"]


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_whose_user_wants_them(
    environment: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Screen:
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert screen.coloured(Screen()) is wanted  # type: ignore[arg-type]


def test_lengths_of_time() -> None:
    assert [duration(s) for s in (2.71, 200, 7500)] == ["2.7 s", "3 min 20 s", "2 h 5 min"]
