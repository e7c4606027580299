"""The world outside a target, put together: events, chats and accounts, each with somebody who is not always there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from command import Place, adopt, answer, call, contents, start
from populace import clock
from populace.checks import integrity
from populace.database import compat
from populace.database.connection import connect
from populace.deliver.admin_api import AdminApi, create_users
from populace.engine import Shard, Window, generate
from populace.errors import TargetUnavailable
from populace.event import Event
from populace.operations.inspection import validate
from populace.operations.integrations import channels
from populace.plan import resolve
from populace.runner import lease, records
from populace.runner.integrations import Integrations
from populace.runner.loop import Pace, Runner
from populace.standins.chat import ChatServer
from populace.standins.posthog import Captured, Server
from populace.standins.supabase_auth import AuthServer
from populace.worlds.hogflix import WORLD

KEY, SERVICE_KEY = "phc_of_the_tests", "service-role-key-of-the-tests"
NOW, LATER, LATEST = "2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z"
SMALL = ("--set=persona_pool=20", "--set=days=5", "--set=unseen_days=30", f"--now={NOW}", "--yes")
TINY = (
    "--set=persona_pool=10", "--set=days=3", "--set=unseen_days=20", f"--now={NOW}", "--yes",
    "--set=flixbuddy_answers=endpoint", "--set=flixbuddy_share=1", "--set=flixbuddy_seconds_between=0",
    "--set=flixbuddy_request=script",
)  # fmt: skip
LEAVING = (
    "--set=signups_low=60", "--set=signups_high=100", "--set=drop_out=0.15", "--set=casual_idle_days=1",
    "--set=dormant_idle_days=2", "--set=churn_idle_days=3", "--set=kept=0",
    *(f"--set=churn_{plan}=1" for plan in ("basic", "standard", "premium")),
)  # fmt: skip


@pytest.fixture(scope="module")
def posthog() -> Iterator[Server]:
    with Server(Captured(KEY)) as server:
        yield server


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A small HogFlix that nobody listens to; tests take copies of it."""
    place = Place("hogflix", tmp_path_factory.mktemp("outside") / "pg")
    said = call("seed", "hogflix", *SMALL, "--target", place.target)
    assert said.stderr.count("POPULACE_POSTHOG_KEY is not set") == 1
    yield place
    call("db", "stop", "--target", place.target)


