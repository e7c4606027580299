"""Accounts through the Admin API: made once, in step, never anybody else's; and deleted only when they are ours."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from psycopg.types.json import Jsonb

import contexts
from club import WORLD
from command import adopt
from populace.batch import Batch
from populace.database import guard
from populace.database.connection import Connection, connect
from populace.database.embedded import EmbeddedServer
from populace.database.ownership import NOTHING
from populace.deliver import admin_api, outbox
from populace.deliver.admin_api import AdminApi, Made, Removals, create_users
from populace.deliver.peer import Answer
from populace.deliver.worker import Worker
from populace.engine.tables import arrow_schema
from populace.errors import Interrupted, PopulaceError, Refused, TargetUnavailable
from populace.operations import cleanups
from populace.operations.ownership import Owned
from populace.sinks.accounts import AT_ONCE, AccountsSink, User, wanted
from populace.sinks.sink import Tally
from populace.spec import AccountService, Channel, Column, Table
from populace.standins.supabase_auth import PER_PAGE, USERS, AuthServer
from tiny import MARK

KEY = "the-service-role-key"
DOMAIN = "people.test"
SIGNED_UP = datetime(2026, 1, 9, 18, 30, tzinfo=UTC)
AUTH = Channel(name="auth", title="Auth", peer=AccountService(email_domain=DOMAIN), unheard="no accounts are made")
CREATED = Column("created_at", "timestamptz", moment="happened")
TABLES = (
    Table(
        name="users",
        schema="auth",
        columns=(Column("id", "uuid"), Column("email", "text"), Column("raw_user_meta_data", "jsonb"), CREATED),
        key=("id",),
        root="person",
        mark=MARK,
        owner="id",
    ),
    Table(
        name="identities",
        schema="auth",
        columns=(Column("id", "uuid"), Column("user_id", "uuid", references="auth.users.id"), CREATED),
        key=("id",),
        root="person",
        mark=MARK,
        owner="user_id",
        proven_by="user_id",
    ),
    Table(
        name="viewers",
        columns=(Column("id", "uuid", references="auth.users.id"), CREATED),
        key=("id",),
        root="person",
        mark=MARK,
        owner="id",
    ),
)
APP = replace(WORLD, tables=(*WORLD.tables, *TABLES), channels=(*WORLD.channels, AUTH), needs=("accounts",))


class Clockwork:
    """A clock that goes only when somebody waits."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


EMPTY = """
    TRUNCATE auth.users, auth.identities, public.viewers, populace.outbox, populace.delivered, populace.tally,
        populace.day_tally
"""


@pytest.fixture(scope="module")
def url(server: EmbeddedServer, opened_template: str) -> str:
    """A database with accounts, and a table of the app that refers to them; each test begins with empty tables."""
    name = "accounts_api"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE {opened_template}")
    with connect(server.url(name), application_name="tests") as conn:
        guard.adopt(conn)
        conn.execute("CREATE TABLE public.viewers (id uuid PRIMARY KEY REFERENCES auth.users, created_at timestamptz)")
    adopt(server.url(name))
    return server.url(name)


@pytest.fixture
def db(url: str) -> Iterator[Connection]:
    with connect(url, application_name="tests", autocommit=True) as conn:
        conn.execute(EMPTY)
        yield conn


@pytest.fixture
def clockwork() -> Clockwork:
    return Clockwork()


@pytest.fixture
def service(url: str, clockwork: Clockwork) -> Iterator[AuthServer]:
    with AuthServer(url, KEY, monotonic=clockwork.monotonic) as running:
        yield running


@pytest.fixture
def api(service: AuthServer, clockwork: Clockwork) -> Iterator[AdminApi]:
    one = AdminApi(service.url, KEY, monotonic=clockwork.monotonic, sleep=clockwork.sleep)
    yield one
    one.close()


def people(n: int) -> list[User]:
    return [
        {"id": str(uuid.UUID(int=(8 << 76) | i)), "email": f"p_{i:05}@{DOMAIN}",
         "user_metadata": {"display_name": f"Person {i}", "plan": "Basic", "is_synthetic": True},
         "created_at": SIGNED_UP.isoformat()}
        for i in range(n)
    ]  # fmt: skip


def human(db: Connection, email: str, *, key: int, metadata: object = None) -> str:
    """An account that the app has of its own."""
    user_id = str(uuid.UUID(int=key))
    db.execute(
        "INSERT INTO auth.users (id, aud, email, raw_user_meta_data, created_at) "
        "VALUES (%s, 'authenticated', %s, %s, now())",
        (user_id, email, Jsonb(metadata or {})),
    )
    return user_id


