"""The part of `world.toml` that says how people live: who they are, how unlike, in whose time, and what they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from populace.declared.declaration import REFERENCE, DeclaredTable, Living, full, is_zone, short
from populace.errors import nearest

if TYPE_CHECKING:
    from populace.declared.world_file import _Reader

MOST_SIGNUPS = 1_000_000
MOST_SPREAD = 3
MOST_RATE = 1_000
"""Of an act, a person and day."""
_A_ZONE = "an IANA name, such as Europe/Berlin"
_ZONES = ("zone", "words", "constant")
"""Kinds whose columns may hold the names of time zones."""


def time(reader: _Reader, given: Mapping[str, Any]) -> None:
    """How long history and life are, and in whose time hours are, where nobody has a time of their own."""
    zone = given.get("zone", "UTC")
    if isinstance(zone, str) and not is_zone(zone):
        reader.fault("there is no such time zone", ("time", "zone"), zone, _A_ZONE)
    for part, high in (("history_days", 3_650), ("life_days", 3_650)):
        days = given.get(part, 30)
        if type(days) is int and not 1 <= days <= high:
            reader.fault("the value is out of bounds", ("time", part), days, f"a whole number from 1 to {high:,}")


def table_of(document: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """The table of people as a file names it, and where it does."""
    given = document.get("people", "")
    return (given.get("table", ""), ("people", "table")) if isinstance(given, dict) else (given, ("people",))


def read(
    reader: _Reader, document: Mapping[str, Any], tables: Mapping[str, DeclaredTable], people: str | None
) -> Living | None:
    """How people live, with every fault named; None where the file does not say it."""
    given = document.get("people")
    if isinstance(given, dict) and "signups" in given and people is not None and people in tables:
        own = document["tables"].get(short(people), {})
        if "present" in own:
            reader.fault("how many are there from the beginning follows from `signups`",
                         ("tables", short(people), "present"), own["present"], "one of the two")  # fmt: skip
    life = _life(reader, given, tables, people or "") if isinstance(given, dict) else None
    for table in tables.values():
        if table.by or table.rate:
            _act(reader, table, people, lives=isinstance(given, dict))
    return life


def _life(reader: _Reader, given: Mapping[str, Any], tables: Mapping[str, DeclaredTable], people: str) -> Living:
    path = ("people",)
    known = {"table": str, "signups": (int, float), "spread": (int, float), "zone": (str, dict)}
    if not reader.known(given, known, path):
        return Living()
    signups, spread, zone = given.get("signups"), given.get("spread", 0.0), given.get("zone", "")
    if signups is not None and not 0 <= signups <= MOST_SIGNUPS:
        reader.fault("the value is out of bounds", (*path, "signups"), signups,
                     f"sign-ups a day, from 0 to {MOST_SIGNUPS:,}")  # fmt: skip
    if not 0 <= spread <= MOST_SPREAD:
        reader.fault("the value is out of bounds", (*path, "spread"), spread, f"a number from 0 to {MOST_SPREAD}")
    zones = zone if isinstance(zone, dict) else {}
    for name, weight in zones.items():
        if not is_zone(name):
            reader.fault("there is no such time zone", (*path, "zone", name), name, _A_ZONE)
        elif type(weight) is not int or not 0 <= weight <= 1_000_000:
            reader.fault("this is no weight", (*path, "zone", name), weight, "a whole number from 0 to 1,000,000")
    if isinstance(zone, dict) and not any(zones.values()):
        reader.fault("nobody lives in any of these zones", (*path, "zone"), zone, '{ "Europe/Berlin" = 3 }')
    if isinstance(zone, str) and zone and people in tables:
        _zone_column(reader, zone, tables[people], tables)
    return Living(None if signups is None else float(signups), float(spread), zone if isinstance(zone, str) else "",
                zones)  # fmt: skip


def _zone_column(reader: _Reader, zone: str, people: DeclaredTable, tables: Mapping[str, DeclaredTable]) -> None:
    """Whether a column holds the zones of people: their own, or one of what they refer to."""
    path = ("people", "zone")
    table, _, name = referred(reader.schema, people, zone)
    if table is None:
        reader.fault("people refer to no table by this column", path, zone,
                     nearest(zone.partition(".")[0], people.columns))  # fmt: skip
        return
    declared = tables.get(table)
    column = declared.columns.get(name) if declared is not None else None
    if column is None or declared is None or not declared.fill:
        reader.fault(f"{short(table)} has no such column that is filled", path, zone,
                     "a column of the kind `zone`")  # fmt: skip
        return
    if column.kind not in _ZONES or column.empty:
        said = "may be NULL" if column.empty else f"is of the kind `{column.kind}`"
        reader.fault(f"{zone} {said}, and says no time zone", path, zone,
                     "a column of the kind `zone`, or of words that are zones, always there")  # fmt: skip
        return
    words = column.options.get("words", [column.options.get("value")] if column.kind == "constant" else [])
    for word in words:
        if not is_zone(str(word)):
            reader.fault(f"{zone} holds a word that is no time zone", path, word, "IANA names, such as Europe/Berlin")


def referred(schema: Any, people: DeclaredTable, zone: str) -> tuple[str | None, str, str]:
    """The table that holds the zone of people, the column by which they refer to it ("" for their own), and its
    column."""
    by, _, name = zone.rpartition(".")
    if not by:
        return people.name, "", name
    keys = schema.table(people.name).foreign_keys_of(by)
    return (next(iter(keys)).parent if keys else None), by, name


def _act(reader: _Reader, table: DeclaredTable, people: str | None, *, lives: bool) -> None:
    path = ("tables", short(table.name))
    if not table.by:
        reader.fault("a rate is of whoever acts, and the table does not say who", (*path, "rate"), table.rate,
                     'by = "…", the column that refers to people')  # fmt: skip
        return
    by = (*path, "by")
    if people is None:
        return  # it was said already
    if not lives:
        reader.fault("these are acts of people, and the file does not say how people live", by, table.by,
                     '[people] with table = "…"')  # fmt: skip
        return
    if not 0 < table.rate <= MOST_RATE:
        reader.fault("an act has a rate a person and day", (*path, "rate"), table.rate or None,
                     f"a number above 0, up to {MOST_RATE:,}")  # fmt: skip
    column = table.columns.get(table.by)
    keys = reader.schema.table(table.name).foreign_keys_of(table.by) if column is not None else ()
    parents = {key.parent for key in keys}
    if column is not None and column.kind == REFERENCE and "to" in column.options:
        parents.add(full(str(column.options["to"]), reader.schema) or "")
    if people not in parents or people == table.name:
        fitting = [c for c in table.columns if any(
            k.parent == people for k in reader.schema.table(table.name).foreign_keys_of(c))]  # fmt: skip
        said = "there is no such column" if column is None else f"this column does not refer to {short(people)}"
        reader.fault(said, by, table.by, " or ".join(fitting) or f"a column that refers to {short(people)}")
    elif column is not None and (beside := sorted(column.options.keys() & {"skew", "weights"})):
        reader.fault("who acts is drawn by how unlike people are", (*path, "columns", table.by, beside[0]),
                     column.options[beside[0]], "`spread` in [people]")  # fmt: skip
