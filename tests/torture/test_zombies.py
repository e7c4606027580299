"""Leaders that were thought to be dead: stopped where they write, replaced, and continued. None of them may write then.

A chain on one target: after each of them the population has lived a little longer. At the end it holds what one seed
to that moment holds, rows, draw statistics and counts.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

import figures
from command import CLUB, ENVIRONMENT, Place, answer, call
from forks import Fork
from kills import Hold, locked, until, value, waiting
from populace import clock
from populace.database.connection import connect
from populace.event import Event
from populace.runner import lease
from populace.runner.loop import Pace, Runner, Tick
from populace.worlds import registry

PART = "zombie leaders"
SEED = ("seed", CLUB, "--scenario", "busy", "--set=visit_days=1", "--seed", "7", "--epoch", "2026-01-09T00:00:00Z",
        "--yes", "--now")  # fmt: skip
FIRST = "2026-01-09T02:00:00Z"
FIRST_US = clock.parse(FIRST, "first")
MARK = "SELECT min(until) FROM populace.ledger"
END_SESSION = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY(%s)"
LEADERS = f"""
SELECT array_agg(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND (classid::bigint << 32 | objid::bigint) = {lease.KEY}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
RECORDED = """
SELECT (SELECT md5(document::text) FROM populace.draw_statistics),
    (SELECT md5(string_agg(concat_ws(':', table_name, kind, day, n, withheld), ',' ORDER BY table_name, kind, day))
     FROM populace.emitted),
    (SELECT md5(string_agg(concat_ws(':', table_name, day, inserted, removed), ',' ORDER BY table_name, day))
     FROM populace.day_tally)
"""


@dataclass(slots=True)
class Chain:
    """A population that continues from zombie to zombie. hours: simulated since its seed."""

    place: Place
    watch: Any
    hours: int = 0

    def after(self, hours: int) -> str:
        """So many hours from here."""
        return clock.iso(FIRST_US + (self.hours + hours) * clock.HOUR_US)

    def runs_to(self, hours: int) -> tuple[str, ...]:
        """The command that lives for so many hours from here, at full speed."""
        return ("run", CLUB, "--speed", "max", "--until", self.after(hours))

    def begun(self, *command: str) -> Fork:
        """A command in a process of its own."""
        return Fork([*command, "--target", self.place.target], ENVIRONMENT)

    def mark(self) -> str:
        """Up to where is written."""
        return clock.iso(clock.from_datetime(value(self.watch, MARK)))

    def end_leader(self) -> None:
        """End the session of whoever leads, as a server or a network does it."""
        leading = value(self.watch, LEADERS)
        assert leading
        self.watch.execute(END_SESSION, (leading,))
        until(lambda: not value(self.watch, LEADERS), "the session of the leader to end")


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    place = Place(CLUB, tmp_path_factory.mktemp("zombies") / "pg")
    try:
        with psycopg.connect(place.url, autocommit=True) as watch:
            call(*SEED, FIRST, "--target", place.target)
            yield Chain(place, watch)
    finally:
        call("db", "stop", "--target", place.target)


def stopped_at(chain: Chain, stage: str, hold: str, at: str, *command: str) -> tuple[Fork, Hold]:
    """A command that was stopped by SIGSTOP where it waits for a hold."""
    held = Hold(chain.place.url, hold).taken()
    process = chain.begun(*command)
    assert at in waiting(chain.watch, process, held, stage)
    process.signal(signal.SIGSTOP)
    return process, held


@pytest.mark.torture
@pytest.mark.parametrize("hold", ["public.visits", "populace.ledger"], ids=["among its rows", "before its commit"])
def test_a_runner_that_was_replaced_in_a_window_goes_on_from_where_the_other_is(chain: Chain, hold: str) -> None:
    table = hold.partition(".")[2]
    zombie, held = stopped_at(chain, f"run: {table}", locked(hold), table, *chain.runs_to(2))
    chain.end_leader()
    held.release()
    call(*chain.runs_to(1), "--target", chain.place.target)
    zombie.signal(signal.SIGCONT)
    code, said = zombie.end()
    assert code == 0, said
    assert "was lost; trying again in" in said
    lived = chain.place.rows("SELECT message FROM populace.journal WHERE event = 'run' ORDER BY id DESC LIMIT 1")
    assert lived == [(f"club continues from {chain.after(1)}",)]
    chain.hours += 2
    assert chain.mark() == chain.after(0)
    figures.add(PART, "runners stopped in a window, replaced and continued")


@pytest.mark.torture
def test_a_tick_that_was_replaced_leaves_the_rest_to_the_other(chain: Chain) -> None:
    zombie, held = stopped_at(chain, "tick", locked("populace.ledger"), "ledger", "tick", CLUB, "--until",
                              chain.after(1))  # fmt: skip
    chain.end_leader()
    held.release()
    call(*chain.runs_to(1), "--target", chain.place.target)
    before = chain.place.contents()
    zombie.signal(signal.SIGCONT)
    assert zombie.end()[0] == 0
    assert chain.place.contents() == before
    chain.hours += 1
    figures.add(PART, "ticks stopped, replaced and continued")


@pytest.mark.torture
def test_a_runner_that_is_stopped_and_has_its_session_still_leads(chain: Chain) -> None:
    """Nobody takes over: whoever comes says who is at work, and waits."""
    zombie, held = stopped_at(chain, "run", locked("populace.ledger"), "ledger", *chain.runs_to(1))
    held.release()
    second = chain.begun(*chain.runs_to(2))
    until(lambda: "is at work here; waiting for it to end" in second.said, "the second to wait")
    assert "another runner is at work here" in call("tick", CLUB, "--until", chain.after(2), "--target",
                                                    chain.place.target, code=3).stderr  # fmt: skip
    assert chain.mark() == chain.after(0)
    zombie.signal(signal.SIGCONT)
    assert zombie.end()[0] == second.end()[0] == 0
    chain.hours += 2
    assert chain.mark() == chain.after(0)
    figures.add(PART, "runners stopped with their session, and waited for")


@pytest.mark.torture
def test_a_runner_whose_lease_is_lost_while_its_session_lives_does_not_write(chain: Chain) -> None:
    """As behind a pooler that gives its server session to others: every window asks whether the lease is there."""
    sessions: list[Any] = []
    windows, waited = [], []

    def hear(event: Event) -> None:
        if event.stage == "wait":
            waited.append(str(event.text))
        if not isinstance(event, Tick):
            return
        windows.append(clock.iso(event.window.start_us))
        if len(windows) == 1:
            sessions[-1].execute("SELECT pg_advisory_unlock_all()")
            other.append(chain.begun(*chain.runs_to(2)))
            assert other[0].end()[0] == 0

    def session() -> Any:
        sessions.append(connect(chain.place.url, application_name="populace run club"))
        return sessions[-1]

    other: list[Fork] = []
    until_us = FIRST_US + (chain.hours + 2) * clock.HOUR_US + clock.HOUR_US
    assert Runner(registry.find(CLUB), session, hear, threading.Event()).run(Pace(0, until_us))
    assert windows == [chain.after(0), chain.after(2)]
    assert waited
    assert "the lease was lost" in waited[0]
    assert len(sessions) == 2
    chain.hours += 3
    figures.add(PART, "runners whose lease was lost while their session lived")


@pytest.mark.torture
def test_a_seed_that_was_replaced_writes_nothing_when_it_wakes_up(opened_url: str) -> None:
    place, seed = Place.at(CLUB, opened_url), (*SEED, FIRST)
    with psycopg.connect(place.url, autocommit=True) as watch:
        chain = Chain(place, watch)
        zombie, held = stopped_at(chain, "seed", locked("populace.ledger"), "INSERT INTO populace.ledger", *seed)
        chain.end_leader()
        held.release()
        assert not answer(*seed, "--target", place.target)["unchanged"]
        before = place.contents(), place.rows(RECORDED)
        zombie.signal(signal.SIGCONT)
        code, said = zombie.end()
    assert (code, "the connection was lost" in said) == (4, True), said
    assert (place.contents(), place.rows(RECORDED)) == before
    figures.add(PART, "seeds stopped, replaced and continued")


@pytest.mark.torture
def test_after_all_of_them_the_population_is_an_undisturbed_one(chain: Chain, opened_url: str) -> None:
    last = chain.after(1)
    assert chain.mark() == chain.after(0)
    call(*chain.runs_to(1), "--target", chain.place.target)
    undisturbed = Place.at(CLUB, opened_url)
    call(*SEED, last, "--target", undisturbed.target)
    assert chain.place.contents() == undisturbed.contents()
    assert chain.place.rows(RECORDED) == undisturbed.rows(RECORDED)
    figures.add(PART, "tables equal to an undisturbed seed's", len(undisturbed.contents()))
