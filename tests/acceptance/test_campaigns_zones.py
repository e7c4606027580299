"""Campaigns in any time zone: every check of `validate` is green, wherever days begin and whenever clocks change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from command import Place, answer, call
from examples import part, where_zones_run

ZONES = ("Europe/Berlin", "Asia/Tokyo", "Africa/Cairo", "Europe/Kyiv", "Pacific/Auckland", "America/St_Johns")
EPOCHS = ("2026-01-09T00:00:00Z", "2026-03-30T00:00:00Z")
"""The second: clocks changed in America three weeks before, and in Europe on the day before."""
LIVED = {EPOCHS[0]: "2026-01-11T13:00:00Z", EPOCHS[1]: "2026-04-01T13:00:00Z"}
SMALL = list(product(ZONES, EPOCHS, ("demo", "development")))
LARGE = [(zone, epoch, scenario) for scenario in ("analytics", "load_test") for zone, epoch in product(ZONES, EPOCHS)]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place("campaigns", tmp_path / "place")
    yield made
    call("db", "stop", "--target", made.target)


def failed(place: Place) -> list[str]:
    document = json.loads(call("validate", "campaigns", "--json", "--target", place.target, code=None).stdout)
    assert document["checks"] > 100
    return [f"{v['id']} {v['title']}: {v['note']}" for v in document["verdicts"] if v["status"] == "failed"]


def seed(place: Place, zone: str, epoch: str, scenario: str) -> None:
    answer("seed", "campaigns", "--scenario", scenario, "--set", f"timezone={zone}", "--now", epoch, "--yes",
           "--target", place.target)  # fmt: skip


@pytest.mark.parametrize(("zone", "epoch", "scenario"), part(SMALL, every=16, first=2))
def test_a_population_is_as_documented_in_every_zone(place: Place, zone: str, epoch: str, scenario: str) -> None:
    seed(place, zone, epoch, scenario)
    assert failed(place) == []
    answer("run", "campaigns", "--speed", "max", "--until", LIVED[epoch], "--target", place.target)
    assert failed(place) == []


@where_zones_run
@pytest.mark.parametrize(("zone", "epoch", "scenario"), LARGE)
def test_so_is_a_large_one(place: Place, zone: str, epoch: str, scenario: str) -> None:
    seed(place, zone, epoch, scenario)
    assert failed(place) == []
