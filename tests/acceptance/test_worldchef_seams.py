"""WorldChef's realistic people: no seam between history and live (K3), nothing lost or doubled by kills (K4)."""

from __future__ import annotations

from pathlib import Path

import pytest

import stages
from command import Place, answer, call
from examples import where_all_run

WORLD = "worldchef"
SETTINGS = {"users": 300, "recipes": 300, "days": 140, "recipe_days": 84, "reach": 60.0}
POPULATION = stages.Population(
    WORLD, "realistic", SETTINGS, owner="public.users", written="public.recipe_likes", first="2026-01-09T20:30:00Z",
    carries=False,
)  # fmt: skip
LAST = "2026-01-13T18:30:00Z"


def test_no_seam(tmp_path: Path) -> None:
    """One seed to the last day holds what a seed and two runs hold."""
    whole, pieces = Place(WORLD, tmp_path / "whole"), Place(WORLD, tmp_path / "pieces")
    try:
        answer(*POPULATION.seed, "--now", LAST, "--target", whole.target)
        answer(*POPULATION.seed, "--now", POPULATION.first, "--target", pieces.target)
        run = ("run", WORLD, "--speed", "max", "--target", pieces.target, "--until")
        answer(*run, "2026-01-11T00:00:00Z")
        answer(*run, LAST)
        assert pieces.contents() == whole.contents()
        assert answer("validate", WORLD, "--target", pieces.target)["ok"]
    finally:
        for place in (whole, pieces):
            call("db", "stop", "--target", place.target)


@where_all_run
@pytest.mark.kills
def test_nothing_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    with stages.kills_of(POPULATION, tmp_path) as (kills, undisturbed):
        stages.kill_seed(kills, POPULATION)
        assert kills.place.contents() == undisturbed
        stages.kill_cleanup(kills, POPULATION)
        stages.kill_seed_in_place(kills, POPULATION)
        stages.kill_run(kills, POPULATION)
        assert kills.place.contents() == undisturbed
