"""A scenario in a file: it begins from one of the world's, and its values are checked like any others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import contexts
from populace.clock import parse
from populace.errors import BadInput
from populace.operations.plans.making import PlanRequest, make_plan
from populace.plan import Plan
from tiny import CLUB

NOW = parse("2026-01-09T18:30:00Z", "now")


def plan(file: Path, **changes: object) -> Plan:
    return made(str(file), changes)


def made(scenario: str, changes: Mapping[str, object]) -> Plan:
    return make_plan(contexts.at("embedded:", CLUB), PlanRequest(CLUB.name, scenario, changes=changes), NOW)


def test_a_file_is_the_same_as_the_scenario_with_settings(tmp_path: Path):
    file = tmp_path / "own.toml"
    file.write_text('begins_from = "busy"\n[values]\npeople = 40\nabandon = 0.5\n')
    own = plan(file)
    by_hand = made("busy", {"people": 40, "abandon": 0.5})
    assert own.digest == by_hand.digest
    assert plan(file, people=41).settings["people"] == 41


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('begins_form = "busy"', "begins_from"),
        ('begins_from = "buzy"', "busy"),
        ("[values]\npeeple = 3", "people"),
        ("[values]\npeople = 3000000", "1,000"),
        ("values = 3", "table"),
        ("begins_from = ", "cannot be read"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(tmp_path: Path, text: str, said: str):
    file = tmp_path / "own.toml"
    file.write_text(text)
    with pytest.raises(BadInput, match=said):
        plan(file)


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path):
    with pytest.raises(BadInput, match="No such file"):
        plan(tmp_path / "none.toml")