def everybody(db: Connection) -> list[tuple[Any, ...]]:
    return db.execute(
        "SELECT id::text, email, raw_user_meta_data, email_confirmed_at IS NOT NULL FROM auth.users ORDER BY email"
    ).fetchall()


def test_accounts_are_made_as_asked_and_no_faster_than_allowed(
    db: Connection, service: AuthServer, api: AdminApi, clockwork: Clockwork
):
    users = people(23)
    assert create_users(api, users) == Made(created=23, present=0)
    assert everybody(db) == [(u["id"], u["email"], u["user_metadata"], True) for u in users]
    assert db.execute("SELECT count(*) FROM auth.identities").fetchone() == (23,)
    assert service.most_in_a_second() == 5
    assert 22 / 5 < clockwork.now_s < 22 / 4.8


def test_asking_again_finds_them_by_their_ids(db: Connection, service: AuthServer, api: AdminApi):
    users = people(4)
    create_users(api, users)
    before = everybody(db)
    assert create_users(api, [*users[1:], *people(5)[4:]]) == Made(created=1, present=3)
    assert [row for row in everybody(db) if row[0] != people(5)[4]["id"]] == before
    asked = [call.path for call in service.calls if call.method == "GET"]
    assert asked == [f"{USERS}/{user['id']}" for user in users[1:]]


def test_an_account_has_the_hash_of_its_row(db: Connection, api: AdminApi):
    columns = {"id": [uuid.UUID(int=9).bytes], "email": [f"p_9@{DOMAIN}"], "encrypted_password": ["$2b$10$abc"],
               "raw_user_meta_data": ['{"a": [1], "is_synthetic": true}'], "created_at": [0]}  # fmt: skip
    (user,) = wanted(pa.RecordBatch.from_pydict(columns))
    assert (user["password_hash"], user["user_metadata"]) == ("$2b$10$abc", {"a": [1], "is_synthetic": True})
    create_users(api, [user, *people(1)])
    found = db.execute("SELECT encrypted_password FROM auth.users ORDER BY email DESC").fetchall()
    assert [row[0] or "" for row in found] == ["$2b$10$abc", ""]


@pytest.mark.parametrize("marked", [False, True])
def test_somebody_elses_account_is_named_and_left_alone(db: Connection, api: AdminApi, marked: bool):
    users = people(3)
    human(db, users[1]["email"], key=77, metadata={"is_synthetic": marked})
    for number in range(PER_PAGE + 1):
        human(db, f"human{number}@{DOMAIN}", key=number + 100)
    before = [row for row in everybody(db) if row[1] == users[1]["email"]]
    with pytest.raises(Refused, match=users[1]["email"]) as refused:
        create_users(api, users)
    assert KEY not in str(refused.value)
    assert [row for row in everybody(db) if row[1] == users[1]["email"]] == before


def test_an_account_of_our_id_without_the_mark_is_not_ours(db: Connection, api: AdminApi):
    (user,) = people(1)
    human(db, user["email"], key=uuid.UUID(user["id"]).int)
    with pytest.raises(Refused, match=user["email"]):
        create_users(api, [user])


def test_a_service_that_stumbles_is_asked_again(db: Connection, service: AuthServer, api: AdminApi):
    service.faults += [503, 429, 500]
    assert create_users(api, people(2)) == Made(created=2, present=0)
    service.faults += [500] * admin_api.ATTEMPTS
    with pytest.raises(TargetUnavailable, match="something is wrong here"):
        create_users(api, people(3)[2:])


def test_a_service_that_is_not_there_is_unavailable(clockwork: Clockwork):
    api = AdminApi("http://127.0.0.1:1", KEY, monotonic=clockwork.monotonic, sleep=clockwork.sleep)
    with pytest.raises(TargetUnavailable) as error:
        create_users(api, people(1))
    assert KEY not in str(error.value) + repr(api)
    api.close()


def test_a_key_that_does_not_open_is_refused_and_not_shown(db: Connection, service: AuthServer, clockwork: Clockwork):
    api = AdminApi(service.url, "not-the-key", monotonic=clockwork.monotonic, sleep=clockwork.sleep)
    with pytest.raises(Refused, match="POPULACE_SERVICE_ROLE_KEY") as refused:
        create_users(api, people(1))
    assert "not-the-key" not in str(refused.value)
    api.close()


def test_a_service_that_takes_no_ids_is_left_as_it_was(db: Connection, service: AuthServer, api: AdminApi):
    service.takes_ids = False
    with pytest.raises(Refused, match="ids of its own"):
        create_users(api, people(1))
    assert everybody(db) == []


def queue(db: Connection, number: int, user_id: str, email: str) -> None:
    db.execute(
        "INSERT INTO populace.outbox (id, channel, at, kind, payload) VALUES (%s, 'auth', %s, 'delete', %s)",
        (str(uuid.UUID(int=number)), SIGNED_UP, Jsonb({"user_id": user_id, "email": email})),
    )


