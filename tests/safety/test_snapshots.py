"""Snapshots cannot lie: whatever is done to a stored one, the people are those of an undisturbed run."""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg import sql

from command import CLUB, MARKET, adopt, call, contents
from conftest import MakeDatabase
from examples import part
from hazards import Small
from populace import clock
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.engine import snapshots as packing
from populace.engine.snapshots import BUSY_UNTIL, FoldState
from populace.plan import ENGINE_VERSION
from populace.runner import ledger, records
from populace.runner.snapshot_store import SnapshotStore
from populace.spec.cohort import PERSON_BITS
from populace.worlds import registry

VISITS = Small(
    CLUB,
    words=("--scenario", "busy"),
    settings={"visit_days": 1, "rate": 1},
    now="2026-01-09T02:00:00Z",
    until="2026-01-09T02:30:00Z",
)
POOLS = Small("hogflix", now="2026-01-10T12:00:00Z", until="2026-01-10T12:30:00Z",
              settings={"persona_pool": 40, "days": 20})  # fmt: skip
CARRIED = Small(MARKET, now="2026-01-09T12:00:00Z", until="2026-01-09T18:00:00Z")


@dataclass(frozen=True)
class Lived:
    """A population whose runner has stored snapshots, in a database to be copied. after: its contents at the end."""

    small: Small
    template: str
    after: dict[str, str]

    def lives_on(self, url: str) -> dict[str, str]:
        """The contents after the rest of its time."""
        call("run", self.small.world, "--until", self.small.until, "--speed", "max", "-q", "--target", url)
        return contents(url, registry.find(self.small.world))


def lived(server: EmbeddedServer, opened_template: str, small: Small) -> Lived:
    names = [f"snapshots_{len(small.settings)}_{small.world.rpartition('/')[2]}_{use}" for use in ("kept", "lives")]
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as maintenance:

        def copy(source: str, name: str) -> None:
            maintenance.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
            )
            adopt(server.url(name))

        copy(opened_template, names[0])
        url = server.url(names[0])
        call(*small.seed, "-q", "--target", url)
        # Long enough for the snapshots to be of live windows.
        soon = later(small.now, 5)
        call("run", small.world, "--until", soon, "--speed", "max", "-q", "--target", url)
        copy(names[0], names[1])
    here = Lived(small, names[0], {})
    return replace(here, after=here.lives_on(server.url(names[1])))


@pytest.fixture(scope="module")
def visits(server: EmbeddedServer, opened_template: str) -> Lived:
    return lived(server, opened_template, VISITS)


@pytest.fixture(scope="module")
def pools(server: EmbeddedServer, opened_template: str) -> Lived:
    return lived(server, opened_template, POOLS)


@pytest.fixture(scope="module")
def carried(server: EmbeddedServer, opened_template: str) -> Lived:
    return lived(server, opened_template, CARRIED)


def later(moment: str, minutes: int) -> str:
    return clock.iso(clock.parse(moment, "tests") + minutes * clock.MINUTE_US)


