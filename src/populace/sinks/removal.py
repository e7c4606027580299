"""People who leave: their rows go together at the end of a window, or stay together where others need one of them.

Before anything is deleted the server is asked which of these people have rows that are not ours, or that rows of others
refer to by any foreign key. Where others have put triggers or rules on our tables, what they do is compared with what
was to be done. Who stays is recorded, and tried again whenever somebody leaves.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Placeholder

from populace.batch import Batch
from populace.database import effects
from populace.database.ownership import listed, name_of
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
"""Keys of ours are uuids of version 7 or 8; an app's defaults make version 4."""


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
        people.update(str(uuid.UUID(bytes=key)) for key in batch.rows.column(0).to_pylist())

    def apply(self, remove: Remove, tallies: Tallies) -> None:
        """Remove what was held back, and note those who have to stay."""
        for root, tables in self._tables.items():
            waiting = {row[0] for row in self.connection.execute(STAYED, (root,)).fetchall()}
            people = sorted(self._people[root] | waiting)
            held = self._held(tables, people)
            held |= self._removed(tables, [one for one in people if one not in held], remove, tallies)
            if held or waiting:
                self.connection.execute(KEEP, (root, people, json.dumps(held)))
            tallies.stays += [Stay(root, one, why) for one, why in sorted(held.items()) if one not in waiting]
        self._tables, self._people = {}, {}

    def _held(self, tables: Sequence[Table], people: Sequence[str]) -> dict[str, str]:
        """Who has to stay, and why."""
        parts = [
            {
                "table": name_of(table).as_string(self.connection),
                "rows": SQL("({}) AND {}").format(whose(table, self.world, SQL("$1")), ours(table))
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
        if not _shows(table):
            return []
        query = SQL("SELECT ({})::text, count(*) FROM {} AS t WHERE ({}) AND NOT {} GROUP BY 1").format(
            _person(table, self.world, "t"), name_of(table), whose(table, self.world, Placeholder()), ours(table)
        )
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


def ours(table: Table) -> Composable:
    """Whether we may have written row `t` of a table, as far as its key shows: the plan is not computed again."""
    if not _shows(table):
        return SQL("true")
    return OURS if table.hashed else listed(table)


def _shows(table: Table) -> bool:
    """Whether rows have keys that distinguish ours from those of others."""
    return table.proven_by is None and (not table.hashed or has_id(table))


def has_id(table: Table) -> bool:
    """Whether rows have an id that distinguishes ours from those of an app."""
    return any(c.name == "id" and c.type == "uuid" for c in table.columns)


def _person(table: Table, world: World, alias: str) -> Composable:
    """The member to whom a row belongs."""
    owner = Identifier(alias, table.owner or table.key[0])
    if table.through is None:
        return owner
    parent, inner = world.table(table.through), f"{alias}p"
    return SQL("(SELECT {} FROM {} AS {} WHERE {} = {})").format(
        _person(parent, world, inner), name_of(parent), Identifier(inner), Identifier(inner, "id"), owner
    )
