"""K3 and K4: no seam between history and live, and nothing lost or doubled by a kill; on the tiny world."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import contexts
import stages
from command import CLUB, Place, answer, call
from populace import clock
from populace.errors import Interrupted
from populace.event import Event, Listener, unheard
from populace.operations.seeds.prepared import SeedResult
from populace.operations.seeds.seed import fill
from populace.plan import resolve
from populace.worlds import registry

SETTINGS = {"visit_days": 1, "rate": 2}
SEED = (
    "seed",
    CLUB,
    "--scenario",
    "busy",
    *(f"--set={path}={v}" for path, v in SETTINGS.items()),
    "--seed",
    "7",
    "--epoch",
    "2026-01-09T00:00:00Z",
    "--yes",
)
NOON, EVENING = "2026-01-09T12:00:00Z", "2026-01-09T18:30:00Z"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(CLUB, tmp_path / "place")
    yield made
    call("db", "stop", "--target", made.target)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What one seed to the evening holds."""
    made = Place(CLUB, tmp_path_factory.mktemp("undisturbed") / "place")
    answer(*SEED, "--now", EVENING, "--target", made.target)
    yield made.contents()
    call("db", "stop", "--target", made.target)


def test_no_seam(place: Place, undisturbed: dict[str, str]) -> None:
    answer(*SEED, "--now", NOON, "--target", place.target)
    answer("run", CLUB, "--speed", "max", "--until", EVENING, "--target", place.target)
    assert place.contents() == undisturbed
    # People have left by then: their rows are removed, and nothing of theirs is left.
    answer("run", CLUB, "--speed", "max", "--until", "2026-01-13T00:00:00Z", "--target", place.target)
    assert answer("validate", CLUB, "--target", place.target)["ok"]
    assert int(place.contents()["public.people"].split(":")[0]) < 23


@pytest.mark.kills
def test_nothing_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    population = stages.Population(
        CLUB, "busy", SETTINGS, owner="public.people", written="public.visits", first="2026-01-09T02:00:00Z"
    )
    with stages.kills_of(population, tmp_path) as (kills, undisturbed):
        stages.kill_seed(kills, population)
        assert kills.place.contents() == undisturbed
        stages.kill_cleanup(kills, population)
        stages.kill_seed_in_place(kills, population)
        stages.kill_run(kills, population)
        assert kills.place.contents() == undisturbed


def test_a_stopped_seed_keeps_what_it_wrote(place: Place) -> None:
    """Each slice is committed on its own: what was written before the stop is there, and is not written again."""
    world, stop = registry.find("recoverlution"), threading.Event()
    now_us = clock.parse(NOON, "test")
    overrides = {"count_users": 50, "coverage_per_mindblock": 1, "days": 2}
    plan = resolve(world, "documented", seed=7, epoch_us=clock.midnight_before(now_us), overrides=overrides)

    def enough(event: Event) -> None:
        if event.stage == "rows" and event.text == "family":
            stop.set()

    def seed(hear: Listener) -> SeedResult:
        return fill(contexts.prepared(place.target, plan, now_us), on_event=hear, stop=stop)

    with pytest.raises(Interrupted):
        seed(enough)
    with psycopg.connect(place.url) as connection:
        written = dict(connection.execute("SELECT root, high FROM populace.ledger").fetchall())
        schemas = connection.execute("SELECT count(*) FROM schema_catalog").fetchone()
    assert written == {"organization": 3, "settings": 1, "pillar": 6, "schema": 20}
    assert schemas == (20,)
    stop = threading.Event()
    done = seed(unheard)
    assert "schema_catalog" not in done.wrote.tables
    assert done.wrote.tables["family_catalog"].written == 200
