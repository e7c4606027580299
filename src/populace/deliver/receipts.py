"""Answers as rows of the app: statements made from what a world declares, its columns and values bound.

A row is written once, under the key that went out with its question, and only while what it refers to is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal, Placeholder

from populace.database.ownership import ledger_key
from populace.database.pins import qualified
from populace.spec import Column, Receipts, Table

CREATED = "created_at"


@dataclass(frozen=True, slots=True)
class Statements:
    """write: adds a row, and qualifies everything; its parameters are the row's columns by name. said: role and content
    of what was said in a thread up to a moment; its parameters are `thread` and `at`. take_over: notes as ours the rows
    of a thread that the peer wrote for us; its parameters are `thread` and `texts`, what was asked and answered.
    """

    write: Composed
    said: Composed
    take_over: Composed


def statements(receipts: Receipts, table: Table) -> Statements:
    """The statements for answers to a table of the world."""
    name, key = Identifier(table.schema, table.relation), table.key[0]
    columns = (key, *receipts.copied, *receipts.fixed, receipts.content, receipts.metadata, CREATED)
    there: list[Composable] = [_refers(table.column(c)) for c in receipts.copied if table.column(c).references]
    write = SQL("INSERT INTO {table} ({columns}) SELECT {values}{there} ON CONFLICT ({key}) DO NOTHING").format(
        table=name,
        columns=SQL(", ").join(map(Identifier, columns)),
        values=SQL(", ").join(_bound(table.column(c), c) for c in columns),
        there=SQL(" WHERE {}").format(SQL(" AND ").join(there)) if there else SQL(""),
        key=Identifier(key),
    )
    # Of one moment, a question comes before the answer to it.
    answers: list[Composable] = [SQL("t.{} = {}").format(Identifier(c), Placeholder(c)) for c in receipts.fixed]
    said = SQL(
        "SELECT t.{role}, t.{content} FROM {table} AS t WHERE t.{thread} = {given} AND t.{at} <= {until}"
        " ORDER BY t.{at}, ({answers})"
    ).format(
        role=Identifier(receipts.role),
        content=Identifier(receipts.content),
        table=name,
        thread=Identifier(receipts.thread),
        given=_bound(table.column(receipts.thread), "thread"),
        at=Identifier(CREATED),
        until=_bound(table.column(CREATED), "at"),
        answers=SQL(" AND ").join(answers or [SQL("true")]),
    )
    take_over = SQL(
        "INSERT INTO populace.own_row (relation, key) SELECT {relation}::regclass, {row} FROM {table} AS t"
        " WHERE t.{thread} = {given} AND t.{content} = ANY({texts}::text[]) ON CONFLICT DO NOTHING"
    ).format(
        relation=Literal(table.quoted_name),
        row=ledger_key(table),
        table=name,
        thread=Identifier(receipts.thread),
        given=_bound(table.column(receipts.thread), "thread"),
        content=Identifier(receipts.content),
        texts=Placeholder("texts"),
    )
    return Statements(write, said, take_over)


def row(receipts: Receipts, table: Table, payload: Mapping[str, Any], **answer: Any) -> dict[str, Any]:
    """The columns of an answer. answer: content, metadata and created_at."""
    return {
        table.key[0]: payload[receipts.key],
        **{column: payload[member] for column, member in receipts.copied.items()},
        **receipts.fixed,
        receipts.content: answer["content"],
        receipts.metadata: answer["metadata"],
        CREATED: answer["created_at"],
    }


def _bound(column: Column, parameter: str) -> Composable:
    kind = Identifier(*column.enum.split(".")) if column.enum else SQL(qualified(column.type))
    return SQL("{}::{}").format(Placeholder(parameter), kind)


def _refers(column: Column) -> Composable:
    """Whether what a column refers to is there."""
    assert column.references is not None
    schema, parent, key = column.references.split(".")
    return SQL("EXISTS (SELECT 1 FROM {} AS p WHERE p.{} OPERATOR(pg_catalog.=) {})").format(
        Identifier(schema, parent), Identifier(key), _bound(column, column.name)
    )
