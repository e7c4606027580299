"""How tables hang together: in what order they are filled, which row each row refers to, and what keeps unique keys.

A reference is a function of the row's own number. Most *pick* among the rows that are there by then. A table whose
unique key is made of references *follows* another: so many rows for each row of it, by turns, so that no pair comes
twice. Where two references share columns (a tenant), their rows take *turns* over the shared one. What goes in a
circle is cut at a column that may be NULL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from populace.declared import claims, exclusions, numbering, partitions, samples, shapes
from populace.declared.conditions import parse
from populace.declared.declaration import APP, DEFAULT, REFERENCE, Declared, DeclaredColumn, DeclaredTable, full
from populace.declared.kinds import KINDS, moments
from populace.declared.kinds.cell import WHOLE, capacity, whole
from populace.declared.operators import Unknown
from populace.declared.ordering import called_in_world, in_order, may_be_null, turning
from populace.declared.references import CUT, FOLLOW, IMPLIED, ONE, PICK, SPREAD, TURN, Cannot, Fault, Reference
from populace.declared.schema import Column, Schema, Table
from populace.declared.shapes import Known, Read, Shape, Unmet
from populace.declared.uniqueness import NO_EQUALITY, Keys


@dataclass(frozen=True, slots=True)
class Arranged:
    """A table that can be filled. distinct: columns in which no two rows have the same value. numbered: the column that
    counts within the followed parent. within: words of which each row of a followed parent has another. bases:
    numbers of keys begin after these; rooms: so many of them conditions
    take. key: what a row is known by; keyed: a unique key is on it. nulls: always NULL. claims: the
    columns of a reference of which a partial key wants each row once. by: those of the people whose acts rows are.
    called: the table's name in the world."""

    table: Table
    declared: DeclaredTable
    columns: Mapping[str, DeclaredColumn]
    references: tuple[Reference, ...]
    distinct: frozenset[str]
    shapes: tuple[Shape, ...]
    key: tuple[str, ...]
    keyed: bool
    rooms: Mapping[str, int] = field(default_factory=dict)
    each: tuple[int, ...] = ()
    within: str = ""
    bases: Mapping[str, int] = field(default_factory=dict)
    nulls: frozenset[str] = frozenset()
    claims: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    called: str = ""

    @property
    def most(self) -> int:
        """How many rows there can be, for all that differ to differ."""
        return min((self._capacity(name) for name in self.distinct), default=1 << 62)

    def _capacity(self, name: str) -> int:
        """How many different values a column can take."""
        room, base = capacity(self.table.column(name), self.bases.get(name, 0)), self.bases.get(name, 0)
        options = self.columns[name].options if name in self.columns else {}
        listed = next((len(s.choices) for s in self.shapes if s.columns == (name,)), room)
        room = min(room, listed, self.rooms.get(name, room))
        return min(room, whole(options, "high", 1 << 62) - max(whole(options, "low", 1), base + 1) + 1)

    @property
    def followed(self) -> tuple[Reference, ...]:
        """The references to rows whose own these are."""
        return tuple(r for r in self.references if r.how in (FOLLOW, ONE) and not r.late)


def arrange(schema: Schema, declared: Declared) -> tuple[list[Arranged], list[Fault]]:
    """The tables that are filled, parents first; and why others cannot be. One fault a table is found at a time:
    without those tables it is asked again."""
    tables = {t.name: t for t in declared.tables.values() if t.fill}
    faults: list[Fault] = []
    called = called_in_world(schema, tables)
    shipped = {t.name for t in declared.tables.values() if t.source == APP}
    references = {name: list(_references(schema, tables[name], tables, shipped, faults)) for name in tables}
    order, cut, late = in_order(schema, tables, references, faults)
    if faults:
        return [], faults
    references = {name: [replace(r, late=(name, r.columns) in late) for r in some] for name, some in references.items()}
    shared = turning(tables, references, cut)
    around = _Around(schema, {name: n for n, name in enumerate(order)}, cut, shared)
    found: list[Arranged] = []
    for name in order:
        try:
            table = schema.table(name)
            table = partitions.opened(table) if tables[name].partitions else table
            one = _arranged(table, tables[name], references[name], around)
            found.append(replace(one, called=called[name]))
            for r in (r for r in one.references if r.how == ONE and not r.late):
                around.origins.update(
                    {(name, c): around.origin(r.parent, k) for c, k in zip(r.columns, r.keys, strict=True)}
                )
        except Cannot as error:
            faults.append(Fault(name, str(error), error.column, error.alike))
        except Unknown as error:
            faults.append(Fault(name, f"a condition could not be evaluated: {error}"))
    return found, faults or list(_unmatched(found))


