"""What a sink owes, on both of ours; and what only a server can do: refuse, count, wait."""

from __future__ import annotations

import itertools
import json
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from club import WORLD
from populace import clock
from populace.batch import ARROW, Batch
from populace.database.connection import Connection, connect
from populace.database.statements import split
from populace.engine import Snapshots, Window, generate, whole
from populace.engine.tables import arrow_schema
from populace.errors import CheckFailed, TargetUnavailable
from populace.plan import Plan, resolve
from populace.sinks import encoding
from populace.sinks.memory import MemorySink
from populace.sinks.parquet import ParquetSink, folder_name
from populace.sinks.pipeline import Pipeline
from populace.sinks.postgres import PostgresSink
from populace.sinks.sink import Sink, Tallies, Tally
from populace.spec import Column, Table
from populace.spec.table import TYPES
from tiny import MARK

Rows = dict[tuple[Any, ...], dict[str, Any]]
Act = Literal["append", "merge", "remove"]

EPOCH_US = clock.parse("2026-01-09T00:00:00Z", "test")
AT = datetime(2026, 1, 9, 18, 30, 0, 123_457, tzinfo=UTC)
EARLIER = datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)

SAMPLES: Mapping[str, list[Any]] = {
    "uuid": [bytes(16), bytes(range(16)), b"\xff" * 16],
    "text": ["", "plain", "tab\tnew\nline\rquote'\"back\\slash\\N \\. ,; ", "Zoë 東京 🌧️ \u200b\u0301", "x" * 70_000],
    "int4": [0, -1, 2**31 - 1, -(2**31)],
    "int8": [0, -1, 2**63 - 1, -(2**63)],
    "float8": [0.0, -0.1, 1e308, float("inf")],
    "bool": [True, False],
    "timestamptz": [AT, EARLIER, datetime(2099, 12, 31, 23, 59, 59, 1, tzinfo=UTC)],
    "date": [date(2026, 1, 9), date(1969, 12, 31), date(2099, 12, 31)],
    "numeric": [Decimal("0.00"), Decimal("-0.01"), Decimal("123456789012.34")],
    "jsonb": ["{}", "null", '[1,"two",null]', '{"quote":"\\"\\\\","newline":"\\n","Zoë":"🌧️","n":-1.50}'],
    "text[]": [[], ["one"], ["", None, "NULL"], ["{a,b}", 'quote"', "back\\slash", "東京"]],
}

THINGS = Table(
    name="things",
    schema='odd "schema',
    columns=(
        Column("id", "uuid"),
        Column("owner", "uuid"),
        *(Column(f"a {kind}", kind, nullable=True, moment="happened") for kind in TYPES),
        Column("created_at", "timestamptz", moment="happened"),
    ),
    key=("id",),
    root="person",
    mark=MARK,
    mode="merge",
    owner="owner",
)
KEYS_ONLY = replace(THINGS, name="keys", columns=THINGS.columns[:2], key=("owner", "id"))
ODD = replace(WORLD, tables=(*WORLD.tables, THINGS, KEYS_ONLY))
CREATE_ODD = (
    'CREATE SCHEMA "odd ""schema"',
    'CREATE TABLE "odd ""schema".things (of_the_app text DEFAULT \'kept\', id uuid PRIMARY KEY, owner uuid NOT NULL, '
    + "".join(f'"a {kind}" {kind}, ' for kind in TYPES)
    + 'created_at timestamptz NOT NULL, CHECK ("a int4" <> 13))',
    'CREATE TABLE "odd ""schema".keys (id uuid, owner uuid, PRIMARY KEY (id, owner))',
)


def create(connection: Connection, *names: str) -> None:
    """Run files of the club's schema and commit."""
    for name in names:
        for statement in split(files(WORLD.package).joinpath("schema", name).read_text(encoding="utf-8")):
            connection.execute(statement)
    connection.commit()


