"""Recoverlution with a week behind it: no seam between history and live (K3), nothing lost or doubled by kills (K4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import stages
from command import Place, answer, call
from examples import where_all_run
from kills import Kills
from populace import clock

WORLD = "recoverlution"
SEED = ("seed", WORLD, "--scenario", "demo", "--set=count_users=300", "--seed", "7", "--epoch", "2026-01-09T00:00:00Z",
        "--yes")  # fmt: skip
KILLED = stages.Population(
    WORLD,
    "demo",
    {"count_users": 120, "coverage_per_mindblock": 1, "days": 4, "session_history_days": 3, "retention_days": 2},
    owner="public.profiles",
    written="public.journey_instances",
    first="2026-01-09T02:30:00Z",
)
OLD = "SELECT 1 FROM journey_instances WHERE status = 'completed' ORDER BY updated_at LIMIT 1 FOR KEY SHARE"
MORNING, EVENING = "2026-01-09T06:30:00Z", "2026-01-09T18:30:00Z"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(WORLD, tmp_path / "place")
    yield made
    call("db", "stop", "--target", made.target)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What one seed to the evening holds."""
    made = Place(WORLD, tmp_path_factory.mktemp("evening") / "place")
    answer(*SEED, "--now", EVENING, "--target", made.target)
    yield made.contents()
    call("db", "stop", "--target", made.target)


def test_no_seam_and_none_by_lost_snapshots(place: Place, undisturbed: dict[str, str]) -> None:
    """Seeded to the morning, then run to the evening, with snapshots spoilt and lost."""
    answer(*SEED, "--now", MORNING, "--target", place.target)
    run = ("run", "recoverlution", "--speed", "max", "--target", place.target, "--until")
    answer(*run, "2026-01-09T08:00:00Z")
    assert place.number("SELECT count(*) FROM populace.snapshot") == 1
    place.do("UPDATE populace.snapshot SET state = substr(state, 1, 100)")
    answer(*run, "2026-01-09T09:00:00Z")
    place.do("DELETE FROM populace.snapshot")
    answer(*run, EVENING)
    assert place.contents() == undisturbed
    assert place.number("SELECT count(*) FROM journey_instances WHERE status = 'paused'") > 0
    # Whoever came since then has signed in; some have signed up since, and are in for the first time.
    opened = f"event_type IN ('scene_started', 'scene_opened') AND created_at > '{MORNING}'"
    known = f"SELECT id FROM auth.users WHERE created_at <= '{MORNING}'"
    came = place.number(
        f"SELECT count(DISTINCT user_id) FROM journey_scene_events WHERE {opened} AND user_id IN ({known})"
    )
    assert place.number(f"SELECT count(*) FROM ({known} AND last_sign_in_at > '{MORNING}') AS u") == came > 15
    assert place.number("SELECT count(*) FROM auth.users WHERE created_at >= '2026-01-09'") > 0


@where_all_run
@pytest.mark.kills
def test_nothing_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    """A day through which old journeys go at four o'clock, and all that is old once more by hand."""
    with stages.kills_of(KILLED, tmp_path) as (kills, undisturbed):
        stages.kill_seed(kills, KILLED)
        assert kills.place.contents() == undisturbed
        stages.kill_retention(kills, KILLED, "public.journey_instances")
        stages.kill_cleanup(kills, KILLED)
        stages.kill_seed_in_place(kills, KILLED)
        stages.kill_run(kills, KILLED, [("run: retention", OLD, "cleanup_synthetic_data_before", 1)])
        assert kills.place.contents() == undisturbed


@where_all_run
def test_a_kill_while_what_is_old_goes_leaves_no_seam(place: Place, tmp_path: Path) -> None:
    calm, until = Place(WORLD, tmp_path / "calm"), "2026-01-09T05:00:00Z"
    try:
        answer(*KILLED.seed, "--now", until, "--target", calm.target)
        answer(*KILLED.seed, "--now", KILLED.first, "--target", place.target)
        kills, run = Kills(place), ("run", WORLD, "--speed", "max", "--until", until)
        stages.kill_retention(kills, KILLED, "public.journey_instances")
        hour_later = clock.to_datetime(clock.parse(KILLED.first, "first") + clock.HOUR_US)
        kills.kill("run: retention", run, OLD, at="cleanup_synthetic_data_before", sees=(stages.MARK, hour_later))
        kills.call(*run)
        assert place.contents() == calm.contents()
    finally:
        call("db", "stop", "--target", calm.target)


def test_a_crowd_has_no_seam(tmp_path: Path) -> None:
    """Few people and many errors: visits wait for their person, and begin at the moment the one before has ended."""
    small = (
        "count_users=12",
        "coverage_per_mindblock=1",
        "days=2",
        "error_rate=0.6",
        "error_retried=0",
        "sessions_per_min=4",
    )
    seed = ("seed", "recoverlution", "--epoch", "2026-01-09T00:00:00Z", "--yes", *(f"--set={s}" for s in small))
    places = [Place(WORLD, tmp_path / name) for name in ("seeded", "lived")]
    try:
        answer(*seed, "--now", "2026-01-09T03:30:00Z", "--target", places[0].target)
        answer(*seed, "--now", "2026-01-09T01:00:00Z", "--target", places[1].target)
        answer(
            "run", "recoverlution", "--speed", "max", "--until", "2026-01-09T03:30:00Z", "--target", places[1].target
        )
        assert places[0].contents() == places[1].contents()
        waited = (
            "SELECT count(*) FROM journey_scene_events AS a JOIN journey_scene_events AS b"
            " ON b.user_id = a.user_id AND b.created_at - a.created_at BETWEEN '1 second' AND '9 seconds'"
            " AND a.event_type = 'scene_abandoned' AND b.event_type = 'scene_started'"
        )
        assert places[1].number(waited) > 20
        assert answer("validate", "recoverlution", "--target", places[1].target)["ok"]
    finally:
        for place in places:
            call("db", "stop", "--target", place.target)


@where_all_run
def test_what_is_old_goes_daily_without_a_seam(tmp_path: Path) -> None:
    """With a retention of two days, seeded past two of its hours or living through them: the same is left."""
    small = [f"--set={s}" for s in ("count_users=150", "coverage_per_mindblock=1", "days=4", "session_history_days=3")]
    seed = (*SEED[:2], "--seed", "7", "--epoch", "2026-01-09T00:00:00Z", "--yes", *small, "--set=retention_days=2")
    places = [Place(WORLD, tmp_path / name) for name in ("seeded", "lived")]
    try:
        answer(*seed, "--now", "2026-01-10T06:00:00Z", "--target", places[0].target)
        answer(*seed, "--now", "2026-01-09T02:00:00Z", "--target", places[1].target)
        before = places[1].number("SELECT count(*) FROM journey_instances")
        answer(
            "run", "recoverlution", "--speed", "max", "--until", "2026-01-10T06:00:00Z", "--target", places[1].target
        )
        assert places[0].contents() == places[1].contents()
        old = "status IN ('completed', 'abandoned') AND updated_at < '2026-01-08T04:00:00Z'"
        assert places[1].number(f"SELECT count(*) FROM journey_instances WHERE {old}") == 0
        assert (
            places[1].number("SELECT removed FROM populace.tally WHERE table_name = 'journey_instances'") > before / 4
        )
        assert places[1].number("SELECT count(*) FROM journey_instances WHERE status = 'active'") > 0
        for place in places:
            assert answer("validate", "recoverlution", "--target", place.target)["ok"]
    finally:
        for place in places:
            call("db", "stop", "--target", place.target)
