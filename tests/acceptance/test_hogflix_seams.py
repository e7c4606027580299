"""HogFlix: no seam between history and live (K3), nothing lost or doubled by kills (K4); nobody takes its events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

import contexts
import stages
from command import Place, answer, call
from examples import where_all_run
from kills import Kills, locked
from populace import clock, operations
from populace.engine import Window, generate, whole
from populace.plan import Plan
from populace.runner import records
from populace.spec import OUTBOX
from populace.standins.posthog import Captured, Server
from populace.worlds import registry

WORLD = "hogflix"
# Two pools, where more people leave than usual: their rows go while others come.
SETTINGS = {"persona_pool": 800, "days": 12, "unseen_days": 90, "churn_basic": 0.3, "churn_standard": 0.3}
POPULATION = stages.Population(
    WORLD, "default", SETTINGS, owner="public.profiles", written="public.watch_progress", first="2026-01-09T06:30:00Z"
)
REALISTIC = replace(POPULATION, scenario="realistic", settings={**SETTINGS, "persona_pool": 400, "churn_idle_days": 20})
"""People who differ; some of them leave within the few days."""
KILLED = replace(
    POPULATION, settings={**SETTINGS, "persona_pool": 300, "days": 5, "unseen_days": 40}, written="public.daily_metrics"
)
"""Fewer people, since they are seeded some thirty times."""
RUN = ("run", WORLD, "--speed", "max", "--until")
BEFORE, EVENING = "2026-01-10T07:15:00Z", "2026-01-11T18:30:00Z"
KEY = "phc_test"
# Nobody listens at this address, all the time: events wait.
DEAF = {"POPULACE_POSTHOG_KEY": KEY, "POPULACE_POSTHOG_HOST": "http://127.0.0.1:9"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(WORLD, tmp_path / "place")
    yield made
    call("db", "stop", "--target", made.target)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What one seed to the evening holds."""
    made = Place(WORLD, tmp_path_factory.mktemp("evening") / "place")
    answer(*POPULATION.seed, "--now", EVENING, "--target", made.target)
    yield made.contents()
    call("db", "stop", "--target", made.target)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return POPULATION.plan


def events(plan: Plan, until: str) -> set[str]:
    """The ids of all events up to a moment, from the plan alone."""
    span = Window(plan.origin_us, clock.parse(until, "until"))
    return {
        key.hex()
        for batch in generate(plan, whole(plan), span, events=True)
        if batch.table == OUTBOX.name
        for key in batch.rows.column(0).to_pylist()
    }


def queued(place: Place) -> set[str]:
    """The ids of all events that wait; each waits once."""
    rows = place.rows("SELECT id FROM populace.outbox WHERE channel = 'posthog'")
    assert len(rows) == len(set(rows))
    return {key.hex for (key,) in rows}


@where_all_run
def test_no_seam_and_none_by_lost_snapshots(place: Place, undisturbed: dict[str, str], plan: Plan) -> None:
    """Seeded to the morning, then run over three starts of a day: stopped on one of them, with a snapshot spoilt."""
    call(*POPULATION.seed, "--now", POPULATION.first, "--target", place.target, **DEAF)
    call(*RUN, BEFORE, "--target", place.target, **DEAF)
    place.do("UPDATE populace.snapshot SET state = substr(state, 1, 100)")
    call(*RUN, EVENING, "--target", place.target, **DEAF)
    assert place.contents() == undisturbed
    assert place.number("SELECT removed FROM populace.tally WHERE table_name = 'profiles'") > 3
    assert queued(place) == events(plan, EVENING)
    assert answer("reconcile", WORLD, "--target", place.target)["ok"]
    assert answer("validate", WORLD, "--target", place.target)["ok"]


