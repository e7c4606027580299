"""People who leave: their rows go together at the end of a window, or stay together where others need one of them.

Ours are rows with their mark whose keys came with the removal, computed from the plan, or stand in the ledger of single
rows. Before anything is deleted the server is asked which of these people have rows that are not ours, or that rows of
others refer to by any foreign key. Where others have put triggers or rules on our tables, what they do is compared with
what was to be done. Who stays is recorded with their rows, and tried again whenever somebody leaves.
"""

from __future__ import annotations

import json
import uuid
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg
import pyarrow as pa
from psycopg.sql import SQL, Composable, Identifier, Literal, Placeholder

from populace.batch import Batch
from populace.database import effects, ownership
from populace.database.ownership import Staged, ledger_key, name_of
from populace.sinks.sink import Stay, Tallies
from populace.spec import Table, World

Remove = Callable[[Table, Sequence[str], Tallies], int | None]
"""Deletes the rows of some people (uuids) from a table, and adds to tallies: how many; None when others delete them."""

HELD = "SELECT key::text, child, link, on_delete, many, example FROM populace.held(%s::jsonb, %s::uuid[])"
STAYED = "SELECT key::text FROM populace.kept WHERE kind = %s"
KEEP = "SELECT populace.keep(%s, %s::uuid[], %s::jsonb)"

OURS = SQL(
    "pg_catalog.substr(t.id::pg_catalog.text, 15, 1) OPERATOR(pg_catalog.=) ANY (ARRAY['7', '8']::pg_catalog.text[])"
)
"""Keys of ours are uuids of version 7 or 8. So may be an app's: this proves nothing, and only separates what was
counted when it came from what a peer wrote for us."""


OBJECTIONS = ("22", "23", "P0")
"""Classes of errors by which constraints and triggers forbid something."""


