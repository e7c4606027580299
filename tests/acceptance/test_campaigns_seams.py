"""Campaigns: no seam between history and live (K3), nothing lost or doubled by kills of a load, of its index build and
of a run (K4); the database's own trigger keeps up with all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from command import Place, answer, call, killed

WORLD = "campaigns"
SETTINGS = ("clients=12", "analytics=true", "performance_metrics=4000", "usage_events=2000", "errors=400")
SEED = ("seed", WORLD, "--scenario", "demo", "--seed", "7", "--epoch", "2026-01-09T00:00:00Z", "--yes",
        *(f"--set={s}" for s in SETTINGS), "--set=error_logs=true")  # fmt: skip
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
    answer(*SEED, "--now", LAST, "--target", made.target)
    assert made.number(PAIRS) == 0
    yield made.contents()
    call("db", "stop", "--target", made.target)


def test_no_seam_and_none_by_kills_or_by_lost_snapshots(place: Place, undisturbed: dict[str, str]) -> None:
    """Seeded to the first day, then run to the last: calm at first, then killed, with snapshots lost and spoilt."""
    answer(*SEED, "--now", FIRST, "--target", place.target)
    run = ("run", WORLD, "--speed", "max", "--target", place.target, "--until")
    answer(*run, "2026-01-11T00:00:00Z")
    assert place.number("SELECT count(*) FROM populace.snapshot") > 0
    place.do("UPDATE populace.snapshot SET state = substr(state, 1, 100)")
    kills = killed((*run, LAST), [0.9 + 0.1 * n for n in range(3)])
    place.do("DELETE FROM populace.snapshot")
    kills += killed((*run, LAST), [1.2 + 0.1 * n for n in range(3)])
    assert kills > 0
    answer(*run, LAST)
    assert place.contents() == undisturbed
    assert place.number(PAIRS) == 0
    assert answer("validate", WORLD, "--target", place.target)["ok"]


def test_a_killed_seed_is_completed(place: Place, undisturbed: dict[str, str]) -> None:
    """Killed while rows go in, and while indexes are built, a little later each time until both have been seen."""
    seed = (*SEED, "--now", LAST, "--target", place.target)
    killed_while, delay = set(), 0.6
    while not {"indexing", "ready"} & killed_while:
        killed(seed, [delay])
        delay += 0.03
        killed_while |= {state for (state,) in place.rows("SELECT state FROM populace.plan")}
    # Once more, while indexes are still built: each that is there stays.
    killed(seed, [delay])
    assert {"seeding", "indexing"} <= killed_while
    answer(*seed)
    assert place.contents() == undisturbed
