"""The Python API as a program uses it: two populations of different worlds in one process at the same time, each with
its progress; one of them is cancelled half-way and completes later.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from command import CLUB, contents
from populace import operations as populace
from populace.database.connection import Connection
from populace.errors import Interrupted, Refused, Remedy
from populace.event import Event
from populace.operations import Context, Settings, Tick
from populace.operations.context import Direct
from populace.operations.inspection.validate import Validated
from populace.operations.targets import url

NOW, LATER = "2026-01-09T18:30:00Z", "2026-01-10T06:30:00Z"
REQUESTS = {
    "recoverlution": populace.SeedRequest(
        "recoverlution", now=NOW, changes={"count_users": 60, "coverage_per_mindblock": 1, "days": 3}
    ),
    "hogflix": populace.SeedRequest("hogflix", now=NOW, changes={"persona_pool": 60, "days": 20}),
}


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """One context for all; a target of their own for each world."""
    folder = tmp_path_factory.mktemp("populations")
    made = Context(Settings(folder=folder, login_password="the same for all"))
    yield made
    for name in (*REQUESTS, "undisturbed"):
        populace.stop_server(made.at(f"embedded:{name}"))


class Heard:
    """What was reported, and a stop after so many rows."""

    def __init__(self, rows: float | None = None) -> None:
        self.events: list[Event] = []
        self.stop = threading.Event()
        self._rows = rows

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self._rows is not None and event.stage == "rows" and event.done >= self._rows:
            self.stop.set()


def life(context: Context, world: str, heard: Heard) -> Validated:
    """Seeded, lived for half a day, and validated."""
    here = context.at(f"embedded:{world}")
    try:
        populace.seed(here, REQUESTS[world], on_event=heard, stop=heard.stop)
    except Interrupted:
        assert populace.status(here).state == "seeding"
        done = populace.seed(here, REQUESTS[world])
        assert not done.unchanged
    populace.run(here, populace.RunRequest(speed="max", until=LATER), on_event=heard)
    return populace.validate(here)


def test_two_populations_at_the_same_time_one_of_them_cancelled(context: Context) -> None:
    heard = {"recoverlution": Heard(rows=1000), "hogflix": Heard()}
    with ThreadPoolExecutor(2) as threads:
        lives = {world: threads.submit(life, context, world, heard[world]) for world in REQUESTS}
        judged = {world: found.result() for world, found in lives.items()}
    assert heard["recoverlution"].stop.is_set()
    for world, validated in judged.items():
        parts = validated.judgement.parts
        assert [v.id for part in ("integrity", "accounting") for v in parts[part] if v.status == "failed"] == []
        events = heard[world].events
        rows = [event for event in events if event.stage == "rows"]
        assert all(event.unit == "rows" and event.total is not None for event in rows)
        assert [event.done for event in rows] == sorted(event.done for event in rows)
        ticks = [event for event in events if isinstance(event, Tick)]
        assert len(ticks) == 12
        assert sum(tick.wrote.written for tick in ticks) > 0
    assert {event.stage for event in heard["hogflix"].events} >= {"tables", "rows", "indexes", "window"}


def test_what_was_cancelled_holds_what_it_would_have_held(context: Context) -> None:
    """In a target of its own, in one go."""
    undisturbed, world = context.at("embedded:undisturbed"), context.registry.find("recoverlution")
    populace.seed(undisturbed, REQUESTS["recoverlution"])
    populace.run(undisturbed, populace.RunRequest(speed="max", until=LATER))
    there = context.at("embedded:recoverlution")
    assert contents(url(undisturbed).url, world) == contents(url(there).url, world)


def test_the_target_says_whose_people_they_are(context: Context) -> None:
    there = context.at("embedded:hogflix")
    assert populace.status(there).known["world"] == "hogflix"
    assert populace.personas(there, populace.PersonasRequest(limit=3)).total > 0
    with pytest.raises(Refused, match="holds the population of another world"):
        populace.validate(there, populace.ValidateRequest(world="recoverlution"))
    asked = populace.run_now(there, populace.RunNowRequest(sessions=2))
    assert (asked.asked, asked.what, asked.at_us) == (2, "sessions", None)
    assert populace.undo(there, populace.UndoRequest(asked.number)).number == asked.number


def test_a_world_that_is_not_installed_is_found_again_where_it_was(context: Context, tmp_path: Path) -> None:
    copied = tmp_path / "club_of_a_user"
    shutil.copytree(CLUB, copied)
    made = context.at(f"embedded:{tmp_path / 'people'}")
    try:
        populace.seed(made, populace.SeedRequest(str(copied), now=NOW))
        another = Context(made.settings)
        assert populace.validate(another).ok
        assert populace.settings(another).settings
        copied.rename(tmp_path / "elsewhere")
        with pytest.raises(Refused, match=f"of a world that cannot be found again.*it was found at {copied}"):
            populace.validate(Context(made.settings))
        assert populace.validate(Context(made.settings), populace.ValidateRequest(str(tmp_path / "elsewhere"))).ok
    finally:
        populace.stop_server(made)


def test_asking_returns_at_once_and_waiting_is_another_call(context: Context) -> None:
    there = context.at("embedded:recoverlution")
    asked = populace.run_now(there, populace.RunNowRequest(sessions=3))
    assert asked.at_us is None
    assert asked.forecast is not None
    assert asked.forecast.sessions == 3
    heard = Heard()
    waited = populace.wait_for(there, populace.WaitRequest(asked.number, seconds=0.3), on_event=heard)
    assert waited.at_us is None
    assert {event.stage for event in heard.events} == {"wait"}
    populace.run(there, populace.RunRequest(once=True))
    taken_up = populace.wait_for(there, populace.WaitRequest(asked.number))
    assert taken_up.at_us == asked.watermark_us
    assert taken_up.forecast is not None
    assert taken_up.forecast.will_write == asked.forecast.will_write
    with pytest.raises(Refused, match="it is in effect already"):
        populace.undo(there, populace.UndoRequest(asked.number))


class Counted(Direct):
    """Sessions that are out, by what they are for."""

    def __init__(self) -> None:
        self.out: dict[int, str] = {}
        self.opened = 0

    def open(self, url: str, purpose: str, *, autocommit: bool = False) -> Connection:
        connection = super().open(url, purpose, autocommit=autocommit)
        self.out[id(connection)] = purpose
        self.opened += 1
        return connection

    def close(self, connection: Connection) -> None:
        self.out.pop(id(connection))
        super().close(connection)


def test_sessions_come_from_the_context_and_are_given_back(context: Context) -> None:
    counted = Counted()
    there = replace(context.at("embedded:hogflix"), connections=counted)
    for look in (
        populace.status, populace.activity, populace.settings, populace.doctor, populace.validate, populace.logs,
        populace.personas, populace.metrics, populace.count, populace.outbox_status, populace.events_status,
    ):  # fmt: skip
        before = counted.opened
        assert look(there).document() is not None  # type: ignore[operator]
        assert counted.opened > before, look
        assert counted.out == {}, look
    asked = populace.pause(there)
    populace.undo(there, populace.UndoRequest(asked.number))
    with pytest.raises(Refused):
        populace.undo(there, populace.UndoRequest(asked.number))
    assert populace.clean(there, populace.CleanupRequest(dry_run=True)).document()["rows_deleted"] > 0
    assert counted.out == {}


def test_an_error_says_what_to_do_as_data(context: Context, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        populace.run(context.at(f"embedded:{tmp_path}"), populace.RunRequest(CLUB))
    (remedy,) = refused.value.remedies
    assert isinstance(remedy, Remedy)
    assert (remedy.action, remedy.arguments) == ("seed", {"world": CLUB})
    assert refused.value.http_status == 409
