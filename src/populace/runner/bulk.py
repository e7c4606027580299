"""The first window: tables, then every slice from the beginning of history to the seed's now, then keys and indexes.

Cut by slice, never by time. Each slice and its ledger row commit together, statements of 2_constraints.sql and their
records commit together: a seed that was killed continues with what is missing.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from functools import partial
from importlib.resources import files

import psycopg
from psycopg.sql import SQL, Identifier

from populace import clock
from populace.database import fulfilled, made, privileges, queries, sequences, views
from populace.database.connection import Connection, is_lost, translate
from populace.database.pins import Backend
from populace.database.renewing import renew
from populace.database.statements import split, without_comments
from populace.engine import Shard, Snapshots, Window, folds
from populace.engine.snapshots import FoldState, SnapshotKey
from populace.errors import BadInput, Interrupted, Remedy
from populace.event import Listener, Stage
from populace.plan import Plan
from populace.runner import lease, ledger, records, retention, window
from populace.runner.executors import Executor
from populace.runner.integrations import Integrations
from populace.runner.shard import Work
from populace.runner.snapshot_store import SnapshotStore
from populace.sinks.postgres import PostgresSink
from populace.sinks.sink import Tallies
from populace.spec import OUTBOX, World

ROWS_A_PIECE = 1_500_000
"""About so many rows are written a transaction: what a kill can cost. Memory does not depend on it."""


TableName = tuple[str, str]
"""Schema and name."""
Beside = Callable[[], AbstractContextManager[tuple[Connection, Callable[[], None]]]]
"""Opens a second session, and gives with it what has to be called first in each transaction of it."""


def script(world: World, name: str) -> list[str]:
    """The statements of a file in the world's schema folder."""
    return split(files(world.package).joinpath("schema").joinpath(name).read_text(encoding="utf-8"))


def create_tables(connection: Connection, world: World) -> None:
    """Run 1_tables.sql, in the connection's open transaction, and record what it makes."""
    statements = script(world, "1_tables.sql")
    with privileges.watching(connection, ";".join(statements)), made.recording(connection):
        run_all(connection, world, "1_tables.sql", statements)


def constrain(connection: Connection, world: World, ran: Collection[int] = ()) -> None:
    """Run 2_constraints.sql in the connection's open transaction, but for the statements of these numbers, and record
    what it makes.

    Raises BadInput when something in the target is in the way of a statement.
    """
    statements = script(world, "2_constraints.sql")
    with privileges.watching(connection, ";".join(statements)), made.recording(connection):
        left = [statement for number, statement in enumerate(statements) if number not in ran]
        run_all(connection, world, "2_constraints.sql", left)


def run_all(connection: Connection, world: World, file: str, statements: Sequence[str]) -> None:
    """Run statements as `_run` does: several in one message, and one by one only where that fails."""
    if len(statements) > 1:
        try:
            with connection.transaction():
                connection.execute(";\n".join(statements))
        except psycopg.Error as error:
            if is_lost(error):
                raise
        else:
            return
    for statement in statements:
        _run(connection, world, file, statement)


def _run(connection: Connection, world: World, file: str, statement: str) -> None:
    """Run a statement of a world's schema, unless what it wants is there already and says the same. Raises BadInput for
    what is in its way.
    """
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.Error as error:
        if isinstance(error, fulfilled.EXISTS) and fulfilled.is_fulfilled(connection, statement):
            return
        raise translate(error, "trying the world's schema") or BadInput(
            f"a statement cannot run in this target: {error.diag.message_primary}",
            where=f"{world.name}.schema/{file}",
            given=" ".join(without_comments(statement).split()),
            todo="remove or rename what is in the way, or seed an empty database",
        ) from error


@contextmanager
def rehearsing(connection: Connection, world: World) -> Iterator[None]:
    """Run 2_constraints.sql on the empty tables and roll it back, so that nothing is loaded that cannot be finished;
    inside, the tables are as they will be, and what is done to them is taken back too."""
    with connection.transaction(force_rollback=True):
        constrain(connection, world)
        yield


