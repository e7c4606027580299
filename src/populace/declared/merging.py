"""A `world.toml` that somebody has edited, over a schema that has changed since: what is new comes in, what was removed
is commented out, and every other line stays as it is.

The file is taken apart into statements, each with the comments above it; TOML itself says where one ends.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from populace.declared import acts
from populace.declared.declaration import DEFAULT, REFERENCE, full, short
from populace.declared.guessing import Guessed
from populace.declared.kinds import KINDS
from populace.declared.schema import Column, Schema, Table
from populace.declared.writing import column_line
from populace.declared.writing import section as section_of
from populace.errors import BadInput

_MOST_LINES = 400
"""So many lines a value may take."""


@dataclass(slots=True)
class _Statement:
    """A header or a key with its value. above: blank lines and comments in front of it. number: of its first line."""

    path: tuple[str, ...]
    is_header: bool
    above: list[str]
    lines: list[str]
    number: int

    def gone(self, why: str) -> None:
        """Comment it out."""
        self.lines = [f"# {why}", *(f"# {line}" for line in self.lines)]


@dataclass(slots=True)
class Merged:
    """The text of the file, and what was changed in it, a line each."""

    text: str = ""
    changes: list[str] = field(default_factory=list)


def merged(text: str, where: str, old: Schema, new: Schema, guessed: Guessed) -> Merged:
    """The edited text over the new schema. where: how errors name the file. guessed: what a fresh guess says.

    Raises BadInput for a table that is not written as a section of its own."""
    statements, tail = _parsed(text, where)
    out = Merged()
    named: dict[str, str] = {}
    for at, one in enumerate(statements):
        if one.path[:1] != ("tables",):
            continue
        if not one.is_header or len(one.path) < 2:
            raise BadInput("this table is no section of its own, and cannot be merged", where=f"{where}:{one.number}",
                           given=".".join(one.path), allowed="[tables.name], and [tables.name.columns]")  # fmt: skip
        called = one.path[1]
        name = full(called, old) or full(called, new)
        if name is None:
            continue  # it is said when the file is read
        named[name] = called
        section = list(_section(statements, at))
        if full(called, new) is None:
            for part in section:
                part.gone("gone from the schema")
            if len(one.path) == 2:
                out.changes.append(f"table {called}: gone from the schema, commented out")
        elif one.path[2:] == ("columns",):
            _columns(section, called, (old, new), name, guessed, out)
    if ("people",) not in {one.path for one in statements if one.is_header}:
        tables = {name: acts.without(table) for name, table in guessed.declared.tables.items()}
        guessed = replace(guessed, declared=replace(guessed.declared, tables=tables, life=None))
    known = {table.full_name for table in old.tables}
    fresh = [t.full_name for t in new.tables if t.full_name not in named and t.full_name not in known]
    fresh = [name for name in fresh if name in guessed.declared.tables or name in guessed.declined]
    added = [line for name in fresh for line in ("", *section_of(guessed, new, name))]
    out.changes += [f"table {short(name)}: new" for name in fresh]
    lines = [line for one in statements for line in (*one.above, *one.lines)] + tail + added
    out.text = "\n".join(lines) + "\n"
    return out


def _columns(
    section: Sequence[_Statement], called: str, schemas: tuple[Schema, Schema], name: str, guessed: Guessed, out: Merged
) -> None:
    """The columns of one table."""
    old, new = (schema.table(name) if _has(schema, name) else None for schema in schemas)
    assert new is not None
    there = {column.name: column for column in new.columns}
    before = {column.name: column for column in old.columns} if old is not None else {}
    is_guessed = name in guessed.declared.tables and name not in guessed.declined
    for one in section[1:]:
        column = one.path[0]
        if column in before and column not in there:
            one.gone("gone from the schema")
            out.changes.append(f"column {called}.{column}: gone from the schema, commented out")
        elif column in there and column in before and there[column] != before[column] and (
                reason := _unfit(_value(one), new, there[column])):  # fmt: skip
            line = list(column_line(guessed, name, column)) if is_guessed else []
            one.gone(f"another one since the column has changed: {reason}")
            one.lines += line
            out.changes.append(f"column {called}.{column}: {reason}, guessed again")
    written = {one.path[0] for one in section[1:]}
    for fresh in new.columns:
        if fresh.name not in before and fresh.name not in written:
            line = list(column_line(guessed, name, fresh.name)) if is_guessed else []
            if line:
                section[-1].lines += line
                out.changes.append(f"column {called}.{fresh.name}: new")


def _unfit(given: Any, table: Table, column: Column) -> str:
    """Why what is declared of a column does not fit it any more; "" where it does."""
    kind = str(given.get("kind") if isinstance(given, dict) else given)
    if kind == REFERENCE and table.foreign_keys_of(column.name):
        return ""
    if column.computed:
        return "the database computes it"
    if kind in (REFERENCE, DEFAULT) or kind not in KINDS:
        return ""
    strange = [str(w) for w in given.get("words", ()) if column.labels and str(w) not in column.labels] if isinstance(
        given, dict) else []  # fmt: skip
    return KINDS[kind].takes(column) or (f"its enum has no {strange[0]!r}" if strange else "")


def _value(statement: _Statement) -> Any:
    value: Any = tomllib.loads("\n".join(statement.lines))
    for name in statement.path[:1]:
        value = value[name]
    return value


def _has(schema: Schema, name: str) -> bool:
    return name in schema.by_name


def _section(statements: Sequence[_Statement], at: int) -> Iterator[_Statement]:
    yield statements[at]
    for one in statements[at + 1 :]:
        if one.is_header:
            return
        yield one


def _parsed(text: str, where: str) -> tuple[list[_Statement], list[str]]:
    """The statements of a file, and what stands after the last of them."""
    found: list[_Statement] = []
    above: list[str] = []
    held: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), 1):
        if not held and (not line.strip() or line.lstrip().startswith("#")):
            above.append(line)
            continue
        first = first if held else number
        held.append(line)
        try:
            document = tomllib.loads("\n".join(held))
        except tomllib.TOMLDecodeError as error:
            if len(held) > _MOST_LINES:
                raise BadInput(f"this is no TOML: {error}", where=f"{where}:{first}") from None
            continue
        is_header = held[0].lstrip().startswith("[")
        found.append(_Statement(tuple(_path(document, whole=is_header)), is_header, above, held, first))
        above, held = [], []
    if held:
        raise BadInput("this value has no end", where=f"{where}:{first}", given=held[0])
    return found, above


def _path(document: Any, *, whole: bool) -> Iterator[str]:
    """The names of a header, or the first name of a key."""
    while isinstance(document, dict) and document:
        name = next(iter(document))
        yield name
        if not whole:
            return
        document = document[name]
