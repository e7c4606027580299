"""Questions to FlixBuddy's endpoint: each reply stored once, limits that outlive a process, no failure that spreads."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from populace import clock
from populace.database.connection import Connection, connect
from populace.database.embedded import EmbeddedServer
from populace.deliver import chat, outbox
from populace.deliver.chat import Chat
from populace.deliver.peer import Answer
from populace.deliver.reply import Endpoint
from populace.deliver.worker import Worker
from populace.spec import Questions
from populace.standins.chat import MODEL, ChatServer, Mode
from populace.worlds.hogflix import WORLD
from populace.worlds.hogflix.reporting.channels import FLIXBUDDY

AT = "2025-01-09T18:30:00.250Z"
AT_US = clock.parse(AT, "test")
NOW_US = clock.parse("2026-01-09T12:00:00Z", "test")
MINUTE_US, DAY_US = clock.MINUTE_US, clock.DAY_US
KEY = "a-key-nobody-may-see"
assert isinstance(FLIXBUDDY.peer, Questions)
REQUESTS = FLIXBUDDY.peer.requests
TABLE = WORLD.table("chat_messages")
SCHEMA = """
    CREATE TABLE public.chat_conversations (id uuid PRIMARY KEY);
    CREATE TABLE public.chat_messages (
        id uuid PRIMARY KEY, conversation_id uuid NOT NULL REFERENCES public.chat_conversations ON DELETE CASCADE,
        role text NOT NULL, content text NOT NULL CHECK (content <> 'forbidden'), metadata jsonb NOT NULL,
        created_at timestamptz NOT NULL);
"""


EMPTY = """
    TRUNCATE populace.outbox, populace.delivered, populace.call, populace.tally, populace.day_tally, populace.ledger,
        populace.clock, public.chat_conversations CASCADE
"""


@pytest.fixture(scope="module")
def chat_url(server: EmbeddedServer, opened_template: str) -> str:
    """A database with the app's chats, for all of these tests: each begins with empty tables."""
    name = "chat_delivery"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {opened_template}")
    with connect(server.url(name), application_name="tests") as conn:
        conn.execute(SCHEMA)
    return server.url(name)


@pytest.fixture
def db(chat_url: str) -> Iterator[Connection]:
    with connect(chat_url, application_name="tests", autocommit=True) as conn:
        conn.execute(EMPTY)
        yield conn


@pytest.fixture
def endpoint() -> Iterator[ChatServer]:
    with ChatServer(key=KEY, slow_s=20.0) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "PAUSE_S", 0.0)


@pytest.fixture
def make(chat_url: str) -> Iterator[Callable[..., Chat]]:
    """Makes a peer, as a process that starts again would; `now_us` is its real time."""
    made: list[Chat] = []

    def peer(endpoint: ChatServer, now_us: int = NOW_US, **settings: Any) -> Chat:
        wanted = Endpoint(**{"url": endpoint.url, "key": KEY, "request": REQUESTS["function"], **settings})
        one = Chat(FLIXBUDDY, wanted, TABLE, lambda: connect(chat_url, application_name="tests"), now_us=lambda: now_us)
        made.append(one)
        return one

    yield peer
    for one in made:
        one.close()


def key(*parts: object) -> str:
    return str(uuid.UUID(int=abs(int.from_bytes(repr(parts).encode()[-15:], "big"))))


def ask(db: Connection, number: int = 1, *, at_us: int = AT_US, message: str = "What should I watch tonight?") -> str:
    """A question in the outbox; the id of its reply."""
    conversation, reply = key("c", number), key("r", number)
    db.execute("INSERT INTO public.chat_conversations VALUES (%s) ON CONFLICT DO NOTHING", (conversation,))
    payload = {
        "conversation_id": conversation, "user_id": key("u"), "profile_id": key("u"), "message": message,
        "reply_id": reply, "at": clock.iso(at_us),
    }  # fmt: skip
    db.execute(
        "INSERT INTO populace.outbox (id, channel, at, kind, payload) VALUES (%s, 'chat', %s, 'question', %s)",
        (key("o", number), clock.to_datetime(at_us), psycopg.types.json.Jsonb(payload)),
    )
    return reply


def question(db: Connection) -> Any:
    row = db.execute("SELECT payload FROM populace.outbox").fetchone()
    assert row is not None
    return row[0]


def deliver(db: Connection, peer: Chat, stop: threading.Event | None = None) -> Answer | None:
    """What a worker does with one batch; None when nothing is due."""
    now_us = peer.now_us()
    with db.transaction():
        batch = outbox.take(db, "chat", most=peer.most, now_us=now_us)
        if not batch.rows:
            return None
        answer = peer.send(batch, stop or threading.Event())
        outbox.delivered(db, answer.taken)
        outbox.reject(db, answer.refused)
        outbox.postpone(db, answer.later, now_us=now_us, at_least_s=answer.after_s)
        if answer.record:
            answer.record(db)
    return answer


