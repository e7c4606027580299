"""Which tables hold rows that the app ships: those that others refer to stay and are used, and its own records stay.

No row is read for it: the server's statistics say how many there are, and the foreign keys who refers to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from populace.declared.declaration import APP, DeclaredTable
from populace.declared.naming import PEOPLE
from populace.declared.schema import Schema, Table

MOST = 5_000
"""Of more rows a table is data, and not what other data is sorted by."""
_LOOKUP = re.compile(
    r"status|state|type|kind|role|plan|tier|level|priorit|categor|countr|currenc|language|locale|unit|reason|region|zone"
    r"|permission|stage|channel|method|tag|label|colou?r|severity|group|lookup|enum|dict",
    re.IGNORECASE,
)
_RECORDS = re.compile(
    r"(^|_)(settings?|config(uration)?s?|system|versions?|feature_?flags?|flags|features|options|parameters|meta|metadata"
    r"|params|preferences|registry|counters?)$",
    re.IGNORECASE,
)


def reference_data(schema: Schema, held: Mapping[str, int]) -> Iterator[tuple[str, DeclaredTable]]:
    """Tables of few rows that are there already, to which others refer, and which refer to nothing but such tables."""
    referred = {fk.parent for table in schema.tables for fk in table.foreign_keys if fk.parent != table.full_name}
    some = {t.full_name: t for t in schema.tables if t.full_name in held and t.full_name in referred and _few(t, held)}
    while True:
        fine = {name: t for name, t in some.items() if all(
            fk.parent in some or fk.parent == name for fk in t.foreign_keys)}  # fmt: skip
        if len(fine) == len(some):
            break
        some = fine
    for name in sorted(some):
        yield name, DeclaredTable(name, {}, fill=False, why=_said(held[name]), source=APP)


def _few(table: Table, held: Mapping[str, int]) -> bool:
    many = held[table.full_name]
    if PEOPLE.search(table.name.lower()) or many > MOST:
        return False
    # A single row, or how many is unknown: only where the name speaks for it.
    return many > 1 or _LOOKUP.search(table.name) is not None


def own_records(schema: Schema, held: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Tables of an app's own settings and versions, which nothing refers to: by name, with the reason."""
    referred = {fk.parent for table in schema.tables for fk in table.foreign_keys}
    for table in schema.tables:
        name = table.full_name
        if name in held and name not in referred and not table.foreign_keys and held[name] <= 1_000 and _RECORDS.search(
                table.name):  # fmt: skip
            yield name, f"{_said(held[name])}, and by its name these are its settings"


def _said(many: int) -> str:
    return "the app has filled it" if many < 0 else f"the app has filled it, with about {many:,} row{'s' * (many != 1)}"