def _unmatched(found: Sequence[Arranged]) -> Iterator[Fault]:
    """Of two tables whose rows refer to each other one to one, the second has as many rows as the first."""
    ones = {(one.table.full_name, r.parent) for one in found for r in one.references if r.how == ONE and not r.late}
    for one in found:
        for r in one.references:
            if r.late and r.how == ONE and (r.parent, one.table.full_name) not in ones:
                why = f"each row wants another of {r.parent}, which comes later, and need not be there"
                yield Fault(one.table.full_name, why, r.columns[0])


def _references(
    schema: Schema, declared: DeclaredTable, tables: Mapping[str, DeclaredTable], shipped: Collection[str],
    faults: list[Fault],
) -> list[Reference]:  # fmt: skip
    table = schema.table(declared.name)
    found: list[Reference] = []
    for fk in table.foreign_keys:
        of = [declared.columns[name] for name in fk.columns if name in declared.columns]
        if len(of) < len(fk.columns) or any(c.kind in ("empty", DEFAULT) for c in of):
            continue
        reference = Reference(fk.columns, fk.parent, fk.keys, shipped=fk.parent in shipped, waits=fk.deferrable)
        reference = _asked(reference, of)
        if fk.parent not in tables and not reference.shipped:
            if not any(may_be_null(table, name) for name in fk.columns):
                faults.append(
                    Fault(
                        table.full_name,
                        f"{', '.join(fk.columns)} refers to {fk.parent}, which is not filled",
                        fk.columns[0],
                    )
                )
            reference = replace(reference, how=CUT)
        found.append(reference)
    known = {name for fk in table.foreign_keys for name in fk.columns}
    for name, column in declared.columns.items():
        if column.kind == REFERENCE and name not in known:
            parent = full(str(column.options.get("to", "")), schema)
            there = parent in tables or parent in shipped
            if parent is None or not there or len(schema.table(parent).primary) != 1:
                why = f"{name} is a reference, and says to no table that is filled, with a key of one column"
                faults.append(Fault(table.full_name, why, name))
                continue
            own = Reference((name,), parent, schema.table(parent).primary, guessed=True, shipped=parent in shipped,
                            waits=True)  # fmt: skip
            found.append(_asked(own, [column]))
    return sorted(found, key=lambda r: -len(r.columns))


def _asked(reference: Reference, columns: Sequence[DeclaredColumn]) -> Reference:
    """A reference as its columns are declared."""
    options = {name: value for c in columns for name, value in c.options.items()}
    weights = tuple((str(key), int(weight)) for key, weight in options.get("weights", {}).items())
    return replace(reference, skew=options.get("skew", "even"), weights=weights, empty=max(c.empty for c in columns))


@dataclass(frozen=True, slots=True)
class _Around:
    """What is around a table: the schema, the order of the tables, the references that are cut, the columns over which
    rows take turns."""

    schema: Schema
    place: Mapping[str, int]
    cut: set[tuple[str, tuple[str, ...]]]
    turning: set[tuple[str, str]]
    origins: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def origin(self, table: str, column: str) -> tuple[str, str]:
        """Where a key comes from that tables share, row by row."""
        return self.origins.get((table, column), (table, column))


