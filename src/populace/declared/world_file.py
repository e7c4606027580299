"""`world.toml`: what is in each table and how it lives, as the user wrote it, with every fault named by file and
line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from populace import files
from populace.declared import living
from populace.declared.conditions import parse
from populace.declared.declaration import (
    APP,
    DEFAULT,
    HISTORY_DAYS,
    HOURS,
    LIFE_DAYS,
    REFERENCE,
    WEEKDAYS,
    Declared,
    DeclaredColumn,
    DeclaredTable,
    full,
    needs_value,
    short,
)
from populace.declared.kinds import KINDS
from populace.declared.operators import Unknown
from populace.declared.options import option_faults, weights_faults
from populace.declared.partitions import SPANS, divided_by
from populace.declared.schema import Schema, Table
from populace.errors import BadInput, PopulaceError, nearest, several

FORM = 1
SKEWS = ("even", "some", "strong")
MOST_ROWS = 100_000_000


def read(path: Path, schema: Schema) -> Declared:
    """A `world.toml` over a schema. Raises BadInput with every fault, each with file, line and path."""
    with files.readable("world", path, "the file of this world"):
        return parsed(path, files.content(path), schema)


def parsed(path: Path, held: bytes, schema: Schema) -> Declared:
    """The same of a file's content. path: how errors name the file."""
    return _Reader(path, held, schema).read(files.toml_of(held))


_CALLED: Mapping[Any, str] = {int: "a whole number", (int, float): "a number", str: "a text", bool: "true or false",
                              list: "a list", dict: "a table"}  # fmt: skip


_PARTS: Mapping[str, Any] = {
    "rows": int, "per": str, "each": list, "present": (int, float), "lives": bool, "fill": bool, "why": str,
    "columns": dict, "source": str, "made_by": (str, list), "checks": list, "partitions": str, "changes": bool,
    "edits": list, "edit_days": int, "hours": list, "weekdays": list, "by": str, "rate": (int, float),
}  # fmt: skip
"""What a table says, and of which type each is."""