def deleted(url: str, api: AdminApi) -> list[str]:
    """Drain the channel; what was reported meanwhile."""
    reported: list[str] = []
    worker = Worker(lambda: connect(url, application_name="tests"), Removals(AUTH, api),
                    lambda _, words: reported.append(words), threading.Event())  # fmt: skip
    worker.drain()
    return reported


def removed_users(db: Connection) -> int:
    row = db.execute("SELECT removed FROM populace.tally WHERE table_name = 'users'").fetchone()
    return row[0] if row else 0


def test_an_account_is_deleted_when_its_mark_and_its_domain_say_so(url: str, db: Connection, api: AdminApi):
    users = people(2)
    create_users(api, users)
    for number, user in enumerate(users):
        queue(db, number, user["id"], user["email"])
    queue(db, 7, str(uuid.UUID(int=99)), f"gone@{DOMAIN}")
    api.per_s = 1000.0
    assert deleted(url, api) == []
    assert everybody(db) == []
    assert outbox.sent(db, "auth")[0].rows == removed_users(db) == 3


IN_DOUBT: Sequence[tuple[str, Any, str]] = (
    (f"unmarked@{DOMAIN}", {}, f"unmarked@{DOMAIN}"),
    (f"half@{DOMAIN}", {"is_synthetic": "true"}, f"half@{DOMAIN}"),
    ("human@elsewhere.test", {"is_synthetic": True}, "human@elsewhere.test"),
    (f"human@sub.{DOMAIN}", {"is_synthetic": True}, f"human@sub.{DOMAIN}"),
    (f"other@{DOMAIN}", {"is_synthetic": True}, f"human@{DOMAIN}"),
)
"""An account's e-mail and metadata, and the e-mail in the request to delete it."""


def test_accounts_in_doubt_stay(url: str, db: Connection, api: AdminApi):
    for number, (email, metadata, said) in enumerate(IN_DOUBT, 1):
        queue(db, number, human(db, email, key=number, metadata=metadata), said)
    api.per_s = 1000.0
    assert "it is not changed" in deleted(url, api)[0]
    assert len(everybody(db)) == len(IN_DOUBT)
    assert outbox.rejected(db, "auth")[0].rows == len(IN_DOUBT)
    assert removed_users(db) == 0


def test_a_service_that_is_away_keeps_requests_waiting(db: Connection, service: AuthServer, api: AdminApi):
    (user,) = people(1)
    create_users(api, [user])
    row = outbox.Row(uuid.UUID(int=1), 0, "delete", {"user_id": user["id"], "email": user["email"]})
    batch = outbox.OutboxBatch([row], historical=False)
    service.faults += [503] * admin_api.ATTEMPTS
    answer = Removals(AUTH, api).send(batch, threading.Event())
    assert (answer.taken, answer.refused, answer.later) == ([], [], [row])
    stopped = threading.Event()
    stopped.set()
    assert Removals(AUTH, api).send(batch, stopped) == Answer()
    assert len(everybody(db)) == 1
    nameless = outbox.Row(uuid.UUID(int=2), 0, "delete", {"user_id": "../users", "email": user["email"]})
    answer = Removals(AUTH, api).send(outbox.OutboxBatch([nameless], historical=False), threading.Event())
    assert [found for found, _ in answer.refused] == [nameless]


