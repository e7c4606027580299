"""Delivery with a real outbox and a real server at the other end: nothing is lost, nothing counts twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest

import stages
from command import CLUB, Place, answer, call
from examples import part
from kills import Kills
from populace import clock
from populace.database import coverage
from populace.database.coverage import Span
from populace.database.target import Target
from populace.deliver import outbox
from populace.deliver import worker as working
from populace.deliver.posthog import MOST_ROWS, Capture
from populace.deliver.worker import Worker
from populace.errors import BadInput, Refused, TargetUnavailable
from populace.event import Event, unheard
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.integrations import deliver as delivering
from populace.operations.integrations.deliver import Delivered, DeliverRequest, beside, deliver
from populace.operations.integrations.outbox import ChannelRequest, events_status
from populace.operations.opening import Opened
from populace.operations.population import place
from populace.settings import Settings
from populace.standins.posthog import Captured, Server
from tiny import BELL

KEY = "phc_secret_of_the_tests"
OF_THE_CLUB = ("--world", CLUB)
OF_HOGFLIX = ("--world", "hogflix")
SEED = ("seed", CLUB, "--now", "2026-01-09T18:30:00Z", "--yes")


@pytest.fixture
def posthog() -> Iterator[Server]:
    with Server(Captured(KEY)) as server:
        yield server


def opened(url: str) -> Opened:
    return Opened(Target.parse(url, "club"), url, url)


def context(url: str, settings: Settings | None = None) -> Context:
    return Context(replace(settings or Settings(), target=url))


def chosen(server: Server, key: str = KEY) -> Settings:
    return Settings(posthog_host=server.url, posthog_key=key)


def queue(url: str, count: int, *, old: int = 0, poison: int = 0, first: int = 0, channel: str = BELL.name) -> None:
    """Events of the last minutes; the first so many are 90 days old, and so many of the first are poison."""
    with psycopg.connect(url) as connection:
        connection.execute(
            """
            WITH made AS (
                SELECT n, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
                    CASE WHEN mod(n, 7) = 0 AND n < 7 * %(poison)s THEN 'poison' WHEN mod(n, 3) = 0 THEN 'page_view'
                        ELSE 'title_opened' END AS kind,
                    CASE WHEN n < %(old)s THEN now() - interval '90 days' ELSE now() END - n * interval '50 ms' AS at
                FROM generate_series(%(first)s::int, %(first)s + %(count)s - 1) AS n)
            INSERT INTO populace.outbox (id, channel, at, kind, payload)
            SELECT id, %(channel)s, at, kind, jsonb_build_object(
                'event', kind, 'distinct_id', 'p_' || mod(n, 400), 'uuid', id,
                'timestamp', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'properties', jsonb_build_object('plan', 'basic', 'is_synthetic', true))
            FROM made
            """,
            {"count": count, "old": old, "poison": poison, "first": first, "channel": channel},
        )


def left(url: str) -> tuple[int, int]:
    """Rows that wait, and rows that were rejected."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE NOT rejected), count(*) FILTER (WHERE rejected) FROM populace.outbox"
        ).fetchone()
    assert row is not None
    return row