class _Reader:
    def __init__(self, path: Path, held: bytes, schema: Schema) -> None:
        self._path, self._held, self.schema = path, held, schema
        self.faults: list[PopulaceError] = []

    def read(self, document: Mapping[str, Any]) -> Declared:
        top = {"form": int, "name": str, "title": str, "about": str, "people": (str, dict), "time": dict,
               "tables": dict}  # fmt: skip
        self.known(document, top, ())
        time = document.get("time", {})
        if isinstance(time, dict):
            self.known(
                time, {"history_days": int, "life_days": int, "hours": list, "weekdays": list, "zone": str}, ("time",)
            )
        if document.get("form") != FORM:
            self.fault("this file has another form", ("form",), document.get("form"), str(FORM))
        name = document.get("name", "")
        if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
            self.fault(
                "this is no name for a world", ("name",), name, "lower-case letters, digits and _, a letter first"
            )
        tables: dict[str, DeclaredTable] = {}
        given = document.get("tables", {})
        for called, table in given.items() if isinstance(given, dict) else ():
            if (found := self._table(called, table)) is not None:
                tables[found.name] = found
        people, at = living.table_of(document)
        people_table = full(people, self.schema) if isinstance(people, str) else None
        # Of a table that is named and is not among these, something was said already.
        named = {full(called, self.schema) for called in given} if isinstance(given, dict) else set()
        if people_table is None or people_table not in named or (
            people_table in tables and not tables[people_table].fill):  # fmt: skip
            names = [short(t.name) for t in tables.values() if t.fill]
            self.fault("no table of this name is filled", at, people, nearest(str(people), names) or "none")
        life = living.read(self, document, tables, people_table)
        if isinstance(time, dict):
            self.curve(time, ("time",))
            living.time(self, time)
        if self.faults:
            raise several(self.faults)
        return Declared(
            name, document.get("title", name), document.get("about", ""), people_table or "", tables,
            time.get("history_days", HISTORY_DAYS), time.get("life_days", LIFE_DAYS),
            tuple(time.get("hours", HOURS)), tuple(time.get("weekdays", WEEKDAYS)), time.get("zone", "UTC"), life,
        )  # fmt: skip

    def _table(self, called: str, given: Any) -> DeclaredTable | None:
        path = ("tables", called)
        name = full(called, self.schema)
        if name is None:
            known = [short(t.full_name) for t in self.schema.tables]
            self.fault("there is no such table", path, called, nearest(called, known))
            return None
        if not isinstance(given, dict) or not self.known(given, _PARTS, path):
            return None
        if "source" in given:
            return self._shipped(name, given, path)
        if "made_by" in given:
            return self._made(name, given, path)
        rows, each, present = (
            given.get("rows", 100), given.get("each", [1]), given.get("present", 0.0 if "by" in given else 0.3)
        )  # fmt: skip
        if not 1 <= rows <= MOST_ROWS:
            self.fault("the value is out of bounds", (*path, "rows"), rows, f"a whole number from 1 to {MOST_ROWS:,}")
        if (
            not each
            or len(each) > 1000
            or any(type(n) is not int or not 0 <= n <= 10_000 for n in each)
            or not any(each)
        ):
            self.fault(
                "these are no numbers of rows", (*path, "each"), each, "whole numbers from 0 to 10,000, one not 0"
            )
            each = [1]
        self.curve(given, path)
        edits, days = given.get("edits", []), given.get("edit_days", 14)
        if len(edits) > 1000 or any(type(n) is not int or not 0 <= n <= 20 for n in edits):
            self.fault("these are no numbers of edits", (*path, "edits"), edits, "whole numbers from 0 to 20")
            edits = []
        if not 1 <= days <= 366:
            self.fault("the value is out of bounds", (*path, "edit_days"), days, "a whole number from 1 to 366")
        if not 0 <= present <= 1:
            self.fault("the value is out of bounds", (*path, "present"), present, "a share from 0 to 1")
        if len(amounts := [name for name in ("rows", "per", "by") if name in given]) > 1:
            said = " or ".join(f"`{name}`" for name in amounts)
            self.fault(f"a table has either {said}", (*path, amounts[-1]), given[amounts[-1]])
        per = None
        if "per" in given and (per := full(given["per"], self.schema)) is None:
            names = [short(t.full_name) for t in self.schema.tables]
            self.fault("there is no such table", (*path, "per"), given["per"], nearest(given["per"], names))
        table = self.schema.table(name)
        columns = {
            column: found
            for column, one in given.get("columns", {}).items()
            if (found := self._column(table, column, one, (*path, "columns", column))) is not None
        }
        fill = given.get("fill", True)
        named = given.get("columns", {})
        # Of a column whose name is misspelt or whose kind is wrong, this was said already.
        if fill and named.keys() <= {c.name for c in table.columns}:
            for missing in (c for c in table.columns if c.name not in named and needs_value(c)):
                self.fault("the table is filled, and this column takes no NULL and has no default", (*path, "columns"),
                            missing.name, "a kind for it")  # fmt: skip
        return DeclaredTable(name, columns, rows, per, tuple(each), float(present), given.get("lives", True), fill,
                             given.get("why", ""), "", (), self._checks(table, given, path),
                             self._partitions(table, given, path),
                             given.get("changes", True), tuple(edits), days,
                             tuple(given.get("hours", ())), tuple(given.get("weekdays", ())),
                             given.get("by", ""), float(given.get("rate", 0)))  # fmt: skip

    def _partitions(self, table: Table, given: Mapping[str, Any], path: tuple[str, ...]) -> str:
        """How long the partitions are that are made."""
        asked = given.get("partitions", "")
        if asked and asked not in SPANS:
            self.fault("there are no such partitions", (*path, "partitions"), asked, ", ".join(SPANS))
        elif asked and not divided_by(table):
            self.fault("the table is not divided by the moments of one column", (*path, "partitions"), asked)
        return str(asked)

    def _checks(self, table: Table, given: Mapping[str, Any], path: tuple[str, ...]) -> tuple[str, ...]:
        """Conditions on a row, as SQL has them."""
        fine: list[str] = []
        for text in given.get("checks", ()):
            at, allowed = (*path, "checks"), 'a condition in SQL over columns of the table, such as "total > 0"'
            if not isinstance(text, str):
                self.fault("a check is a text", at, text, allowed)
                continue
            try:
                condition = parse(text, [column.name for column in table.columns])
            except Unknown as error:
                self.fault(f"this condition is not understood: {error}", at, text, allowed)
                continue
            if not condition.columns:
                self.fault("this condition reads no column of the table", at, text, allowed)
            fine.append(text)
        return tuple(fine)

    def curve(self, given: Mapping[str, Any], path: tuple[str, ...]) -> None:
        """How much comes at each hour, and on each day of the week."""
        for part, many in (("hours", 24), ("weekdays", 7)):
            numbers = given.get(part, [1] * many)
            if isinstance(numbers, list) and (len(numbers) != many or not any(numbers) or any(
                type(n) is not int or not 0 <= n <= 1000 for n in numbers)):  # fmt: skip
                allowed = f"{many} whole numbers from 0 to 1000, one not 0"
                self.fault("these are no weights", (*path, part), numbers, allowed)

    def _shipped(self, name: str, given: Mapping[str, Any], path: tuple[str, ...]) -> DeclaredTable | None:
        """A table whose rows the app ships."""
        if given["source"] != APP:
            self.fault("there is no such source", (*path, "source"), given["source"], f"{APP!r}, or none")
        beside = sorted(given.keys() - {"source", "why"})
        if beside and given["source"] == APP:
            self.fault("the app's own rows stay as they are, and nothing is written", (*path, beside[0]), beside[0],
                        "source alone; without it, the table is filled")  # fmt: skip
        return DeclaredTable(name, {}, fill=False, why=given.get("why", ""), source=APP)

    def _made(self, name: str, given: Mapping[str, Any], path: tuple[str, ...]) -> DeclaredTable:
        """A table whose rows the app's triggers make of others."""
        beside = sorted(given.keys() - {"made_by", "why", "fill"})
        if beside or given.get("fill"):
            self.fault("the app's triggers fill it, and nothing else is written", (*path, (beside or ["fill"])[0]),
                        (beside or ["fill"])[0], "made_by alone; without it, the table is filled")  # fmt: skip
        called = given["made_by"]
        by = []
        for one in [called] if isinstance(called, str) else called:
            of = full(one, self.schema) if isinstance(one, str) else None
            if of is None or of == name:
                names = [short(t.full_name) for t in self.schema.tables if t.full_name != name]
                self.fault("there is no such table", (*path, "made_by"), one, nearest(str(one), names))
            else:
                by.append(of)
        return DeclaredTable(name, {}, fill=False, why=given.get("why", ""), made_by=tuple(by))

    def _column(self, table: Table, name: str, given: Any, path: tuple[str, ...]) -> DeclaredColumn | None:
        columns = {column.name: column for column in table.columns}
        if name not in columns:
            self.fault("there is no such column", path, name, nearest(name, columns))
            return None
        if isinstance(given, str):
            given = {"kind": given}
        if not isinstance(given, dict) or not isinstance(given.get("kind"), str):
            self.fault("a column says its kind", path, given, '"email", or { kind = "number", low = 1, high = 5 }')
            return None
        kind, column = given["kind"], columns[name]
        options = {key: value for key, value in given.items() if key not in ("kind", "empty")}
        empty = given.get("empty", 0.0)
        if type(empty) not in (int, float) or not 0 <= empty <= 1:
            self.fault("the value is out of bounds", (*path, "empty"), empty, "a share from 0 to 1")
            empty = 0.0
        if empty and column.not_null:
            self.fault("the column takes no NULL", (*path, "empty"), empty, "0")
        if kind == REFERENCE:
            self.known(options, {"to": str, "skew": str, "weights": dict}, path, kind="the kind `reference`")
            for fault in weights_faults(options, path):
                self.fault(*fault)
            if options.get("skew", "even") not in SKEWS:
                self.fault("there is no such skew", (*path, "skew"), options["skew"], ", ".join(SKEWS))
            if "to" in options and full(str(options["to"]), self.schema) is None:
                names = [short(t.full_name) for t in self.schema.tables]
                self.fault("there is no such table", (*path, "to"), options["to"], nearest(str(options["to"]), names))
        elif kind == DEFAULT:
            self.known(options, {}, path, kind="the kind `default`")
            if needs_value(column):
                self.fault("the database gives this column no value by itself", path, kind)
        elif kind not in KINDS:
            self.fault("there is no such kind", path, kind, nearest(kind, [*KINDS, REFERENCE, DEFAULT]))
            return None
        else:
            self.known(options, KINDS[kind].options, path, kind=f"the kind `{kind}`")
            if column.computed:
                self.fault("the database computes this column", path, kind, "nothing: leave it out")
            elif why := KINDS[kind].takes(column):
                self.fault(f"the column cannot be of this kind: {why}", path, kind)
            else:
                for fault in option_faults(kind, column, options, path, self._path.parent):
                    self.fault(*fault)
        return DeclaredColumn(kind, float(empty), options)

    def known(
        self, given: Mapping[str, Any], known: Mapping[str, Any], path: tuple[str, ...], kind: str = "this"
    ) -> bool:
        """Whether all names are known, and their values of the right type."""
        fine = True
        for name, value in given.items():
            if name not in known:
                self.fault(f"{kind} has no such setting", (*path, name), name, nearest(name, known) or "none")
                fine = False
            elif not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is not bool and (
                    known[name] is int or (isinstance(known[name], tuple) and bool not in known[name]))):  # fmt: skip
                self.fault("the value is of the wrong kind", (*path, name), value, _CALLED.get(known[name]))
                fine = False
        return fine

    def fault(self, what: str, path: Sequence[str], given: Any = None, allowed: str | None = None) -> None:
        self.faults.append(BadInput(what, where=place(self._path, self._held, path), given=given, allowed=allowed))


def place(file: Path, held: bytes, path: Sequence[str]) -> str:
    """Where a setting stands, for errors: file, line and path. Of one that is missing, the line of what it is missing
    in."""
    lines = (files.line_of(held, *path[:end]) for end in range(len(path), 0, -1))
    return f"{file}:{next((line for line in lines if line is not None), 1)}: {'.'.join(path)}"
