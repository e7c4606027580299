"""Unique keys: what makes each of a table's hold, found before a row is made, and never by looking at one.

A column that is another in each row settles a key. Else its references do: a row follows another, one to one or by
turns. Else it is left NULL, or its rows are kept out of a partial index.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from populace.clock import DAY_US
from populace.declared import samples
from populace.declared.conditions import parse
from populace.declared.declaration import DeclaredColumn, DeclaredTable
from populace.declared.kinds import KINDS, moments
from populace.declared.kinds.cell import TEXTS, WHOLE
from populace.declared.kinds.typed import DISTINCT
from populace.declared.kinds.words import weights
from populace.declared.operators import Unknown
from populace.declared.references import FOLLOW, ONE, PICK, SPREAD, Cannot, Reference
from populace.declared.schema import Table, Unique
from populace.declared.shapes import Read, against

NO_EQUALITY = (
    "json", "xml", "point", "box", "path", "polygon", "line", "lseg", "circle", "jsonpath", "txid_snapshot",
)  # fmt: skip
"""Types of which two values cannot be compared."""
_FAITHFUL = frozenset((
    "lower", "upper", "btrim", "trim", "ltrim", "rtrim", "md5", "sha224", "sha256", "sha384", "sha512", "digest",
    "encode", "decode", "convert_to", "concat", "concat_ws", "coalesce", "normalize", "unaccent", "immutable_unaccent",
    "f_unaccent",
))  # fmt: skip
"""Functions that give another value for each of ours: these differ in more than case and spaces."""
_LAST_RESORT = ("created", "updated", "later", "ahead", "birthday")
_FIRST_CHOICE = ("key", "email", "login", "slug", "url", "token", "hash", "host", "ip", "mac", "code", "file")


@dataclass(frozen=True, slots=True)
class Claim:
    """Of a partial key: each row that some reference refers to is claimed by one row at most, and only that one is
    where the condition holds. columns: of the reference."""

    columns: tuple[str, ...]
    read: Read


class Keys:
    """Finds, for each unique key of a table, what makes it hold."""

    def __init__(
        self, table: Table, declared: DeclaredTable, columns: Mapping[str, DeclaredColumn], references: list[Reference],
        bases: Mapping[str, int], read: Sequence[Read],
    ) -> None:  # fmt: skip
        self.table, self.declared, self.columns, self.references = table, declared, columns, references
        self.distinct = {name for name, column in columns.items() if column.kind == "key"}
        self.nulls: set[str] = set()
        self.each: tuple[int, ...] = ()
        self.within = ""
        self.forbidden: list[Read] = []
        self.claim: Claim | None = None
        self._bases = bases
        self._read = read
        self._tied = {c for r in read if len(r.condition.columns) > 1 for c in r.condition.columns}

    def satisfy(self) -> None:
        # Without any key rows must differ too, or nobody could say which of two are ours.
        whole = Unique("its rows", tuple(n for n in self.columns if self.table.column(n).base not in NO_EQUALITY))
        apart = any(not u.where for u in self.table.uniques)
        uniques = [(unique, self._columns(unique)) for unique in (*self.table.uniques, *(() if apart else (whole,)))]
        # What one column settles is settled first; a table follows another only for what is left.
        for unique, names in uniques:
            if names is not None and not self._settled(unique, names):
                self._by_one_column(unique, names)
        for unique, names in uniques:
            if names is None:
                if self._settled(unique, ()):
                    continue
                said = ", ".join((*unique.expressions, *unique.columns))
                raise Cannot(f"the unique index {unique.name} is on what is not understood: {said}")
            if self._settled(unique, names) or self._by_condition(unique):
                continue
            if self._by_following(unique, names):
                continue
            self._by_one_column(unique, names, counting=True)
            if not self._settled(unique, names):
                # A few letters have room for a few rows.
                self._by_one_column(unique, names, counting=True, tight=True)
            if not self._settled(unique, names) and not self._by_null(unique, names):
                why = f"nothing that its columns hold keeps {unique.name} ({', '.join(names)}) unique"
                raise Cannot(why, names[0] if names else "", names)
        for reference in self.references:
            if reference.how == PICK and not reference.late and self.declared.per == reference.parent and not (
                    self.each) and not any(
                    r.how in (ONE, FOLLOW) for r in self.references):  # fmt: skip
                self._follow(reference)

    def _columns(self, unique: Unique) -> tuple[str, ...] | None:
        """All columns that a unique key reads and that can make it differ: those inside its expressions, and those of
        which the database computes one; None where there is none."""
        names: list[str] = []
        for name in unique.columns:
            column = self.table.column(name)
            names += self._inside(column.default) if column.computed else [name]
        for expression in unique.expressions:
            names += self._inside(expression)
        return tuple(dict.fromkeys(names)) or None

    def _inside(self, expression: str) -> list[str]:
        """The columns that an expression reads, where other values of them make other values of it."""
        if re.search(r"[%/]|::(date|integer|smallint|bigint|boolean)\b", expression):
            return []
        bare = re.sub(r"'(?:[^']|'')*'|::[\w.\" ]+(\([\d, ]+\))?", " ", expression)
        if {name.lower() for name in re.findall(r"([A-Za-z_]\w*)\s*\(", bare)} - _FAITHFUL:
            return []
        return [c.name for c in self.table.columns if re.search(
            rf'(?<![\w"]){re.escape(c.name)}(?![\w"(])|"{re.escape(c.name)}"', bare)]  # fmt: skip

    def _is_null(self, unique: Unique) -> bool:
        """Whether an expression of a key is NULL in all rows, such as a member of a document that none has."""
        for expression in unique.expressions:
            try:
                read = parse(expression, [column.name for column in self.table.columns])
            except Unknown:
                continue
            (name, *others) = read.columns or ("",)
            if not others and name in self.columns and self.columns[name].kind in KINDS:
                column, declared = self.table.column(name), self.columns[name]
                some = samples.of(KINDS[declared.kind], column, dict(declared.options), distinct=False)
                if all(read.holds({name: value}) is None for value in some):
                    return True
        return False

    def _settled(self, unique: Unique, names: Sequence[str]) -> bool:
        if set(names) & self.distinct:
            return True
        equal = unique.nulls_equal or any("coalesce(" in text.lower() for text in unique.expressions)
        if not equal and self._is_null(unique):
            return True
        singles = {r.columns for r in self.references if r.how == ONE}
        if any(set(columns) <= set(names) for columns in singles):
            return True
        followed = next((r for r in self.references if r.how == FOLLOW), None)
        if followed and set(followed.columns) <= set(names):
            if self.within in names:
                return True
            if any(r.how == SPREAD and set(r.columns) & set(names) for r in self.references):
                return True
        written = set(self.columns)
        # A column that is left to the database, and NULL there, makes every two rows differ.
        return not equal and any(
            (n not in written and not self.table.column(n).default and not self.table.column(n).identity)
            or (n in written and self.columns[n].kind == "empty")
            or n in self.nulls
            for n in names
        )

    def _by_one_column(
        self, unique: Unique, names: Sequence[str], *, counting: bool = False, tight: bool = False
    ) -> None:
        """By a column in which all rows differ. counting: also by a number that would rather count within a row that is
        followed, as the lines of an order do. tight: also by one that has room for a few."""
        above = any(r.how == PICK and not r.turns and not r.shipped and set(r.columns) < set(names) and (
            r.parent != self.table.full_name) for r in self.references)  # fmt: skip
        referring = {c for r in self.references for c in r.columns}
        fine = [n for n in names if n in self.columns and n not in referring and self._can_differ(n, tight=tight)
                and (counting or not above or not self._counts(n))]  # fmt: skip

        def rank(name: str) -> tuple[bool, int, str]:
            kind = self.columns[name].kind
            return name in self._tied, 0 if kind in _FIRST_CHOICE else 2 if kind in _LAST_RESORT else 1, name

        fine = [
            n
            for n in fine
            if self.columns[n].kind not in _LAST_RESORT
            or (n == names[0] and len(names) == 1)
            or (len(names) > 1 and (self.columns[n].kind in ("ahead", "birthday") or self._comes_apart(n)))
        ]
        if fine:
            self.distinct.add(min(fine, key=rank))

    def _comes_apart(self, name: str) -> bool:
        """Whether a column holds the moments at which rows came, to the microsecond, and no condition minds them."""
        if self.columns[name].kind != "created" or not moments.fine(self.table.column(name)):
            return False
        some = [samples.iso(samples.BEGIN_US + days * DAY_US) for days in (0, 60, 120)]
        mine = [r for r in self._read if name in r.condition.columns]
        return all(not r.placed and len(r.condition.columns) == 1 and all(
            r.condition.holds({name: text}) is not False for text in some) for r in mine)  # fmt: skip

    def _can_differ(self, name: str, *, tight: bool = False) -> bool:
        column, kind = self.table.column(name), self.columns[name].kind
        if kind not in KINDS or not KINDS[kind].distinct:
            return False
        if kind == "typed":
            return column.base in DISTINCT
        mine = [r for r in self._read if r.condition.columns == (name,)]
        if column.base in WHOLE and kind != "key" and any(r.condition.holds({name: 1 << 14}) is False for r in mine):
            # A number of a few: it can count within what is followed.
            return False
        if column.base in TEXTS and column.length is not None and column.length < 4:
            return tight
        return not (
            column.base not in TEXTS and column.precision is not None and column.precision - (column.scale or 0) < 5
        )

    def _by_following(self, unique: Unique, names: Sequence[str]) -> bool:
        """By the references among its columns."""
        among = [r for r in self.references if set(r.columns) <= set(names) and r.how == PICK and not r.turns]
        others = [n for n in names if not any(n in r.columns for r in among)]
        followed = next((r for r in self.references if r.how == FOLLOW), None)
        if len(among) == 1 and not others and not followed and among[0].parent != self.table.full_name:
            self._change(among[0], ONE)
            return True
        if followed is None:
            wanted = [r for r in among if r.parent != self.table.full_name and not r.late]
            wanted.sort(key=lambda r: (r.parent != self.declared.per, r.shipped, names.index(r.columns[0])))
            if not wanted or any(r.how == ONE for r in self.references):
                return False
            followed = wanted[0]
        elif not set(followed.columns) <= set(names):
            return False
        second = next(
            (r for r in among if r is not followed and r.how == PICK and not r.late and (
                r.parent != self.table.full_name)), None)  # fmt: skip
        counts = next((n for n in others if self._counts(n)), None)
        words = next((n for n in others if n in self.columns and self.columns[n].kind == "words"), None)
        if second is None and counts is None and words is None:
            return False
        if followed.how != FOLLOW:
            self._follow(followed)
        if second is not None:
            self._change(second, SPREAD)
        else:
            self.within = counts or words or ""
            if counts is not None:
                most = self._counts_to(counts)
                if most < 1:
                    raise Cannot(f"no number from 1 on is taken by what {counts} has to meet", counts)
                self.each = tuple(min(n, most) for n in self.each)
            if counts is None and words is not None:
                most = len(weights(self.columns[words].options)[0])
                self.each = tuple(min(n, most) for n in self.each)
        return True

    def _counts(self, name: str) -> bool:
        return name in self.columns and self.table.column(name).base in WHOLE and self.columns[name].kind in (
            "number", "one", "money")  # fmt: skip

    def _counts_to(self, name: str) -> int:
        """How far a column may count from 1 on."""
        mine = [r for r in self._read if r.condition.columns == (name,)]
        for number in range(1, max(self.each) + 1):
            if any(r.condition.holds({name: number}) is False for r in mine):
                return number - 1
        return max(self.each)

    def _follow(self, reference: Reference) -> None:
        self._change(reference, FOLLOW)
        self.each = self.declared.each if self.declared.per == reference.parent else (1, 2, 1, 3)

    def _change(self, reference: Reference, how: str) -> None:
        self.references = [
            replace(r, how=how, empty=0.0) if r is reference or r == reference else r for r in self.references
        ]

    def _by_null(self, unique: Unique, names: Sequence[str]) -> bool:
        """By a column that may be NULL: two of them are not equal."""
        if unique.nulls_equal or unique.primary or any("coalesce(" in text.lower() for text in unique.expressions):
            return False
        referring = {c for r in self.references for c in r.columns}
        name = next(
            (n for n in names if not self.table.column(n).not_null and n not in referring and n not in self._tied), None
        )
        if name is None:
            name = next((n for n in names if not self.table.column(n).not_null and sum(
                n in r.columns for r in self.references) == 1), None)  # fmt: skip
            if name is None:
                return False
            self.references = [r for r in self.references if name not in r.columns]
        self.nulls.add(name)
        return True

    def _by_condition(self, unique: Unique) -> bool:
        """By leaving the rows of a partial key out of it."""
        if not unique.where:
            return False
        try:
            condition = parse(unique.where, [c.name for c in self.table.columns])
        except Unknown:
            return False
        referring = {c for r in self.references for c in r.columns}
        claiming = [r for r in self.references if set(r.columns) <= set(unique.columns) and r.how == PICK
                    and not r.turns and r.parent != self.table.full_name and not r.shipped]  # fmt: skip
        apart = {*referring, *self.distinct, *self.nulls}
        if self.claim is None and claiming and condition.columns and all(
                n in self.columns and n not in apart for n in condition.columns):  # fmt: skip
            self.claim = Claim(claiming[0].columns, Read(unique.name, condition))
            self._change(claiming[0], PICK)
            return True
        others = [n for n in condition.columns if n not in unique.columns and n in self.columns]
        if not others and not all(n in self.columns for n in condition.columns):
            return False
        self.forbidden.append(Read(unique.name, against(condition)))
        return True
