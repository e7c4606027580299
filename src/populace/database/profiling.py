"""How much an app's tables hold, by counting: rows, NULLs, and words of columns that say nothing of a person.

Only where it is asked for, in a transaction that can change nothing; every query is kept, to be read by whoever let it
run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from populace.database.catalogue import BEGIN
from populace.database.connection import Connection

MOST_WORDS = 30
"""A column with more different words is none of few."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What was counted of a table. empty: of each column the share that is NULL. words: how often each, by column."""

    rows: int
    empty: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def read(
    connection: Connection, tables: Mapping[str, Collection[str]], worded: Mapping[str, Collection[str]]
) -> tuple[dict[str, Profile], list[str]]:
    """Count tables (full names, with their columns), and the words of some of their columns. With the queries that ran.

    What this role may not read, or takes longer than the catalogue's limit, is left out."""
    found: dict[str, Profile] = {}
    ran: list[str] = []
    with connection.transaction():
        for statement in BEGIN:
            connection.execute(statement)

        def asked(query: Composed) -> list[tuple[Any, ...]]:
            ran.append(query.as_string(None))
            with connection.transaction():
                return connection.execute(query).fetchall()

        for name, columns in tables.items():
            schema, _, bare = name.partition(".")
            table = Identifier(schema, bare)
            try:
                counted = SQL(", ").join([SQL("count(*)"), *(SQL("count({})").format(Identifier(c)) for c in columns)])
                ((rows, *filled),) = asked(SQL("SELECT {} FROM {}").format(counted, table))
                words = {}
                for column in worded.get(name, ()):
                    some = asked(SQL(
                        "SELECT {0}::text, count(*) FROM {1} WHERE {0} IS NOT NULL"
                        " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {2}"
                    ).format(Identifier(column), table, Literal(MOST_WORDS + 1)))  # fmt: skip
                    if 0 < len(some) <= MOST_WORDS:
                        words[column] = {str(word): int(many) for word, many in some}
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.QueryCanceled):
                continue
            assert isinstance(rows, int)
            shares = {c: round(1 - int(n) / rows, 3) for c, n in zip(columns, filled, strict=True)} if rows else {}
            found[name] = Profile(rows, shares, words)
    return found, ran
