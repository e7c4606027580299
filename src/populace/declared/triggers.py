"""What the app's own triggers do with a row, read from their text: into which tables they insert, what they set.

What a function puts together as text, or does in another language, is not seen: a seed's rehearsal shows it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from populace.declared.schema import Schema, Table, Trigger

_RAISES = re.compile(
    r"\b(?:IF|ELSIF)\b((?:(?!\b(?:IF|THEN|ELSE)\b).)+)\bTHEN\s+RAISE\s+(?:EXCEPTION|SQLSTATE|\w+_violation)",
    re.IGNORECASE | re.DOTALL,
)
_UNTIL_WHERE = r"(?:(?!\bwhere\b)[^;])*?"
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME = r'"(?:[^"]|"")+"|\w+'
_INSERTS = re.compile(rf"\binsert\s+into\s+(?:({_NAME})\s*\.\s*)?({_NAME})", re.IGNORECASE)


def filled_by_triggers(schema: Schema) -> Iterator[tuple[str, str, str]]:
    """Tables into which triggers of others insert: the full name, the trigger, and the table that it is on."""
    for table in schema.tables:
        for trigger in table.triggers:
            for found in dict.fromkeys(_INSERTS.findall(_COMMENTS.sub(" ", trigger.source))):
                full = _meant(schema, table, *map(_bare, found))
                if full and full != table.full_name:
                    yield full, trigger.name, table.full_name


def _bare(name: str) -> str:
    """A name as the catalogue has it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def _meant(schema: Schema, table: Table, of: str, name: str) -> str:
    """The table that a trigger of another means; "" for none: without a schema in its own, in public, or anywhere if
    there is one alone."""
    some = [f"{of}.{name}"] if of else [f"{table.schema}.{name}", f"public.{name}"]
    some += [] if of else [t.full_name for t in schema.tables if t.name == name][:2]
    there = [one for one in some if one in schema.by_name]
    if not there or (there[0] not in some[:2] and len(there) > 1):
        return ""
    full = there[0]
    return schema.by_name[full].partition_of or full


def refused(table: Table) -> Iterator[tuple[str, str]]:
    """What triggers raise on when a row comes, as far as the row alone says it: the trigger, and the condition."""
    for trigger in table.triggers:
        events = trigger.definition.partition(" ON ")[0]
        if "INSERT" in events and "FOR EACH ROW" in trigger.definition:
            for said in _RAISES.findall(_COMMENTS.sub(" ", trigger.source)):
                if re.search(r"\bnew\s*\.", said, re.IGNORECASE):
                    yield trigger.name, re.sub(r"\bnew\s*\.\s*", "", said, flags=re.IGNORECASE).strip()


def kept(schema: Schema, table: Table, column: str) -> str:
    """The trigger of another table that keeps a column of this one, such as a number of rows there; "" for none."""
    name, of = re.escape(column), re.escape(table.name)
    counts = re.compile(rf'\bupdate\s+(?:\w+\.)?"?{of}"?\b[^;]*?\bset\b{_UNTIL_WHERE}"?\b{name}"?\s*=', re.IGNORECASE)
    return next((trigger.name for other in schema.tables if other.full_name != table.full_name
                 for trigger in other.triggers if counts.search(trigger.source)), "")  # fmt: skip


def guards_updates(trigger: Trigger) -> bool:
    """Whether a trigger may refuse that a row changes."""
    return "UPDATE" in trigger.definition.partition(" ON ")[0] and bool(
        re.search(r"\braise\s+exception\b", trigger.source, re.IGNORECASE)
    )


def sets(schema: Schema, table: Table, column: str) -> bool:
    """Whether a trigger sets a column of a table: of the row that comes, or by an update from elsewhere."""
    if not any(column.lower() in source.lower() for source in schema.trigger_sources):
        return False
    name, of = re.escape(column), re.escape(table.name)
    own = re.compile(rf'\bnew\s*\.\s*"?{name}"?\s*:?=(?!=)', re.IGNORECASE)
    other = re.compile(rf'\bupdate\s+(?:\w+\.)?"?{of}"?\b[^;]*?\bset\b{_UNTIL_WHERE}"?\b{name}"?\s*=', re.IGNORECASE)
    return any(own.search(trigger.source) for trigger in table.triggers) or any(
        other.search(source) for source in schema.trigger_sources
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of it when rows were tried on a copy. made: tables of which triggers made rows, by full name, with the
    tables whose rows these were made of; refused: tables of which rows were refused, with what was said; fixed: tables
    whose rows were refused when they were written again."""

    made: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def __add__(self, more: Seen) -> Seen:
        """Both together."""
        made = {n: tuple(sorted({*self.made.get(n, ()), *more.made.get(n, ())})) for n in {**self.made, **more.made}}
        return Seen(made, {**self.refused, **more.refused}, self.fixed | more.fixed)


NOTHING_SEEN = Seen()


def made_of(schema: Schema, said: Mapping[str, tuple[str, ...]], filled: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Tables that are not filled, of which triggers make rows when others are: by full name, with those of the filled
    ones whose rows they are made of, through other such tables too. said: of some tables, by which ones they are made.
    Left out are those of which a row could not be distinguished from others, or could not be deleted."""
    by = {name: set(some) for name, some in said.items()}
    for name, _, on in filled_by_triggers(schema):
        if name not in filled and name not in said:
            by.setdefault(name, set()).add(on)
    found = {}
    for name in sorted(by):
        waiting, reached = [name], {name}
        while waiting:
            for other in sorted(by.get(waiting.pop(), set()) - reached):
                reached.add(other)
                if other not in filled:
                    waiting.append(other)
        some = tuple(sorted((reached - {name}) & set(filled)))
        if name not in filled and some and _is_known(schema.table(name)):
            found[name] = some
    return found


def _is_known(table: Table) -> bool:
    """Whether rows of a table can be distinguished, and may be deleted."""
    if table.kind == "f" or any(re.search(r"ON DELETE.*DO INSTEAD", rule, re.DOTALL) for rule in table.rules):
        return False
    if any("DELETE" in t.definition.partition(" ON ")[0] and re.search(r"\braise\s+(?!notice|warning|info|log|debug)",
            t.source, re.IGNORECASE) for t in table.triggers):  # fmt: skip
        return False
    return bool(table.primary) or any(c.base in ("timestamptz", "timestamp") for c in table.columns)