@pytest.fixture
def database(place: Place, request: pytest.FixtureRequest) -> Callable[..., str]:
    """Makes a database beside the seeded one: a copy of it, or an empty one."""

    def make(name: str, *, template: str = "populace") -> str:
        with psycopg.connect(place.url.replace("/populace", "/postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        adopt(place.url.replace("/populace", f"/{name}"))
        return place.url.replace("/populace", f"/{name}")

    return make


def heard(server: Server) -> dict[str, str]:
    return {"POPULACE_POSTHOG_HOST": server.url, "POPULACE_POSTHOG_KEY": KEY}


def rows(url: str, query: str, *bound: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query, bound).fetchall()


def number(url: str, query: str) -> int:
    return int(rows(url, query)[0][0])


def queued(url: str) -> str:
    """The events that wait, as one hash."""
    query = "SELECT md5(string_agg(id || ':' || at || ':' || payload, '|' ORDER BY id)) FROM populace.outbox"
    return str(rows(url, query)[0][0])


def reconciled(url: str) -> dict[str, Any]:
    document = answer("reconcile", "hogflix", "--target", url)
    assert document["ok"]
    assert document["differing"] == 0
    return document


def sums(document: dict[str, Any], *names: str) -> list[int]:
    """Over all lines about events."""
    return [sum(line.get(name, 0) for line in document["lines"] if line["check"] == "events") for name in names]


def at_full_speed(url: str, until: str, *more: str, **environment: str) -> Any:
    return answer("run", "hogflix", "--speed", "max", "--until", until, "--target", url, *more, **environment)


def test_whatever_posthog_does_rows_and_events_agree(database: Callable[..., str], posthog: Server) -> None:
    """It is away while a day is lived, and there during the next; then events of the past are asked for."""
    url = database("listened")
    posthog.captured.mode = "down"
    at_full_speed(url, LATER, **heard(posthog))
    assert not posthog.captured.events
    document = reconciled(url)
    assert len(document["days_left_out"]) == 6
    assert sums(document, "delivered") == [0]
    lived = queued(url)

    silent = database("silent")
    assert "posthog backfill" in call("run", "hogflix", "--speed=max", f"--until={LATER}", "--target", silent).stderr
    assert number(silent, "SELECT count(*) FROM populace.outbox") == 0
    again = answer("posthog", "backfill", "--since", NOW, "--target", silent, "--world", "hogflix")
    assert again["events"] == number(url, "SELECT count(*) FROM populace.outbox") > 100
    assert queued(silent) == lived

    posthog.captured.mode = "well"
    at_full_speed(url, LATEST, **heard(posthog))
    for until, expected in (("2026-02-25T12:00:00Z", True), (LATEST, True), (LATEST, False)):
        done = answer("posthog", "backfill", "--since", "2020-01-01T00:00:00Z", "--until", until, "--target", url,
                      "--world", "hogflix")  # fmt: skip
        assert bool(done["events"]) == expected
    before = reconciled(url)
    assert before["days_left_out"] == []
    assert sums(before, "waiting")[0] > 0
    answer("deliver", "--target", url, "--world", "hogflix", **heard(posthog))
    after = reconciled(url)
    assert sums(after, "waiting", "rejected") == [0, 0]
    assert sums(after, "delivered") == sums(before, "expected") == sums(after, "found")
    state = posthog.captured.state()
    assert state["events"] == number(url, "SELECT sum(n) FROM populace.delivered WHERE channel = 'posthog'")
    assert state["misflagged"] == state["duplicates"] == 0


def test_what_somebody_deletes_is_a_difference(database: Callable[..., str]) -> None:
    url = database("altered")
    reconciled(url)
    with psycopg.connect(url) as connection:
        gone = connection.execute("DELETE FROM public.video_ratings WHERE rating = 4").rowcount
        connection.execute(
            "UPDATE populace.emitted SET n = n + 1 WHERE table_name = 'daily_metrics' AND day = '2026-02-27'"
        )
    document = answer("reconcile", "hogflix", "--target", url, code=1)
    differing = [line for line in document["lines"] if line["difference"]]
    assert {(line["check"], line["table"]) for line in differing} == {
        ("rows", "video_ratings"), ("written", "daily_metrics")}  # fmt: skip
    assert sum(line["difference"] for line in differing if line["check"] == "rows") == -gone < 0


def test_ticks_and_windows_of_half_an_hour_write_what_a_runner_writes(database: Callable[..., str]) -> None:
    resident, ticked, halves = database("resident"), database("ticked"), database("halves")
    at_full_speed(resident, LATER)
    for until, windows in (("2026-03-01T17:31:07Z", 6), (LATER, 19), (LATER, 0)):
        done = answer("tick", "hogflix", "--until", until, "--target", ticked)
        assert (done["watermark"], done["windows"]) == (until, windows)
    # 48 half hours and the start of a day at 07:15.
    assert at_full_speed(halves, LATER, "--every=30m")["windows"] == 49
    assert contents(resident, WORLD) == contents(ticked, WORLD) == contents(halves, WORLD)
    (line,) = rows(halves, "SELECT message, detail FROM populace.journal WHERE event = 'day'")
    assert line[0].startswith("the day to 2026-03-02T07:15:00Z: people ")
    day = "SELECT sum(active_today), sum(new_signups) FROM public.daily_metrics WHERE created_at = %s"
    (metrics,) = rows(halves, day, "2026-03-02T07:15:00Z")
    assert (line[1]["active"], line[1]["signups"]) == metrics

    call("tick", "hogflix", "--target", ticked, code=2)
    runner = start("run", "hogflix", "--target", ticked)
    try:
        end = clock.monotonic() + 120
        with psycopg.connect(ticked, autocommit=True) as looking:
            while lease.leader(looking) is None:
                assert clock.monotonic() < end
                clock.sleep(0.05)
        assert "another runner" in call("tick", "hogflix", f"--until={LATEST}", "--target", ticked, code=3).stderr
    finally:
        runner.terminate()
        runner.communicate()


def opened_with_accounts(url: str) -> None:
    """Open it; accounts are there from the start in a project of Supabase."""
    call("init", "--target", url, "--world", "hogflix")
    with connect(url, application_name="tests") as connection:
        compat.install(connection, ("accounts",))


def test_people_whose_accounts_and_answers_come_from_outside(database: Callable[..., str]) -> None:
    url = database("served", template="template0")
    opened_with_accounts(url)
    seed = ("seed", "hogflix", *TINY, *LEAVING, "--set=accounts_through=api", "--target", url)
    assert "SUPABASE_URL" in call(*seed, code=2).stderr
    assert number(url, "SELECT count(*) FROM populace.plan") == 0
    with AuthServer(url, SERVICE_KEY) as service, ChatServer(key=SERVICE_KEY, slow_s=0.4) as endpoint:
        known = {"SUPABASE_URL": service.url, "SUPABASE_SERVICE_ROLE_KEY": SERVICE_KEY}
        email = persona_email()
        with psycopg.connect(url) as connection:
            connection.execute(
                "INSERT INTO auth.users (id, email, raw_user_meta_data, aud, created_at)"
                " VALUES (gen_random_uuid(), %s, %s, 'authenticated', now())", [email, Jsonb({})],
            )  # fmt: skip
        assert email in call(*seed, code=3, **known).stderr
        with psycopg.connect(url) as connection:
            connection.execute("DELETE FROM auth.users WHERE email = %s", [email])
        answer(*seed, **known)
        made = [c.at_s for c in service.calls if c.method == "POST"]
        assert (len(made) - 1) / (made[-1] - made[0]) <= 5
        people = number(url, "SELECT count(*) FROM public.profiles")
        assert number(url, "SELECT count(*) FROM auth.users") == number(url, "SELECT count(*) FROM auth.identities")
        assert people == number(url, "SELECT count(*) FROM auth.users") > 10
        reconciled(url)

        # Nobody is named who would answer; then one who is broken, one who is slow, one who is well.
        said = call("run", "hogflix", "--speed=max", f"--until={LATER}", "--target", url, **known).stderr
        assert "POPULACE_CHAT_URL is not set" in said
        waiting = number(url, "SELECT count(*) FROM populace.outbox WHERE channel = 'chat'")
        assert waiting > 0
        known["POPULACE_CHAT_URL"] = endpoint.url
        endpoint.mode = "500"
        at_full_speed(url, LATEST, **known)
        assert replies(url) == 0
        assert {call.status for call in endpoint.calls} == {500}
        for mode in ("slow", "ok"):
            endpoint.mode = mode  # type: ignore[assignment]
            with psycopg.connect(url) as connection:
                connection.execute("UPDATE populace.outbox SET not_before = NULL")
            before = replies(url)
            call("deliver", "--channel", "chat", "--for", "4" if mode == "slow" else "20", "--target", url,
                 "--world", "hogflix", **known)  # fmt: skip
            assert replies(url) > before
        assert number(url, "SELECT count(*) FROM populace.outbox WHERE channel = 'chat'") == 0
        assert replies(url) == number(url, "SELECT sum(n) FROM populace.delivered WHERE channel = 'chat'") > waiting
        longest = max((c.body["messages"] for c in endpoint.calls if c.status == 200), key=len)
        assert [m["role"] for m in longest] == (["user", "assistant"] * 4)[: len(longest)]
        reconciled(url)

        at_full_speed(url, "2026-03-07T12:00:00Z", **known)
        answer("deliver", "--target", url, "--world", "hogflix", "--for", "20", **known)
        gone = number(url, "SELECT sum(n) FROM populace.delivered WHERE channel = 'auth'")
        assert gone > 0
        assert gone == sum(c.method == "DELETE" and c.status == 200 for c in service.calls)
        assert number(url, "SELECT count(*) FROM auth.users") == number(url, "SELECT count(*) FROM public.profiles")
        reconciled(url)

        waited = lived_with_a_service_that_is_away(url, service)
        assert len(waited) >= 2
        reconciled(url)


def lived_with_a_service_that_is_away(url: str, service: AuthServer) -> list[str]:
    """A run over some days in which accounts cannot be made at first; why it waited."""
    api, failures, waited = AdminApi(service.url, SERVICE_KEY, sleep=lambda _s: None), [2], []

    def create(users: Sequence[Any]) -> None:
        if failures[0]:
            failures[0] -= 1
            raise TargetUnavailable("the account service has an error")
        create_users(api, users)

    def hear(event: Event) -> None:
        if event.stage == "wait":
            waited.append(event.text)

    integrations = Integrations(create=create, accounts=WORLD.channel("auth"), done=api.close)
    runner = Runner(WORLD, lambda: connect(url, application_name="tests"), hear, threading.Event(), integrations)
    runner.run(Pace(0, clock.parse("2026-03-11T12:00:00Z", "until")))
    integrations.close()
    return waited


def replies(url: str) -> int:
    """Those of the endpoint; what came before the epoch is answered locally."""
    return number(
        url, f"SELECT count(*) FROM public.chat_messages WHERE role = 'assistant' AND created_at >= '{NOW[:10]}'"
    )


def persona_email() -> str:
    """Of somebody whom the seed of the test makes."""
    set_here = dict(text.removeprefix("--set=").split("=") for text in (*TINY, *LEAVING) if text.startswith("--set="))
    epoch_us = clock.midnight_before(clock.parse(NOW, "now"))
    plan = resolve(WORLD, "default", seed=1, epoch_us=epoch_us, overrides=set_here)
    window = Window(plan.origin_us, clock.parse(NOW, "now"))
    pools = Shard({"pool": (0, plan.sizes["pool"])})
    (users,) = [b.rows for b in generate(plan, pools, window) if b.table == "users"][:1]
    return str(users.column("email").to_pylist()[-1])


def test_what_an_endpoint_stores_itself_is_not_ours(database: Callable[..., str], tmp_path: Path) -> None:
    url = database("stored", template="template0")
    call("init", "--target", url, "--world", "hogflix")
    call("seed", "hogflix", *TINY, *LEAVING, "--set=flixbuddy_stored_by=endpoint", "--set=flixbuddy_per_day=4",
         "--target", url)  # fmt: skip
    with ChatServer() as endpoint:
        at_full_speed(url, LATEST)
        asked = number(url, "SELECT count(*) FROM populace.outbox WHERE channel = 'chat'")
        assert asked > 4
        # The limit of the day ends the command, not the day itself.
        said = call("deliver", "--target", url, "--world", "hogflix", POPULACE_CHAT_URL=endpoint.url).stderr
        assert "by its limits" in said
        assert len(endpoint.calls) == 4
        with psycopg.connect(url) as connection:
            for made in endpoint.calls:
                for role, text in (("user", made.body["messages"][-1]["content"]), ("assistant", "…")):
                    connection.execute(
                        "INSERT INTO public.chat_messages (conversation_id, role, content, metadata)"
                        " VALUES (%s, %s, %s, '{}')", [made.body["conversationId"], role, text],
                    )  # fmt: skip

    def checked() -> dict[str, str]:
        with psycopg.connect(url) as connection:
            record = records.read_plan(connection)
            assert record is not None
            plan = records.stored_plan(connection, WORLD, record)
            assert plan
            counted, theirs = validate.expected(connection, plan), channels.stored_by_peers(plan)
            verdicts = list(integrity.check(connection, WORLD, counted, by_peers=theirs))
        return {f"{v.target} {v.measured}": v.status for v in verdicts if v.id == "rows" and "chat_messages" in v.title}

    assert {v: s for v, s in checked().items() if s != "ok"} == {}
    reconciled(url)
    at_full_speed(url, "2026-03-09T12:00:00Z")
    assert number(url, "SELECT sum(removed) FROM populace.day_tally WHERE table_name = 'chat_messages'") >= 0
    assert {v: s for v, s in checked().items() if s != "ok"} == {}
    reconciled(url)