def _arranged(table: Table, declared: DeclaredTable, references: Sequence[Reference], around: _Around) -> Arranged:
    live, nulls = _decided(table, declared, references, around)
    columns = _written(table, declared, live, nulls)
    read, unread = shapes.conditions(table)
    read = [*read, *shapes.asked(table, declared.checks)]
    if unread:
        name, why, reads = unread[0]
        if any(c in columns and columns[c].kind != "empty" for c in reads) or not reads:
            raise Cannot(f"the check {name} is not understood: {why}", reads[0] if reads else "")
    bases = numbering.bases(table, columns, read)
    rooms = {n: numbering.room(read, n, base) for n, base in bases.items() if table.column(n).base in WHOLE}
    keys = Keys(table, declared, columns, live, bases, read)
    keys.satisfy()
    if declared.per and not any(r.parent == declared.per and r.how in (FOLLOW, ONE) for r in keys.references):
        refers = ", ".join(dict.fromkeys(r.parent.removeprefix("public.") for r in references)) or "none"
        why = f"`per` names {declared.per.removeprefix('public.')}, and its rows are not those of one there"
        raise Cannot(f"{why}; it refers to {refers}")
    if text := exclusions.unmet(table, columns):
        raise Cannot(f"nothing that its columns hold meets {text}")
    differing = _differing(keys, read, around)
    shaped = claims.shapes_of(keys, lambda more: _shapes(
        table, columns, keys, [*read, *keys.forbidden, *more], bases, nulls, differing))  # fmt: skip
    if declared.partitions:
        divided = partitions.divided_by(replace(table, partitions=()))
        if divided not in columns or columns[divided].kind != "created":
            raise Cannot(f"partitions are made for the moments at which rows come, and {divided} holds others", divided)
    key, keyed = _key(table, columns)
    by = _by(table, declared, keys) if declared.by else ()
    return Arranged(
        table, declared, columns, tuple(keys.references), frozenset(keys.distinct), tuple(shaped), key, keyed, rooms,
        keys.each, keys.within, bases, frozenset(nulls | keys.nulls), keys.claim.columns if keys.claim else (), by,
    )  # fmt: skip


def _by(table: Table, declared: DeclaredTable, keys: Keys) -> tuple[str, ...]:
    """The columns of the reference to whoever acts. Raises Cannot where it does not decide by itself."""
    columns = deciding(keys.references, declared.by)
    if columns and not (keys.claim and keys.claim.columns == columns) and not any(
            r.how in (FOLLOW, ONE) for r in keys.references):  # fmt: skip
        return columns
    follows = next((r for r in keys.references if r.how in (FOLLOW, ONE)), None)
    why = f"they come with those of {follows.parent.removeprefix('public.')}" if follows else (
        "others take turns over what it shares with them, or a key decides it")  # fmt: skip
    raise Cannot(f"its rows cannot come by what {declared.by} refers to: {why}", declared.by)


def deciding(references: Iterable[Reference], name: str) -> tuple[str, ...]:
    """The columns of the reference that a column is of, where a row's own draw finds who it refers to."""
    found = (
        r.columns for r in references if name in r.columns and r.how == PICK and not (r.turns or r.weights or r.differs)
    )
    return next(found, ())


