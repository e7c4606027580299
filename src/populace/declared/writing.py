"""A declared world as text: `world.toml` with a comment to each guess, and the page that says what was understood."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from populace.declared.declaration import REFERENCE, Declared, DeclaredColumn, DeclaredTable, short
from populace.declared.guessing import Guessed
from populace.declared.kinds import KINDS
from populace.declared.schema import Schema
from populace.declared.world_file import FORM

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml(guessed: Guessed, schema: Schema) -> str:
    """The text of `world.toml`."""
    declared = guessed.declared
    lines = [
        f"# What is in each table of {declared.title}, and how it lives. Change what you like, then:",
        "#   populace plan <this folder>    what would be written",
        "# Every kind of column is described in docs/reference/columns.md. A guess says in its comment why.",
        "",
        f"form = {FORM}",
        f"name = {_value(declared.name)}",
        f"title = {_value(declared.title)}",
        *([] if declared.life else [f"people = {_value(short(declared.people))}  # whose rows are counted as people"]),
        *_life(declared),
        "",
        "[time]",
        f"history_days = {declared.history_days}",
        f"life_days = {declared.life_days}  # new rows come for so long after history",
        f"zone = {_value(declared.zone)}  # in whose time these hours are, such as Europe/Berlin",
        f"hours = {_value(list(declared.hours))}  # how much comes at each hour",
        f"weekdays = {_value(list(declared.weekdays))}  # from Monday to Sunday",
    ]
    order = [one.table.full_name for one in guessed.arranged]
    for name in (*order, *(t.name for t in declared.tables.values() if t.source), *sorted(guessed.declined)):
        lines += ["", *section(guessed, schema, name)]
    return "\n".join(lines) + "\n"


def _life(declared: Declared) -> Iterator[str]:
    """How people live, where they act."""
    life = declared.life
    if life is None:
        return
    yield from ("", "[people]", f"table = {_value(short(declared.people))}  # most acts lead to them")
    if life.signups is not None:
        yield f"signups = {life.signups}  # a day, after history too"
    yield f"spread = {life.spread}  # how unlike they are in how often they act; 0 for all alike"
    if life.zone:
        yield f"zone = {_value(life.zone)}  # on whose clock their hours are"
    else:
        yield '# zone = { "Europe/Berlin" = 3, "America/New_York" = 1 }  # where they live; else in the time below'


def section(guessed: Guessed, schema: Schema, name: str) -> Iterator[str]:
    """The lines of a table, whether it is filled or not."""
    table = guessed.declared.tables.get(name)
    if table is not None and table.fill and name not in guessed.declined:
        yield from _table(guessed, schema, table)
        return
    yield f"[tables.{_name(short(name))}]"
    if table is not None and table.source:
        yield f"source = {_value(table.source)}  # {table.why}: these stay, and others refer to them"
    elif table is not None and table.made_by:
        yield f"made_by = {_value([short(by) for by in table.made_by])}  # its rows come and go with those of these"
        yield f"why = {_value(guessed.declined[name])}"
    else:
        yield "fill = false"
        yield f"why = {_value(guessed.declined[name])}"


def _table(guessed: Guessed, schema: Schema, table: DeclaredTable) -> Iterator[str]:
    called, there = _name(short(table.name)), schema.table(table.name)
    if there.comment:
        yield f"# {' '.join(there.comment.split())}"
    yield f"[tables.{called}]"
    if table.by:
        yield f"by = {_value(table.by)}  # whose acts these are"
        yield f"rate = {table.rate}  # a person and day"
        if table.present:
            yield f"present = {table.present}  # the share that is there from the beginning"
    elif table.per:
        yield f"per = {_value(short(table.per))}"
        yield f"each = {_value(list(table.each))}  # so many for each, by turns"
    else:
        yield f"rows = {table.rows}"
        if not (guessed.declared.life and guessed.declared.life.signups is not None and
                table.name == guessed.declared.people):  # fmt: skip
            yield f"present = {table.present}  # the share that is there from the beginning"
    if table.edits:
        yield f"edits = {_value(list(table.edits))}  # so often each row changes, by turns, in {table.edit_days} days"
    if table.partitions:
        yield f"partitions = {_value(table.partitions)}  # a seed makes those that are missing, each so long"
    if table.checks:
        yield f"checks = {_value(list(table.checks))}"
    if not table.changes:
        yield f"changes = false  # {table.why or 'no row changes after it came'}"
    if not table.lives:
        yield "lives = false  # none comes later"
    yield f"[tables.{called}.columns]"
    for column in there.columns:
        yield from column_line(guessed, table.name, column.name)


def column_line(guessed: Guessed, table: str, name: str) -> Iterator[str]:
    """The line of a column; none where nothing was guessed of it."""
    columns, at = guessed.declared.tables[table].columns, (table, name)
    if name in columns:
        why = f"  # guessed {guessed.why[at]}" if at in guessed.why else ""
        yield f"{_name(name)} = {_column(columns[name])}{why}"
    elif at in guessed.left:
        yield f"# {_name(name)}: left to the database: {guessed.left[at]}"


def _column(column: DeclaredColumn) -> str:
    parts: dict[str, Any] = {"kind": column.kind, **column.options}
    if column.empty:
        parts["empty"] = column.empty
    return _value(column.kind) if len(parts) == 1 else _value(parts)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_name(str(key))} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for those of the plane above.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def _name(text: str) -> str:
    return text if _BARE.fullmatch(text) else _value(text)


def page(guessed: Guessed, schema: Schema, *, counted: bool = False) -> str:
    """The README.md of an adopted world. counted: beside the catalogue, what is in the tables was counted."""
    declared = guessed.declared
    out = [
        f"# {declared.title}",
        "",
        f"{len(schema.tables)} tables were read from the catalogue, and "
        f"{'their rows were counted (profile.sql)' if counted else 'no row'}. {len(guessed.arranged)} are filled, "
        f"{sum(bool(t.source) for t in declared.tables.values())} keep the app's own rows, "
        f"{len(guessed.declined)} are not filled.",
        "",
        "    populace plan .",
        "    populace init",
        "    populace seed .",
        "    populace run .",
        "    populace cleanup --all",
        "",
        "`world.toml` says what is in each table: change it. `schema.json` is the catalogue as it was understood: "
        "when the schema has changed, `populace adopt` with `--refresh` brings both up to it, and keeps your edits.",
        "",
        "## Understood",
        "",
    ]
    for one in guessed.arranged:
        known = [n for n in one.columns if (one.table.full_name, n) not in guessed.why]
        out.append(f"- `{short(one.table.full_name)}`: {', '.join(f'`{n}`' for n in known) or 'no column for certain'}")
    out += ["", "## Guessed", ""]
    for (table, column), why in guessed.why.items():
        if table in declared.tables and column in declared.tables[table].columns:
            kind = declared.tables[table].columns[column].kind
            means = "a row of another table" if kind == REFERENCE else KINDS[kind].means if kind in KINDS else "left"
            out.append(f"- `{short(table)}.{column}`: {kind} ({means}), {why}")
    shipped = [t for t in declared.tables.values() if t.source]
    if shipped:
        out += ["", "## The app's own rows", ""]
        out += [
            f"- `{short(t.name)}`: {f'{t.why}; ' * bool(t.why)}what refers to it takes one of these" for t in shipped
        ]
    out += ["", "## Declined", ""]
    out += [f"- `{short(name)}`: {why}" for name, why in sorted(guessed.declined.items())]
    out += [
        f"- `{short(table)}.{column}`, left to the database: {why}"
        for (table, column), why in guessed.left.items() if table in declared.tables
    ]  # fmt: skip
    if out[-1] == "":
        out.append("Nothing.")
    return "\n".join(out) + "\n"