def rows(name: str, *columns: Sequence[Any]) -> pa.RecordBatch:
    schema = arrow_schema(APP.table(name))
    arrays = [pa.array(list(values), field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def signed_up(users: Sequence[User]) -> Iterator[Batch]:
    keys = [uuid.UUID(u["id"]).bytes for u in users]
    metadata = [json.dumps(u["user_metadata"]) for u in users]
    at = [SIGNED_UP] * len(users)
    yield Batch("users", "append", rows("users", keys, [u["email"] for u in users], metadata, at))
    yield Batch("identities", "append", rows("identities", keys, keys, at))
    yield Batch("viewers", "append", rows("viewers", keys, at))


def leaving(users: Sequence[User]) -> Iterator[Batch]:
    keys = pa.array([uuid.UUID(u["id"]).bytes for u in users], pa.binary(16))
    for table, owner in (("viewers", "id"), ("identities", "user_id"), ("users", "id")):
        whose = pa.RecordBatch.from_arrays([keys], names=[owner])
        yield Batch(table, "remove", whose, None if table == "identities" else whose)


@pytest.fixture
def make_sink(url: str) -> Iterator[Callable[..., tuple[psycopg.Connection, AccountsSink]]]:
    with connect(url, application_name="tests") as conn:
        yield lambda create: (conn, AccountsSink(conn, APP, create, AUTH))


def test_the_sink_makes_accounts_before_the_rows_that_refer_to_them(
    db: Connection, api: AdminApi, make_sink: Callable[..., Any]
):
    users = people(3)
    asked: list[User] = []

    def create(some: Sequence[User]) -> None:
        asked.extend(some)
        create_users(api, some)

    connection, sink = make_sink(create)
    for batch in signed_up(users):
        sink.write(batch)
    sink.flush()
    tallies = sink.tallies().tables
    connection.commit()
    assert [u["id"] for u in asked] == [u["id"] for u in users]
    assert {u["created_at"] for u in asked} == {"2026-01-09T18:30:00Z"}
    assert tallies == {name: Tally(attempted=3, written=3) for name in ("users", "identities", "viewers")}
    assert sink.tallies().tables == {}
    for table in ("users", "identities"):
        assert db.execute(f"SELECT created_at, count(*) FROM auth.{table} GROUP BY 1").fetchall() == [(SIGNED_UP, 3)]
    assert db.execute("SELECT count(*) FROM public.viewers").fetchone() == (3,)


def test_the_sink_leaves_accounts_to_be_deleted_after_their_rows(
    url: str, db: Connection, api: AdminApi, make_sink: Callable[..., Any]
):
    users = people(3)
    connection, sink = make_sink(lambda some: create_users(api, some))
    for batch in signed_up(users):
        sink.write(batch)
    connection.commit()
    sink.tallies()
    for _ in range(2):  # a window that is written again asks once
        for batch in leaving(users[:2]):
            sink.write(batch)
        sink.flush()
    tallies = sink.tallies().tables
    connection.commit()
    assert (tallies["viewers"].removed, tallies["outbox"]) == (2, Tally(attempted=2, written=2))
    assert "users" not in tallies
    assert len(everybody(db)) == 3
    assert db.execute("SELECT count(*) FROM public.viewers").fetchone() == (1,)
    api.per_s = 1000.0
    assert deleted(url, api) == []
    assert [row[0] for row in everybody(db)] == [users[2]["id"]]
    assert removed_users(db) == 2
    by_day = db.execute("SELECT table_name, day::text, removed FROM populace.day_tally ORDER BY 1").fetchall()
    assert by_day == [("identities", "2026-01-09", 2), ("users", "2026-01-09", 2)]


def test_what_the_service_refuses_is_counted_as_rejected(db: Connection, api: AdminApi, make_sink: Callable[..., Any]):
    users = people(2)
    human(db, users[1]["email"], key=5)
    connection, sink = make_sink(lambda some: create_users(api, some))
    with pytest.raises(PopulaceError, match=users[1]["email"]):
        sink.write(next(signed_up(users)))
    connection.rollback()
    assert sink.tallies().tables["users"] == Tally(attempted=2, rejected=2)


def test_a_cleanup_that_may_not_delete_accounts_says_what_to_do(
    url: str, db: Connection, monkeypatch: pytest.MonkeyPatch
):
    def forbidden(*_: object, **__: object) -> None:
        db.execute("SET ROLE anon")
        try:
            db.execute("DELETE FROM auth.users")
        finally:
            db.execute("RESET ROLE")

    # As if a population were on record.
    monkeypatch.setattr(cleanups, "owned", lambda there, on_event: [Owned(there.world, NOTHING, lives=False)])
    monkeypatch.setattr(cleanups.cleanup, "clean", forbidden)
    with pytest.raises(Refused, match=r"deliver\(channel='auth'\)"):
        cleanups.clean(contexts.at(url, APP), cleanups.CleanupRequest(world=APP.name))


def test_a_cancelled_sink_stops_between_two_calls(db: Connection, make_sink: Callable[..., Any]):
    asked: list[int] = []

    def create(some: Sequence[User]) -> None:
        asked.append(len(some))
        sink.cancel()

    _, sink = make_sink(create)
    with pytest.raises(Interrupted):
        sink.write(next(signed_up(people(3 * AT_ONCE))))
    assert asked == [AT_ONCE]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, {}, 401),
        ({"apikey": KEY}, {}, 403),
        ({"apikey": KEY, "Authorization": "Bearer no"}, {}, 403),
        ({"apikey": KEY, "Authorization": f"Bearer {KEY}"}, {"email": "nobody"}, 400),
        ({"apikey": KEY, "Authorization": f"Bearer {KEY}"}, {}, 400),
    ],
)
def test_the_stand_in_is_as_strict_as_the_service(server: EmbeddedServer, headers: Any, body: Any, status: int):
    service = AuthServer(server.url("postgres"), KEY)
    assert service.answer("POST", USERS, headers, json.dumps(body).encode())[0] == status