def do(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def thrown_away(url: str) -> int:
    """How many the journal says were bad."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT detail->'reasons' FROM populace.journal WHERE event = 'snapshot'").fetchall()
    return sum(sum(reasons.values()) for (reasons,) in rows if reasons)


LOOSE = "ALTER TABLE populace.snapshot ALTER {} DROP NOT NULL"
FORGED = {
    "nothing": ("SELECT 1",),
    "a flipped bit": ("UPDATE populace.snapshot SET state = set_byte(state, length(state) / 2,"
                      " get_byte(state, length(state) / 2) # 1)",),
    "a flipped bit of the last byte": ("UPDATE populace.snapshot SET state = set_byte(state, length(state) - 1,"
                                       " get_byte(state, length(state) - 1) # 128)",),
    "cut short": ("UPDATE populace.snapshot SET state = substr(state, 1, length(state) / 2)",),
    "nothing in it": ("UPDATE populace.snapshot SET state = ''",),
    "something after it": ("UPDATE populace.snapshot SET state = state || state",),
    "zeros": ("UPDATE populace.snapshot SET state = decode(repeat('00', 100), 'hex')",),
    "huge": ("UPDATE populace.snapshot SET state = convert_to(repeat('x', 150000000), 'UTF8')",),
    "no state": (LOOSE.format("state"), "UPDATE populace.snapshot SET state = NULL"),
    "no signature": (LOOSE.format("mac"), "UPDATE populace.snapshot SET mac = NULL"),
    "an empty signature": ("UPDATE populace.snapshot SET mac = ''",),
    "another signature": ("UPDATE populace.snapshot SET mac = sha256(state)",),
    "no plan": (LOOSE.format("plan"), "UPDATE populace.snapshot SET plan = NULL"),
    "another plan": ("UPDATE populace.snapshot SET plan = md5(plan)",),
    "other interventions": ("UPDATE populace.snapshot SET interventions = md5(interventions)",),
    "another engine": ("UPDATE populace.snapshot SET engine = engine + 1",),
    "a later moment": ("UPDATE populace.snapshot SET as_of = as_of + interval '1 second'",),
    "a moment to come": ("UPDATE populace.snapshot SET as_of = as_of + interval '400 days'",),
    "an earlier moment": ("UPDATE populace.snapshot SET as_of = as_of - interval '1 day'",),
    "the end of time": ("UPDATE populace.snapshot SET as_of = 'infinity'",),
    "the beginning of time": ("UPDATE populace.snapshot SET as_of = '-infinity'",),
    "far away": ("UPDATE populace.snapshot SET as_of = '294000-01-01'",),
    "other members": ("UPDATE populace.snapshot SET low = low + 1, high = high + 1",),
    "nobody's members": ("UPDATE populace.snapshot SET low = -9223372036854775808, high = 9223372036854775807",),
    "members the wrong way round": ("UPDATE populace.snapshot SET low = high, high = low",),
    "another flow": ("UPDATE populace.snapshot SET flow = 'somebody else''s'",),
    "a long name": ("ALTER TABLE populace.snapshot DROP CONSTRAINT snapshot_pkey",
                    "UPDATE populace.snapshot SET flow = repeat('x', 10000000)"),
    "each of them twice": ("ALTER TABLE populace.snapshot DROP CONSTRAINT snapshot_pkey",
                           "INSERT INTO populace.snapshot SELECT * FROM populace.snapshot"),
    "thousands": ("INSERT INTO populace.snapshot SELECT 'x' || n, 0, n, as_of, plan, interventions, engine, mac, state"
                  " FROM populace.snapshot, generate_series(1, 12000) AS n LIMIT 12000",),
    "one that cannot be written": (
        "CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$",
        "CREATE TRIGGER no BEFORE INSERT OR UPDATE ON populace.snapshot FOR EACH ROW EXECUTE FUNCTION public.no()"),
    "one that cannot be read": ("DELETE FROM populace.secret",),
}  # fmt: skip
QUIET = {"nothing", "one that cannot be written", "one that cannot be read"}


@pytest.mark.parametrize("forged", part(FORGED, every=5))
def test_a_stored_snapshot_that_was_changed(visits: Lived, make_database: MakeDatabase, forged: str) -> None:
    url = make_database(visits.template)
    do(url, *FORGED[forged])
    assert visits.lives_on(url) == visits.after
    assert (thrown_away(url) == 0) == (forged in QUIET or forged == "each of them twice")


@pytest.mark.parametrize("forged", ["a flipped bit", "an earlier moment", "other members"])
@pytest.mark.parametrize("kind", ["pools", "carried"])
def test_snapshots_of_other_kinds_of_flows(
    kind: str, forged: str, make_database: MakeDatabase, request: pytest.FixtureRequest
) -> None:
    here: Lived = request.getfixturevalue(kind)
    url = make_database(here.template)
    do(url, *FORGED[forged])
    assert here.lives_on(url) == here.after
    assert thrown_away(url) > 0


# Signed with the target's own key, as only the target can: each check holds alone.

Bend = Callable[[FoldState], FoldState | bytes]


def with_field(name: str, change: Callable[[Any], Any], state: FoldState) -> FoldState:
    return FoldState(state.as_of_us, {**state.fields, name: change(state.fields[name].copy())})


def at(as_of_us: Callable[[int], int], state: FoldState) -> FoldState:
    return FoldState(as_of_us(state.as_of_us), state.fields)


def with_header(header: object, values: bytes, state: FoldState) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(4) + text + values


def saved(array: Any, state: FoldState) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


def first(value: Any, values: Any) -> Any:
    values.flat[0] = value
    return values


BOMB = zlib.compress(b"\0" * (64 << 20), 9)
BENT: dict[str, Bend] = {
    "fewer members": partial(with_field, BUSY_UNTIL, lambda v: v[:-1]),
    "more members": partial(with_field, BUSY_UNTIL, lambda v: np.r_[v, v]),
    "another shape": partial(with_field, BUSY_UNTIL, lambda v: v.reshape(-1, 1)),
    "another type": partial(with_field, BUSY_UNTIL, lambda v: v.astype(np.int32)),
    "no number": partial(with_header, [[BUSY_UNTIL, "<f8", [1]]], zlib.compress(np.array([np.nan]).tobytes())),
    "negative": partial(with_field, BUSY_UNTIL, partial(first, -5)),
    "busy for ever": partial(with_field, BUSY_UNTIL, partial(first, 2**62)),
    "a field less": lambda state: FoldState(state.as_of_us, {BUSY_UNTIL: state.fields[BUSY_UNTIL]}),
    "a field more": lambda state: FoldState(state.as_of_us, {**state.fields, "more": state.fields[BUSY_UNTIL]}),
    "before anybody came": partial(at, lambda us: us - 4_000 * clock.DAY_US),
    "a moment to come": partial(at, lambda us: us + clock.DAY_US),
    "pickled": partial(saved, np.array([print], dtype=object)),
    "an archive": partial(saved, np.zeros(3)),
    "a bomb": partial(with_header, [[BUSY_UNTIL, "<i8", [8 << 20]]], BOMB),
    "a bomb that says that it is small": partial(with_header, [[BUSY_UNTIL, "<i8", [1]]], BOMB),
    "one that claims too much": partial(with_header, [[BUSY_UNTIL, "<i8", [1 << 60]]], b""),
    "one that claims nothing": partial(with_header, [[BUSY_UNTIL, "<i8", [-1]]], b""),
    "the same field twice": partial(with_header, [[BUSY_UNTIL, "<i8", [0]], [BUSY_UNTIL, "<i8", [0]]], b""),
    "a nested header": partial(with_header, b"[" * 60_000, b""),
    "no header": partial(with_header, {"a": 1}, b""),
    "a number of many digits": partial(with_header, b'[["x", "<i8", [' + b"9" * 5_000 + b"]]]", b""),
    "a header that goes on": lambda state: (1 << 31).to_bytes(4) + b"[]",
}  # fmt: skip
BENT_POOLS: dict[str, Bend] = {
    "of a pool elsewhere": partial(with_field, "person", partial(first, 7 << 40)),
    "of no pool": partial(with_field, "person", partial(first, -1)),
    "who never signed up": partial(with_field, "person", partial(first, (1 << PERSON_BITS) - 1)),
    "somebody twice": partial(with_field, "person", lambda v: first(v[1], v)),
    "in no state": partial(with_field, "state", partial(first, 120)),
    "of a negative state": partial(with_field, "state", partial(first, -1)),
    "of no habit": partial(with_field, "pattern", partial(first, 100)),
    "of no segment": partial(with_field, "segment", partial(first, 100)),
    "too engaged": partial(with_field, "score", partial(first, 30_000)),
    "who joined tomorrow": partial(with_field, "joined_day", partial(first, 2**30)),
    "neither here nor there": partial(with_field, "came", lambda v: first(2, v.view(np.uint8)).view(np.bool_)),
    "at noon": partial(at, lambda us: us - 3_600_000_000),
    "in 1600": partial(at, lambda us: us - 150_000 * clock.DAY_US),
}  # fmt: skip


def bend(url: str, here: Lived, change: Bend) -> int:
    """Change every stored snapshot, signed by the target; how many there are."""
    with connect(url, application_name="tests", autocommit=True) as connection:
        world = registry.find(here.small.world)
        plan = records.stored_plan(connection, world, records.finished(connection, world))
        mark_us = ledger.watermark(connection)
        assert mark_us is not None
        store = SnapshotStore(connection)
        held = list(store.load(plan, mark_us).each())
        assert held
        for key, state in held:
            assert key[2] == ENGINE_VERSION
            bent = change(state)
            as_of_us = state.as_of_us if isinstance(bent, bytes) else bent.as_of_us
            packed = bent if isinstance(bent, bytes) else bent.packed()
            assert packed is not None
            connection.execute(records.SQL["set_snapshot"], store._row(key, as_of_us, packed))
        return len(held)


@pytest.mark.parametrize("bent", part(BENT, every=5))
def test_a_signed_snapshot_of_visits_that_cannot_be(visits: Lived, make_database: MakeDatabase, bent: str) -> None:
    url = make_database(visits.template)
    many = bend(url, visits, BENT[bent])
    assert visits.lives_on(url) == visits.after
    assert thrown_away(url) == many


@pytest.mark.parametrize("bent", part(BENT_POOLS, every=5))
def test_a_signed_snapshot_of_pools_that_cannot_be(pools: Lived, make_database: MakeDatabase, bent: str) -> None:
    url = make_database(pools.template)
    many = bend(url, pools, BENT_POOLS[bent])
    assert pools.lives_on(url) == pools.after
    assert thrown_away(url) == many


def test_a_signed_snapshot_of_a_schedule_that_cannot_be(carried: Lived, make_database: MakeDatabase) -> None:
    url = make_database(carried.template)
    many = bend(url, carried, partial(with_field, "sold", lambda v: v[:, :0]))
    assert carried.lives_on(url) == carried.after
    assert thrown_away(url) == many


def test_an_older_snapshot_that_was_put_back_is_as_good(visits: Lived, make_database: MakeDatabase) -> None:
    url = make_database(visits.template)
    do(url, "CREATE TABLE public.kept AS SELECT * FROM populace.snapshot")
    half = later(visits.small.now, 15)
    call("run", visits.small.world, "--until", half, "--speed", "max", "-q", "--target", url)
    do(url, "DELETE FROM populace.snapshot", "INSERT INTO populace.snapshot SELECT * FROM public.kept")
    assert visits.lives_on(url) == visits.after
    assert thrown_away(url) == 0


def test_the_secret_of_another_target_signs_nothing_here(visits: Lived, make_database: MakeDatabase) -> None:
    url = make_database(visits.template)
    do(url, "DELETE FROM populace.secret", "INSERT INTO populace.secret DEFAULT VALUES")
    assert visits.lives_on(url) == visits.after
    assert thrown_away(url) > 0


def test_bad_ones_are_gone_and_the_doctor_says_so(visits: Lived, make_database: MakeDatabase) -> None:
    url = make_database(visits.template)
    do(url, *FORGED["thousands"])
    soon = later(visits.small.now, 6)
    call("run", visits.small.world, "--until", soon, "--speed", "max", "-q", "--target", url)
    assert "snapshots were thrown away" in call("doctor", "--target", url, "--world", visits.small.world).stdout
    call("run", visits.small.world, "--until", visits.small.until, "--speed", "max", "-q", "--target", url)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) < 10 FROM populace.snapshot").fetchone() == (True,)


def test_whoever_looks_deletes_nothing(visits: Lived, make_database: MakeDatabase) -> None:
    url = make_database(visits.template)
    do(url, *FORGED["a flipped bit"])
    call("run-now", "3", "--target", url)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM populace.snapshot").fetchone() == (True,)


def test_only_the_owner_reads_the_secret(visits: Lived, make_database: MakeDatabase) -> None:
    url = make_database(visits.template)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA populace TO anon, service_role")
        connection.execute("GRANT USAGE ON SCHEMA populace TO anon, service_role")
        connection.execute("SET ROLE anon")
        assert connection.execute("SELECT * FROM populace.secret").fetchall() == []
        connection.execute("RESET ROLE")
        (length,) = connection.execute("SELECT length(value) FROM populace.secret").fetchone() or (0,)
        assert length == 32


def test_what_is_too_large_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    state = FoldState(0, {"a": np.zeros(1_000, dtype=np.int64)})
    packed = state.packed()
    assert packed is not None
    assert np.array_equal(FoldState.unpacked(0, packed).fields["a"], state.fields["a"])
    monkeypatch.setattr(packing, "MOST_BYTES", 7_999)
    assert state.packed() is None
    with pytest.raises(ValueError, match="too large"):
        FoldState.unpacked(0, packed)


@pytest.mark.parametrize("fields", [
    {}, {"none": np.zeros(0, dtype=np.int64)}, {"wide": np.arange(6, dtype=np.int16).reshape(2, 3)},
    {"é \" busy": np.array([True, False]), "b": np.array([-(2**63), 2**63 - 1])},
])  # fmt: skip
def test_packing_keeps_every_kind_of_field(fields: dict[str, Any]) -> None:
    packed = FoldState(5, fields).packed()
    assert packed is not None
    state = FoldState.unpacked(5, packed)
    assert state.as_of_us == 5
    assert {n: (f.dtype, f.shape, f.tolist()) for n, f in state.fields.items()} == {
        n: (f.dtype, f.shape, f.tolist()) for n, f in fields.items()
    }


def test_any_bytes_are_a_state_or_a_reason() -> None:
    packed = FoldState(0, {"a": np.arange(50), "b": np.zeros((3, 2), dtype=np.int8)}).packed()
    assert packed is not None
    for place in range(len(packed)):
        for bit in range(8):
            bent = bytearray(packed)
            bent[place] ^= 1 << bit
            with suppress(ValueError):
                FoldState.unpacked(0, bytes(bent))
        with pytest.raises(ValueError, match=r"\w"):
            FoldState.unpacked(0, packed[:place])