def delivered(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT kind, sum(n)::int FROM populace.delivered GROUP BY kind").fetchall())


def journal(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT message FROM populace.journal ORDER BY id")]


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something to come true."""
    end = clock.monotonic() + seconds
    while not holds():
        assert clock.monotonic() < end, "it did not come true"
        clock.sleep(0.02)


@contextmanager
def draining(url: str, capture: Capture) -> Iterator[tuple[Worker, list[str]]]:
    """A worker in a thread of its own, and what it said."""
    said: list[str] = []
    worker = Worker(lambda: opened(url).connect("deliver bell"), capture, lambda _level, text: said.append(text),
                    threading.Event())  # fmt: skip
    thread = threading.Thread(target=worker.live)
    thread.start()
    try:
        yield worker, said
    finally:
        worker.stop.set()
        thread.join()
        capture.close()


def test_everything_arrives_once_through_bad_times(opened_url: str, posthog: Server) -> None:
    """3,000 events, 1,200 of them old and 30 of them bad, past a server that is down, slow, too busy and broken."""
    queue(opened_url, 3000, old=1200, poison=30)
    captured = posthog.captured
    captured.slow_s = 0.6
    # It is less patient than the server is slow: what that took all the same is sent again, and counts once.
    with draining(opened_url, Capture(BELL, posthog.url, KEY, timeout_s=0.4)) as (worker, said):
        for mode in ("down", "slow", "too_many", "broken"):
            captured.mode = mode
            before = captured.answers.total()
            until(lambda before=before: captured.answers.total() > before)  # type: ignore[misc]
        captured.mode = "well"
        until(lambda: left(opened_url) == (0, 30))
    state = captured.state()
    assert state["events"] == 2970
    assert state["by_event"] == delivered(opened_url)
    assert state["duplicates"] > 0
    assert state["misflagged"] == 0
    old = [e for e in captured.events.values() if e["timestamp"] < clock.iso(clock.now_us() - 80 * clock.DAY_US)]
    assert len(old) == 1170
    assert captured.historical >= len(old)
    assert (worker.taken, worker.rejected) == (2970, 30)
    assert worker.failed >= 4
    assert any("rejected" in line and "400" in line and "cannot be taken" in line for line in said)


def test_a_lasting_outage_is_reported_once_and_then_its_end(opened_url: str, posthog: Server) -> None:
    queue(opened_url, 30)
    posthog.captured.mode = "broken"
    with draining(opened_url, Capture(BELL, posthog.url, KEY)) as (worker, said):
        until(lambda: worker.failed >= 3)
        posthog.captured.mode = "well"
        until(lambda: left(opened_url) == (0, 0))
    assert [("500" in line, "accepts rows again" in line) for line in said] == [(True, False), (False, True)]


def test_one_event_that_breaks_the_server_holds_up_no_other(opened_url: str, posthog: Server) -> None:
    queue(opened_url, 200)
    take, bad = posthog.captured.take, "00000000-0000-4000-8000-000000000064"

    def breaks(body: Any) -> None:
        if any(event["uuid"] == bad for event in body["batch"]):
            raise RuntimeError
        take(body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(posthog.captured), "take", lambda _captured, body: breaks(body))
        patch.setattr("socketserver.BaseServer.handle_error", lambda *_: None)
        with draining(opened_url, Capture(BELL, posthog.url, KEY)):
            until(lambda: left(opened_url) == (1, 0))
    assert len(posthog.captured.events) == 199


@pytest.mark.kills
def test_a_killed_worker_loses_nothing(opened_url: str, posthog: Server) -> None:
    queue(opened_url, 2500)
    captured = posthog.captured
    kills = Kills(Place.at(CLUB, opened_url), {"POPULACE_POSTHOG_HOST": posthog.url, "POPULACE_POSTHOG_KEY": KEY})
    stages.kill_delivery(kills, "bell", lambda: captured.received)
    kills.report()
    assert left(opened_url) == (0, 0)
    assert len(captured.events) == 2500
    assert sum(delivered(opened_url).values()) == 2500
    # Each of the three had sent a batch that was not noted yet.
    assert captured.state()["duplicates"] == kills.hits["deliver"] * MOST_ROWS == 1500


def test_two_workers_send_nothing_twice(opened_url: str, posthog: Server) -> None:
    queue(opened_url, 3000)
    with (
        draining(opened_url, Capture(BELL, posthog.url, KEY)) as (one, _),
        draining(opened_url, Capture(BELL, posthog.url, KEY)) as (
            two,
            _,
        ),
    ):
        until(lambda: left(opened_url) == (0, 0))
    assert one.taken + two.taken == posthog.captured.received == 3000


def test_events_a_second_are_limited(opened_url: str, posthog: Server) -> None:
    queue(opened_url, 900)
    began = clock.monotonic()
    with draining(opened_url, Capture(BELL, posthog.url, KEY, per_s=600)):
        until(lambda: left(opened_url) == (0, 0))
    assert clock.monotonic() - began > 500 / 600


def test_an_unknown_key_is_reported_once_and_keeps_everything(opened_url: str, posthog: Server) -> None:
    queue(opened_url, 10)
    with pytest.raises(BadInput) as refused:
        deliver(context(opened_url, chosen(posthog, "phc_unknown_key")), DeliverRequest(world=CLUB))
    assert "POPULACE_POSTHOG_KEY" in str(refused.value)
    said: list[Event] = []
    with beside(setup(opened_url, chosen(posthog, "phc_unknown_key")), said.append):
        until(lambda: posthog.captured.answers[401] >= 4)
    assert len(said) == 1
    emitted = [str(refused.value), said[0].text, *journal(opened_url)]
    assert any("project key" in line for line in journal(opened_url))
    assert not any("phc_unknown_key" in line for line in emitted)
    assert left(opened_url) == (10, 0)


def test_what_a_runner_wrote_last_is_sent(opened_url: str, posthog: Server) -> None:
    with beside(setup(opened_url, chosen(posthog)), unheard):
        queue(opened_url, 700)
    until(lambda: left(opened_url) == (0, 0))
    assert len(posthog.captured.events) == 700
    with beside(setup(opened_url, Settings()), unheard):
        queue(opened_url, 5, first=1000)
    assert left(opened_url) == (5, 0)


def test_a_server_that_hangs_keeps_no_runner(opened_url: str, posthog: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "LAST_S", 0.3)
    queue(opened_url, 5)
    posthog.captured.mode, posthog.captured.slow_s = "slow", 5.0
    with beside(setup(opened_url, chosen(posthog)), unheard):
        until(lambda: posthog.captured.asked == 1)
        began = clock.monotonic()
    assert clock.monotonic() - began < 4.5
    until(lambda: left(opened_url) == (0, 0))


def setup(url: str, settings: Settings) -> channels.Setup:
    """What is known of the channels of a target."""
    with place(context(url, settings), CLUB, "tests") as there:
        return channels.setup(there)


def drained(url: str, server: Server) -> tuple[Delivered, list[str]]:
    """Drain the channel; what became of it, and what was said."""
    said: list[str] = []
    done = deliver(
        context(url, chosen(server)), DeliverRequest(world=CLUB), on_event=lambda event: said.append(str(event.text))
    )
    return done, [text for text in said if text]


def test_a_delivery_to_nobody_ends(opened_url: str, posthog: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(opened_url, 5)
    posthog.captured.mode = "down"
    monkeypatch.setattr(working, "PATIENCE_S", 0.5)
    done, said = drained(opened_url, posthog)
    assert any("has accepted nothing" in line for line in said)
    fault = done.fault()
    assert isinstance(fault, TargetUnavailable)
    assert fault.what == "5 rows wait, and nothing is accepted: The bell: it does not answer (RemoteProtocolError)"
    assert done.document()["away"] == {"The bell": "The bell: it does not answer (RemoteProtocolError)"}
    assert left(opened_url) == (5, 0)


def test_a_delivery_ends_when_everything_is_postponed(opened_url: str, posthog: Server) -> None:
    queue(opened_url, 5)
    with psycopg.connect(opened_url) as connection:
        connection.execute("UPDATE populace.outbox SET attempts = 4, not_before = now() + interval '5 minutes'")
    done, said = drained(opened_url, posthog)
    assert said == ["The bell is not to be asked again for 5 minutes, after failures; what waits stays in the outbox"]
    assert done.away == {"The bell": "The bell is not to be asked again for 5 minutes, after failures"}
    assert left(opened_url) == (5, 0)


def test_who_delivers_to_nobody_for_a_while_hears_how_many_wait(opened_url: str, posthog: Server) -> None:
    queue(opened_url, 1500)
    posthog.captured.mode = "down"
    environment = {"PH_HOST": posthog.url, "PH_PROJECT_API_KEY": KEY}
    said = call("deliver", "--for", "1", "--json", "--target", opened_url, *OF_THE_CLUB, code=4, **environment)
    done = json.loads(said.stdout)
    assert (done["delivered"], done["waiting"]) == (0, 1500)
    assert done["channels"]["bell"]["failed_batches"] >= 1
    assert "1,500 rows wait, and nothing is accepted" in said.stderr


def test_an_end_by_time_is_no_failure_where_rows_are_accepted(opened_url: str, posthog: Server) -> None:
    queue(opened_url, 1500)
    posthog.captured.script = ["well", *["broken"] * 50]
    environment = {"PH_HOST": posthog.url, "PH_PROJECT_API_KEY": KEY}
    done = answer("deliver", "--for", "1", "--target", opened_url, *OF_THE_CLUB, **environment)
    assert done["delivered"] == MOST_ROWS
    assert done["waiting"] == 1500 - MOST_ROWS
    assert done["away"] == {}


@pytest.mark.parametrize("variables", part([
    {"ALL_PROXY": "socks5://127.0.0.1:1"},
    {"HTTPS_PROXY": "ftp://127.0.0.1:1"},
    {"SSL_CERT_FILE": "/nowhere/cert.pem", "SSL_CERT_DIR": "/nowhere"},
    {"POPULACE_POSTHOG_HOST": "http://events.example.com"},
    {"POPULACE_POSTHOG_HOST": "nonsense"},
    {"POPULACE_POSTHOG_KEY": "phc\u00e9"},
], every=2), ids=" ".join)  # fmt: skip
def test_a_fault_of_delivery_never_stops_the_population(opened_url: str, variables: dict[str, str]) -> None:
    """The wrong variable is named once, in the journal too; people live, and their events wait."""
    answer("seed", CLUB, "--now", "2026-01-09T12:00:00Z", "--yes", "--target", opened_url)
    given = {"POPULACE_POSTHOG_HOST": "https://127.0.0.1:1", "POPULACE_POSTHOG_KEY": KEY} | variables
    live = ("run", CLUB, "--speed", "max", "--until", "2026-01-09T12:20:00Z", "--target", opened_url)
    said = call(*live, **given).stderr
    named = next(iter(variables))
    assert said.count("nothing is sent to The bell; what waits stays in the outbox") == 1, said
    assert said.count(named) == 1, said
    waiting = left(opened_url)[0]
    assert waiting > 0
    assert sum(named in line for line in journal(opened_url)) == 1
    call("tick", CLUB, "--until", "2026-01-09T12:40:00Z", "--target", opened_url, **given)
    assert left(opened_url)[0] > waiting
    findings = answer("doctor", *OF_THE_CLUB, "--target", opened_url, **given)["findings"]
    (found,) = [f for f in findings if f["title"] == "channel bell"]
    assert found["state"] == "attention"
    assert named in found["todo"]


def test_status_and_retry(opened_url: str, posthog: Server) -> None:
    def status(settings: Settings) -> Any:
        return events_status(context(opened_url, settings), ChannelRequest(world=CLUB)).document()

    queue(opened_url, 20, poison=2)
    before = status(Settings())
    assert before["key_set"] is False
    assert sum(before["waiting"].values()) == 20
    with pytest.raises(BadInput, match="set POPULACE_POSTHOG_KEY"):
        deliver(context(opened_url), DeliverRequest(world=CLUB, channel="bell"))
    environment = {"POPULACE_POSTHOG_HOST": posthog.url, "POPULACE_POSTHOG_KEY": KEY}
    assert answer("deliver", "--target", opened_url, *OF_THE_CLUB, code=1, **environment)["rejected"] == 2
    shown = call("posthog", "status", "--target", opened_url, *OF_THE_CLUB, **environment)
    assert KEY not in shown.stdout + shown.stderr
    assert "poison: 2" in shown.stdout
    after = status(chosen(posthog))
    assert KEY not in str(after)
    assert after["key_set"] is True
    assert after["waiting"] == {}
    assert {kind: d["events"] for kind, d in after["delivered"].items()} == delivered(opened_url)
    (refused,) = after["rejected"]
    assert refused["events"] == 2
    assert refused["error"].startswith("400")
    again = answer("posthog", "retry", "--target", opened_url, *OF_THE_CLUB)
    assert again == {"target": after["target"], "waiting_again": 2}
    assert left(opened_url) == (2, 0)


def test_what_any_channel_refused_is_shown_and_retried(opened_url: str) -> None:
    queue(opened_url, 3, channel="posthog")
    with psycopg.connect(opened_url) as connection:
        connection.execute("UPDATE populace.outbox SET channel = 'chat', rejected = true, error = 'HTTP 401'"
                           " WHERE mod(right(id::text, 1)::int, 2) = 0")  # fmt: skip
    shown = call("outbox", "status", "--target", opened_url, *OF_HOGFLIX).stdout
    assert "HTTP 401" in shown
    assert "outbox retry --channel chat" in shown
    channels = answer("outbox", "status", "--target", opened_url, *OF_HOGFLIX)["channels"]
    assert {name: sum(r["rows"] for r in c["rejected"]) for name, c in channels.items()} == {
        "posthog": 0, "chat": 2, "auth": 0,
    }  # fmt: skip
    assert answer("outbox", "retry", "--channel", "auth", "--target", opened_url, *OF_HOGFLIX)["waiting_again"] == 0
    assert answer("outbox", "retry", "--target", opened_url, *OF_HOGFLIX)["waiting_again"] == 2
    assert left(opened_url) == (3, 0)
    assert (
        "no such channel"
        in call("outbox", "retry", "--channel", "mail", "--target", opened_url, *OF_HOGFLIX, code=2).stderr
    )


def test_spans_join_in_the_target(opened_url: str) -> None:
    hour = clock.HOUR_US
    with psycopg.connect(opened_url) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        for low, high in ((0, 2), (4, 6), (5, 5), (8, 9), (2, 4), (7, 8), (0, 1)):
            coverage.add(connection, "bell", Span(low * hour, high * hour))
        coverage.add(connection, "chat", Span(0, hour))
        assert coverage.read(connection, "bell") == [Span(0, 6 * hour), Span(7 * hour, 9 * hour)]
        rows = connection.execute("SELECT count(*) FROM populace.coverage").fetchone()
        assert rows == (3,)


def test_the_outbox_is_taken_oldest_first_and_history_apart(opened_url: str) -> None:
    queue(opened_url, 30, old=10)
    now_us = clock.now_us()
    with psycopg.connect(opened_url) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        young = outbox.take(connection, "bell", most=15, now_us=now_us)
        assert not young.historical
        assert [row.at_us for row in young.rows] == sorted(row.at_us for row in young.rows)
        outbox.delivered(connection, young.rows)
        outbox.postpone(connection, outbox.take(connection, "bell", most=15, now_us=now_us).rows, now_us=now_us)
        history = outbox.take(connection, "bell", most=15, now_us=now_us)
        assert history.historical
        assert len(history.rows) == 10
        outbox.reject(connection, [(row, "no") for row in history.rows])
        assert not outbox.take(connection, "bell", most=15, now_us=now_us).rows
        assert outbox.next_due_us(connection, "bell") == now_us + clock.SECOND_US // 4
        later = outbox.take(connection, "bell", most=15, now_us=now_us + clock.SECOND_US)
        assert [row.attempts for row in later.rows] == [1] * 5
        assert outbox.next_due_us(connection, "chat") is None


PEOPLE = 40


def described(url: str, days: Iterable[int]) -> None:
    """Everybody says once on each of these days before now who they are; the later the day, the other the plan."""
    for day in days:
        with psycopg.connect(url) as connection:
            connection.execute(
                """
                INSERT INTO populace.outbox (id, channel, at, kind, payload)
                SELECT id, 'bell', at, 'identify', jsonb_build_object('event', 'identify', 'uuid', id,
                    'distinct_id', 'p_' || n,
                    'timestamp', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'properties',
                    jsonb_build_object('$set', jsonb_build_object('plan', %(day)s::int, 'd' || %(day)s, 1)))
                FROM (
                    SELECT n, gen_random_uuid() AS id,
                        now() - make_interval(days => %(day)s) - n * interval '1 s' AS at
                    FROM generate_series(0, %(people)s - 1) AS n) AS made
                """,
                {"day": day, "people": PEOPLE},
            )


def test_properties_of_people_are_those_of_their_latest_event(opened_url: str, posthog: Server) -> None:
    """History is sent after what is new, and a backfill after both."""
    captured = posthog.captured
    for days in ((60, 3, 0), (30, 1), (90,)):
        described(opened_url, days)
        with draining(opened_url, Capture(BELL, posthog.url, KEY)):
            until(lambda: left(opened_url) == (0, 0))
    assert captured.stale == 0
    assert {tuple(sorted(person)) for person in captured.people.values()} == {
        ("d0", "d1", "d3", "d30", "d60", "d90", "plan")
    }
    assert {person["plan"] for person in captured.people.values()} == {0}


def test_properties_in_the_order_of_arrival_would_be_stale(opened_url: str, posthog: Server) -> None:
    """What the stand-in, as PostHog, makes of the same events as they are."""
    described(opened_url, (0, 60))
    with psycopg.connect(opened_url) as connection:
        query = "SELECT payload FROM populace.outbox ORDER BY at DESC"
        batch = [row[0] for row in connection.execute(query)]
    httpx.post(f"{posthog.url}/batch/", json={"api_key": KEY, "batch": batch}).raise_for_status()
    assert posthog.captured.stale == PEOPLE


def test_what_lies_ahead_of_real_time_waits_for_it(opened_url: str, posthog: Server) -> None:
    described(opened_url, (0, -1, -2))
    with draining(opened_url, Capture(BELL, posthog.url, KEY)) as (_, said):
        until(lambda: any("ahead of real time" in text for text in said))
        until(lambda: left(opened_url) == (2 * PEOPLE, 0))
    assert posthog.captured.restamped == 0
    assert [text for text in said if "ahead" in text] == [
        "80 rows lie more than 23 hours ahead of real time and wait for it: The bell would give them another time"
    ]


def test_the_stand_in_gives_another_time_to_what_lies_ahead(opened_url: str, posthog: Server) -> None:
    described(opened_url, (-2,))
    with psycopg.connect(opened_url) as connection:
        batch = [row[0] for row in connection.execute("SELECT payload FROM populace.outbox")]
    httpx.post(f"{posthog.url}/batch/", json={"api_key": KEY, "batch": batch}).raise_for_status()
    assert posthog.captured.restamped == PEOPLE


def test_the_stand_in_answers_over_http(posthog: Server) -> None:
    def ask(path: str, content: bytes | None = None) -> tuple[int, Any]:
        request = httpx.Request("GET" if content is None else "POST", posthog.url + path, content=content)
        with httpx.Client() as client:
            response = client.send(request)
        return response.status_code, response.json()

    event = {"event": "e", "distinct_id": "p", "uuid": "00000000-0000-4000-8000-000000000001",
             "timestamp": "2026-01-01T00:00:00Z", "properties": {}}  # fmt: skip
    assert ask("/batch/", json.dumps({"api_key": KEY, "batch": [event]}).encode())[0] == 200
    assert ask("/batch/", b"{")[0] == 400
    assert ask("/batch/", b"\x1f\x8bno")[0] == 400
    assert ask("/batch/", b" " * 20_000_001)[0] == 413
    assert ask("/elsewhere", b"{}")[0] == 404
    assert ask("/mode", b'{"mode": "broken"}') == (200, {"mode": "broken"})
    assert ask("/mode", b'{"mode": "odd"}')[0] == 400
    assert ask("/batch/", b"{}")[0] == 500
    assert ask("/state")[1]["by_event"] == {"e": 1}


def test_a_population_ends_by_sql_and_the_next_begins_again(opened_url: str) -> None:
    first = answer(*SEED, "--target", opened_url)
    call("pause", "--target", opened_url, "--world", CLUB)
    queue(opened_url, 3)
    with psycopg.connect(opened_url) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        coverage.add(connection, "bell", Span(0, clock.HOUR_US))
        for role in ("anon", "authenticated", "service_role"):
            row = connection.execute(
                "SELECT has_function_privilege(%s, 'populace.end_population()', 'EXECUTE')", (role,)
            ).fetchone()
            assert row == (False,)
        connection.execute("UPDATE populace.plan SET state = 'indexing'")
        with pytest.raises(psycopg.errors.RaiseException, match="not finished"), connection.transaction():
            connection.execute("SELECT populace.end_population()")
        connection.execute("UPDATE populace.plan SET state = 'ready'")
        connection.execute("SELECT populace.end_population()")
        connection.execute("TRUNCATE people CASCADE")
    with psycopg.connect(opened_url) as connection:
        for name in ("plan", "ledger", "clock", "step", "tally", "draw_statistics", "snapshot", "intervention",
                     "outbox", "delivered", "coverage", "emitted", "day_tally"):  # fmt: skip
            assert connection.execute(f"SELECT count(*) FROM populace.{name}").fetchone() == (0,), name
    assert "there is no population here yet" in call("run", CLUB, "--once", "--target", opened_url, code=3).stderr
    again = answer(*SEED, "--target", opened_url)
    assert again["rows_created"] == first["rows_created"] > 0
    with psycopg.connect(opened_url) as connection:
        assert connection.execute("SELECT last_value, is_called FROM populace.intervention_number_seq").fetchone() == (
            1,
            False,
        )


def test_without_an_open_target_nothing_is_sent(empty_url: str, posthog: Server) -> None:
    with pytest.raises(Refused):
        deliver(context(empty_url, chosen(posthog)), DeliverRequest(world=CLUB))
