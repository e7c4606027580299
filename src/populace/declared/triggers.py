"""What the app's own triggers do with a row, read from their text: into which tables they insert, what they set.

What a function puts together as text, or does in another language, is not seen: a seed's rehearsal shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from populace.declared.schema import ForeignKey, Schema, Table, Trigger

_RAISES = re.compile(
    r"\b(?:IF|ELSIF)\b((?:(?!\b(?:IF|THEN|ELSE)\b).)+)\bTHEN\s+RAISE\s+(?:EXCEPTION|SQLSTATE|\w+_violation)",
    re.IGNORECASE | re.DOTALL,
)
_UNTIL_WHERE = r"(?:(?!\bwhere\b)[^;])*?"
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_INSERTS = re.compile(r'\binsert\s+into\s+((?:"[^"]+"|\w+)(?:\s*\.\s*(?:"[^"]+"|\w+))?)', re.IGNORECASE)


def filled_by_triggers(schema: Schema) -> Iterator[tuple[str, str, str]]:
    """Tables into which triggers of others insert: the full name, the trigger, and the table that it is on."""
    known = {table.full_name for table in schema.tables}
    for table in schema.tables:
        for trigger in table.triggers:
            for found in dict.fromkeys(_INSERTS.findall(trigger.source)):
                bare = re.sub(r"\s*\.\s*", ".", found).replace('"', "")
                full = bare if "." in bare else f"{table.schema}.{bare}"
                if full in known and full != table.full_name:
                    yield full, trigger.name, table.full_name


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


def echoes(schema: Schema, filled: Sequence[str]) -> Iterator[tuple[Table, ForeignKey]]:
    """Tables that are not filled, whose rows triggers make of rows of one that is; with the key by which they refer."""
    seen: set[str] = set()
    for name, _, on in filled_by_triggers(schema):
        table = schema.table(name)
        fk = next((k for k in table.foreign_keys if k.parent == on and len(k.columns) == 1), None)
        if name not in filled and name not in seen and on in filled and table.primary and fk is not None:
            seen.add(name)
            yield table, fk
