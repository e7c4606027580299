"""The rows of a plan as numbered SQL scripts, for psql alone: for a database that Populace never sees.

A script stages its rows, adds those that are not there, and raises an error unless every one of them is then there as
it was exported. Run again it changes nothing. Where a script holds one table and has its name, a variable of that name
(`psql -v users=100`) takes the first so many of its rows, and of all others those that refer to no row left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from populace import clock
from populace.batch import newest, uuid_text
from populace.database.named import named
from populace.engine import Window, generate, whole
from populace.plan import Plan
from populace.sinks.memory import KEPT_BY_MERGE
from populace.spec import Column, Ints, Table, World

SQL = named("populace.operations", "scripts.sql")
ORDERED_BY = ("created_at", "added_at")
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


def files_of(plan: Plan, window: Window) -> dict[str, bytes]:
    """The files by name, in the order in which they are to be run."""
    scripts, rows = scripts_of(plan.world), _rows(plan, window)
    variables = {script.variable: len(rows[script.tables[0].name]) for script in scripts if script.variable}
    needs = _needs(plan.world, rows, tuple(variables))
    out = {}
    for number, script in enumerate(scripts, start=1):
        head = _piece("head") % {
            "file": script.file(number), "world": plan.world.title, "scenario": plan.scenario, "seed": plan.seed,
            "plan": plan.digest, "until": clock.iso(window.end_us),
            "example": " ".join(f"-v {name}={many}" for name, many in variables.items()),
        }  # fmt: skip
        asked = [_piece("variable") % {"name": name, "many": many, "world": plan.world.name}
                 for name, many in variables.items()]  # fmt: skip
        text = "".join([head, *asked]).encode()
        for table in script.tables:
            text += _table(table, rows[table.name], needs[table.name], plan.world)
        out[script.file(number)] = text + b"COMMIT;\n"
    return out


def _piece(name: str) -> str:
    """A piece of a script; its last statement ends."""
    return f"{SQL[name]};\n"


def _rows(plan: Plan, window: Window) -> dict[str, pa.Table]:
    """All rows of a window by table, of those that change the last version; the oldest first."""
    batches: dict[str, list[pa.RecordBatch]] = {table.name: [] for table in plan.world.tables}
    for batch in generate(plan, whole(plan), window):
        if batch.act != "remove":
            batches[batch.table].append(batch.rows)
    out = {}
    for table in plan.world.tables:
        if not batches[table.name]:
            out[table.name] = pa.table({column.name: pa.array([], pa.null()) for column in table.columns})
            continue
        rows = pa.Table.from_batches(batches[table.name])
        if table.mode == "merge":
            rows = newest(rows, table.key, [name for name in KEPT_BY_MERGE if table.has(name)])
        by = [*(name for name in ORDERED_BY if table.has(name)), *table.key]
        out[table.name] = rows.take(pc.sort_indices(rows, [(name, "ascending") for name in by])).combine_chunks()
    return out


def _needs(world: World, rows: Mapping[str, pa.Table], variables: Sequence[str]) -> dict[str, Placed]:
    """How many rows of each variable every row needs: its own place, and what those that it refers to need."""
    tables = {table.full_name: table for table in world.tables}
    needs: dict[str, Placed] = {}
    places: dict[tuple[str, str], dict[object, int]] = {}
    for table in world.tables:
        many = len(rows[table.name])
        found = {name: np.arange(1, many + 1) if name == table.name else np.zeros(many, dtype=np.int64)
                 for name in variables}  # fmt: skip
        for column in table.columns:
            target, _, key = (column.references or "").rpartition(".")
            parent = tables.get(target)
            if parent is None or parent.name not in needs or not many:
                continue
            if (parent.name, key) not in places:
                held = rows[parent.name].column(key).to_pylist()
                places[parent.name, key] = {value: place for place, value in enumerate(held)}
            known = places[parent.name, key]
            place = np.array([known.get(value, -1) for value in rows[table.name].column(column.name).to_pylist()])
            for name in variables:
                wanted = np.append(needs[parent.name][name], 0)[place]
                found[name] = np.maximum(found[name], wanted)
        needs[table.name] = found
    return needs


def _table(table: Table, rows: pa.Table, needs: Placed, world: World) -> bytes:
    """What a script does with one table."""
    names = [column.name for column in table.columns]
    compared = [c.name for c in table.columns if c.name not in table.key and not c.moves]
    listed = partial(_listed, names)
    limits = "".join(f"    {_piece('limit')}" % {"name": name} for name in needs)
    orphans = "".join(_orphans(table, world))
    said = {
        "table": table.quoted_name, "shown": table.full_name, "columns": listed(""), "rows": f"{len(rows):,}",
        "needs": "".join(f'0 AS "needs {name}", ' for name in needs),
        "given": "".join(f'"needs {name}", ' for name in needs) + listed(""),
        "same": " AND ".join(f's."{name}" = t."{name}"' for name in table.key),
        "differ": f"({_listed(compared, 't.')}) IS DISTINCT FROM ({_listed(compared, 's.')})" if compared else "false",
        "limits": limits, "orphans": orphans,
    }  # fmt: skip
    columns = [*(_numbers(values) for values in needs.values()),
               *(_texts(rows.column(column.name), column) for column in table.columns)]  # fmt: skip
    lines = "\n".join(map("\t".join, zip(*columns, strict=True))) if len(rows) else ""
    data = f"{lines}\n\\.\n" if lines else "\\.\n"
    return b"".join(((_piece("stage") % said).encode(), data.encode(), (_piece("fill") % said).encode()))


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
