"""A rehearsal of a removal: a few synthetic rows are deleted, and it is taken back, to see what else that changes.

One row is taken of each table to which others have put a trigger or a rule that acts on it, with all that hangs on it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier

from populace.database import effects, filled, references
from populace.database.connection import Connection
from populace.database.effects import Attached, Effect
from populace.database.filled import Filled
from populace.database.ownership import name_of
from populace.database.pins import names_of_the_app
from populace.database.references import Link, Marked
from populace.spec import Table, World

MOST_ROWS = 20_000
"""More rows than this are not deleted for a rehearsal."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What others have attached to a world's tables, and what a removal would change beside ours.

    fault: why it could not be tried, if so. filled: the tables outside the world that they fill.
    """

    attached: Sequence[Attached] = ()
    effects: Sequence[Effect] = ()
    fault: str | None = None
    filled: Sequence[Filled] = ()

    @property
    def touched(self) -> list[Effect]:
        """The effects on rows that are there."""
        return effects.touched(self.effects, ())


def rehearse(connection: Connection, world: World) -> Rehearsed:
    """Try it, in the caller's transaction; nothing is changed."""
    rehearsed = _rehearsed(connection, world, effects.foreign(connection, world))
    return replace(rehearsed, filled=filled.filled(connection, world)) if rehearsed.attached else rehearsed


def _rehearsed(connection: Connection, world: World, attached: Sequence[Attached]) -> Rehearsed:
    watched = {one.table for one in attached if one.table and one.removes}
    if not watched:
        return Rehearsed(attached)
    try:
        with connection.transaction(force_rollback=True):
            return _tried(connection, world, attached, watched)
    except psycopg.Error as error:
        return Rehearsed(attached, fault=error.diag.message_primary or str(error))


def _tried(
    connection: Connection, world: World, attached: Sequence[Attached], watched: Collection[str | None]
) -> Rehearsed:
    connection.execute("SET LOCAL populace.writing = 'on'")
    before = effects.so_far(connection)
    links = list(references.links(connection, world.tables))
    marked: dict[str, Marked] = {}
    rows: dict[str, int] = {}
    for number, table in enumerate(world.tables):
        keys = tuple(sorted({key for link in links if link.parent == table.full_name for key in link.keys}))
        held = Marked(table, Identifier("pg_temp", f"rehearsed_{number}"), keys)
        rows[table.full_name] = connection.execute(
            _stage(held, links, marked, sampled=table.full_name in watched)
        ).rowcount
        marked[table.full_name] = held
        rows[table.full_name] += _beneath(connection, held, links, MOST_ROWS - sum(rows.values()))
        if sum(rows.values()) > MOST_ROWS:
            return Rehearsed(attached, fault=f"more than {MOST_ROWS:,} rows hang on one of {table.full_name}")
    for name in references.children_first(marked, links):
        held = marked[name]
        delete = SQL(
            "DELETE FROM {} AS t USING {} AS m WHERE m.place OPERATOR(pg_catalog.=) t.ctid"
            " AND m.part OPERATOR(pg_catalog.=) t.tableoid"
        )
        with names_of_the_app(connection):
            gone = connection.execute(delete.format(held.name, held.stage)).rowcount
            if gone < rows[name] and held.keys:
                gone += connection.execute(references.by_key(held)).rowcount
        if gone != rows[name]:
            return Rehearsed(attached, fault=f"of {rows[name]:,} rows of {name} the server deleted {gone:,}")
    changing = {
        link.child_name for link in links if link.child_name in marked and link.on_delete in references.CHANGING
    }
    done = effects.since(connection, before)
    # What triggers make of a removal in tables that they fill, a clean-up takes out.
    made = {table.full_name for table in world.tables if table.made_by}
    done = [replace(one, inserted=0) if one.table in made else one for one in done]
    beside = [_of_others(connection, one, world) for one in effects.beside(connection, done, rows, changing)]
    return Rehearsed(attached, [one for one in beside if one.inserted or one.touches_rows])


def _of_others(connection: Connection, effect: Effect, world: World) -> Effect:
    """An effect without changes of rows that carry our mark: a clean-up takes these out, whatever they hold."""
    table = next((t for t in world.tables if t.full_name == effect.table), None)
    if table is None or not effect.updated or table.mark.condition == "true":
        return effect
    query = SQL("SELECT count(*) FROM {} AS t WHERE pg_catalog.age(t.xmin) <= 0 AND NOT ({})").format(
        name_of(table), SQL(table.mark.condition))  # fmt: skip
    ((many,),) = connection.execute(query).fetchall()
    return replace(effect, updated=min(effect.updated, many))


def _beneath(connection: Connection, held: Marked, links: Sequence[Link], most: int) -> int:
    """Lists what refers to the rows that are listed in the same table, and to these again: a tree below its branch."""
    own = [link for link in links if link.child_name == link.parent == held.table.full_name]
    if not own:
        return 0
    keys = SQL("").join(SQL(", t.{}").format(Identifier(key)) for key in held.keys)
    query = SQL(
        "INSERT INTO {stage} SELECT t.tableoid, t.ctid, false{keys} FROM {table} AS t WHERE ({mark}) AND ({refers})"
        " AND NOT EXISTS (SELECT FROM {stage} AS m WHERE m.part OPERATOR(pg_catalog.=) t.tableoid"
        " AND m.place OPERATOR(pg_catalog.=) t.ctid)"
    ).format(
        stage=held.stage, keys=keys, table=held.name, mark=SQL(held.table.mark.condition),
        refers=SQL(" OR ").join(SQL("EXISTS (SELECT FROM {} AS p WHERE {})").format(
            held.stage, references.same(link, "t")) for link in own),
    )  # fmt: skip
    found, more = 0, 1
    while more and found <= most:
        more = connection.execute(query).rowcount
        found += more
    return found


def _stage(held: Marked, links: Sequence[Link], marked: dict[str, Marked], *, sampled: bool) -> Composed:
    """Lists the rows to delete of a table: what refers to those listed so far, and one row where it is watched."""
    table: Table = held.table
    mark = SQL("({})").format(SQL(table.mark.condition))
    some: list[Composable] = [
        SQL("EXISTS (SELECT 1 FROM {} AS p WHERE {})").format(marked[link.parent].stage, references.same(link, "t"))
        for link in links
        if link.child_name == table.full_name and link.parent in marked
    ]
    if sampled:
        some.append(SQL("(t.tableoid, t.ctid) IN (SELECT t.tableoid, t.ctid FROM {} AS t WHERE {} LIMIT 1)").format(
            held.name, mark))  # fmt: skip
    return SQL(
        "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT t.tableoid AS part, t.ctid AS place, false AS stays{}"
        " FROM {} AS t WHERE {} AND ({})"
    ).format(
        held.stage,
        SQL("").join(SQL(", t.{} AS {}").format(Identifier(k), Identifier(f"key_{k}")) for k in held.keys),
        held.name,
        mark,
        SQL(" OR ").join(some) if some else SQL("false"),
    )
