"""HogFlix: no seam between history and live (K3), nothing lost or doubled by kills (K4); nobody takes its events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from command import Place, answer, call, killed
from populace import clock
from populace.engine import Window, generate, whole
from populace.plan import Plan, resolve
from populace.spec import OUTBOX
from populace.worlds import registry

WORLD, EPOCH = "hogflix", "2026-01-09T00:00:00Z"
# Two pools, where more people leave than usual: their rows go while others come.
SETTINGS = {"persona_pool": 800, "days": 12, "unseen_days": 90, "churn_basic": 0.3, "churn_standard": 0.3}
SEED = ("seed", WORLD, "--seed", "7", "--epoch", EPOCH, "--yes", *(f"--set={k}={v}" for k, v in SETTINGS.items()))
RUN = ("run", WORLD, "--speed", "max", "--until")
MORNING, BEFORE, EVENING = "2026-01-09T06:30:00Z", "2026-01-10T07:15:00Z", "2026-01-11T18:30:00Z"
# Nobody listens at this address, all the time: events wait.
DEAF = {"POPULACE_POSTHOG_KEY": "phc_test", "POPULACE_POSTHOG_HOST": "http://127.0.0.1:9"}


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


@pytest.fixture(scope="module")
def plan() -> Plan:
    return resolve(registry.find(WORLD), "default", seed=7, epoch_us=clock.parse(EPOCH, "epoch"), overrides=SETTINGS)


def events(plan: Plan) -> set[str]:
    """The ids of all events up to the evening, from the plan alone."""
    span = Window(plan.origin_us, clock.parse(EVENING, "evening"))
    return {
        key.hex()
        for batch in generate(plan, whole(plan), span, events=True)
        if batch.table == OUTBOX.name
        for key in batch.rows.column(0).to_pylist()
    }


def test_no_seam_and_none_by_kills_or_by_lost_snapshots(place: Place, undisturbed: dict[str, str], plan: Plan) -> None:
    """Seeded to the morning, then run over three starts of a day: stopped on one of them, killed, snapshots lost."""
    call(*SEED, "--now", MORNING, "--target", place.target, **DEAF)
    run = (*RUN, EVENING, "--target", place.target)
    call(*RUN, BEFORE, "--target", place.target, **DEAF)
    kills = killed(run, [1.0 + 0.1 * n for n in range(4)], **DEAF)
    place.do("DELETE FROM populace.snapshot")
    kills += killed(run, [1.1 + 0.1 * n for n in range(3)], **DEAF)
    place.do("UPDATE populace.snapshot SET state = substr(state, 1, 100)")
    kills += killed(run, [1.2 + 0.1 * n for n in range(3)], **DEAF)
    assert kills > 0
    call(*run, **DEAF)
    assert place.contents() == undisturbed
    assert place.number("SELECT removed FROM populace.tally WHERE table_name = 'profiles'") > 3
    with psycopg.connect(place.url) as connection:
        queued = [i.hex for (i,) in connection.execute("SELECT id FROM populace.outbox WHERE channel = 'posthog'")]
    assert len(queued) == len(set(queued))
    assert set(queued) == events(plan)
    assert answer("reconcile", WORLD, "--target", place.target)["ok"]
    assert answer("validate", WORLD, "--target", place.target)["ok"]


def test_a_killed_seed_is_completed(place: Place, undisturbed: dict[str, str], plan: Plan) -> None:
    seed = (*SEED, "--now", EVENING, "--target", place.target)
    assert killed(seed, [1.0 + 0.4 * n for n in range(10)], **DEAF) > 3
    call(*seed, **DEAF)
    assert place.contents() == undisturbed
    assert place.number("SELECT count(*) FROM populace.outbox") == len(events(plan))
