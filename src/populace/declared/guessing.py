"""What the columns of a foreign schema hold, guessed by type, name, uniqueness and neighbours; each guess with its
reason.

What cannot be guessed is declined by name. A guess is a proposal: it is written into `world.toml`, where it is changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from populace.declared import exclusions, partitions, shapes
from populace.declared.declaration import REFERENCE, Declared, DeclaredColumn, DeclaredTable, needs_value, short
from populace.declared.kinds import KINDS
from populace.declared.kinds.cell import REAL, TEXTS, WHOLE
from populace.declared.kinds.numbers import in_the_room, most
from populace.declared.mending import gave_way, made_differ, spoken_of, unbound
from populace.declared.naming import (
    AHEAD,
    BORN,
    BY_NAME,
    CAME,
    COMPANIES,
    CREATED,
    LATER,
    NUMBERS,
    PEOPLE,
    SELDOM,
    STAGES,
    SWITCH,
    THINGS,
    UPDATED,
)
from populace.declared.operators import Unknown
from populace.declared.reference_data import own_records, reference_data
from populace.declared.schema import Column, Schema, Table
from populace.declared.structure import Arranged, arrange
from populace.declared.triggers import NOTHING_SEEN, Seen, filled_by_triggers, guards_updates, kept
from populace.declared.volumes import people_of, volumes


@dataclass(slots=True)
class Guessed:
    """A proposal. why: by table and column, what a guess was made by, where it is no more than one. declined: tables,
    and columns that are left to the database, with the reason."""

    declared: Declared
    arranged: Sequence[Arranged]
    why: dict[tuple[str, str], str] = field(default_factory=dict)
    declined: dict[str, str] = field(default_factory=dict)
    left: dict[tuple[str, str], str] = field(default_factory=dict)


def guess(schema: Schema, name: str, title: str, held: Mapping[str, int], seen: Seen = NOTHING_SEEN, *,
          create_partitions: bool = False) -> Guessed:  # fmt: skip
    """A proposal for every table of a schema that can be filled; those that cannot are declined, and who needs them.

    held: of tables that hold rows already how many, -1 where that is not known. seen: what came of it when rows were
    tried. create_partitions: those that are missing are to be made."""
    why: dict[tuple[str, str], str] = {}
    left: dict[tuple[str, str], str] = {}
    shipped = dict(reference_data(schema, held))
    declined = {**dict(own_records(schema, held)), **dict(_declined(schema, seen, create_partitions))}
    declined = {table: said for table, said in declined.items() if table not in shipped}
    columns = {
        table.full_name: dict(_columns(schema, table, shipped, why, left))
        for table in schema.tables
        if table.full_name not in declined and table.full_name not in shipped
    }
    tables: dict[str, DeclaredTable] = {}
    for table in schema.tables:
        called = table.full_name
        if called in declined or called in shipped:
            continue
        lacking = [c for c in table.columns if c.name not in columns[called] and needs_value(c)]
        if lacking:
            declined[called] = f"{lacking[0].name}: {left.get((called, lacking[0].name), 'no kind is known for it')}"
            continue
        touched = any(c.kind in ("updated", "edition") for c in columns[called].values())
        guarded = next((t.name for t in table.triggers if guards_updates(t) or called in seen.fixed), "")
        divided = partitions.divided_by(table) if create_partitions else ""
        came = divided in columns[called] and columns[called][divided].kind == "created"
        tables[called] = DeclaredTable(
            called, columns[called], edits=(0, 1, 0, 2) if touched and not guarded else (), changes=not guarded,
            partitions=partitions.usual(table) if came else "",
            why=f"the app's trigger {guarded} refuses some changes" if guarded else "",
        )  # fmt: skip
    while True:
        declared = Declared(name, title, "", "", {**volumes(schema, tables), **shipped})
        arranged, faults = arrange(schema, declared)
        # Numbers that are another in each row go as far as there are rows.
        freed = [] if faults else [one for one in arranged if unbound(tables, one.table.full_name, one.distinct)]
        if not faults and not freed:
            break
        for fault in faults:
            if not (
                made_differ(schema, tables, fault, why)
                or unbound(tables, fault.table, spoken_of(schema.table(fault.table)))
                or gave_way(schema, tables, fault, left)
            ):
                declined[fault.table] = fault.why
                tables.pop(fault.table, None)
    who = people_of(schema, tables, arranged)
    kept = {**declared.tables}
    for one in arranged:
        of = kept[one.table.full_name]
        if one.each:
            of = replace(of, per=one.followed[0].parent, each=one.each)
        elif not one.followed and one.most < of.rows * 20:
            of = replace(of, rows=min(of.rows, max(1, one.most * 3 // 4)), present=1.0, lives=False)
        kept[of.name] = of
    made = {t: DeclaredTable(t, {}, fill=False, why=declined[t], made_by=by) for t, by in _made_by(schema, seen).items()
            if t in declined and set(by) & kept.keys()}  # fmt: skip
    declared = replace(declared, people=who, tables={**kept, **made})
    arranged = [replace(one, declared=kept[one.table.full_name]) for one in arranged]
    return Guessed(declared, arranged, why, declined, left)


def _made_by(schema: Schema, seen: Seen) -> dict[str, tuple[str, ...]]:
    """Tables that triggers fill, with those of whose rows: as their text says, and as was seen."""
    found: dict[str, set[str]] = {name: set(by) for name, by in seen.made.items()}
    for name, _, on in filled_by_triggers(schema):
        found.setdefault(name, set()).add(on)
    return {name: tuple(sorted(by)) for name, by in found.items()}


def _declined(schema: Schema, seen: Seen, create_partitions: bool) -> Iterator[tuple[str, str]]:
    """Tables that are not filled, whatever their columns are, and why."""
    by_trigger = {name: f"the app's triggers make its rows of those of {' and '.join(map(short, by))}, as was seen"
                  for name, by in seen.made.items()}  # fmt: skip
    by_trigger |= {
        table: f"the app's trigger {name} on {on} fills it" for table, name, on in filled_by_triggers(schema)
    }
    for table in schema.tables:
        # The same key again: the trigger's row is taken over.
        uuid_key = table.primary and all(
            table.column(c).base == "uuid" and not table.column(c).default for c in table.primary
        )
        if table.partition_of:
            yield table.full_name, f"its rows come through {table.partition_of}"
        elif table.kind == "f":
            yield table.full_name, "it is a foreign table: its rows are in another database"
        elif not table.insertable:
            yield table.full_name, "this role may not insert there"
        elif table.full_name in by_trigger and not uuid_key:
            yield table.full_name, by_trigger[table.full_name]
        elif table.full_name in seen.refused:
            yield table.full_name, seen.refused[table.full_name]
        elif any(re.search(r"ON INSERT.*DO INSTEAD", rule, re.DOTALL) for rule in table.rules):
            yield table.full_name, "a rule puts something in the place of what is inserted"
        elif any(re.search(r"ON (INSERT|UPDATE) ", rule) for rule in table.rules):
            yield table.full_name, "a rule does something else too when a row comes"
        elif table.kind == "p" and not table.partitions and not table.leaves and not (
                create_partitions and partitions.divided_by(table)):  # fmt: skip
            yield table.full_name, "it has no partition that would take a row"
        elif table.inherits:
            yield table.full_name, f"its rows would be rows of {', '.join(table.inherits)} too, which it inherits"
        elif not table.columns:
            yield table.full_name, "it has no columns"
        elif re.search(r"migration|schema_(version|info)|alembic|flyway|^databasechangelog", table.name):
            yield table.full_name, "by its name it is the app's own record of its migrations"


def _columns(
    schema: Schema, table: Table, shipped: Collection[str], why: dict[tuple[str, str], str],
    left: dict[tuple[str, str], str],
) -> Iterator[tuple[str, DeclaredColumn]]:  # fmt: skip
    # What a tree keeps from row to row (a tenant that refers to nothing else) is a value of its own.
    referring = {name: fk for fk in table.foreign_keys for name, key in zip(fk.columns, fk.keys, strict=True)
                 if fk.parent != table.full_name or name != key}  # fmt: skip
    alone = {u.columns[0] for u in table.uniques if len(u.columns) == 1 and not u.expressions}
    read, _ = shapes.conditions(table)
    words = dict(_listed(read))
    tables = {t.full_name: t for t in schema.tables}
    spans = exclusions.slots(table)
    for column in table.columns:
        at = (table.full_name, column.name)
        if column.computed:
            continue
        if column.name in spans:
            yield column.name, spans[column.name]
            continue
        if column.default and not column.serial and (keeper := kept(schema, table, column.name)):
            left[at] = f"the app's trigger {keeper} keeps it"
            continue
        if column.name in referring:
            fk = referring[column.name]
            empty = 0.0 if column.not_null or column.name in table.primary else 0.2
            people = PEOPLE.search(fk.parent.split(".")[-1]) is not None
            skew = "some" if people or fk.parent in shipped else "strong"
            yield column.name, DeclaredColumn(REFERENCE, empty, {"skew": skew} if len(fk.columns) == 1 else {})
            continue
        if (parent := _inferred(table, column, tables)) is not None and column.name not in alone:
            why[at] = f"no foreign key says so: by its name it refers to {short(parent)}"
            yield (
                column.name,
                DeclaredColumn(REFERENCE, 0.0 if column.not_null else 0.2, {"to": short(parent), "skew": "some"}),
            )
            continue
        guessed = _kind(table, column, column.name in alone, words.get(column.name))
        if guessed is None:
            left[at] = f"the type {column.type} is not understood"
            continue
        kind, options, because = guessed
        if why_not := KINDS[kind].takes(column):
            left[at] = why_not
            continue
        if column.base == "bytea":
            options = _bytes(column, read)
        if because:
            why[at] = because
        empty = (
            (0.95 if SELDOM.search(column.name.lower()) else 0.1)
            if not column.not_null and kind not in ("key", "empty", "created") and column.name not in table.primary
            else 0.0
        )
        yield column.name, DeclaredColumn(kind, empty, options)


def _bytes(column: Column, read: Sequence[shapes.Read]) -> dict[str, object]:
    """How many bytes a column takes, where a condition says so."""
    mine = [r for r in read if r.condition.columns == (column.name,)]
    for many in (c for r in mine for c in r.condition.constants if isinstance(c, int) and 0 < c <= 10_000):
        if all(r.condition.holds({column.name: bytes(many)}) is True for r in mine):
            return {"bytes": many}
    return {}


def _listed(read: Sequence[shapes.Read]) -> Iterator[tuple[str, list[str]]]:
    """The words that a condition on one column allows, where it lists them."""
    for one in read:
        texts = [c for c in one.condition.constants if isinstance(c, str) and c]
        if (
            len(one.condition.columns) == 1
            and 0 < len(texts) <= MOST_WORDS
            and all(isinstance(c, str) for c in one.condition.constants)
        ):
            name = one.condition.columns[0]
            try:
                outside = one.condition.holds({name: "no word of theirs ·"})
                fine = [t for t in texts if one.condition.holds({name: t}) is True]
            except (Unknown, TypeError, ValueError, AttributeError):
                continue
            if outside is False and len(fine) == len(texts) and "~" not in one.condition.text:
                yield name, fine


def _inferred(table: Table, column: Column, tables: Mapping[str, Table]) -> str | None:
    """The table that a column refers to by its name, where no foreign key says so and its type is that of its key."""
    match = re.fullmatch(r"(.+?)_?(id|uuid)", column.name, re.IGNORECASE)
    if match is None or column.name in table.primary or column.base not in ("uuid", *WHOLE):
        return None
    stem = match[1].rstrip("_").lower()
    for name in (stem, f"{stem}s", f"{stem}es", f"{stem[:-1]}ies" if stem.endswith("y") else stem):
        for other in tables.values():
            if (
                other.name.lower() == name
                and other.schema == table.schema
                and other.full_name != table.full_name
                and len(other.primary) == 1
                and other.column(other.primary[0]).base == column.base
                and not other.foreign_keys_of(other.primary[0])
            ):
                return other.full_name
    return None


MOST_WORDS = 60
"""A condition with more texts lists no words."""
Guess = tuple[str, dict[str, object], str]


def _kind(table: Table, column: Column, unique: bool, words: Sequence[str] | None) -> Guess | None:
    """The kind of a column, its options, and what it was guessed by; "" where it is no guess."""
    name, base = column.name.lower(), column.base
    alone = column.name in table.primary and len(table.primary) == 1
    if alone and not KINDS["key"].takes(column) and words is None and not _patterned(table, column):
        if base in TEXTS and (named := _by_name(column)) in ("email", "login", "host", "slug", "url"):
            return named, {}, f"by its name, {column.name}"
        return "key", {}, ""
    if column.identity or column.serial:
        return "key", {}, ""
    if column.kind == "e" or words:
        some = list(column.labels or words or ())
        return "words", {"words": some, **_beginning(column, some)}, ""
    if base.startswith("_"):
        return "array", {}, ""
    if base == "bool":
        return (
            "switch",
            {
                "share": 0.1
                if re.search(
                    r"delet|hidden|archiv|disabl|lock|ban|spam|flag|test|admin|staff|super|bot|suspend|block|reject|error|fail",
                    name,
                )
                else 0.5
            },
            "",
        )
    if base in TEXTS:
        return _text(table, column, unique)
    if base in ("timestamptz", "timestamp", "date", "time", "timetz"):
        return (
            _moment(name, sure=column.not_null),
            {},
            "" if CREATED.search(name) or UPDATED.search(name) else f"by its type and name, {column.name}",
        )
    if base == "uuid":
        return "typed", {}, "a uuid that refers to nothing that is known"
    if base in WHOLE or (base in REAL and base != "money"):
        return _number(column, unique)
    if not KINDS["typed"].takes(column):
        return "typed", {"width": _width(column)} if base == "vector" else {}, ""
    return None


def _beginning(column: Column, words: Sequence[str]) -> dict[str, object]:
    """The word with which a row begins whose status changes: the default of the column, or the first."""
    if len(words) < 2 or not STAGES.search(column.name):
        return {}
    given = re.match(r"'((?:[^']|'')*)'", column.default)
    return {"begins": given[1] if given and given[1] in words else words[0]}


def _width(column: Column) -> int:
    found = re.search(r"\((\d+)\)", column.type)
    return int(found[1]) if found else 3


def _patterned(table: Table, column: Column) -> bool:
    """Whether a condition says what the texts of a key look like."""
    said = [*column.domain_checks, *(c.expression for c in table.checks if column.name in c.columns)]
    return column.base in TEXTS and bool(said)


def _by_name(column: Column) -> str | None:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.name).lower()
    for pattern, kind in BY_NAME:
        if re.search(pattern, name) and not KINDS[kind].takes(column):
            return kind
    return None


def _text(table: Table, column: Column, unique: bool) -> Guess:
    kind = _by_name(column)
    if kind is not None and (KINDS[kind].distinct or not unique):
        return kind, {}, f"by its name, {column.name}"
    if (
        re.search(r"json|meta|config|options|settings|params|payload|data$|properties|attributes", column.name)
        and not unique
        and not (KINDS["json"].takes(column))
    ):
        return "json", {}, f"by its name, {column.name}"
    if _is_moment_text(column):
        return "created", {}, f"by its name, {column.name}"
    if unique:
        return (
            ("key" if column.length is None or column.length >= 4 else "code"),
            {},
            "a text that is another in each row",
        )
    of = next(
        (k for k, p in (("name", PEOPLE), ("company", COMPANIES), ("product", THINGS)) if p.search(table.name)), ""
    )
    if of and column.name.lower() == "name" and not unique:
        return of, {}, f"by its name, {column.name}, and that of its table"
    if re.search(r"name$|label", column.name.lower()):
        return "title", {}, f"by its name, {column.name}"
    if column.length is not None and column.length <= 3:
        return "code", {}, f"by its length, {column.length}"
    return "word", {}, "nothing but its type says what it holds"


def _is_moment_text(column: Column) -> bool:
    return bool(re.search(r"_(at|date|time)$", column.name)) and (column.length is None or column.length >= 10)


def _moment(name: str, *, sure: bool = True) -> str:
    for pattern, kind in ((BORN, "birthday"), (UPDATED, "updated"), (AHEAD, "ahead"), (LATER, "later")):
        if pattern.search(name):
            return kind
    # What may be NULL happens later, if nothing says otherwise.
    return "created" if sure or CAME.search(name) else "later"


def _number(column: Column, unique: bool) -> Guess:
    name = column.name.lower()
    if unique:
        return "key", {}, "a number that is another in each row"
    if column.base in ("int4", "int8") and re.search(
        r"(_at|_time|time_?stamp|^clock|_ts|_date|^created|^updated|expires)$", name
    ):
        wide = {"unit": "ms"} if column.base == "int8" and re.search(r"ms$|milli", name) else {}
        return _moment(name), dict(wide), f"by its name, {column.name}: seconds since 1970"
    if (column.base == "int2" and SWITCH.search(name)) or (column.base in WHOLE and SWITCH.search(name)):
        return "switch", {"share": 0.5}, f"by its name, {column.name}"
    if column.base in REAL and most(column) < 1:
        return "share", {}, "its type has room for nothing else"
    for pattern, kind, options in NUMBERS:
        if (
            re.search(pattern, name)
            and not KINDS[kind].takes(column)
            and not (kind == "share" and (column.scale or 9) < 2)
        ):
            return kind, in_the_room(column, options), f"by its name, {column.name}"
    bounds = {"low": 0, "high": 9 if column.base == "int2" else 100}
    return "number", in_the_room(column, bounds), "nothing but its type says what it holds"