@pytest.fixture
def odd(opened: Connection) -> Connection:
    """A database with the tables `things` and `keys`."""
    for statement in CREATE_ODD:
        opened.execute(statement)
    opened.commit()
    return opened


def plain(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row in values that all sinks can be compared in."""
    out = {}
    for column in table.columns:
        value = row[column.name]
        if value is not None and column.type == "uuid":
            value = uuid.UUID(value) if isinstance(value, str) else value
            value = value if isinstance(value, bytes) else value.bytes
        elif isinstance(value, str) and column.type == "jsonb":
            value = json.loads(value)
        out[column.name] = value
    return out


def in_memory(sink: MemorySink, table: Table) -> Rows:
    return {key: plain(table, row) for key, row in sink.rows[table.name].items()}


def on_server(connection: Connection, table: Table) -> Rows:
    # JSON as text, for psycopg would read a JSON null as a null.
    columns = [
        psycopg.sql.SQL("{}::text" if c.type == "jsonb" else "{}").format(psycopg.sql.Identifier(c.name))
        for c in table.columns
    ]
    query = psycopg.sql.SQL("SELECT {} FROM {}").format(
        psycopg.sql.SQL(", ").join(columns), psycopg.sql.Identifier(table.schema, table.name)
    )
    found = connection.execute(query).fetchall()
    return by_keys(table, [dict(zip([c.name for c in table.columns], row, strict=True)) for row in found])


def in_files(folder: Path, table: Table) -> Rows:
    place = folder / folder_name(table)
    return by_keys(table, pq.read_table(place).to_pylist()) if place.exists() else {}


def by_keys(table: Table, found: Iterable[Mapping[str, Any]]) -> Rows:
    rows = [plain(table, row) for row in found]
    by_key = {tuple(row[name] for name in table.key): row for row in rows}
    assert len(by_key) == len(rows)
    return by_key


Rig = tuple[Sink, Callable[[Table], Rows]]


@pytest.fixture(params=["memory", "postgres"])
def rig(request: pytest.FixtureRequest) -> Rig:
    """A sink for the world ODD, and how to read what it holds."""
    return make_rig(request)


@pytest.fixture(params=["memory", "postgres", "parquet"])
def any_rig(request: pytest.FixtureRequest) -> Rig:
    """The same, also of a sink in which nothing that was written is ever changed or removed."""
    return make_rig(request)


def make_rig(request: pytest.FixtureRequest) -> Rig:
    if request.param == "parquet":
        folder: Path = request.getfixturevalue("tmp_path")
        files_sink = ParquetSink(folder, ODD, "slice")

        def held(table: Table) -> Rows:
            files_sink.flush()
            files_sink.commit()
            return in_files(folder, table)

        return files_sink, held
    if request.param == "memory":
        memory = MemorySink(ODD)
        return memory, lambda table: in_memory(memory, table)
    connection = request.getfixturevalue("odd")
    return PostgresSink(connection, ODD), lambda table: on_server(connection, table)


def key(number: int) -> bytes:
    """A key as ours are: of version 8."""
    return (8 << 76 | number).to_bytes(16, "big")


def things(*rows: Mapping[str, Any], act: Act = "append") -> Batch:
    """A batch of things; what is not given is null, `created_at` and `owner` always the same."""
    whole_rows = [{**{c.name: None for c in THINGS.columns}, "owner": key(1), "created_at": AT, **row} for row in rows]
    return Batch("things", act, pa.RecordBatch.from_pylist(whole_rows, schema=arrow_schema(THINGS)))


def owners(*numbers: int, rows: Iterable[int] = (), table: str = "things") -> Batch:
    """The removal of some owners. rows: those of theirs that Populace wrote."""
    keys, proof = (pa.array([key(n) for n in some], ARROW["uuid"]) for some in (numbers, rows))
    whose = pa.RecordBatch.from_arrays([keys], names=["owner"])
    return Batch(table, "remove", whose, pa.RecordBatch.from_arrays([proof], names=["id"]))


def only(tallies: Tallies) -> Tally:
    (tally,) = tallies.tables.values()
    return tally


# The contract


def test_every_type_arrives_as_it_left(any_rig: Rig) -> None:
    sink, held = any_rig
    rows = [
        {"id": key(n), **{f"a {kind}": values[n % len(values)] for kind, values in SAMPLES.items()}} for n in range(60)
    ]
    rows += [{"id": key(100 + n), f"a {kind}": SAMPLES[kind][1]} for n, kind in enumerate(TYPES)]
    rows.append({"id": key(200)})
    batch = things(*rows)
    sink.write(batch)
    assert list(held(THINGS).values()) == [plain(THINGS, row) for row in batch.rows.to_pylist()]
    assert only(sink.tallies()) == Tally(attempted=61 + len(TYPES), written=61 + len(TYPES))
    assert sink.tallies() == Tallies()


def test_a_batch_may_be_a_slice_of_a_larger_one(any_rig: Rig) -> None:
    sink, held = any_rig
    lists = [["a"], None, ["b", None], [], ["c"]]
    rows = things(*({"id": key(n), "a text[]": lists[n % 5], "a text": f"<{n}>"} for n in range(50))).rows
    sink.write(Batch("things", "append", rows.slice(11, 7)))
    assert list(held(THINGS).values()) == [plain(THINGS, row) for row in rows.slice(11, 7).to_pylist()]


def test_how_rows_are_sliced_for_encoding_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = things(*({"id": key(n), "a text[]": SAMPLES["text[]"][n % 4], "a text": "x" * n} for n in range(50))).rows
    at_once = b"".join(encoding.copy_bytes(THINGS, rows))
    monkeypatch.setattr(encoding, "SLICE_BYTES", 100)
    assert b"".join(encoding.copy_bytes(THINGS, rows)) == at_once


def test_a_merge_adds_what_is_new_and_keeps_key_and_creation(rig: Rig) -> None:
    sink, held = rig
    sink.write(things({"id": key(1), "a text": "old", "a bool": True}, {"id": key(2), "a text": "stays"}))
    sink.write(things({"id": key(1), "a text": "new", "created_at": EARLIER}, {"id": key(3)}, act="merge"))
    sink.write(things({"id": key(3), "a int4": 3}, act="merge"))
    sink.write(things({"id": key(3), "a int4": 4}, act="merge"))
    rows = held(THINGS)
    assert [rows[key(n),]["a text"] for n in (1, 2, 3)] == ["new", "stays", None]
    assert rows[key(1),]["a bool"] is None
    assert rows[key(1),]["created_at"] == AT
    assert rows[key(3),]["a int4"] == 4
    assert only(sink.tallies()) == Tally(attempted=6, written=6)


def test_a_merge_of_rows_that_are_all_key_counts_them(rig: Rig) -> None:
    sink, held = rig
    rows = pa.RecordBatch.from_pylist([{"id": key(1), "owner": key(2)}], schema=arrow_schema(KEYS_ONLY))
    for _ in range(2):
        sink.write(Batch("keys", "merge", rows))
    assert list(held(KEYS_ONLY)) == [(key(2), key(1))]
    assert only(sink.tallies()) == Tally(attempted=2, written=2)


def test_a_removal_takes_every_row_of_an_owner_and_nothing_else(rig: Rig) -> None:
    sink, held = rig
    sink.write(things(*({"id": key(n), "owner": key(n % 3)} for n in range(9))))
    sink.write(owners(0, 2, 77, rows=(0, 2, 3, 5, 6, 8, 99)))
    sink.flush()
    assert sorted(held(THINGS)) == [(key(n),) for n in (1, 4, 7)]
    assert only(sink.tallies()) == Tally(attempted=9, written=9, removed=6)


def test_empty_batches_change_nothing(any_rig: Rig) -> None:
    sink, held = any_rig
    sink.write(things({"id": key(1)}))
    sink.tallies()
    for batch in (things(), things(act="merge"), owners()):
        sink.write(batch)
    assert len(held(THINGS)) == 1
    assert sink.tallies().written == 0


def test_a_key_cannot_be_appended_twice(rig: Rig) -> None:
    sink, _ = rig
    sink.write(things({"id": key(1)}))
    with pytest.raises((ValueError, CheckFailed)):
        sink.write(things({"id": key(1)}))


# The club, in memory and on a server


@pytest.fixture(scope="module")
def club() -> Plan:
    return resolve(WORLD, "busy", seed=7, epoch_us=EPOCH_US, overrides={"visit_days": 1, "rate": 1})


def windows(plan: Plan) -> Iterator[Window]:
    """History, a minute, an hour, days: an odd cut that ends two days after the epoch."""
    ends = [EPOCH_US - clock.DAY_US // 3, EPOCH_US, EPOCH_US + clock.MINUTE_US, EPOCH_US + clock.HOUR_US]
    ends += [EPOCH_US + clock.DAY_US, EPOCH_US + 2 * clock.DAY_US]
    return itertools.starmap(Window, itertools.pairwise([plan.origin_us, *ends]))


def live(plan: Plan, sink: Sink, commit: Callable[[], object] = lambda: None) -> set[str]:
    """Write every window; which acts there were."""
    acts, snapshots = set(), Snapshots()
    for window in windows(plan):
        for batch in generate(plan, whole(plan), window, None, snapshots, proofs=True):
            acts.add(batch.act)
            sink.write(batch)
        sink.flush()
        commit()
    return acts


def test_the_club_lives_the_same_in_memory_and_on_a_server(opened: Connection, club: Plan) -> None:
    create(opened, "1_tables.sql", "2_constraints.sql")
    memory, server = MemorySink(WORLD), PostgresSink(opened, WORLD)
    assert live(club, memory) == {"append", "merge", "remove"}
    live(club, server, opened.commit)
    for table in WORLD.tables:
        assert on_server(opened, table) == in_memory(memory, table), table.name
    counted = memory.tallies()
    assert server.tallies() == counted
    visits = counted.of("visits")
    assert visits.removed > 0
    assert visits.written > len(memory.rows["visits"]) + visits.removed  # some were merged


def test_a_bulk_load_ends_where_life_does(
    opened: Connection, club: Plan, make_database: Callable[..., str], tmp_path: Path
) -> None:
    create(opened, "1_tables.sql", "2_constraints.sql")
    live(club, PostgresSink(opened, WORLD), opened.commit)
    until_us = max(window.end_us for window in windows(club))
    with connect(make_database(), application_name="tests") as loaded:
        create(loaded, "1_tables.sql")
        sink = PostgresSink(loaded, WORLD, bulk=True)
        with Pipeline(sink) as front:
            for batch in generate(club, whole(club), Window(club.origin_us, until_us)):
                front.write(batch)
        held = WORLD.table("visits")
        assert on_server(loaded, held) == {}
        front.flush()
        loaded.commit()
        create(loaded, "2_constraints.sql")
        for table in WORLD.tables:
            assert on_server(loaded, table) == on_server(opened, table), table.name
            assert sink.tallies().of(table.name).rejected == 0
    with ParquetSink(tmp_path, WORLD, "all") as files_sink:
        for batch in generate(club, whole(club), Window(club.origin_us, until_us)):
            files_sink.write(batch)
        files_sink.flush()
        files_sink.commit()
    for table in WORLD.tables:
        assert in_files(tmp_path, table) == on_server(opened, table), table.name


# What the server says


def test_nothing_is_committed_by_the_sink(odd: Connection) -> None:
    PostgresSink(odd, ODD).write(things({"id": key(1)}, act="merge"))
    odd.rollback()
    assert on_server(odd, THINGS) == {}


def test_a_merge_works_again_after_a_rollback(odd: Connection) -> None:
    sink = PostgresSink(odd, ODD)
    sink.write(things({"id": key(1)}, act="merge"))
    odd.rollback()
    sink.write(things({"id": key(2)}, act="merge"))
    odd.commit()
    sink.write(things({"id": key(3)}, act="merge"))
    odd.commit()
    assert sorted(on_server(odd, THINGS)) == [(key(2),), (key(3),)]


@pytest.mark.parametrize("act", ["append", "merge"])
def test_rows_that_a_trigger_swallows_count_as_rejected(odd: Connection, act: Act) -> None:
    odd.execute(
        'CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS \'BEGIN RETURN CASE WHEN NEW."a bool" '
        "THEN NEW END; END'"
    )
    odd.execute('CREATE TRIGGER swallow BEFORE INSERT ON "odd ""schema".things FOR EACH ROW EXECUTE FUNCTION swallow()')
    sink = PostgresSink(odd, ODD)
    sink.write(things(*({"id": key(n), "a bool": n < 3} for n in range(5)), act=act))
    assert len(on_server(odd, THINGS)) == 3
    assert only(sink.tallies()) == Tally(attempted=5, written=3, rejected=2)


@pytest.mark.parametrize("act", ["append", "merge"])
def test_what_the_server_refuses_is_reported_and_counted(odd: Connection, act: Act) -> None:
    sink = PostgresSink(odd, ODD)
    with pytest.raises(CheckFailed, match=r'writing odd "schema\.things.*things_a int4_check'):
        sink.write(things({"id": key(1)}, {"id": key(2), "a int4": 13}, act=act))
    assert only(sink.tallies()) == Tally(attempted=2, rejected=2)
    odd.rollback()
    assert on_server(odd, THINGS) == {}


def test_a_batch_with_other_columns_is_a_defect(odd: Connection) -> None:
    rows = things({"id": key(1)}).rows
    with pytest.raises(ValueError, match="the batch has the columns owner, id"):
        PostgresSink(odd, ODD).write(Batch("things", "append", rows.select(["owner", "id"])))
    odd.rollback()
    assert on_server(odd, THINGS) == {}


# In the background


def feed(sink: Sink, batches: Iterable[Batch]) -> None:
    with Pipeline(sink) as front:
        for batch in batches:
            front.write(batch)


def writers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "populace-writer"]


def test_a_refusal_of_the_server_comes_through_once(odd: Connection) -> None:
    sink = PostgresSink(odd, ODD)
    with pytest.raises(CheckFailed, match="a int4_check"):
        feed(sink, (things({"id": key(number), "a int4": 13 if number == 5 else 0}) for number in range(1000)))
    assert only(sink.tallies()) == Tally(attempted=6, written=5, rejected=1)
    odd.rollback()
    assert on_server(odd, THINGS) == {}
    assert writers() == []


def test_ctrl_c_ends_a_statement_that_waits_for_a_lock(odd: Connection, opened_url: str) -> None:
    with connect(opened_url, application_name="holder") as holder, connect(opened_url, application_name="seer") as seer:
        seer.autocommit = True
        holder.execute('LOCK TABLE "odd ""schema".things')

        def interrupted() -> Iterator[Batch]:
            yield things({"id": key(1)})
            while not seer.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall():
                clock.sleep(0.01)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            feed(PostgresSink(odd, ODD), interrupted())
        assert writers() == []
        odd.rollback()
        assert holder.execute('SELECT count(*) FROM "odd ""schema".things').fetchone() == (0,)


def test_a_lost_connection_is_reported_as_such(odd: Connection, opened_url: str) -> None:
    with connect(opened_url, application_name="killer", autocommit=True) as killer:
        killer.execute("SELECT pg_terminate_backend(%s, 5000)", (odd.info.backend_pid,))
    with pytest.raises(TargetUnavailable, match="connection was lost"):
        feed(PostgresSink(odd, ODD), (things({"id": key(number)}) for number in range(1000)))
    assert writers() == []
