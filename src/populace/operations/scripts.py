"""The rows of a plan as numbered SQL scripts, for psql alone: for a database that Populace never sees.

A script stages its rows, adds those that are not there, and raises an error unless every one of them is then there as
it was exported. Run again it changes nothing. Where a script holds one table and has its name, a variable of that name
(`psql -v users=100`) takes the first so many of its rows, and of all others those that refer to no row left out.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from populace import clock
from populace.batch import uuid_text
from populace.database.named import named
from populace.engine import Window
from populace.operations.spooled import Spool
from populace.plan import Plan
from populace.spec import Column, Ints, Table, World

SQL = named("populace.operations", "scripts.sql")
Placed = Mapping[str, Ints]
"""By variable: how many of its rows a row needs."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script: what it is called, its tables in order."""

    name: str
    tables: tuple[Table, ...]

    def file(self, number: int) -> str:
        """The name of its file."""
        return f"{number:02}_synthetic_{self.name}.sql"

    @property
    def variable(self) -> str | None:
        """The variable that limits its rows."""
        alone = len(self.tables) == 1 and self.tables[0].name == self.name
        return self.name if alone and not self.tables[0].lasting else None


def scripts_of(world: World) -> tuple[Script, ...]:
    """The scripts of a world: those that it declares, or one a table."""
    declared = world.scripts or {table.name: (table.name,) for table in world.tables}
    return tuple(Script(name, tuple(world.table(table) for table in tables)) for name, tables in declared.items())


def write(folder: Path, plan: Plan, window: Window) -> tuple[str, ...]:
    """Write the files into an empty folder; their names, in the order in which they are to be run. Raises OSError."""
    scripts = scripts_of(plan.world)
    with TemporaryDirectory(dir=folder) as drafts:
        spool = Spool(Path(drafts), plan, window)
        variables = {script.variable: spool.many[script.tables[0].name] for script in scripts if script.variable}
        needs = _Needs(plan.world, tuple(variables))
        for table in plan.world.tables:
            with open(Path(drafts) / f"{table.name}.sql", "wb") as data:
                for rows in spool.ordered(table):
                    data.write(_lines(table, rows, needs.of(table, rows)))
        for number, script in enumerate(scripts, start=1):
            head = _piece("head") % {
                "file": script.file(number), "world": plan.world.title, "scenario": plan.scenario, "seed": plan.seed,
                "plan": plan.digest, "until": clock.iso(window.end_us),
                "example": " ".join(f"-v {name}={many}" for name, many in variables.items()),
            }  # fmt: skip
            asked = [_piece("variable") % {"name": name, "many": many, "world": plan.world.name}
                     for name, many in variables.items()]  # fmt: skip
            with open(folder / script.file(number), "wb") as out:
                out.write("".join([head, *asked]).encode())
                for table in script.tables:
                    before, after = _around(table, spool.many[table.name], tuple(variables), plan.world)
                    out.write(before.encode())
                    with open(Path(drafts) / f"{table.name}.sql", "rb") as data:
                        shutil.copyfileobj(data, out)
                    out.write(f"\\.\n{after}".encode())
                out.write(b"COMMIT;\n")
    return tuple(script.file(number) for number, script in enumerate(scripts, start=1))


def _piece(name: str) -> str:
    """A piece of a script; its last statement ends."""
    return f"{SQL[name]};\n"


class _Needs:
    """How many rows of each variable every row needs: its own place, and what those that it refers to need.

    Tables come in the world's order, with their rows in parts.
    """

    def __init__(self, world: World, variables: Sequence[str]) -> None:
        self._tables = {table.full_name: table for table in world.tables}
        self._variables = variables
        self._wanted = {column.references for table in world.tables for column in table.columns}
        self._needs: dict[str, dict[str, list[Ints]]] = {}
        self._keys: dict[tuple[str, str], list[pa.ChunkedArray]] = {}

    def of(self, table: Table, rows: pa.Table) -> Placed:
        """Of some rows of a table, in the order of all of them."""
        if not self._variables:
            return {}
        own = self._needs.get(table.name, {}).get(table.name, [])
        place = np.arange(len(rows)) + 1 + sum(map(len, own))
        found = {name: place if name == table.name else np.zeros_like(place) for name in self._variables}
        for column in table.columns:
            target, _, key = (column.references or "").rpartition(".")
            parent = self._tables.get(target)
            if parent is None or parent is table or (parent.name, key) not in self._keys:
                continue
            known = _whole(self._keys[parent.name, key])
            if known.type != rows.column(column.name).type:
                continue
            place = pc.index_in(rows.column(column.name), value_set=known).fill_null(len(known)).to_numpy()
            for name in self._variables:
                wanted = np.append(np.concatenate(self._needs[parent.name][name]), 0)[place]
                found[name] = np.maximum(found[name], wanted)
        self._keep(table, rows, found)
        return found

    def _keep(self, table: Table, rows: pa.Table, found: Placed) -> None:
        """Remember what rows need that others refer to, and how many there were of a variable."""
        referred = [c.name for c in table.columns if f"{table.full_name}.{c.name}" in self._wanted]
        if not referred and table.name not in self._variables:
            return
        needs = self._needs.setdefault(table.name, {name: [] for name in self._variables})
        for name, values in found.items():
            needs[name].append(values)
        for name in referred:
            self._keys.setdefault((table.name, name), []).append(rows.column(name))