class SliceWriter:
    """Writes slices of a plan from the beginning of its history to the end of its first window, each with its records
    in a transaction of its own. What comes of a slice are its tallies: none when it was written before.

    connection: with no transaction open, or each slice's own would be a part of it. led_by: the session of the leader,
    when that is another one. renewing: roots with many rows, where nobody else writes: what is still empty of their
    tables gets a new file, which only this session sees until the slice is committed. snapshots: spare the fold what
    they know, and keep what the next window begins with.
    """

    def __init__(
        self,
        connection: Connection,
        plan: Plan,
        until_us: int,
        *,
        in_place: bool,
        integrations: Integrations,
        led_by: Backend | None = None,
        renewing: Collection[str] = (),
        snapshots: Snapshots | None = None,
    ) -> None:
        self._connection = connection
        self._plan = plan
        self._until_us = until_us
        self._heard = integrations.heard
        self._sink = integrations.sink(connection, plan.world, bulk=not in_place)
        self._led_by = led_by
        self._snapshots = snapshots
        self._renewing = {
            root: {plan.world.table(name).full_name for flow in plan.world.flows if flow.root == root
                   for name in flow.tables if name != OUTBOX.name and plan.world.table(name).hashed}
            for root in renewing
        }  # fmt: skip

    def __call__(self, piece: ledger.Piece) -> Tallies:
        """Write a slice."""
        try:
            return self._write(piece)
        except psycopg.errors.UniqueViolation as error:
            if self._led_by is None or (error.diag.schema_name, error.diag.table_name) != ("populace", "ledger"):
                raise
            # Somebody who was taken for dead has written it meanwhile, and what this one wrote is taken back.
            return Tallies()

    def _write(self, piece: ledger.Piece) -> Tallies:
        connection = self._connection
        with connection.transaction():
            if self._led_by is not None:
                lease.work_for(connection, self._led_by)
                if ledger.has(connection, piece):
                    return Tallies()
            if isinstance(self._sink, PostgresSink):
                self._sink.renewed = renew(connection, self._renewing.get(piece.root, ()))
            work = Work(
                plan=self._plan,
                shard=Shard({piece.root: (piece.low, piece.high)}),
                window=Window(self._plan.origin_us, self._until_us),
                snapshots=self._snapshots,
                heard=self._heard,
            )
            record = partial(ledger.add, connection, piece, self._until_us)
            return window.write(connection, self._sink, work, record=record).tallies


