"""Chats of the simulation against the site, each in a process of its own: an outage of the site loses none."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from command import answer, call, start
from examples import where_all_run
from populace import clock
from populace.database.embedded import EmbeddedServer
from visiting import populated

SPACED_S, PATIENCE_S = 1, 120.0
CHATS = ("--set=flixbuddy_answers=endpoint", "--set=flixbuddy_share=0.2", f"--set=flixbuddy_seconds_between={SPACED_S}")
LATER = "2026-01-11T00:00:00Z"
WAITING = "SELECT count(*) FROM populace.outbox WHERE channel = 'chat'"
REPLIES = (
    "SELECT count(*) FROM public.chat_messages WHERE role = 'assistant' AND metadata ->> 'model' = 'populace-full-text'"
)
BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() " \
          "AND application_name = 'populace site' AND wait_event_type = 'Lock'"  # fmt: skip


@pytest.fixture
def url(server: EmbeddedServer, opened_template: str) -> Iterator[str]:
    with populated(server, opened_template, "chats_on_the_site", *CHATS) as found:
        call("run", "hogflix", "--speed", "max", "--until", LATER, "--target", found)
        yield found


def number(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return int(row[0])


def when(done: Callable[[], bool]) -> None:
    """Wait for a state that can be seen."""
    until = clock.monotonic() + PATIENCE_S
    while not done():
        assert clock.monotonic() < until
        clock.sleep(0.05)


@contextmanager
def site(url: str, port: int) -> Iterator[subprocess.Popen[str]]:
    """The site in a process of its own, from when it answers."""
    with start("site", "hogflix", "--port", str(port), "--target", url, "-q") as process:
        try:
            when(lambda: answers(port))
            yield process
        finally:
            process.kill()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
    except httpx.HTTPError:
        return False


def free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@where_all_run
def test_a_site_that_is_killed_in_the_middle_of_an_answer_loses_no_question(url: str) -> None:
    port, asked = free(), number(url, WAITING)
    assert asked > 6
    known = {"POPULACE_CHAT_URL": f"http://127.0.0.1:{port}/functions/v1/flixbuddy-chat"}
    with start("deliver", "--channel", "chat", "--target", url, "--world", "hogflix", **known) as deliverer:
        with site(url, port) as killed:
            when(lambda: number(url, REPLIES) >= 3)
            with psycopg.connect(url) as holding:
                holding.execute("LOCK TABLE public.chat_conversations IN ACCESS EXCLUSIVE MODE")
                when(lambda: number(url, BLOCKED) > 0)
                killed.send_signal(signal.SIGKILL)
                killed.wait()
        # The question under way, and those after it, wait; nobody is asked but the site.
        when(lambda: number(url, f"{WAITING} AND attempts > 0") >= 2)
        assert number(url, REPLIES) + number(url, WAITING) == asked
        with site(url, port):
            with psycopg.connect(url) as connection:
                connection.execute("UPDATE populace.outbox SET not_before = NULL")
            when(lambda: number(url, WAITING) == 0)
            out, err = deliverer.communicate(timeout=PATIENCE_S)
    assert deliverer.returncode == 0, out + err
    assert number(url, REPLIES) == asked == number(url, "SELECT sum(n) FROM populace.delivered WHERE channel = 'chat'")
    assert number(url, "SELECT count(*) FROM populace.outbox WHERE rejected") == 0
    # Question and answer alternate in every conversation.
    assert number(url, """SELECT count(*) FROM (
        SELECT role, lag(role) OVER (PARTITION BY conversation_id ORDER BY created_at, role DESC) AS before
        FROM public.chat_messages) AS m WHERE role = before""") == 0  # fmt: skip
    assert number(url, """SELECT count(*) FROM (
        SELECT at - lag(at) OVER (ORDER BY at) AS apart FROM populace.call WHERE counted) AS c
        WHERE apart < interval '%s seconds'""" % SPACED_S) == 0  # fmt: skip  # noqa: UP031
    document = answer("reconcile", "hogflix", "--target", url)
    assert (document["ok"], document["differing"]) == (True, 0)


@where_all_run
def test_the_limit_of_a_day_is_kept_by_a_runner_whose_chats_the_site_answers(
    server: EmbeddedServer, opened_template: str
) -> None:
    most = 4
    with populated(server, opened_template, "chats_of_a_day", *CHATS, f"--set=flixbuddy_per_day={most}") as url:
        port = free()
        known = {"POPULACE_CHAT_URL": f"http://127.0.0.1:{port}/functions/v1/flixbuddy-chat"}
        with site(url, port):
            call("run", "hogflix", "--speed", "max", "--until", LATER, "--target", url, **known)
            said = call("deliver", "--channel", "chat", "--target", url, "--world", "hogflix", **known).stderr
        assert "by its limits" in said
        assert number(url, REPLIES) == most == number(url, "SELECT count(*) FROM populace.call WHERE counted")
        assert number(url, WAITING) > 0
