"""A database's whole catalogue, read in one transaction that can change nothing; no row of a table is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import psycopg

from populace.database.connection import Connection
from populace.database.named import named
from populace.declared.schema import Check, Column, ForeignKey, Schema, Table, Trigger, Unique
from populace.errors import BadInput, Refused

QUERIES = named("populace.database", "catalogue.sql")
MOST_TABLES = 5_000
"""Of one database."""
BEGIN = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL search_path = pg_catalog",
    "SET LOCAL statement_timeout = '60s'",
)
"""Before anything is read: nothing can be written, and every name is read with its schema."""


def statements() -> list[str]:
    """What `read` runs, in order; the query `lived` where `opened` says so."""
    return [*BEGIN, *(QUERIES[name].strip() for name in QUERIES)]


def read(connection: Connection, shown: str) -> tuple[Schema, Mapping[str, int]]:
    """The catalogue, in a transaction of its own; and of the tables that hold rows how many these are, -1 where the
    server's statistics do not say. shown: how errors name the database.

    Raises Refused where this role may not read it, BadInput where there are no tables, or too many.
    """
    try:
        with connection.transaction():
            for statement in BEGIN:
                connection.execute(statement)
            return _read(connection, shown)
    except psycopg.errors.InsufficientPrivilege as error:
        raise Refused(
            f"this role may not read the catalogue: {error.diag.message_primary}",
            where=shown,
            todo="connect as a role that may read pg_catalog, such as the owner of the tables",
        ) from error


def _read(connection: Connection, shown: str) -> tuple[Schema, Mapping[str, int]]:
    server, encoding = connection.execute(QUERIES["server"]).fetchall()[0]
    tables = connection.execute(QUERIES["tables"]).fetchall()
    if not 0 < len(tables) <= MOST_TABLES:
        raise BadInput(
            "there are no tables in this database" if not tables else "there are too many tables",
            where=shown,
            given=f"{len(tables):,}",
            allowed=f"1 to {MOST_TABLES:,} tables, beside the server's, an extension's and Populace's own",
            todo="name the database in which the app has made its tables",
        )
    bound = {"tables": [row[0] for row in tables]}
    names = {oid: f"{schema}.{name}" for oid, schema, name, *_ in tables}
    parts = {name: _grouped(connection, name, bound) for name in (
        "columns", "parts", "leaves", "uniques", "foreign_keys", "checks", "exclusions", "triggers",
        "rules")}  # fmt: skip

    def of(oid: int) -> Mapping[str, Any]:
        return {
            "columns": tuple(
                _column(*row, parts=_parts(parts["parts"], whole)) for *row, whole in parts["columns"][oid]
            ),
            "uniques": tuple(
                Unique(name, tuple(columns), primary, tuple(expressions), where, nulls, temporal)
                for name, columns, primary, expressions, where, nulls, temporal in parts["uniques"][oid]
            ),
            "foreign_keys": tuple(
                ForeignKey(name, tuple(columns), parent, tuple(keys), *rest)
                for name, columns, parent, keys, *rest in parts["foreign_keys"][oid]
            ),
            "checks": tuple(Check(name, said, tuple(reads), ok) for name, said, reads, ok in parts["checks"][oid]),
            "exclusions": tuple(row[0] for row in parts["exclusions"][oid]),
            "triggers": tuple(Trigger(*row) for row in parts["triggers"][oid]),
            "rules": tuple(row[0] for row in parts["rules"][oid]),
        }

    ours = _ours(connection)
    held = {name: many for name, many in connection.execute(QUERIES["held"], bound).fetchall()
            if many and name.partition(".")[2] not in ours}  # fmt: skip
    return Schema(
        server,
        encoding,
        tuple(
            Table(
                schema, name, kind, **of(oid), partition_key=key, partitions=tuple(bounds),
                partition_of=names.get(whole, ""), inherits=tuple(inherits), row_security=security,
                row_security_forced=forced, insertable=insertable, comment=comment,
                leaves=tuple(row[0] or "" for row in parts["leaves"][oid]),
            )
            for oid, schema, name, kind, key, bounds, whole, inherits, security, forced, insertable, comment in tables
        ),
        tuple(row[0] for row in connection.execute(QUERIES["extensions"]).fetchall()),
        tuple(row[0] for row in connection.execute(QUERIES["views"]).fetchall()),
    ), held  # fmt: skip


def _ours(connection: Connection) -> set[str]:
    """Tables that a population of ours fills here, or has filled, by name; where this role may see that."""
    ((may,),) = connection.execute(QUERIES["opened"]).fetchall()
    if not may:
        return set()
    return {path.removesuffix(".rows") for (path,) in connection.execute(QUERIES["lived"]) if path.endswith(".rows")}


def _grouped(connection: Connection, query: str, bound: Mapping[str, Any]) -> Mapping[int, list[tuple[Any, ...]]]:
    """The rows of a query by the table that they are about, without it."""
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for oid, *rest in connection.execute(QUERIES[query], bound).fetchall():
        found[oid].append(tuple(rest))
    return found


_HEADER = 4
"""PostgreSQL counts four bytes of a header in the modifier of a text or a number."""


def _column(
    name: str, type_: str, base: str, kind: str, not_null: bool, modifier: int, labels: list[str], domain: str,
    domain_checks: list[str], default: str, computed: bool, identity: str, serial: bool, comment: str,
    *, parts: tuple[Column, ...] = (),
) -> Column:  # fmt: skip
    element = base.removeprefix("_")
    length = precision = scale = None
    if modifier >= 0 and element in ("varchar", "bpchar"):
        length = modifier - _HEADER
    elif modifier >= 0 and element in ("bit", "varbit"):
        length = modifier
    elif modifier >= _HEADER and element == "numeric":
        precision, scale = (modifier - _HEADER) >> 16, (modifier - _HEADER) & 0x7FF
    return Column(
        name, type_, base, kind, not_null, length, precision, scale, tuple(labels), domain, tuple(domain_checks),
        default, computed, identity, serial, comment, parts,
    )  # fmt: skip


MOST_DEEP = 5
"""Types of types: so far they are followed."""


def _parts(parts: Mapping[int, list[tuple[Any, ...]]], whole: int, deep: int = 0) -> tuple[Column, ...]:
    """What a type is made of; none where it is made of nothing else."""
    if deep == MOST_DEEP:
        return ()
    return tuple(
        _column(
            name, type_, base, kind, False, modifier, labels, domain, checks, "", False, "", False, "",
            parts=_parts(parts, inner, deep + 1),
        )
        for name, type_, base, kind, modifier, labels, domain, checks, inner in parts.get(whole, ())
    )  # fmt: skip