def _whole(parts: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """All parts as one, which it is from then on."""
    if len(parts) > 1:
        parts[:] = [pa.chunked_array([chunk for part in parts for chunk in part.chunks])]
    return parts[0]


def _lines(table: Table, rows: pa.Table, needs: Placed) -> bytes:
    """Some rows of a table as COPY reads them."""
    columns = [*(_numbers(values) for values in needs.values()),
               *(_texts(rows.column(column.name), column) for column in table.columns)]  # fmt: skip
    return "".join(f"{line}\n" for line in map("\t".join, zip(*columns, strict=True))).encode()


def _around(table: Table, many: int, variables: Sequence[str], world: World) -> tuple[str, str]:
    """What a script does with a table before its rows, and what after them."""
    names = [column.name for column in table.columns]
    compared = [c.name for c in table.columns if c.name not in table.key and not c.moves]
    listed = partial(_listed, names)
    limits = "".join(f"    {_piece('limit')}" % {"name": name} for name in variables)
    said = {
        "table": table.quoted_name, "shown": table.full_name, "columns": listed(""), "rows": f"{many:,}",
        "needs": "".join(f'0 AS "needs {name}", ' for name in variables),
        "given": "".join(f'"needs {name}", ' for name in variables) + listed(""),
        "same": " AND ".join(f's."{name}" = t."{name}"' for name in table.key),
        "differ": f"({_listed(compared, 't.')}) IS DISTINCT FROM ({_listed(compared, 's.')})" if compared else "false",
        "limits": limits, "orphans": "".join(_orphans(table, world)),
    }  # fmt: skip
    return _piece("stage") % said, _piece("fill") % said


def _orphans(table: Table, world: World) -> Iterator[str]:
    """A check for each column that refers to a table of the world."""
    tables = {one.full_name: one for one in world.tables}
    for column in table.columns:
        target, _, key = (column.references or "").rpartition(".")
        if target in tables and column.alternative is None:
            yield f"    {_piece('orphans')}" % {"column": column.name, "parent": tables[target].quoted_name, "key": key,
                                    "shown": f"{table.full_name}.{column.name}", "of": target}  # fmt: skip


def _listed(names: Sequence[str], before: str) -> str:
    return ", ".join(f'{before}"{name}"' for name in names)


def _numbers(values: Ints) -> list[str]:
    return [str(value) for value in values.tolist()]


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _texts(values: pa.ChunkedArray, column: Column) -> list[str]:
    """The values of a column as COPY reads text."""
    if column.type == "uuid":
        return _nulls(values, _uuids)
    if column.type in ("text", "jsonb"):
        return ["\\N" if value is None else value.translate(_ESCAPED) for value in values.to_pylist()]
    if column.type == "text[]":
        return ["\\N" if value is None else _array(value).translate(_ESCAPED) for value in values.to_pylist()]
    if column.type == "bool":
        return ["\\N" if value is None else "tf"[not value] for value in values.to_pylist()]
    if column.type == "timestamptz":
        return ["\\N" if value is None else value.isoformat() for value in values.to_pylist()]
    return ["\\N" if value is None else str(value) for value in values.to_pylist()]


def _nulls(values: pa.ChunkedArray, texts: Callable[[NDArray[np.uint8]], list[str]]) -> list[str]:
    """Texts of what is there, and COPY's null elsewhere."""
    held = values.to_pylist()
    there = b"".join(value for value in held if value is not None)
    made = iter(texts(np.frombuffer(there, dtype=np.uint8).reshape(-1, 16)))
    return ["\\N" if value is None else next(made) for value in held]


def _uuids(keys: NDArray[np.uint8]) -> list[str]:
    text = np.ascontiguousarray(uuid_text(keys))
    return [one.decode() for one in text.view("S36").ravel().tolist()]


def _array(values: Sequence[str]) -> str:
    return "{" + ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values) + "}"
