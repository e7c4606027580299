"""What of a plan's rows the target's tables would refuse, asked before the first row is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from populace.batch import Batch
from populace.database import fitting
from populace.database.connection import Connection
from populace.database.fitting import Unique
from populace.engine import Shard, Window, generate
from populace.plan import Plan
from populace.runner.sample import Sample
from populace.sinks.stage import StageSink
from populace.spec import Table


def misfits(connection: Connection, sample: Sample) -> list[str]:
    """What rows of a sample do not meet, one line each: lengths, domains, enums, checks, unique keys. In the caller's
    transaction."""
    with connection.transaction(force_rollback=True):
        return fitting.misfits(connection, sample.world.tables, sample.stage(connection))


def taken(connection: Connection, plan: Plan, until_us: int) -> list[str]:
    """The unique keys of which rows that are there hold values that the plan will write, one line each. In the caller's
    transaction.

    All rows of tables that have such keys are made for this, but only where the target has rows of its own in them.
    """
    asked = _askable(connection, plan)
    if not asked:
        return []
    narrow = {name: _narrowed(plan.world.table(name), uniques) for name, uniques in asked.items()}
    with connection.transaction(force_rollback=True):
        sink = StageSink(connection, plan.world, lambda table: narrow[table.name], "wanted")
        for root in dict.fromkeys(table.root for table in narrow.values()):
            shard = Shard({root: (0, plan.sizes[root])})
            for batch in generate(plan, shard, Window(plan.origin_us, until_us)):
                if batch.table in narrow and batch.act != "remove":
                    sink.write(_selected(batch, narrow[batch.table]))
        every = [unique for uniques in asked.values() for unique in uniques]
        return fitting.taken(connection, list(narrow.values()), sink.staged(), every)


def _askable(connection: Connection, plan: Plan) -> Mapping[str, list[Unique]]:
    """By table the unique keys of which rows of others can hold values of ours: tables that have rows, and keys without
    our hashes."""
    out: dict[str, list[Unique]] = {}
    uniques = fitting.uniques_of(connection, plan.world.tables)
    for table in plan.world.tables:
        hashes = {column.name for column in table.columns if column.type == "uuid"}
        # A row that is there by its key is the app's, and is not written.
        own = set() if table.hashed and not table.lasting else {*table.key}
        some = [
            unique
            for unique in uniques
            if unique.table == table.full_name and not hashes & {*unique.columns} and {*unique.columns} != own
        ]
        if some and fitting.has_rows(connection, table):
            out[table.name] = some
    return out


def _narrowed(table: Table, uniques: list[Unique]) -> Table:
    """The table with only the columns that these keys read, and its own key."""
    read = {*table.key, *(name for unique in uniques for name in unique.columns)}
    return replace(table, columns=tuple(column for column in table.columns if column.name in read))


def _selected(batch: Batch, table: Table) -> Batch:
    columns = [batch.rows.column(column.name) for column in table.columns]
    return replace(batch, rows=pa.RecordBatch.from_arrays(columns, names=[column.name for column in table.columns]))
