"""Conditions of an app that the server evaluates over values of our own, in a transaction that can change nothing."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg.sql import SQL, Identifier

from populace.database.catalogue import BEGIN, QUERIES
from populace.database.connection import Connection
from populace.declared import answers
from populace.declared.answers import Row
from populace.declared.schema import Column, Schema, Table


def answered(connection: Connection, schema: Schema) -> tuple[Schema, list[str]]:
    """The schema with what the server takes of each condition that is not understood; and the queries that asked it."""
    asked: list[str] = []

    def sources(table: Table, check: str) -> str:
        bound = {"schema": table.schema, "table": table.name, "check": check}
        found = connection.execute(QUERIES["sources"], bound).fetchall()
        return " ".join(source for (source,) in found)

    def ask(table: Table, expression: str, columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
        query = SQL("SELECT place FROM (SELECT place, {} FROM unnest({}) WITH ORDINALITY AS v ({}, place)) AS given"
                    " WHERE ({}) IS NOT FALSE ORDER BY place").format(
            SQL(", ").join(SQL("{0}::{1} AS {0}").format(Identifier(c.name), SQL(_plain(c))) for c in columns),
            SQL(", ").join(SQL("%s::text[]") for _ in columns),
            SQL(", ").join(Identifier(c.name) for c in columns),
            SQL(expression.replace("%", "%%")),
        )  # fmt: skip
        asked.append(query.as_string(connection))
        return _taken(connection, query.as_string(connection), rows)

    with connection.transaction():
        for statement in BEGIN:
            connection.execute(statement)
        return answers.answered(schema, sources, ask), asked


def _plain(column: Column) -> str:
    """The type of a value before a domain asks anything of it."""
    return column.base if column.domain else column.type


def _taken(connection: Connection, query: str, rows: Sequence[Row]) -> list[Row]:
    """The rows that a condition does not refuse; where it fails over all of them, of either half."""
    if not rows:
        return []
    try:
        with connection.transaction():
            found = connection.execute(query, [list(values) for values in zip(*rows, strict=True)]).fetchall()
    except psycopg.Error as error:
        if (error.sqlstate or "")[:2] not in ("22", "23", "P0") or len(rows) == 1:
            return []
        half = len(rows) // 2
        return [*_taken(connection, query, rows[:half]), *_taken(connection, query, rows[half:])]
    return [rows[place - 1] for (place,) in found]