def test_no_seam_where_people_differ(place: Place, tmp_path: Path) -> None:
    """The scenario `realistic`: one seed to the evening, against a seed, two runs, lost snapshots and a kill."""
    once = Place(WORLD, tmp_path / "once")
    try:
        answer(*REALISTIC.seed, "--now", EVENING, "--target", once.target)
        call(*REALISTIC.seed, "--now", REALISTIC.first, "--target", place.target)
        call(*RUN, BEFORE, "--target", place.target)
        place.do("UPDATE populace.snapshot SET state = substr(state, 1, 100)")
        mark = clock.to_datetime(clock.parse(BEFORE, "before"))
        held = locked("public.watch_progress")
        Kills(place).kill("run: visits", (*RUN, EVENING), held, at="watch_progress", sees=(stages.MARK, mark))
        call(*RUN, EVENING, "--target", place.target)
        assert place.contents() == once.contents()
        assert answer("validate", WORLD, "--target", place.target)["ok"]
    finally:
        call("db", "stop", "--target", once.target)


@where_all_run
@pytest.mark.kills
def test_nothing_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    """Over the start of a day, with events that wait, and are delivered when somebody listens at last."""
    visits = ("run: visits", locked("public.watch_progress"), "watch_progress", 1)
    expected = events(KILLED.plan, KILLED.last)
    with Server(Captured(KEY)) as server, stages.kills_of(KILLED, tmp_path, **DEAF) as (kills, undisturbed):
        stages.kill_seed(kills, KILLED)
        assert kills.place.contents() == undisturbed
        assert queued(kills.place) == expected
        stages.kill_cleanup(kills, KILLED)
        stages.kill_seed_in_place(kills, KILLED)
        stages.kill_run(kills, KILLED, [visits])
        assert kills.place.contents() == undisturbed
        assert queued(kills.place) == expected
        kills.environment = {**DEAF, "POPULACE_POSTHOG_HOST": server.url}
        stages.kill_delivery(kills, "posthog", lambda: server.captured.received)
        assert {UUID(key).hex for key in server.captured.events} == expected
        sent = kills.place.number("SELECT sum(n) FROM populace.delivered")
        assert sent == len(server.captured.events) == server.captured.received - server.captured.state()["duplicates"]


@where_all_run
def test_requested_visits_have_no_seam_and_survive_kills(place: Place, tmp_path: Path) -> None:
    """Requested with and without a runner that dies on them: one seed of the same interventions holds the same."""
    call(*POPULATION.seed, "--now", POPULATION.first, "--target", place.target)
    done = [answer("run-now", "9", "--target", place.target)]
    call(*RUN, BEFORE, "--target", place.target)
    place.do("UPDATE populace.snapshot SET state = substr(state, 1, 100)")
    there = contexts.at(place.target)
    waits = operations.run_now(there, operations.RunNowRequest(sessions=40))
    kills, pending = Kills(place), "SELECT count(*) FROM populace.intervention WHERE applies_at IS NULL"
    for held, at in (("populace.intervention", "UPDATE populace.intervention"), ("public.watch_progress", "")):
        kills.kill("run: a request", (*RUN, EVENING), locked(held), at=at, sees=(pending, 1))
    call(*RUN, "2026-01-10T09:00:00Z", "--target", place.target)
    done.append(operations.wait_for(there, operations.WaitRequest(waits.number)).document())
    assert [one["sessions_created"] for one in done] == [9, 40]
    assert all(one["will_change"]["watch_progress"] > 0 for one in done)
    call(*RUN, EVENING, "--target", place.target)
    assert answer("reconcile", WORLD, "--target", place.target)["ok"]
    assert answer("validate", WORLD, "--target", place.target)["ok"]

    with psycopg.connect(place.url) as connection:
        world = registry.find(WORLD)
        plan = records.stored_plan(connection, world, records.finished(connection, world))
    assert [one.sessions for one in plan.requests] == [9, 40]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan.document()))
    again = Place(WORLD, tmp_path / "again")
    try:
        answer("seed", WORLD, "--plan", str(file), "--now", EVENING, "--target", again.target)
        assert again.contents() == place.contents()
    finally:
        call("db", "stop", "--target", again.target)