def _decided(
    table: Table, declared: DeclaredTable, references: Sequence[Reference], around: _Around
) -> tuple[list[Reference], set[str]]:
    """How each reference of a table finds its row; and the columns that are NULL, since theirs is cut."""
    nulls: set[str] = set()
    live: list[Reference] = []
    determined: dict[str, Reference] = {}

    def first_of_all(r: Reference) -> tuple[bool, bool, int, bool, int]:
        # What others take turns over decides; then who acts, the widest, those that are never NULL, those that refer to
        # the rest.
        turns = len(r.columns) == 1 and (table.full_name, r.columns[0]) in around.turning
        nullable = any(not table.column(c).not_null for c in r.columns)
        by = declared.by in r.columns and any(set(r.columns) & set(o.columns) for o in references if o is not r)
        return not turns, not by, -len(r.columns), nullable, -around.place.get(r.parent, -1)

    for reference in sorted(references, key=first_of_all):
        own = reference.parent == table.full_name and any(
            c == k and c not in determined for c, k in zip(reference.columns, reference.keys, strict=True))  # fmt: skip
        if own or reference.how == CUT or (table.full_name, reference.columns) in around.cut:
            free = [c for c in reference.columns if may_be_null(table, c) and c not in determined]
            shared = {c for r in references if r is not reference for c in r.columns}
            best = [c for c in free if c not in shared] or free
            if not best:
                why = f"{', '.join(reference.columns)} cannot be NULL, and what it refers to is not filled"
                raise Cannot(why, reference.columns[0])
            nulls.add(best[0])
            continue
        taken = [c for c in reference.columns if c in determined]
        how = PICK if not taken else IMPLIED if len(taken) == len(reference.columns) else TURN
        if how == IMPLIED and not _is_implied(reference, determined, around.schema):
            why = f"{', '.join(reference.columns)} refers to two tables whose rows nothing ties together"
            raise Cannot(why, reference.columns[0])
        if how == TURN and any(r.shipped and len(r.columns) > 1 for r in (reference, determined[taken[0]])):
            why = f"{', '.join(reference.columns)}: which of the app's rows go with {taken[0]} is not known"
            raise Cannot(why, reference.columns[0])
        turns = len(reference.columns) == 1 and (table.full_name, reference.columns[0]) in around.turning
        live.append(replace(reference, how=how, shared=taken[0] if how == TURN else "", turns=turns))
        for column in reference.columns:
            determined.setdefault(column, live[-1])
    return live, nulls


def _is_implied(reference: Reference, determined: Mapping[str, Reference], schema: Schema) -> bool:
    """Whether the row that another reference finds refers to the same row itself."""
    deciding = {determined[c] for c in reference.columns}
    if len(deciding) != 1:
        return False
    by = deciding.pop()
    through = tuple(by.keys[by.columns.index(c)] for c in reference.columns)
    if (by.parent, through) == (reference.parent, reference.keys):
        return True
    return any(
        set(through) <= set(fk.columns)
        and fk.parent == reference.parent
        and all(fk.keys[fk.columns.index(c)] == k for c, k in zip(through, reference.keys, strict=True))
        for fk in schema.table(by.parent).foreign_keys
    )


def _written(
    table: Table, declared: DeclaredTable, live: Sequence[Reference], nulls: set[str]
) -> dict[str, DeclaredColumn]:
    """The columns that are written, and how."""
    columns = {
        name: DeclaredColumn("empty") if name in nulls else column
        for name, column in declared.columns.items()
        if column.kind != DEFAULT and not table.column(name).computed
    }
    referring = {c for r in live for c in r.columns}
    for name in [n for n, c in columns.items() if c.kind == REFERENCE and n not in referring]:
        if name not in table.primary or KINDS["key"].takes(table.column(name)):
            raise Cannot(f"{name} is a reference, and refers to nothing", name)
        # The reference that it is part of is cut, and it is a key of the table's own.
        columns[name] = DeclaredColumn("key")
    return columns


def _differing(keys: Keys, read: Sequence[Read], around: _Around) -> set[str]:
    """The names of conditions that two references to one table are not to the same row; the later of them heeds it."""
    found: set[str] = set()
    for one in read:
        deciding = {
            c: [r for r in keys.references if c in r.columns and r.how != IMPLIED] for c in one.condition.columns
        }
        if len(deciding) != 2 or any(len(some) != 1 for some in deciding.values()):
            continue
        (a, (first_,)), (b, (second,)) = deciding.items()
        both = sorted((first_, second), key=lambda r: (keys.declared.by not in r.columns, keys.references.index(r)))
        if first_ is second or around.origin(first_.parent, first_.keys[first_.columns.index(a)]) != around.origin(
                second.parent, second.keys[second.columns.index(b)]):  # fmt: skip
            continue
        if one.condition.holds({a: 1, b: 1}) is False and one.condition.holds({a: 1, b: 2}) is one.condition.holds(
                {a: 2, b: 1}) is True:  # fmt: skip
            later = both[1] if both[1].how in (PICK, SPREAD, TURN) else both[0]
            other = both[0] if later is both[1] else both[1]
            keys.references = [replace(r, differs=other.columns) if r is later else r for r in keys.references]
            found.add(one.name)
    return found


