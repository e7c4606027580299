"""The target's tables compared with what is about to be written into them: all that does not fit, before the first row.

What is expected comes as plain values; what is there is read from PostgreSQL's catalog.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from populace.database import queries
from populace.database.connection import Connection

_NUMERIC = 1700
"""The oid of `numeric`, the same in every PostgreSQL."""
_KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}


@dataclass(frozen=True)
class ExpectedColumn:
    """A column we write. type: as PostgreSQL names it (`uuid`, `timestamptz`, `numeric(10,2)`, `text[]`). nullable:
    whether we may write NULL. values: all texts we may write, or empty when they are not limited. stored: the type of
    the app's that it must have instead, as the catalogue shows it. numbered: we write it though the database numbers
    it."""

    name: str
    type: str
    nullable: bool
    values: tuple[str, ...] = ()
    stored: str | None = None
    numbered: bool = False


@dataclass(frozen=True)
class ExpectedTable:
    """A table we write. unique: the column sets by which rows are merged; each needs a unique key."""

    schema: str
    name: str
    columns: tuple[ExpectedColumn, ...]
    unique: tuple[tuple[str, ...], ...] = ()

    @property
    def full_name(self) -> str:
        """`schema.name`."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class _Column:
    name: str
    shown_type: str
    type_oid: int
    is_text: bool
    modifier: int
    not_null: bool
    has_default: bool
    generated: bool
    identity_always: bool
    labels: Sequence[str]


@dataclass(frozen=True)
class _Table:
    kind: str
    row_security: bool
    may_insert: bool
    columns: dict[str, _Column]


def tables_present(conn: Connection, tables: Sequence[ExpectedTable]) -> set[str]:
    """The full names of those tables that exist, views and foreign tables of that name included."""
    return set(_tables(conn, tables))


def mismatches(conn: Connection, tables: Sequence[ExpectedTable]) -> list[str]:
    """Everything that would keep our rows out, one line each (`public.profiles.role: …`), in the order of `tables`;
    of each table first what is wrong with what is there, then what is missing; empty when all fits.

    Not seen: CHECK constraints, foreign keys to rows that are missing, what triggers do.
    """
    present, keys = _tables(conn, tables), _unique_keys(conn, tables)
    types = _types(conn, {_bare(column.type) for table in tables for column in table.columns})
    found: list[str] = []
    for table in tables:
        actual = present.get(table.full_name)
        if actual is None:
            found.append(f"{table.full_name}: the table is missing")
            continue
        found += [f"{table.full_name}: {fault}" for fault in _table_faults(actual)]
        written = {column.name for column in table.columns}
        for expected in table.columns:
            if column := actual.columns.get(expected.name):
                faults = _column_faults(expected, column, types)
                found += [f"{table.full_name}.{expected.name}: {fault}" for fault in faults]
        found += [
            f"{table.full_name}.{column.name}: it takes no NULL, has no default, and we do not write it"
            for column in actual.columns.values()
            if column.name not in written and column.not_null and not column.has_default and not column.generated
        ]
        found += [
            f"{table.full_name}: no unique key on ({', '.join(key)}), by which rows are merged; a partial or "
            "deferrable one does not do"
            for key in table.unique
            if frozenset(key) not in keys.get(table.full_name, set())
        ]
        found += [
            f"{table.full_name}.{column.name}: the column is missing"
            for column in table.columns
            if column.name not in actual.columns
        ]
    return found


def _table_faults(table: _Table) -> Iterator[str]:
    if table.kind in _KINDS:
        yield f"this is {_KINDS[table.kind]}, not a table"
        return
    if not table.may_insert:
        yield "we have no right to INSERT"
    if table.row_security:
        yield "row-level security restricts us; connect as the table's owner or a role with BYPASSRLS"


def _column_faults(
    expected: ExpectedColumn, column: _Column, types: dict[str, tuple[int | None, bool]]
) -> Iterator[str]:
    if column.generated:
        yield "the database computes this column, and we write it"
        return
    if column.identity_always and not expected.numbered:
        yield "the database numbers this column (GENERATED ALWAYS AS IDENTITY), and we write it"
    if column.not_null and expected.nullable:
        yield "it takes no NULL, and we may write NULL"
    if expected.stored is not None:
        # Names are shown with their schema, or without, as the session finds them.
        if column.shown_type.rpartition(".")[2] != expected.stored.rpartition(".")[2]:
            yield f"the type is {column.shown_type}; when this world was made it was {expected.stored}"
        return
    oid, is_text = types[_bare(expected.type)]
    if column.labels and is_text:
        if not expected.values:
            yield f"the type is the enum {column.shown_type}, and we write any {expected.type}"
    elif oid is None:
        yield f"the type is {column.shown_type}; we write {expected.type}, which this database does not know"
    elif oid != column.type_oid and not (is_text and column.is_text):
        yield f"the type is {column.shown_type}; we write {expected.type}"
    elif oid == _NUMERIC:
        yield from _numeric_faults(expected, column)
    unknown = [value for value in expected.values if value not in column.labels] if column.labels else []
    if unknown:
        yield f"the enum {column.shown_type} lacks {', '.join(map(repr, unknown))}"


def _numeric_faults(expected: ExpectedColumn, column: _Column) -> Iterator[str]:
    """A target that is narrower than what we write rounds it or refuses it."""
    written = re.fullmatch(r".*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", expected.type)
    if column.modifier < 4:
        return
    precision, scale = (column.modifier - 4) >> 16, (column.modifier - 4) & 0x7FF
    if written is None:
        yield f"the type is {column.shown_type}; we write {expected.type} of any size"
        return
    our_precision, our_scale = int(written[1]), int(written[2] or 0)
    if scale < our_scale or precision - scale < our_precision - our_scale:
        yield f"the type is {column.shown_type}; we write {expected.type}"


def _tables(conn: Connection, tables: Sequence[ExpectedTable]) -> dict[str, _Table]:
    found: dict[str, _Table] = {}
    for schema, name, kind, security, may_insert, *column in conn.execute(
        queries.load("queries/columns.sql"), _names(tables)
    ).fetchall():
        table = found.setdefault(f"{schema}.{name}", _Table(kind, security, may_insert, {}))
        if column[0] is not None:
            table.columns[column[0]] = _Column(*column)
    return found


def _unique_keys(conn: Connection, tables: Sequence[ExpectedTable]) -> dict[str, set[frozenset[str]]]:
    found: dict[str, set[frozenset[str]]] = {}
    for schema, name, columns in conn.execute(queries.load("queries/unique_keys.sql"), _names(tables)).fetchall():
        found.setdefault(f"{schema}.{name}", set()).add(frozenset(columns))
    return found


def _types(conn: Connection, names: Iterable[str]) -> dict[str, tuple[int | None, bool]]:
    rows = conn.execute(queries.load("queries/types.sql"), {"types": sorted(names)}).fetchall()
    return {named: (oid, is_text) for named, oid, is_text in rows}


def _names(tables: Sequence[ExpectedTable]) -> dict[str, list[str]]:
    return {"schemas": [table.schema for table in tables], "names": [table.name for table in tables]}


def _bare(type_name: str) -> str:
    """The type without its modifier: `numeric(10,2)` is `numeric`."""
    return re.sub(r"\s*\([^)]*\)", "", type_name)
