"""Conditions that are not understood here, answered by the server: which of some values of our own it takes.

Values are proposed from every kind that a column can be of, and from what the condition and the functions that it calls
speak of; the server evaluates the condition over them, and never over a row.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from populace.declared import patterns, samples
from populace.declared.kinds import KINDS
from populace.declared.kinds.cell import REAL, TEXTS, WHOLE
from populace.declared.naming import BY_NAME
from populace.declared.schema import Check, Column, Schema, Table
from populace.declared.shapes import conditions

MOST_COLUMNS = 2
MOST_OF_EACH, MOST_OF_PATTERN, MOST_KINDS, MOST_KEPT = 60, 400, 4, 400
MOST_LONG = 100
Row = tuple[str, ...]
Ask = Callable[[Table, str, Sequence[Column], Sequence[Row]], list[Row]]
"""Of a table, an expression over some of its columns, and rows of values for these: those that it does not refuse."""
_NEVER_TRIED = ("constant", "empty", "words", "json", "prose")


def answered(schema: Schema, sources: Callable[[Table, str], str], ask: Ask) -> Schema:
    """The schema with what the server takes of each condition that is not understood. sources: the text of the
    functions that a check of a table calls."""
    tables = []
    for table in schema.tables:
        unread = {name for name, _, _ in conditions(table)[1]}
        asked = [*table.checks, *(_of_domain(column, text) for column in table.columns if column.domain in unread
                                  for text in column.domain_checks)]  # fmt: skip
        checks = tuple(
            replace(check, takes=tuple(_taken(table, check, sources(table, check.name), ask)))
            if check.name in unread and 0 < len(check.columns) <= MOST_COLUMNS else check
            for check in asked
        )  # fmt: skip
        tables.append(table if checks == table.checks else replace(table, checks=checks))
    return replace(schema, tables=tuple(tables))


def _of_domain(column: Column, text: str) -> Check:
    """What a domain asks, as a check of the column that has it."""
    name = '"' + column.name.replace('"', '""') + '"'
    return Check(column.domain, re.sub(r"\bVALUE\b", name, text), (column.name,))


def _taken(table: Table, check: Check, source: str, ask: Ask) -> list[Row]:
    columns = [table.column(name) for name in check.columns]
    said = f"{check.expression} {source}"
    some = [_once(_spoken_of(column, said)) for column in columns]
    kinds = [list(_by_kinds(column)) for column in columns]
    if len(columns) > 1:
        each = [_spread(_once([*values, *itertools.chain(*of)]), MOST_OF_EACH)
                for values, of in zip(some, kinds, strict=True)]  # fmt: skip
        return _spread(ask(table, check.expression, columns, list(itertools.product(*each))), MOST_KEPT)
    asked = [(value,) for value in _once([*some[0], *itertools.chain(*kinds[0])])]
    fine = dict.fromkeys(ask(table, check.expression, columns, asked))
    # What a kind gives is kept whole, if all of it is taken: then columns of this kind need no other values.
    whole = [of for of in kinds[0] if all((value,) in fine for value in of)][:MOST_KINDS]
    kept = [(value,) for value in itertools.chain(*whole)]
    return _once([*kept, *_spread([row for row in fine if row not in kept], MOST_KEPT)])


def _by_kinds(column: Column) -> Iterator[list[str]]:
    """What each kind gives that a column can be of, those first that its name speaks for."""
    name = column.name.lower()
    named = [kind for pattern, kind in BY_NAME if re.search(pattern, name)]
    for kind in _once([*(n for n in named if n in KINDS), *KINDS]):
        if kind not in _NEVER_TRIED and not KINDS[kind].takes(column):
            for distinct in (False, True) if KINDS[kind].distinct else (False,):
                yield _once([str(v) for v in samples.of(KINDS[kind], column, {}, distinct=distinct) if v is not None])


def _spoken_of(column: Column, said: str) -> Iterator[str]:
    """Values of which a text speaks: its literals, texts for its patterns, numbers about those in it."""
    texts = [text.replace("''", "'") for text in re.findall(r"'((?:[^']|'')*)'", said)]
    numbers = [int(number) for number in re.findall(r"\b\d{1,9}\b", said)]
    if column.base in TEXTS:
        yield from column.labels
        for text in texts:
            yield text
            yield from patterns.texts(text, MOST_OF_PATTERN)
        for length in numbers:
            yield from ("x" * length, "7" * length) if length < MOST_LONG else ()
    elif column.base in (*WHOLE, *REAL):
        yield from (str(n + more) for n in [*range(11), 20, 50, 100, 1000, *numbers] for more in (0, 1, -1))
    elif column.base == "bool":
        yield from ("true", "false")
    elif column.kind == "e":
        yield from column.labels


_T = TypeVar("_T")


def _once(values: Iterable[_T]) -> list[_T]:
    return list(dict.fromkeys(values))


def _spread(values: list[_T], many: int) -> list[_T]:
    step = max(1.0, len(values) / many)
    return [values[int(n * step)] for n in range(min(many, len(values)))]