def messages(db: Connection) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT id::text, conversation_id::text, role, content, metadata, created_at FROM public.chat_messages "
        "ORDER BY created_at, id"
    ).fetchall()


def held(db: Connection) -> list[tuple[Any, ...]]:
    return db.execute("SELECT attempts, not_before, error, rejected FROM populace.outbox ORDER BY at, id").fetchall()


def counts(db: Connection) -> dict[str, int]:
    return dict(db.execute("SELECT kind, n FROM populace.delivered WHERE channel = 'chat' AND n > 0").fetchall())


def test_a_reply_is_written_once_under_its_id_with_what_the_endpoint_said(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    reply = ask(db)
    deliver(db, make(endpoint))
    ((id_, conversation, role, content, metadata, created_at),) = messages(db)
    assert (id_, conversation, role) == (reply, key("c", 1), "assistant")
    assert content == "Here is a thought about: What should I watch tonight?"
    taken_us = clock.from_datetime(created_at) - AT_US
    assert 0 <= taken_us < 20 * clock.SECOND_US
    assert taken_us % 1000 == 0
    assert set(metadata) == {"model", "timestamp", "tokens", "latency", "cost"}
    assert (metadata["model"], metadata["latency"]) == (MODEL, 640)
    assert metadata["tokens"] == {"input": 7, "output": 14, "total": 21}
    assert metadata["cost"]["total"] == 7 * 1e-7 + 14 * 4e-7
    assert clock.parse(metadata["timestamp"], "test") == AT_US + taken_us
    assert held(db) == []
    assert counts(db) == {"question": 1}
    tally = db.execute("SELECT attempted, written FROM populace.tally WHERE table_name = 'chat_messages'").fetchone()
    assert tally == (1, 1)
    by_day = db.execute("SELECT table_name, day::text, inserted, removed FROM populace.day_tally").fetchall()
    assert by_day == [("chat_messages", AT[:10], 1, 0)]


def test_both_shapes_of_request_are_what_the_function_and_the_script_send(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    ask(db)
    deliver(db, make(endpoint))
    ask(db, 2)
    for number, (role, text) in enumerate((("user", "Hello"), ("assistant", "Hello!"), ("user", "Later"))):
        # A question and the answer to it at one moment; the last comes after the question that is asked.
        at = clock.to_datetime(AT_US - clock.SECOND_US if number < 2 else AT_US + clock.SECOND_US)
        db.execute("INSERT INTO public.chat_messages VALUES (%s, %s, %s, %s, '{}', %s)",
                   (key("m", 9 - number), key("c", 2), role, text, at))  # fmt: skip
    deliver(db, make(endpoint, NOW_US + MINUTE_US, request=REQUESTS["script"]))
    first, second = (call.body for call in endpoint.calls)
    assert first == {"message": "What should I watch tonight?", "conversationId": key("c", 1), "userId": key("u"),
                     "profileId": key("u")}  # fmt: skip
    assert second == {"conversationId": key("c", 2), "messages": [
        {"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "What should I watch tonight?"}]}  # fmt: skip
    assert [call.status for call in endpoint.calls] == [200, 200]


def test_what_the_endpoint_stores_itself_is_not_stored_again(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    ask(db)
    deliver(db, make(endpoint, stores=True))
    assert messages(db) == held(db) == []
    assert db.execute("SELECT count(*) FROM populace.own_row").fetchone() == (0,)


def test_what_the_endpoint_stored_for_us_is_noted_as_ours(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    ask(db)
    said = ("What should I watch tonight?", "Here is a thought about: What should I watch tonight?", "I am human.")
    for number, text in enumerate(said):
        db.execute("INSERT INTO public.chat_messages VALUES (%s, %s, 'user', %s, '{}', %s)",
                   (key("m", number), key("c", 1), text, clock.to_datetime(AT_US)))  # fmt: skip
    deliver(db, make(endpoint, stores=True))
    noted = db.execute("SELECT relation::oid::regclass::text, key FROM populace.own_row ORDER BY key").fetchall()
    assert [key_ for _, key_ in noted] == [[str(key("m", number))] for number in (0, 1)]
    assert {relation.split(".")[-1] for relation, _ in noted} == {"chat_messages"}
    assert counts(db) == {"question": 1}


@pytest.mark.parametrize("mode", ["slow", "500", "malformed", "down", "silent"])
def test_a_failing_endpoint_is_asked_again_later_and_then_no_more(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat], mode: Mode | str
):
    settings: dict[str, Any] = {"attempts": 3, "timeout_s": 0.2 if mode == "slow" else 10.0}
    if mode == "silent":
        endpoint.reply = lambda _: "  "
    elif mode == "down":
        settings["url"] = "http://127.0.0.1:1/"
    else:
        endpoint.mode = mode  # type: ignore[assignment]
    ask(db)
    now_us, pauses = NOW_US, []
    for attempt in (1, 2):
        answer = deliver(db, make(endpoint, now_us, **settings))
        assert answer is not None
        assert answer.why
        ((attempts, not_before, _, rejected),) = held(db)
        assert (attempts, rejected) == (attempt, False)
        pauses.append(clock.from_datetime(not_before) - now_us)
        assert deliver(db, make(endpoint, now_us + pauses[-1] - 1, **settings)) is None
        now_us += pauses[-1]
    assert pauses == [30 * clock.SECOND_US, 60 * clock.SECOND_US]
    deliver(db, make(endpoint, now_us, **settings))
    ((attempts, _, error, rejected),) = held(db)
    assert (attempts, rejected) == (3, True)
    assert "after 3 attempts" in error
    assert messages(db) == []
    assert counts(db) == {}
    assert outbox.rejected(db, "chat")[0].rows == 1


def test_one_question_that_waits_does_not_keep_the_next(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    ask(db, 1)
    reply = ask(db, 2, at_us=AT_US + MINUTE_US)
    endpoint.mode = "500"
    answer = deliver(db, make(endpoint))
    assert answer is not None
    assert "the model did not answer" in answer.why
    endpoint.mode = "ok"
    deliver(db, make(endpoint, NOW_US + 6 * clock.SECOND_US))
    assert [row[0] for row in messages(db)] == [reply]


def test_calls_keep_their_distance_and_their_limits_across_processes(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    for number in range(7):
        ask(db, number, at_us=AT_US + number)
    limits: dict[str, Any] = {"per_run": 3, "per_day": 5}

    def at(seconds: float) -> Answer | None:
        return deliver(db, make(endpoint, NOW_US + int(seconds * clock.SECOND_US), **limits))

    def is_limited(answer: Answer | None) -> bool:
        return answer is not None and not answer.taken and not answer.later and answer.after_s > 0

    at(0)
    assert is_limited(at(4.9))
    at(5)
    at(10)
    assert len(endpoint.calls) == 3
    assert is_limited(at(15))
    assert is_limited(at(1799))
    at(1800)
    at(1806)
    assert len(endpoint.calls) == 5
    assert is_limited(at(3 * 3600))
    assert is_limited(at(12 * 3600 - 1))
    at(12 * 3600)  # the next day
    assert len(endpoint.calls) == 6
    assert [attempts for attempts, *_ in held(db)] == [0]


def test_a_process_that_waited_for_the_record_reads_the_clock_afterwards(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    ask(db)
    peer = make(endpoint)
    first_us = peer.now_us()
    held = threading.Event()

    def now_us() -> int:
        locks = db.execute("SELECT count(*) FROM pg_locks WHERE relation = 'populace.call'::regclass AND granted "
                           "AND mode = 'ShareRowExclusiveLock'").fetchone()  # fmt: skip
        assert locks == (1,)
        held.set()
        return first_us

    peer.now_us = now_us
    batch = outbox.OutboxBatch([outbox.Row(uuid.UUID(key("o", 1)), AT_US, "question", question(db))], historical=True)
    assert peer.send(batch, threading.Event()).taken
    assert held.is_set()


def test_a_call_of_a_clock_that_is_ahead_counts(db: Connection, endpoint: ChatServer, make: Callable[..., Chat]):
    ask(db, 1)
    ask(db, 2, at_us=AT_US + 1)
    deliver(db, make(endpoint, NOW_US + 2 * clock.SECOND_US))
    answer = deliver(db, make(endpoint, NOW_US))
    assert answer is not None
    assert answer.rests_s == 7
    assert len(endpoint.calls) == 1
    answer = deliver(db, make(endpoint, NOW_US, per_day=1, seconds_between=0))
    assert answer is not None
    assert answer.rests_s > 60
    assert len(endpoint.calls) == 1


def test_a_call_that_reached_nobody_costs_nothing_but_time(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    for number in range(3):
        ask(db, number, at_us=AT_US + number)
    deliver(db, make(endpoint, url="http://127.0.0.1:1/", per_day=1))
    assert deliver(db, make(endpoint, NOW_US + 1, per_day=1)).after_s > 4  # type: ignore[union-attr]
    deliver(db, make(endpoint, NOW_US + 5 * clock.SECOND_US, per_day=1))
    assert len(messages(db)) == 1
    deliver(db, make(endpoint, NOW_US + 10 * clock.SECOND_US, per_day=1))
    assert len(endpoint.calls) == 1


def test_a_reply_to_a_conversation_that_went_away_is_dropped_and_counted(
    chat_url: str, db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    ask(db)

    def removed_meanwhile(question: str) -> str:
        db2 = connect(chat_url, application_name="tests", autocommit=True)
        with db2:
            db2.execute("DELETE FROM public.chat_conversations")
        return question

    endpoint.reply = removed_meanwhile
    deliver(db, make(endpoint))
    assert len(endpoint.calls) == 1
    assert messages(db) == held(db) == []
    assert counts(db) == {"dropped": 1}


def test_an_interrupted_delivery_is_done_again_and_leaves_one_row(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    reply = ask(db)
    peer = make(endpoint)

    class Killed(Exception):
        pass

    def interrupted() -> None:
        with db.transaction():
            batch = outbox.take(db, "chat", most=1, now_us=NOW_US)
            answer = peer.send(batch, threading.Event())
            outbox.delivered(db, answer.taken)
            assert answer.record
            answer.record(db)
            raise Killed

    with pytest.raises(Killed):
        interrupted()
    assert messages(db) == []
    deliver(db, make(endpoint, NOW_US + MINUTE_US))
    assert [row[0] for row in messages(db)] == [reply]
    assert counts(db) == {"question": 1}


def test_the_key_is_sent_and_never_shown(db: Connection, endpoint: ChatServer, make: Callable[..., Chat]):
    ask(db)
    endpoint.key = "another"
    answer = deliver(db, make(endpoint, attempts=1))
    assert answer is not None
    ((_, _, error, rejected),) = held(db)
    assert rejected
    assert "HTTP 401" in error
    assert KEY not in error + repr(make(endpoint)) + answer.why


def test_what_the_table_cannot_hold_is_left_out_or_rejected(
    db: Connection, endpoint: ChatServer, make: Callable[..., Chat]
):
    ask(db, 1)
    endpoint.reply = lambda _: "one\x00two \ud83d"
    deliver(db, make(endpoint))
    assert [row[3] for row in messages(db)] == ["onetwo ?"]
    ask(db, 2)
    endpoint.reply = lambda _: "forbidden"
    deliver(db, make(endpoint, NOW_US + MINUTE_US))
    ((_, _, error, rejected),) = held(db)
    assert rejected
    assert "cannot be stored" in error
    assert len(messages(db)) == 1
    assert counts(db) == {"question": 1}


def test_a_question_that_is_none_costs_no_call(db: Connection, endpoint: ChatServer, make: Callable[..., Chat]):
    db.execute(
        "INSERT INTO populace.outbox (id, channel, at, kind, payload) VALUES (%s, 'chat', now(), 'question', '{}')",
        (key("o"),),
    )
    with db.transaction():
        batch = outbox.OutboxBatch([outbox.Row(uuid.UUID(key("o")), AT_US, "question", {})], historical=True)
        answer = make(endpoint).send(batch, threading.Event())
    assert answer.refused[0][1].startswith("the payload is no question")
    assert endpoint.calls == []


def test_a_standing_clock_has_no_reply_in_its_future(db: Connection, endpoint: ChatServer, make: Callable[..., Chat]):
    until_us = AT_US + 1
    db.execute("INSERT INTO populace.ledger VALUES ('pool', 0, 1, %s)", (clock.to_datetime(until_us),))
    db.execute("INSERT INTO populace.clock VALUES (true, 'free', 1, now(), %s)", (clock.to_datetime(until_us),))
    ask(db)
    endpoint.reply = lambda question: clock.sleep(0.01) or question
    deliver(db, make(endpoint))
    ((*_, created_at),) = messages(db)
    assert clock.from_datetime(created_at) == AT_US


def test_stopping_does_not_wait_for_a_slow_reply(db: Connection, endpoint: ChatServer, make: Callable[..., Chat]):
    ask(db)
    endpoint.mode = "slow"
    stop = threading.Event()
    clock.after(0.1, stop)
    answer = deliver(db, make(endpoint), stop)
    assert answer == Answer()
    assert held(db) == [(0, None, None, False)]


def test_a_worker_drains_the_channel(db: Connection, chat_url: str, endpoint: ChatServer):
    for number in range(3):
        ask(db, number)

    def session() -> Connection:
        return connect(chat_url, application_name="tests")

    peer = Chat(FLIXBUDDY, Endpoint(endpoint.url, REQUESTS["function"], KEY, seconds_between=0.01), TABLE, session)
    reported: list[tuple[str, str]] = []
    Worker(session, peer, lambda *words: reported.append(words), threading.Event()).drain()
    peer.close()
    assert len(messages(db)) == len(endpoint.calls) == 3
    assert counts(db) == {"question": 3}
    assert reported == []
