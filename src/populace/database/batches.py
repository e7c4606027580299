"""Which synthetic rows belong to one simulation batch: a world's marks, narrowed, so that a clean-up deletes no others.

A row belongs to the batch that it names; where a table has no such column, to the batch of what its mark reads and
of what it refers to. Rows that lead to no batch (accounts, brands) are those of the plan's batch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from psycopg.sql import SQL, Composed, Identifier, Literal

from populace.database import ownership
from populace.database.cleanup import LACKING
from populace.database.connection import Connection
from populace.database.ownership import Staged
from populace.spec import Column, Mark, Table


@dataclass(frozen=True, slots=True)
class SimulationBatch:
    """A row of the batches table. ours: we wrote it."""

    id: UUID
    ours: bool


def read(connection: Connection, batches: Table, staged: Staged) -> list[SimulationBatch]:
    """The batches of a target, by id. In the caller's transaction; none where there is no such table."""
    query = SQL("SELECT t.id, ({}) IS TRUE FROM {} AS t ORDER BY t.id").format(
        ownership.ours(batches, staged), Identifier(batches.schema, batches.name)
    )
    try:
        with connection.transaction():
            return [SimulationBatch(*row) for row in connection.execute(query)]
    except LACKING:
        return []


def narrowed(
    connection: Connection, tables: Sequence[Table], batches: Table, batch: UUID, *, of_plan: bool
) -> list[Table]:
    """The world's tables with marks that only this batch's rows carry.

    tables: parents before children. of_plan: it is the batch of the target's plan, and so are rows that lead to none.
    Makes temporary views, in the caller's transaction.
    """
    views: dict[str, Identifier] = {}
    out = []
    for number, table in enumerate(tables):
        mark = _condition(connection, table, batches, batch, views, of_plan=of_plan)
        out.append(replace(table, mark=Mark(mark or "false", table.mark.explains)))
        if mark is None or not _leads_to_a_batch(table, batches, views):
            continue
        view = Identifier(f"in_batch_{number}")
        make = SQL("CREATE TEMPORARY VIEW {} AS SELECT t.* FROM {} AS t WHERE {}")
        try:
            with connection.transaction():
                connection.execute(make.format(view, Identifier(table.schema, table.relation), SQL(mark)))
        except LACKING:
            continue  # the clean-up leaves this table out too, and says why
        views[table.full_name] = view
    return out


def _condition(
    connection: Connection,
    table: Table,
    batches: Table,
    batch: UUID,
    views: Mapping[str, Identifier],
    *,
    of_plan: bool,
) -> str | None:
    """The mark of one table, narrowed; None where no row of it can belong to the batch."""
    parts: list[Composed] = [SQL("({})").format(SQL(table.mark.condition))]
    named = _naming(table, batches)
    if named:
        parts.append(SQL("t.{} = {}::uuid").format(Identifier(named), Literal(str(batch))))
        return SQL(" AND ").join(parts).as_string(connection)
    if not (of_plan or _leads_to_a_batch(table, batches, views)):
        return None
    owned = _through_views(connection, table, views)
    if owned != table.mark.condition:
        parts.append(SQL("({})").format(SQL(owned)))
    referring = [c for c in table.columns if _parents(c, views)]
    parts += [SQL("(t.{} IS NULL OR {})").format(Identifier(c.name), _refers(c, views)) for c in referring]
    if referring and not of_plan and owned == table.mark.condition:
        parts.append(SQL("({})").format(SQL(" OR ").join(_refers(c, views) for c in referring)))
    return SQL(" AND ").join(parts).as_string(connection)


def _naming(table: Table, batches: Table) -> str | None:
    """The column that holds a row's batch; of the batches table itself its key."""
    if table.full_name == batches.full_name:
        return "id"
    key = f"{batches.full_name}.id"
    return next((c.name for c in table.columns if c.references == key), None)


def _leads_to_a_batch(table: Table, batches: Table, views: Mapping[str, Identifier]) -> bool:
    return (
        _naming(table, batches) is not None
        or any(_mentions(table.mark.condition, name) for name in views)
        or any(_parents(column, views) for column in table.columns)
    )


def _through_views(connection: Connection, table: Table, views: Mapping[str, Identifier]) -> str:
    """The mark's condition as it reads where only the batch's rows are there."""
    condition = table.mark.condition
    for name, view in views.items():
        condition = re.sub(rf"\b{re.escape(name)}\b", f"pg_temp.{view.as_string(connection)}", condition)
    return condition


def _mentions(condition: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", condition) is not None


def _parents(column: Column, views: Mapping[str, Identifier]) -> list[tuple[Identifier, str]]:
    """The views that hold what a column refers to, each with the key's column."""
    found = []
    for reference in (column.references, column.alternative):
        name, _, key = (reference or "").rpartition(".")
        if name in views:
            found.append((views[name], key))
    return found


def _refers(column: Column, views: Mapping[str, Identifier]) -> Composed:
    """Whether row `t` refers by this column to a row of the batch."""
    exists = SQL("EXISTS (SELECT 1 FROM {} AS b WHERE b.{} {} = t.{})")
    as_text = SQL("::text") if column.type == "text" else SQL("")
    parts = [
        exists.format(view, Identifier(key), as_text, Identifier(column.name)) for view, key in _parents(column, views)
    ]
    return SQL("({})").format(SQL(" OR ").join(parts))