@dataclass(slots=True)
class Removals:
    """What is to be removed, by root: the tables in order, and the people."""

    connection: psycopg.Connection
    world: World
    _tables: dict[str, list[Table]] = field(default_factory=dict)
    _people: dict[str, set[str]] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Hold a batch back until `apply`."""
        table = self.world.table(batch.table)
        tables = self._tables.setdefault(table.root, [])
        if table not in tables:
            tables.append(table)
        people = self._people.setdefault(table.root, set())
        people.update(_texts(batch.rows.column(0)))
        if batch.proof is not None:
            self._stage(table, batch.proof)

    def _stage(self, table: Table, proof: pa.RecordBatch) -> None:
        """Put what proves rows of a table into its temporary table, until the transaction ends."""
        self._prepare(table)
        given = SQL(", ").join([SQL("%s::uuid[]")] * len(proof.columns))
        statement = SQL("INSERT INTO {} SELECT DISTINCT * FROM unnest({})").format(stage_of(table), given)
        self.connection.execute(statement, [_texts(column) for column in proof.columns])

    def _prepare(self, table: Table) -> None:
        columns = SQL(", ").join(SQL("{} uuid").format(Identifier(name)) for name in table.proof)
        self.connection.execute(
            SQL("CREATE TEMPORARY TABLE IF NOT EXISTS {} ({}) ON COMMIT DELETE ROWS").format(stage_of(table), columns)
        )

    def apply(self, remove: Remove, tallies: Tallies) -> None:
        """Remove what was held back, and note those who have to stay."""
        for root, tables in self._tables.items():
            for table in staged_tables(self.world, root):
                self._prepare(table)
            waiting = {row[0] for row in self.connection.execute(STAYED, (root,)).fetchall()}
            people = sorted(self._people[root] | waiting)
            held = self._held(tables, people)
            held |= self._removed(tables, [one for one in people if one not in held], remove, tallies)
            if held or waiting:
                self.connection.execute(KEEP, (root, people, json.dumps(held)))
            self._note(tables, [one for one in held if one not in waiting])
            tallies.stays += [Stay(root, one, why) for one, why in sorted(held.items()) if one not in waiting]
        self._tables, self._people = {}, {}

    def _note(self, tables: Sequence[Table], people: Sequence[str]) -> None:
        """List the rows of ours that people who stay have: when they are tried again, nothing proves these."""
        for table in tables if people else ():
            if table.hashed and not table.proven_by:
                statement = SQL(
                    "INSERT INTO populace.own_row (relation, key) SELECT {}::regclass, {} FROM {} AS t"
                    " WHERE ({}) AND ({}) ON CONFLICT DO NOTHING"
                ).format(Literal(table.quoted_name), ledger_key(table), name_of(table),
                         whose(table, self.world, Placeholder()), proven(table, self.world))  # fmt: skip
                self.connection.execute(statement, (people,))

    def _held(self, tables: Sequence[Table], people: Sequence[str]) -> dict[str, str]:
        """Who has to stay, and why."""
        parts = [
            {
                "table": name_of(table).as_string(self.connection),
                "rows": SQL("({}) AND {}").format(whose(table, self.world, SQL("$1")), ours(table, self.world))
                .as_string(self.connection),
                "key": _person(table, self.world, "t").as_string(self.connection),
            }
            for table in tables
        ]  # fmt: skip
        why: dict[str, list[str]] = {}
        for key, child, link, on_delete, many, example in self.connection.execute(HELD, (json.dumps(parts), people)):
            rows = f"{many:,} rows of {child}, such as {example}," if many else f"{child}, which may not be read, may"
            why.setdefault(key, []).append(f"{rows} refer to theirs by {link} (ON DELETE {on_delete})")
        for table in tables:
            for key, many in self._foreign(table, people):
                why.setdefault(key, []).append(f"{many:,} rows of {table.full_name} are somebody else's")
        return {key: "; ".join(reasons) for key, reasons in why.items()}

    def _foreign(self, table: Table, people: Sequence[str]) -> list[tuple[str, int]]:
        """Rows of these people that we did not write: by person, how many."""
        query = SQL("SELECT ({})::text, count(*) FROM {} AS t WHERE ({}) AND ({}) IS NOT TRUE GROUP BY 1").format(
            _person(table, self.world, "t"), name_of(table), whose(table, self.world, Placeholder()),
            ours(table, self.world, beside_parameters=True),
        )  # fmt: skip
        return self.connection.execute(query, (people,)).fetchall()

    def _removed(
        self, tables: Sequence[Table], people: Sequence[str], remove: Remove, tallies: Tallies
    ) -> dict[str, str]:
        """Remove people; who has to stay since triggers or rules of others keep their rows, or would change others."""
        if not people:
            return {}
        if not any(one.removes for one in effects.foreign(self.connection, self.world)):
            for table in tables:
                remove(table, people, tallies)
            return {}
        why = self._tried(tables, people, remove, tallies)
        if why is None:
            return {}
        if len(people) == 1:
            return {people[0]: why}
        each = {one: self._tried(tables, [one], remove, tallies) for one in people}
        return {one: why for one, why in each.items() if why is not None}

    def _tried(self, tables: Sequence[Table], people: Sequence[str], remove: Remove, tallies: Tallies) -> str | None:
        """Remove people and compare what happened with what was to happen; take it back, and say why, if it differs."""
        connection, fresh = self.connection, Tallies()
        try:
            with connection.transaction():
                before = effects.so_far(connection)
                deleted: dict[str, int] = {}
                for table in tables:
                    there, gone = self._rows(table, people), remove(table, people, fresh)
                    if gone is not None and gone != there:
                        raise _Differs(f"a trigger or rule keeps rows of {table.full_name}")
                    deleted[table.full_name] = deleted.get(table.full_name, 0) + (gone or 0)
                beside = effects.beside(connection, effects.since(connection, before), deleted)
                touched = effects.touched(beside, effects.allowed(connection))
                if touched:
                    raise _Differs(f"a trigger or rule changes other rows: {'; '.join(map(str, touched))}")
        except _Differs as differs:
            return str(differs)
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] not in OBJECTIONS:
                raise
            return f"the app objects: {error.diag.message_primary}"
        tallies.add(fresh)
        return None

    def _rows(self, table: Table, people: Sequence[str]) -> int:
        """How many rows these people have in a table."""
        query = SQL("SELECT count(*) FROM {} AS t WHERE {}").format(
            name_of(table), whose(table, self.world, Placeholder())
        )
        row = self.connection.execute(query, (people,)).fetchone()
        assert row is not None
        return int(row[0])


class _Differs(Exception):
    """What happened is not what was to happen."""


def whose(table: Table, world: World, people: Composable) -> Composable:
    """Rows (alias `t`) of some members, whose keys are the parameter; by the rows they belong to, if need be."""
    owner = Identifier("t", table.owner or table.key[0])
    if table.through is None:
        return SQL("{} OPERATOR(pg_catalog.=) ANY ({}::pg_catalog.uuid[])").format(owner, people)
    parent = world.table(table.through)
    return SQL("{} OPERATOR(pg_catalog.=) ANY (SELECT t.id FROM {} AS t WHERE {})").format(
        owner, name_of(parent), whose(parent, world, people)
    )


def ours(table: Table, world: World, *, beside_parameters: bool = False) -> Composable:
    """Whether row `t` is ours, among the rows of those who leave now: marked, and proven. beside_parameters: in a
    statement that has parameters of its own.
    """
    mark = table.mark.beside_parameters if beside_parameters else table.mark.condition
    return SQL("({}) AND ({})").format(SQL(mark), proven(table, world))


def proven(table: Table, world: World) -> Composable:
    """Whether we wrote row `t`, whatever became of its mark; it means the same whatever names are found first."""
    return ownership.proven(table, _staged(world, table.root))


def _staged(world: World, root: str) -> Staged:
    return Staged({table.full_name: stage_of(table) for table in staged_tables(world, root)})


def staged_tables(world: World, root: str) -> list[Table]:
    """The tables whose rows go with members of a root, and are proven by keys of their own."""
    return [t for t in world.tables if t.root == root and t.owner and t.hashed and not t.proven_by]


def stage_of(table: Table) -> Identifier:
    """The temporary table that holds what proves a table's rows that go."""
    return Identifier("pg_temp", f"proof_{zlib.crc32(table.full_name.encode()):08x}_{table.name[:40]}")


def has_id(table: Table) -> bool:
    """Whether rows have an id that distinguishes ours from those of an app."""
    return any(c.name == "id" and c.type == "uuid" for c in table.columns)


def _texts(keys: pa.Array) -> list[str]:
    return [str(uuid.UUID(bytes=key)) for key in keys.to_pylist()]


def _person(table: Table, world: World, alias: str) -> Composable:
    """The member to whom a row belongs."""
    owner = Identifier(alias, table.owner or table.key[0])
    if table.through is None:
        return owner
    parent, inner = world.table(table.through), f"{alias}p"
    return SQL("(SELECT {} FROM {} AS {} WHERE {} = {})").format(
        _person(parent, world, inner), name_of(parent), Identifier(inner), Identifier(inner, "id"), owner
    )
