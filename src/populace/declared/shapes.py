"""Shapes: what the columns that conditions read may hold together.

A CHECK on one column narrows what stands in it. One on several (a state and its moment, this or that, an end after a
beginning) is met by a list of shapes: for each, which columns are NULL, which keep what their kind gives, and which
hold a certain value. The shapes are found by trying candidates in a fixed order, so the same schema gives the same
shapes.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.declared import partitions, patterns, proposals, samples, triggers
from populace.declared.conditions import Condition, parse
from populace.declared.kinds.cell import REAL, TEXTS, WHOLE
from populace.declared.operators import Misread, Unknown
from populace.declared.schema import Check, Column, Table

KEEP, NULL, FIXED, OFFSET = "keep", "null", "fixed", "offset"
MOST_TRIED = 60_000
MOST_SHAPES = 48
MOST_EACH = 14
_PATTERN_TEXTS = 4_000
_LEAST_DISTINCT = 2


class Unmet(Exception):
    """Conditions are understood, and nothing that their columns may hold meets them. column: whose fault it is."""

    def __init__(self, why: str, column: str) -> None:
        super().__init__(why)
        self.column = column


@dataclass(frozen=True, slots=True)
class Hold:
    """What a column holds in a shape. how: `keep`, `null`, `fixed` (value) or `offset` (µs after the row came)."""

    how: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Shape:
    """Columns that conditions tie together, and all that they may hold: one entry a shape, by column. spans: of one
    column, between which days (of 1970) the moment at which a row came may stand in the place of them. inside: the
    choices that only rows have that claim what they refer to; none where no row does."""

    columns: tuple[str, ...]
    choices: tuple[tuple[Hold, ...], ...]
    spans: tuple[tuple[int, int], ...] = ()
    inside: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a column before shapes are sought. values: samples of its kind. fixed: its value may be replaced
    by another; a key or a reference keeps its own. nullable: it may hold NULL here. distinct: all rows differ. came: it
    is the moment at which the row came. takes: whether another value may stand there, for all that its author has asked
    for, and for nobody to be reached. within_us: so long after the row its moment may be."""

    column: Column
    values: Sequence[Any]
    fixed: bool = True
    nullable: bool = False
    distinct: bool = False
    came: bool = False
    takes: Callable[[Any], bool] = lambda value: True
    within_us: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A condition that is understood, and whose it is. placed: it says where a moment lies, and not only in what
    order."""

    name: str
    condition: Condition
    placed: bool = False


@lru_cache(maxsize=8_192)
def conditions(table: Table) -> tuple[list[Read], list[tuple[str, str, tuple[str, ...]]]]:
    """What a table asks of a row, domains included; and what of it is not understood: its name, why, its columns."""
    read: list[Read] = []
    unread: list[tuple[str, str, tuple[str, ...]]] = []
    names = [column.name for column in table.columns]
    for check in table.checks:
        try:
            read.append(Read(check.name, parse(check.expression, names)))
        except Unknown as error:
            if check.takes:
                read.append(Read(check.name, _answered(check)))
            else:
                unread.append((check.name, str(error), check.columns))
    for column in table.columns:
        for text in column.domain_checks:
            try:
                condition = parse(text, ["VALUE"], [part.name for part in column.parts])
            except Unknown as error:
                # Where the server was asked, it stands among the checks.
                if not any(c.name == column.domain and c.columns == (column.name,) and c.takes for c in table.checks):
                    unread.append((column.domain, str(error), (column.name,)))
                continue
            read.append(Read(column.domain, _renamed(condition, column.name)))
    for trigger, text in triggers.refused(table):
        try:
            raises = parse(text, names)
        except Unknown:
            # It reads more than the row; whether it takes rows of ours a seed's rehearsal shows.
            continue
        read.append(Read(f"the trigger {trigger}", against(raises)))
    for text in partitions.bounds(table):
        try:
            read.append(Read(f"the partitions of {table.full_name}", parse(text, names), placed=True))
        except Unknown as error:
            unread.append((f"of partitions {table.partition_key}", str(error), ()))
    return read, unread


def asked(table: Table, checks: Sequence[str]) -> list[Read]:
    """Conditions that a file asks for beside those of the schema."""
    names = [column.name for column in table.columns]
    return [Read(f"the check of world.toml, {text},", parse(text, names)) for text in checks]


def _answered(check: Check) -> Condition:
    """A condition of which the server has said what it takes; NULL it takes too, as nearly all do."""
    taken = frozenset(check.takes)

    def holds(row: Mapping[str, Any]) -> bool:
        values = tuple(row[name] for name in check.columns)
        return None in values or tuple(_shown(value) for value in values) in taken

    constants = tuple(dict.fromkeys(value for row in check.takes for value in row))
    numbers = tuple(int(v) for v in constants if re.fullmatch(r"-?\d{1,15}", v))
    return Condition(check.expression, check.columns, (*constants, *numbers), holds)


def _shown(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def against(condition: Condition) -> Condition:
    """What holds of a row where a condition is not true of it."""
    return Condition(f"not {condition.text}", condition.columns, condition.constants,
                     lambda row: condition.holds(row) is not True)  # fmt: skip


def _renamed(condition: Condition, name: str) -> Condition:
    """A condition of a domain, as one of the column that has it."""
    return Condition(condition.text, (name,), condition.constants, lambda row: condition.holds({"VALUE": row[name]}))


def groups(read: Sequence[Read]) -> Iterator[tuple[tuple[str, ...], list[Read]]]:
    """Conditions that share columns, with all of these."""
    found: list[tuple[set[str], list[Read]]] = []
    for one in read:
        mine = set(one.condition.columns)
        joined = [group for group in found if group[0] & mine]
        found = [group for group in found if not group[0] & mine]
        found.append((mine.union(*(group[0] for group in joined)), [r for group in joined for r in group[1]] + [one]))
    for columns, reads in found:
        if columns:
            yield tuple(sorted(columns)), reads


_AFTER_US = {
    "created": (0,), "updated": (0, 60_000_000, 60 * DAY_US), "later": (None, 60_000_000, 2 * DAY_US),
    "ahead": (None, DAY_US, 60 * DAY_US), "birthday": (None, -80 * 365 * DAY_US, -17 * 365 * DAY_US),
}  # fmt: skip
"""How long after a row came its moments may be, at some of all times; None: not yet."""


def in_order(columns: tuple[str, ...], read: Sequence[Read], kinds: Mapping[str, tuple[Column, str]]) -> bool:
    """Whether conditions ask no more of moments than their kinds keep by themselves: nothing is before the row came."""
    if len(columns) > 6 or len(columns) < 2 or any(r.placed for r in read):
        return False
    times = ("timestamptz", "timestamp", "date")
    if any(n not in kinds or kinds[n][1] not in _AFTER_US or kinds[n][0].base not in times for n in columns):
        return False
    some = [
        [None if us is None else _moment(kinds[n][0], samples.BEGIN_US + us) for us in _AFTER_US[kinds[n][1]]]
        for n in columns
    ]
    return all(_holds(r, dict(zip(columns, row, strict=True))) for row in itertools.product(*some) for r in read)


def _moment(column: Column, at_us: int) -> str:
    text = samples.iso(at_us)
    return text[:10] if column.base == "date" else text


def shape(columns: tuple[str, ...], read: Sequence[Read], known: Mapping[str, Known]) -> Shape | None:
    """The shapes that meet the conditions; None where what the kinds give meets them always. Raises Unknown where
    nothing that was tried does."""
    if _always(columns, read, known):
        return None
    if len(columns) == 1 and known[columns[0]].distinct:
        return _distinct(columns[0], read, known[columns[0]])
    candidates = [list(_candidates(name, read, known[name])) for name in columns]
    alone = {name: [r for r in read if r.condition.columns == (name,)] for name in columns}
    most = MOST_EACH if len(columns) > 1 else MOST_SHAPES
    candidates = [
        _null_first([one for one in some if all(_holds(r, {name: one[1]}) for r in alone[name])])[:most]
        for name, some in zip(columns, candidates, strict=True)
    ]
    while _product(candidates) > MOST_TRIED:
        longest = max(range(len(candidates)), key=lambda n: len(candidates[n]))
        candidates[longest] = candidates[longest][: len(candidates[longest]) * 3 // 4]
    for name, some in zip(columns, candidates, strict=True):
        if not some:
            asked = [r.name for r in read if name in r.condition.columns]
            raise Unmet(f"no value that {name} may hold as it is declared meets {' and '.join(asked)}", name)
    shared = [r for r in read if len(r.condition.columns) > 1]
    found: dict[tuple[str, ...], list[tuple[Hold, ...]]] = {}
    for combination in itertools.product(*candidates):
        row = {name: value for name, (_, value) in zip(columns, combination, strict=True)}
        if all(_holds(r, row) for r in shared):
            holds = tuple(hold for hold, _ in combination)
            # One column either keeps what its kind gives, or has values of the shape's: not both.
            found.setdefault(tuple("" if h.how == NULL else h.how for h in holds), []).append(holds)
    if not found:
        raise Unmet(f"no values that were tried meet {' and '.join(r.name for r in read)}", columns[0])
    return Shape(columns, tuple(_spread(_compatible(found))))


def _compatible(found: Mapping[tuple[str, ...], list[tuple[Hold, ...]]]) -> list[tuple[Hold, ...]]:
    """The most shapes that go together: in each column those that are not NULL are of one sort."""
    best: list[tuple[Hold, ...]] = []
    for first in found:
        chosen: list[tuple[Hold, ...]] = []
        sorts = list(first)
        for signature, shapes in sorted(found.items(), key=lambda item: (-sum(bool(s) for s in item[0]), item[0])):
            if all(not ours or not theirs or ours == theirs for ours, theirs in zip(sorts, signature, strict=True)):
                sorts = [ours or theirs for ours, theirs in zip(sorts, signature, strict=True)]
                chosen += shapes
        if len(chosen) > len(best):
            best = chosen
    return best


def _null_first(candidates: list[tuple[Hold, Any]]) -> list[tuple[Hold, Any]]:
    """The same, so that NULL is among those that are kept of many."""
    return sorted(candidates, key=lambda one: one[0].how != NULL)


def _spread(shapes: list[tuple[Hold, ...]]) -> list[tuple[Hold, ...]]:
    """Some of many, so that what differs most is among them: as many of each that has NULL in other columns."""
    if len(shapes) <= MOST_SHAPES:
        return shapes
    alike: dict[tuple[bool, ...], list[tuple[Hold, ...]]] = {}
    for choice in shapes:
        alike.setdefault(tuple(hold.how == NULL for hold in choice), []).append(choice)
    each = max(1, MOST_SHAPES // len(alike))
    found = []
    for some in list(alike.values())[:MOST_SHAPES]:
        step = max(1.0, len(some) / each)
        found += [some[int(n * step)] for n in range(min(each, len(some)))]
    return found


def _product(candidates: Sequence[Sequence[object]]) -> int:
    many = 1
    for some in candidates:
        many *= max(1, len(some))
    return many


def _holds(read: Read, row: Mapping[str, Any]) -> bool:
    """Whether a condition lets a row pass: NULL does too, as in SQL. What cannot be a number does not."""
    try:
        return read.condition.holds(row) is not False
    except Misread:
        return False
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise Unknown(f"{read.name}: {error}") from error


def _always(columns: tuple[str, ...], read: Sequence[Read], known: Mapping[str, Known]) -> bool:
    """Whether what the kinds give passes, NULL in any column that may hold it included."""
    if len(columns) > 1 or any(r.placed for r in read):
        return False
    name = columns[0]
    tried = [*known[name].values, *([None] if known[name].nullable else [])]
    return all(_holds(r, {name: value}) for r in read for value in tried)


def _distinct(name: str, read: Sequence[Read], known: Known) -> Shape:
    """Enough values for a column whose rows all differ."""
    fine = [
        v for v in _texts(read, known, _PATTERN_TEXTS)
        if len(v) <= (known.column.length or len(v)) and known.takes(v) and all(_holds(r, {name: v}) for r in read)
    ]  # fmt: skip
    if len(fine) < _LEAST_DISTINCT:
        asked = " and ".join(r.name for r in read)
        raise Unmet(f"too few different values that {name} may hold as it is declared meet {asked}", name)
    return Shape((name,), tuple((Hold(FIXED, value),) for value in fine))


def _candidates(name: str, read: Sequence[Read], known: Known) -> Iterator[tuple[Hold, Any]]:
    """What a column might hold: as it is in the shape, and as conditions see it."""
    return ((hold, value) for hold, value in _thought_of(name, read, known) if hold.how != FIXED or known.takes(value))


def _thought_of(name: str, read: Sequence[Read], known: Known) -> Iterator[tuple[Hold, Any]]:
    """The same, whoever asked for what."""
    column = known.column
    values = samples.distinct([v for v in known.values if v is not None])
    if known.values and not values:
        yield Hold(NULL), None
        return
    if not known.fixed:
        yield Hold(KEEP), values[0] if values else "x"
    elif column.base in ("timestamptz", "timestamp", "date"):
        step = DAY_US if column.base == "date" else HOUR_US
        if moments := [c for c in _constants(name, read) if isinstance(c, str) and re.match(r"\d{4}-\d\d-\d\d", c)]:
            for text in moments:
                yield from ((Hold(FIXED, later), later) for later in (text, _later(text, column)))
            values, step = [], 0
        steps = [0] if known.came else [n * step for n in (0, 1, 2, 24, 48)]
        if known.within_us is not None:
            steps = [known.within_us * n // 4 for n in (0, 1, 2, 4)]
        for later_us in steps if step else ():
            text = samples.iso(samples.BEGIN_US + later_us)
            yield Hold(OFFSET, later_us), text[:10] if column.base == "date" else text
    elif column.base in WHOLE or column.base in REAL:
        numbers = [c for c in _constants(name, read) if isinstance(c, (int, float))]
        near = [n + more for n in numbers for more in (0, 1, -1)]
        for value in samples.distinct([*values[:6], *near, 1, 0, 2, 5, 10, 100, 1000, *(n * 2 for n in numbers)]):
            whole = int(value) if column.base in WHOLE or float(value).is_integer() else value
            yield Hold(FIXED, whole), whole
    elif column.base == "bool":
        yield Hold(FIXED, True), True
        yield Hold(FIXED, False), False
    elif column.base in TEXTS or column.kind == "e":
        if column.kind == "e":
            some: list[Any] = [*column.labels, *values]
        else:
            some = [
                *values[:3],
                *[c for c in _constants(name, read) if isinstance(c, str)],
                *_texts(read, known, 24),
                *values[:6],
            ]
        room = column.length or 1 << 30
        for value in samples.distinct([str(v) for v in some if len(str(v)) <= room]):
            if column.kind != "e" or value in column.labels:
                yield Hold(FIXED, value), value
    elif column.base in ("time", "timetz"):
        hours = [c for c in _constants(name, read) if isinstance(c, str) and re.match(r"\d\d:\d\d", c)]
        yield from ((Hold(FIXED, v), v) for v in samples.distinct([*hours, *proposals.times(column.base)]))
    elif column.base in ("json", "jsonb"):
        yield from ((Hold(FIXED, v), v) for v in proposals.documents(_constants(name, read), values))
    elif column.base.startswith("_") and column.parts and column.parts[0].labels:
        yield from ((Hold(FIXED, v), v) for v in proposals.arrays(column.parts[0].labels))
    else:
        yield Hold(KEEP), values[0] if values else "x"
    if known.nullable:
        yield Hold(NULL), None


def _later(text: str, column: Column) -> str:
    """A moment some days after another, in the form of its column."""
    days = np.datetime64(text[:10]) + 3
    return str(days) if column.base == "date" else f"{days}T09:00:00.000Z"


def _constants(name: str, read: Sequence[Read]) -> list[Any]:
    return [c for r in read if name in r.condition.columns for c in r.condition.constants]


def _texts(read: Sequence[Read], known: Known, many: int) -> list[Any]:
    """Texts that conditions may want: those of their patterns, shorter and longer ones, in either case."""
    found: list[str] = []
    plain = [str(v) for v in known.values if v is not None]
    lengths = sorted({c for r in read for c in r.condition.constants if isinstance(c, int) and 0 < c <= 2_000})
    wanted = {*lengths, *([known.column.length] if known.column.base == "bpchar" and known.column.length else [])}
    for constant in (c for r in read for c in r.condition.constants if isinstance(c, str)):
        found += patterns.texts(constant, many, tuple(sorted(n for n in wanted if n <= 200)))
    for text in plain[:4]:
        found += [text.lower(), text.upper(), text.replace(" ", ""), *(text[:n] for n in lengths), *(
            (text * (n // max(1, len(text)) + 1))[:n] for n in lengths)]  # fmt: skip
    if known.distinct:
        # Of each length that is spoken of, with a number at the end.
        for length in lengths[-2:] or [15]:
            width = min(length, len(str(many)))
            head = (plain[0].lower().replace(" ", "") * length)[: length - width] if plain else ""
            found += [f"{head}{n:0{width}d}"[-length:] for n in range(min(many, 10**width))]
        if known.column.length and known.column.length <= 8:
            letters = itertools.product("ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=min(known.column.length, 3))
            short = ["".join(some) for some in itertools.islice(letters, many)]
            found += [*short, *(text.lower() for text in short)]
    return samples.distinct([t for t in found if t])
