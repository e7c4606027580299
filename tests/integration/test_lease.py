"""Leadership: one at a time, the next when the first goes, and in nobody's way."""

from __future__ import annotations

import threading

from populace.database import guard
from populace.database.connection import connect
from populace.runner import lease


def test_the_second_leads_when_the_first_has_gone(opened_url: str) -> None:
    first, second = (connect(opened_url, application_name=f"populace run {n}", autocommit=True) for n in (1, 2))
    assert lease.take(first)
    assert not lease.take(second)
    assert lease.leader(second) == "populace run 1"
    reported: list[str] = []
    threading.Timer(0.3, first.close).start()
    assert lease.wait(second, threading.Event(), reported.append)
    assert reported == ["populace run 1"]
    assert lease.leader(second) == "populace run 2"
    second.close()


def test_who_waits_may_be_stopped(opened_url: str) -> None:
    stop = threading.Event()
    with (
        connect(opened_url, application_name="populace run", autocommit=True) as first,
        connect(opened_url, application_name="populace run", autocommit=True) as second,
    ):
        assert lease.take(first)
        assert not lease.wait(second, stop, lambda _who: stop.set())


def test_a_target_can_be_opened_while_somebody_leads(opened_url: str) -> None:
    """Every command on an embedded target brings it up to date first; that must not wait for the runner."""
    with (
        connect(opened_url, application_name="populace run", autocommit=True) as leading,
        connect(opened_url, application_name="populace status") as looking,
    ):
        assert lease.take(leading)
        looking.execute("SET lock_timeout = '2s'")
        looking.commit()
        guard.open_target(looking, 0, "test")
