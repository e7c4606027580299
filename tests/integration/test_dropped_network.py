"""A network that vanishes without a word: noticed within seconds, reported, and the lease taken again."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from command import CLUB, call, start
from examples import part
from populace import clock
from populace.database import session
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.database.session import ServerSilent, attend
from populace.runner import lease, records
from stalling import StallingProxy

SEED = (
    "--seed",
    "7",
    "--epoch",
    "2026-01-09T00:00:00Z",
    "--now",
    "2026-01-09T02:00:00Z",
    "--yes",
    "--scenario",
    "busy",
    "--set=visit_days=1",
    "--set=rate=1",
)


@pytest.fixture
def proxy(opened_url: str) -> Iterator[StallingProxy]:
    with StallingProxy(int(str(conninfo_to_dict(opened_url)["port"]))) as running:
        yield running


def through(proxy: StallingProxy, url: str) -> str:
    """The same database, by way of the proxy."""
    return str(url).replace(f":{conninfo_to_dict(url)['port']}/", f":{proxy.port}/")


SOON_S = 30.0
"""What hangs does so for minutes; what does not needs a second or two, and longer where a machine is busy."""


def took(began: float) -> float:
    return clock.monotonic() - began


def test_a_statement_whose_answer_never_comes_ends_within_seconds(
    proxy: StallingProxy, opened_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "FIRST_LOOK_S", 0.5)
    monkeypatch.setattr(session, "LOOK_LIMIT_S", 1.0)
    with connect(through(proxy, opened_url), application_name="tests", autocommit=True) as connection:
        connection.execute("SELECT 1")
        proxy.stall()
        began = clock.monotonic()
        with pytest.raises(ServerSilent):
            connection.execute("SELECT 1")
        assert took(began) < SOON_S
        assert connection.closed


def test_an_answer_that_was_lost_on_its_way_is_noticed(
    proxy: StallingProxy, opened_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server can be asked again, and waits for us as we do for it."""
    monkeypatch.setattr(session, "FIRST_LOOK_S", 1.5)
    with connect(through(proxy, opened_url), application_name="tests", autocommit=True) as connection:
        proxy.stall()
        threading.Timer(0.5, proxy.flow).start()
        with pytest.raises(ServerSilent, match="lost this session"):
            connection.execute("SELECT 1")


def test_a_long_statement_and_a_lock_take_their_time(opened_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "FIRST_LOOK_S", 0.3)
    said: list[str] = []
    with (
        connect(opened_url, application_name="holder") as holder,
        connect(opened_url, application_name="tests", autocommit=True) as waiting,
    ):
        attend(waiting, threading.Event(), said.append)
        waiting.execute("SELECT pg_sleep(1.5)")
        assert said == []
        holder.execute("LOCK TABLE populace.target")
        threading.Timer(1.5, holder.rollback).start()
        waiting.execute("SELECT count(*) FROM populace.target")
        assert len(said) == 1
        assert "a lock that holder (process" in said[0]


def test_a_statement_that_waits_for_a_lock_is_given_up_when_all_is_to_end(opened_url: str) -> None:
    stop = threading.Event()
    with (
        connect(opened_url, application_name="holder") as holder,
        connect(opened_url, application_name="tests", autocommit=True) as waiting,
    ):
        attend(waiting, stop)
        holder.execute("LOCK TABLE populace.target")
        threading.Timer(0.3, stop.set).start()
        began = clock.monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            waiting.execute("SELECT count(*) FROM populace.target")
        assert took(began) < SOON_S


@pytest.mark.parametrize("asked", part([signal.SIGTERM, signal.SIGINT], every=2))
def test_a_runner_without_a_network_ends_when_it_is_asked_to(
    proxy: StallingProxy, opened_url: str, asked: signal.Signals
) -> None:
    call("seed", CLUB, *SEED, "--target", opened_url)
    runner = start("run", CLUB, "--speed", "1", "--target", through(proxy, opened_url))
    try:
        _until_led(opened_url)
        proxy.stall()
        clock.sleep(1.5)
        runner.send_signal(asked)
        runner.communicate(timeout=SOON_S)
        assert runner.returncode == 0
    finally:
        runner.kill()


def test_a_second_signal_ends_it_at_once(proxy: StallingProxy, opened_url: str) -> None:
    call("seed", CLUB, *SEED, "--target", opened_url)
    runner = start("run", CLUB, "--speed", "1", "--target", through(proxy, opened_url))
    try:
        _until_led(opened_url)
        proxy.stall()
        clock.sleep(1.5)
        runner.send_signal(signal.SIGINT)
        clock.sleep(0.2)
        runner.send_signal(signal.SIGINT)
        runner.communicate(timeout=SOON_S)
    finally:
        runner.kill()


def test_a_runner_finds_back_and_takes_the_lease_from_its_own_old_session(
    proxy: StallingProxy, opened_url: str
) -> None:
    call("seed", CLUB, *SEED, "--target", opened_url)
    runner = start("run", CLUB, "--speed", "60", "--target", through(proxy, opened_url))
    try:
        first = _until_led(opened_url)
        proxy.stall()
        clock.sleep(2)
        proxy.flow()
        second = _until_led(opened_url, other_than=first)
        assert second != first
    finally:
        runner.send_signal(signal.SIGINT)
        _, said = runner.communicate(timeout=60)
        runner.kill()
    assert "trying again" in said
    assert "is at work here" not in said


def _until_led(url: str, other_than: int | None = None) -> int:
    """The process that serves whoever has the lease, once there is one."""
    until = clock.monotonic() + 120
    with psycopg.connect(url, autocommit=True) as looking:
        while clock.monotonic() < until:
            # By its number: whoever opens a target takes another lock for a moment.
            row = looking.execute(records.SQL["leader"], {"key": lease.KEY}).fetchone()
            if row and row[0] != other_than:
                return int(row[0])
            clock.sleep(0.1)
    raise AssertionError("nobody leads")


def test_an_embedded_server_that_crashes_is_started_again(tmp_path: Path) -> None:
    target, server = f"embedded:{tmp_path / 'own'}", EmbeddedServer(tmp_path / "own")
    call("seed", CLUB, *SEED, "--target", target)
    runner = start("run", CLUB, "--speed", "60", "-q", "--target", target)
    try:
        before = server.status()
        assert before is not None
        _until_led(server.url("populace"))
        os.kill(before.pid, signal.SIGKILL)
        for _ in range(1200):
            clock.sleep(0.1)
            after = server.status()
            if after is not None and after.pid != before.pid:
                break
        assert after is not None, runner.poll()
        _until_led(server.url("populace"))
    finally:
        runner.send_signal(signal.SIGINT)
        runner.communicate(timeout=60)
        server.stop()
    assert runner.returncode == 0
