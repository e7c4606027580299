"""Rows that are about to be written, staged and tried against what tables ask of them: lengths, domains and enums,
CHECK constraints, unique keys and indexes of any kind. All that does not fit is named at once, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from populace.database.connection import Connection
from populace.database.named import named
from populace.database.ownership import Staged, name_of
from populace.database.pins import names_of_the_app, qualified
from populace.spec import Table

QUERIES = named("populace.database", "fitting.sql")

SHOWN = 3
"""So many values that are taken are named."""


@dataclass(frozen=True, slots=True)
class _Column:
    """What a table has. type: with length and domain; base: without. strict: it takes less than its base. given: how it
    gets its value where it is not written; computed: from the row's other columns."""

    name: str
    type: str
    base: str
    strict: bool
    given: str | None
    computed: bool


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique key or index of a table (`schema.table`). keys: expressions, equal by `operators`; condition: of which
    rows it holds; columns: all that it reads."""

    table: str
    name: str
    keys: tuple[str, ...]
    operators: tuple[str, ...]
    condition: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} ({', '.join(self.keys)})"


def misfits(connection: Connection, tables: Sequence[Table], staged: Staged) -> list[str]:
    """What the staged rows of these tables do not meet, one line each, with how many of them; in the order of `tables`.

    staged: whole rows of ours, each once. In the caller's transaction.
    """
    if not staged.tables:
        return []
    columns, found = _columns(connection, tables), []
    uniques = uniques_of(connection, tables)
    checks = connection.execute(QUERIES["checks"], _names(tables)).fetchall()
    for table in tables:
        if table.full_name not in staged.tables:
            continue
        tried = _Tried(connection, table, staged.tables[table.full_name], columns[table.full_name])
        bad = dict(tried.columns())
        found += [f"{table.full_name}.{name}: {fault}" for name, fault in bad.items()]
        for name, check, condition, reads in checks:
            if name == table.full_name and not bad.keys() & set(reads):
                found += [f"{table.full_name}: {fault}" for fault in tried.check(check, condition)]
        for unique in uniques:
            if unique.table == table.full_name and not bad.keys() & set(unique.columns):
                found += [f"{table.full_name}: {fault}" for fault in tried.repeated(unique)]
    return found


def taken(connection: Connection, tables: Sequence[Table], staged: Staged, uniques: Sequence[Unique]) -> list[str]:
    """The unique keys of which rows that are there hold values that we would write too, one line each, with examples.

    staged: of our rows the columns that these keys read, and the tables' own keys. In the caller's transaction.
    """
    columns, found = _columns(connection, tables), []
    for table in tables:
        if table.full_name not in staged.tables:
            continue
        tried = _Tried(connection, table, staged.tables[table.full_name], columns[table.full_name])
        for unique in uniques:
            if unique.table == table.full_name:
                found += [f"{table.full_name}: {fault}" for fault in tried.taken(unique)]
    return found


def uniques_of(connection: Connection, tables: Sequence[Table]) -> list[Unique]:
    """The unique keys and indexes of tables, partial ones and those over expressions too."""
    rows = connection.execute(QUERIES["uniques"], _names(tables)).fetchall()
    return [
        Unique(table, name, tuple(keys), tuple(operators), condition, tuple(columns))
        for table, name, keys, operators, condition, columns in rows
    ]


def has_rows(connection: Connection, table: Table) -> bool:
    """Whether a table holds any row."""
    row = connection.execute(SQL("SELECT EXISTS (SELECT FROM {})").format(name_of(table))).fetchone()
    return bool(row and row[0])


class _Tried:
    """The staged rows of one table, as rows of it."""

    def __init__(self, connection: Connection, table: Table, stage: Identifier, columns: Sequence[_Column]) -> None:
        self._connection = connection
        self._table = table
        self._stage = stage
        self._columns = columns
        self._staged = _columns_of(connection, stage)
        self._many = _number(connection, SQL("SELECT count(*) FROM {}").format(stage))

    def columns(self) -> Iterator[tuple[str, str]]:
        """Columns that do not take what we write, and why."""
        strict = [column for column in self._columns if column.strict and column.name in self._staged]
        if len(strict) > 1 and self._refused(strict) is None:
            return
        for column in strict:
            said = self._refused([column])
            if said:
                yield column.name, f"{said}{self._longest(column)}"

    def check(self, name: str, condition: str) -> Iterator[str]:
        """Whether a CHECK constraint refuses some of the rows."""
        query = SQL("SELECT pg_catalog.count(*) FROM {} WHERE NOT ({})").format(self._rows(), SQL(condition))
        try:
            refused = self._asked(query)
        except psycopg.Error as error:
            # A function that finds its names in the app's path alone: the rehearsal finds it.
            if not (error.sqlstate or "").startswith("42"):
                yield f"the check {name}, {condition}, cannot be met: {error.diag.message_primary}"
            return
        if refused[0][0]:
            yield f"the check {name}, {condition}, refuses {refused[0][0]:,} of {self._many:,} rows that were tried"

    def repeated(self, unique: Unique) -> Iterator[str]:
        """Whether rows of ours have the same values in a unique key."""
        keys = SQL(", ").join(SQL(key) for key in unique.keys)
        query = SQL(
            "SELECT pg_catalog.count(*) OVER (), pg_catalog.concat_ws(', ', {keys}) FROM {rows}"
            " WHERE ({condition}) AND num_nonnulls({keys}) OPERATOR(pg_catalog.=) {many}"
            " GROUP BY {keys} HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 1 ORDER BY 2 LIMIT 1"
        )
        found = self._asked(query.format(
            keys=keys, rows=self._rows(), condition=SQL(unique.condition), many=Literal(len(unique.keys))
        ))  # fmt: skip
        for many, example in found:
            yield (
                f"{unique} takes each value once; of {self._many:,} rows that were tried {many:,} values stand in "
                f"several, such as {example}"
            )

    def taken(self, unique: Unique) -> Iterator[str]:
        """Whether rows that are there hold values of ours in a unique key. One with our own key is not written."""
        numbered = [Identifier(f"k{n}") for n in range(len(unique.keys))]
        picked = SQL(", ").join(SQL("{} AS {}").format(SQL(k), n) for k, n in zip(unique.keys, numbered, strict=True))
        same = SQL(" AND ").join(
            SQL("a.{} {} b.{}").format(n, SQL(operator), n)
            for n, operator in zip(numbered, unique.operators, strict=True)
        )
        ours = SQL(", ").join(SQL("{} AS {}").format(Identifier(c), Identifier(f"own_{c}")) for c in self._table.key)
        query = SQL(
            "SELECT pg_catalog.count(*) OVER (), pg_catalog.concat_ws(', ', {shown}) FROM"
            " (SELECT {picked}, {ours} FROM {rows} WHERE {condition}) AS a JOIN"
            " (SELECT {picked}, {ours} FROM {table} AS t WHERE {condition}) AS b ON {same}"
            " WHERE ({a}) OPERATOR(pg_catalog.<>) ({b}) GROUP BY {shown} ORDER BY {shown} LIMIT {most}"
        )
        found = self._asked(query.format(
            shown=SQL(", ").join(SQL("b.{}").format(n) for n in numbered),
            picked=picked, ours=ours, rows=self._rows(), table=name_of(self._table), same=same,
            condition=SQL(unique.condition), most=Literal(SHOWN),
            a=SQL(", ").join(Identifier("a", f"own_{c}") for c in self._table.key),
            b=SQL(", ").join(Identifier("b", f"own_{c}") for c in self._table.key),
        ))  # fmt: skip
        if found:
            examples = ", ".join(example for _, example in found)
            rows = (
                f"{found[0][0]:,} rows that are there have values"
                if found[0][0] > 1
                else "a row that is there has a value"
            )
            yield f"{unique}: {rows} of people and things that we would write, such as {examples}"

    def _rows(self) -> Composable:
        """The staged rows as the table would hold them, with what columns get by themselves."""
        plain, computed = [], []
        for column in self._columns:
            name, base = Identifier(column.name), SQL(column.base)
            if column.name in self._staged:
                plain.append(SQL("s.{0}::{1} AS {0}").format(name, base))
            elif column.computed:
                computed.append(SQL("{} AS {}").format(SQL(column.given or "NULL"), name))
            else:
                plain.append(SQL("({})::{} AS {}").format(SQL(column.given or "NULL"), base, name))
        rows = SQL("(SELECT {} FROM {} AS s)").format(SQL(", ").join(plain), self._stage)
        return SQL("(SELECT t.*, {} FROM {} AS t) AS t").format(SQL(", ").join(computed), rows) if computed else SQL(
            "{} AS t").format(rows)  # fmt: skip

    def _refused(self, columns: Sequence[_Column]) -> str | None:
        """What the server says first when values of columns are stored in their types."""
        place, values, types = Identifier("pg_temp", "fitting"), [], []
        for number, column in enumerate(columns):
            value = SQL("s.{}").format(Identifier(column.name))
            if column.base not in ("text", "character varying"):
                value = SQL("{}::{}").format(value, SQL(qualified(column.base)))
            values.append(value)
            types.append(SQL("{} {}").format(Identifier(f"value_{number}"), SQL(column.type)))
        try:
            with self._connection.transaction(force_rollback=True):
                self._connection.execute(SQL("CREATE TEMPORARY TABLE fitting ({})").format(SQL(", ").join(types)))
                with names_of_the_app(self._connection):
                    self._connection.execute(
                        SQL("INSERT INTO {} SELECT {} FROM {} AS s").format(place, SQL(", ").join(values), self._stage)
                    )
        except psycopg.Error as error:
            if (error.sqlstate or "")[:2] not in ("22", "23"):
                raise
            return error.diag.message_primary or str(error)
        return None

    def _longest(self, column: _Column) -> str:
        """How long texts of a column are, of those that were tried."""
        if column.base not in ("text", "character varying", "bpchar"):
            return ""
        row = self._asked(SQL("SELECT pg_catalog.max(pg_catalog.length(s.{})) FROM {} AS s").format(
            Identifier(column.name), self._stage))  # fmt: skip
        return f"; of {self._many:,} rows that were tried the longest has {row[0][0]} characters"

    def _asked(self, query: Composed) -> list[tuple[Any, ...]]:
        """The rows of a query. Its names are understood as ours, those in functions that it calls as the app's."""
        with self._connection.transaction():
            self._connection.execute(SQL("DECLARE asked NO SCROLL CURSOR FOR {}").format(query))
            with names_of_the_app(self._connection):
                rows = self._connection.execute("FETCH ALL FROM asked").fetchall()
            self._connection.execute("CLOSE asked")
            return list(rows)


def _columns(connection: Connection, tables: Sequence[Table]) -> Mapping[str, list[_Column]]:
    found: dict[str, list[_Column]] = {}
    for table, *column in connection.execute(QUERIES["columns"], _names(tables)).fetchall():
        found.setdefault(table, []).append(_Column(*column))
    return found


def _columns_of(connection: Connection, stage: Identifier) -> Collection[str]:
    cursor = connection.execute(SQL("SELECT * FROM {} LIMIT 0").format(stage))
    return {column.name for column in cursor.description or ()}


def _number(connection: Connection, query: Composed) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _names(tables: Sequence[Table]) -> dict[str, list[str]]:
    return {"schemas": [table.schema for table in tables], "names": [table.relation for table in tables]}