def _shapes(
    table: Table, columns: Mapping[str, DeclaredColumn], keys: Keys, read: Sequence[Read], bases: Mapping[str, int],
    nulls: set[str], differing: Collection[str],
) -> list[Shape]:  # fmt: skip
    """The shapes that meet a table's conditions. Raises Cannot where nothing does."""
    referring = {c for r in keys.references for c in r.columns}
    found = []
    # What one column that refers has to meet, the key that it takes meets; one that counts goes as far as it may.
    apart = {*referring, keys.within, *(n for n, c in columns.items() if c.kind == exclusions.SLOT)}
    asked = [r for r in read if not (len(r.condition.columns) == 1 and r.condition.columns[0] in apart)]
    asked = [r for r in asked if r.name not in differing]
    for names, reads in shapes.groups(asked):
        kept = {*apart, *(keys.distinct if len(names) > 1 else ())}
        known = {name: _known(table.column(name), columns.get(name), name in keys.distinct, bases.get(name, 0),
                              fixed=name not in kept,
                              null=name in nulls or name in keys.nulls) for name in names}  # fmt: skip
        try:
            if shapes.in_order(names, reads, {n: (table.column(n), columns[n].kind) for n in names if n in columns}):
                continue
            if (one := shapes.shape(names, reads, known)) is not None:
                alone = len(names) == 1 and all(r.placed for r in reads) and columns[names[0]].kind == "created"
                found.append(replace(one, spans=partitions.spans(table, names[0])) if alone else one)
        except Unmet as error:
            raise Cannot(str(error), error.column) from None
        except Unknown as error:
            raise Cannot(str(error), names[0]) from None
    return found


def _known(
    column: Column, declared: DeclaredColumn | None, distinct: bool, base: int, *, fixed: bool, null: bool
) -> Known:
    if null or declared is None:
        # What is left to the database is NULL, or its default, of which no more is known here.
        value = _default(column) if declared is None and not null else None
        return Known(column, [value], fixed=False, nullable=value is None)
    if declared.kind in KINDS:
        values = samples.of(KINDS[declared.kind], column, dict(declared.options), distinct=distinct, base=base)
        nullable = not column.not_null and declared.kind != "key" and not distinct
        return Known(
            column,
            values,
            fixed=fixed and declared.kind != "key",
            nullable=nullable,
            distinct=distinct,
            came=declared.kind == "created" and column.not_null,
            takes=partial(KINDS[declared.kind].may_hold, column, declared.options),
            within_us=moments.within_us(declared.options),
        )
    some = {"uuid": "00000000-0000-8000-8000-000000000001"}.get(column.base, 1 if column.base in WHOLE else "x")
    return Known(column, [some], fixed=False, nullable=not column.not_null)


def _default(column: Column) -> object:
    try:
        return parse(column.default, []).holds({}) if column.default else None
    except Unknown:
        return "x"


def _key(table: Table, columns: Mapping[str, DeclaredColumn]) -> tuple[tuple[str, ...], bool]:
    """What a row is known by, and whether a unique key is on it."""
    for unique in sorted(table.uniques, key=lambda u: not u.primary):
        plain = unique.columns and not unique.expressions and not unique.where and not unique.temporal
        if plain and all(n in columns and (table.column(n).not_null or unique.primary) for n in unique.columns):
            return unique.columns, True
    return tuple(n for n in columns if table.column(n).base not in NO_EQUALITY), False
