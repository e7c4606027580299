"""Campaigns: no seam between history and live (K3), nothing lost or doubled by kills of a load, of its index build and
of a run (K4); the database's own trigger keeps up with all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import stages
from command import Place, answer, call
from examples import where_all_run

WORLD = "campaigns"
SETTINGS = {"clients": 12, "analytics": True, "performance_metrics": 4000, "usage_events": 2000, "errors": 400,
            "error_logs": True}  # fmt: skip
POPULATION = stages.Population(
    WORLD, "demo", SETTINGS, owner="public.contacts", written="public.recipients", first="2026-01-09T13:30:00Z"
)
SECOND = "0b0b0b0b-0b0b-8b0b-8b0b-0b0b0b0b0b0b"
"""The id of another batch, of a version that Populace makes."""
FIRST, LAST = "2026-01-10T06:30:00Z", "2026-01-14T18:30:00Z"
PAIRS = """
SELECT count(*) FROM contact_campaign_participation AS p
FULL JOIN (SELECT contact_id, campaign_id, redemption_completed_at FROM recipients WHERE contact_id IS NOT NULL) AS r
    USING (contact_id, campaign_id)
WHERE p.id IS NULL OR r.contact_id IS NULL OR p.redeemed_at IS DISTINCT FROM r.redemption_completed_at
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(WORLD, tmp_path / "place")
    yield made
    call("db", "stop", "--target", made.target)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What one seed to the last day holds."""
    made = Place(WORLD, tmp_path_factory.mktemp("last") / "place")
    answer(*POPULATION.seed, "--now", LAST, "--target", made.target)
    assert made.number(PAIRS) == 0
    yield made.contents()
    call("db", "stop", "--target", made.target)


def test_no_seam_and_none_by_lost_snapshots(place: Place, undisturbed: dict[str, str]) -> None:
    """Seeded to the first day, then run to the last, with snapshots spoilt and lost."""
    answer(*POPULATION.seed, "--now", FIRST, "--target", place.target)
    run = ("run", WORLD, "--speed", "max", "--target", place.target, "--until")
    answer(*run, "2026-01-11T00:00:00Z")
    assert place.number("SELECT count(*) FROM populace.snapshot") > 0
    place.do("UPDATE populace.snapshot SET state = substr(state, 1, 100)")
    answer(*run, "2026-01-12T00:00:00Z")
    place.do("DELETE FROM populace.snapshot")
    answer(*run, LAST)
    assert place.contents() == undisturbed
    assert place.number(PAIRS) == 0
    assert answer("validate", WORLD, "--target", place.target)["ok"]


@where_all_run
@pytest.mark.kills
def test_nothing_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    """The database's own trigger keeps up with all of it, and a second batch stands by while one goes."""
    with stages.kills_of(POPULATION, tmp_path) as (kills, undisturbed):
        stages.kill_seed(kills, POPULATION)
        assert kills.place.contents() == undisturbed
        assert kills.place.number(PAIRS) == 0
        ((batch,),) = kills.place.rows("SELECT id FROM simulation_batches")
        kills.place.do(f"INSERT INTO simulation_batches (id) VALUES ('{SECOND}')")
        stages.kill_batch(kills, POPULATION, str(batch))
        kills.place.do(f"DELETE FROM simulation_batches WHERE id = '{SECOND}'")
        stages.kill_cleanup(kills, POPULATION)
        stages.kill_seed_in_place(kills, POPULATION)
        stages.kill_run(kills, POPULATION)
        assert kills.place.contents() == undisturbed
        assert kills.place.number(PAIRS) == 0