def load(
    connection: Connection,
    plan: Plan,
    record: records.PlanRecord,
    *,
    executor: Executor,
    write: Callable[[ledger.Piece], Tallies],
    rows_by_root: Mapping[str, int],
    integrations: Integrations,
    on_event: Listener,
    stop: threading.Event,
) -> Tallies:
    """Write every slice that is missing. write: does it with one of them, where the executor has it done.

    rows_by_root: estimated, they decide how roots are cut and what is shown.
    """
    parts = {root: max(-(-rows // ROWS_A_PIECE), executor.workers) for root, rows in rows_by_root.items()}
    pieces = ledger.missing(connection, plan, parts)
    connection.commit()
    stage, done, tallies = Stage(on_event, "rows", "rows", sum(rows_by_root.values())), 0, Tallies()
    began, left = clock.monotonic(), [piece.root for piece in pieces]
    if left:
        stage.at(0, left[0])
    # Rows that refer to later ones are whole at the end of a transaction: then all slices are in one.
    whole = connection.transaction() if plan.world.deferred else nullcontext()
    with whole, closing(executor.map(write, pieces, stop)) as written:
        for _, wrote in written:
            del left[0]
            with connection.transaction():
                records.set_state(connection, "seeding", clock.monotonic() - began)
            began = clock.monotonic()
            tallies.add(wrote)
            done += wrote.written
            if left:
                stage.at(done, left[0])
        if left and plan.world.deferred:
            raise Interrupted("stopped; nothing is written yet", todo=Remedy(text="run {} again"))
    if left:
        raise Interrupted("stopped; what is written stays", todo=Remedy(text="run {} again to continue"))
    with connection.transaction():
        integrations.covers(connection, Window(plan.origin_us, record.seeded_to_us))
    stage.over(done, "written")
    return tallies


def finish(
    connection: Connection,
    plan: Plan,
    until_us: int,
    *,
    wall: bool,
    beside: Beside | None = None,
    known: TableName | None = None,
    snapshots: Snapshots | None = None,
) -> None:
    """The seed is complete: one ledger row a root, a clock, views, statistics and sequences that know the new rows.

    beside: opens a second session, for statistics of the largest table. It asks for no lock that this one has: that is
    a table, and no view that was refreshed. known: the largest table, where the planner knows it already. What the
    first window begins with is folded while the server is at work, as far as snapshots do not know it.
    """
    store = SnapshotStore(connection)
    connection.commit()
    with _folding(store, folds(plan, until_us, snapshots)) as folded, connection.transaction():
        sequences.pass_rows(connection, plan.world.tables)
        views.refresh(connection, plan.world.tables)
        ledger.merge_slices(connection)
        old = retention.due(connection, plan, Window(plan.epoch_us, until_us))
        if old is not None:
            retention.daily(connection, plan.world, old)
        now_us = clock.now_us()
        mode = records.ClockRecord("wall" if wall else "free", 1.0, now_us, now_us if wall else until_us)
        records.set_clock(connection, mode)
        # Before it counts as complete: who is killed here does it again.
        _analyze(connection, beside, known)
        try:
            store.write(folded())
        except BadInput as error:
            # Of the world's functions, in what only life asks of them: the first window says it again.
            records.journal(connection, "warning", "snapshot", f"nothing is kept for the first window: {error}")
        records.set_state(connection, "ready")


@contextmanager
def _folding(
    store: SnapshotStore, states: Iterable[tuple[SnapshotKey, FoldState]]
) -> Iterator[Callable[[], list[Mapping[str, object]]]]:
    """What members carry at a moment is folded while other things are done; rows for the store, which are waited for
    where they are asked for. Once the block has ended nothing more is begun."""
    over = threading.Event()
    with ThreadPoolExecutor(1) as one:
        done = one.submit(store.rows, itertools.takewhile(lambda _: not over.is_set(), states))
        try:
            yield done.result
        finally:
            over.set()


def _analyze(connection: Connection, beside: Beside | None, known: TableName | None) -> None:
    """Have the planner know the tables, but for one that it knows."""
    if beside is None:
        connection.execute("ANALYZE")
        return
    largest, *others = _by_size(connection)
    if known == largest:
        _analyzed(connection, others)
        return
    with looking_at(beside, largest):
        _analyzed(connection, others)


@contextmanager
def looking_at(beside: Beside, largest: TableName) -> Iterator[None]:
    """Have a second session look at a table for the planner, while other things are done."""
    with beside() as (other, first), ThreadPoolExecutor(1) as one:

        def work() -> None:
            with other.transaction():
                first()
                _analyzed(other, [largest])

        done = one.submit(work)
        yield
        done.result()


def largest_of(connection: Connection) -> TableName:
    """The largest table of the database, by schema and name."""
    return next(_by_size(connection))


def _by_size(connection: Connection) -> Iterator[TableName]:
    """What is to be looked at, the largest table first."""
    yield from connection.execute(queries.load("queries/to_analyze.sql")).fetchall()


def _analyzed(connection: Connection, tables: Sequence[TableName]) -> None:
    connection.execute(SQL("ANALYZE {}").format(SQL(", ").join(Identifier(*table) for table in tables)))
