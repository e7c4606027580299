"""An app's tables as its database's catalogue shows them: plain data, written as `schema.json` and read again.

Names are as the catalogue has them, unquoted. What reads the catalogue stands in `database/catalogue.py`; nothing here
knows of a server.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from populace import files
from populace.errors import BadInput, Remedy

FILE = "schema.json"
FORM = 1
"""The form of the file; another one is refused."""


@dataclass(frozen=True, slots=True)
class Column:
    """type: as SQL writes it, with length and schema. base: of a domain what is under it, without length, as the
    catalogue names it (`int4`, `varchar`, `_text` for an array). length: most characters, or bits. scale, precision: of
    a numeric. labels: of an enum. domain: its qualified name; domain_checks: what it asks of `VALUE`. default: its
    expression. computed: by the database from other columns. identity: "", `default` or `always`. serial: a sequence
    gives its default. parts: the fields of a composite type, or what an array holds.
    """

    name: str
    type: str
    base: str
    kind: str
    not_null: bool = False
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    labels: tuple[str, ...] = ()
    domain: str = ""
    domain_checks: tuple[str, ...] = ()
    default: str = ""
    computed: bool = False
    identity: str = ""
    serial: bool = False
    comment: str = ""
    parts: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique key or index. columns: plain ones, in order; expressions: how many of its keys are none. where: the
    condition of a partial one. temporal: of its last column no two may overlap (WITHOUT OVERLAPS)."""

    name: str
    columns: tuple[str, ...] = ()
    primary: bool = False
    expressions: tuple[str, ...] = ()
    where: str = ""
    nulls_equal: bool = False
    temporal: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """columns refer to `keys` of `parent` (`schema.table`), in the same order."""

    name: str
    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]
    deferrable: bool = False
    match_full: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A condition on a row. columns: all that it reads. valid: False: existing rows may not meet it (NOT VALID). takes:
    of one that is not understood, values of our own that the server took, as texts, in the order of the columns."""

    name: str
    expression: str
    columns: tuple[str, ...] = ()
    valid: bool = True
    takes: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Trigger:
    """events: as the catalogue words them. function: what it calls; language, source: of that function."""

    name: str
    definition: str
    function: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """kind: `r` for a table, `p` for one that is partitioned, `f` for a foreign one. partition_key: what a
    partitioned one is divided by, in words; partitions: bounds of those below; leaves: what those that hold rows ask of
    a row, each as a condition. partition_of: what it is a part of.
    inherits: likewise. insertable: whether this role may insert."""

    schema: str
    name: str
    kind: str
    columns: tuple[Column, ...] = ()
    uniques: tuple[Unique, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    exclusions: tuple[str, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[str, ...] = ()
    partition_key: str = ""
    partitions: tuple[str, ...] = ()
    partition_of: str = ""
    inherits: tuple[str, ...] = ()
    row_security: bool = False
    row_security_forced: bool = False
    insertable: bool = True
    comment: str = ""
    leaves: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.name}"

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def foreign_keys_of(self, column: str) -> tuple[ForeignKey, ...]:
        """Those that a column is part of."""
        return tuple(fk for fk in self.foreign_keys if column in fk.columns)

    @property
    def primary(self) -> tuple[str, ...]:
        """The columns of its primary key; none where it has none."""
        return next((unique.columns for unique in self.uniques if unique.primary), ())


@dataclass(frozen=True)
class Schema:
    """Everything that was read. server: its version. extensions: by name, with version. views: by full name."""

    server: int
    encoding: str
    tables: tuple[Table, ...]
    extensions: tuple[str, ...] = ()
    views: tuple[str, ...] = ()

    def table(self, full_name: str) -> Table:
        """The table of that full name; KeyError when there is none."""
        return self.by_name[full_name]

    @cached_property
    def by_name(self) -> Mapping[str, Table]:
        """Tables by their full names; there may be thousands."""
        return {table.full_name: table for table in self.tables}

    @cached_property
    def trigger_sources(self) -> tuple[str, ...]:
        """The text of every function that a trigger calls."""
        return tuple(dict.fromkeys(trigger.source for table in self.tables for trigger in table.triggers))

    @property
    def digest(self) -> str:
        """Of all of it but the server's version: the same tables have the same digest on another server."""
        said = json.dumps(_known_before({**asdict(self), "server": 0}), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def written(schema: Schema) -> str:
    """The text of `schema.json`."""
    document = {"form": FORM, "digest": schema.digest, **asdict(schema)}
    return json.dumps(_bare(document), indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> Schema:
    """A `schema.json`. Raises BadInput for a file that is none, was changed by hand, or has another form."""
    again = Remedy("adopt", {"out": "./another"}, "{} into another folder writes it again")
    with files.readable("world", path, "the file of its schema"):
        document = files.json_of(files.content(path))
    try:
        form, digest = document.pop("form"), document.pop("digest")
        if form != FORM:
            raise BadInput("this file has another form", where=str(path), given=form, allowed=str(FORM), todo=again)
        schema = _schema(document)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(f"this is no schema as `adopt` writes it: {error}", where=str(path), todo=again) from None
    if schema.digest != digest:
        raise BadInput(
            "this file was changed by hand", where=str(path), given=schema.digest, allowed=digest, todo=again
        )
    return schema


def _schema(document: Mapping[str, Any]) -> Schema:
    tables = tuple(_table(one) for one in document["tables"])
    return Schema(**{**_tuples(document), "tables": tables})


def _table(document: Mapping[str, Any]) -> Table:
    parts: dict[str, type] = {
        "columns": Column, "uniques": Unique, "foreign_keys": ForeignKey, "checks": Check, "triggers": Trigger,
    }  # fmt: skip
    made = {name: tuple(kind(**_tuples(one)) for one in document.get(name, ())) for name, kind in parts.items()}
    made["checks"] = tuple(replace(check, takes=tuple(tuple(row) for row in check.takes)) for check in made["checks"])
    made["columns"] = tuple(_column(one) for one in document.get("columns", ()))
    return Table(**{**_tuples(document), **made})


def _column(document: Mapping[str, Any]) -> Column:
    parts = tuple(_column({"name": "", **one}) for one in document.get("parts", ()))
    return Column(**{**_tuples(document), "parts": parts})


def _tuples(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in document.items()}


_LATER = ("parts", "temporal", "leaves", "takes")
"""What the first files did not say: where there is nothing of it, their digests are as they were."""


def _known_before(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _known_before(part) for name, part in value.items() if part or name not in _LATER}
    return [_known_before(part) for part in value] if isinstance(value, list | tuple) else value


_ALMOST_ALWAYS = ("insertable", "valid")
"""What is true of nearly everything, and so written where it is not."""


def _bare(value: Any) -> Any:
    """Without what is as it mostly is, so that a reader sees what is there."""
    if isinstance(value, dict):
        return {
            name: _bare(part)
            for name, part in value.items()
            if (part is False if name in _ALMOST_ALWAYS else part not in ("", None, (), []) and part is not False)
        }
    if isinstance(value, list | tuple):
        return [_bare(part) for part in value]
    return value
