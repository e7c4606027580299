"""explain, of a row of an adopted world: when it came, how each column was made and of which rows; and of a person's
row, what they did."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from populace import clock, files
from populace.declared import FILE, explaining, world_file
from populace.declared.declaration import short
from populace.declared.rows import Filler
from populace.engine.draw_statistics import Unheard
from populace.engine.draws import EMPTY, EngineDraw
from populace.engine.tables import Block
from populace.errors import BadInput, nearest
from populace.operations.context import Context
from populace.operations.population import population
from populace.plan import Plan
from populace.spec import Ints, Rows, World

SHOWN = 20
"""Acts of a person that are listed, the last ones."""


@dataclass(frozen=True, slots=True)
class ExplainedColumn:
    """name, value: of the row. rule: how it was made; where: the line of the file that says so. stream: of its draws.
    parent: the row that it refers to, `table:key`."""

    name: str
    value: str | None
    rule: str
    where: str
    stream: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """A row, explained. number: its address. came: when, and why. acts: of a person, how many by table; last: moment
    and row of the last ones, in order."""

    table: str
    key: str
    number: int
    came: str
    why: str
    columns: Sequence[ExplainedColumn]
    acts: dict[str, int] = field(default_factory=dict)
    last: Sequence[tuple[str, str]] = ()

    def document(self) -> dict[str, Any]:
        """As `explain --json` prints it."""
        return {
            "row": f"{self.table}:{self.key}", "number": self.number, "came": self.came, "why": self.why,
            "columns": [{"name": c.name, "value": c.value, "rule": c.rule, "where": c.where, "stream": c.stream,
                         "parent": c.parent} for c in self.columns],
            "acts": self.acts, "last": [{"at": at, "row": row} for at, row in self.last],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExplainRowRequest:
    """row: `table:key`; of a key of several columns, values with commas between them; or another column's value in
    which all rows differ, such as an e-mail address."""

    row: str
    world: str | None = None


def explain_row(context: Context, request: ExplainRowRequest) -> ExplainedRow:
    """How a row of an adopted world came about.

    Raises BadInput for a world that was not adopted, a table that it does not fill, and a row that is not of this
    population, or not yet there.
    """
    with population(context, request.world, "explain", looking=True) as there:
        return _explained(there.plan, there.watermark_us, request.row)


def _explained(plan: Plan, watermark_us: int, asked: str) -> ExplainedRow:
    filled = explaining.fillers(plan.world)
    if not filled:
        raise BadInput("rows are explained of adopted worlds", where="explain.row", given=asked,
                       allowed="a person, and a day on which they came or not")  # fmt: skip
    called, _, key = asked.rpartition(":") if asked.count(":") == 1 else asked.partition(":")
    by_name = {short(f.arranged.table.full_name): f for f in filled.values()} | dict(filled)
    if called not in by_name or not key:
        raise BadInput("no table of this name is filled", where="explain.row", given=asked,
                       allowed=f"table:key, such as {next(iter(filled))}:…", todo=nearest(called, by_name))  # fmt: skip
    filler, draw = by_name[called], EngineDraw(plan, plan.eras[0], EMPTY, Unheard())
    number = _number(plan, draw, filler, key, watermark_us)
    if number is None:
        raise BadInput("there is no such row of this population", where="explain.row", given=asked,
                       allowed="the key of a row that was written, or a value that no two rows share")  # fmt: skip
    values, file = _row(plan, draw, filler, number, watermark_us), _file(plan.world)
    held = files.content(file) if file else b""
    table = short(filler.arranged.table.full_name)

    def where(name: str) -> str:
        path = ["tables", table, "columns", name]
        return world_file.place(Path(FILE), held, path) if file else ".".join(path)

    columns = []
    for made in explaining.columns(filler, draw, number):
        parent = None
        if made.parent and made.number >= 0:
            parent = _called(plan, draw, filled[made.parent], made.number)
        columns.append(ExplainedColumn(made.name, values[made.name], made.rule, where(made.name), made.stream, parent))
    acts, last = dict[str, int](), list[tuple[int, str, int]]()
    if explaining.is_people(filler, plan.world):
        for name, numbers, at in explaining.acts(plan.world, draw, number, watermark_us):
            acts[short(filled[name].arranged.table.full_name)] = len(numbers)
            last += zip(at.tolist(), [name] * len(at), numbers.tolist(), strict=True)
    some = sorted(last)[-SHOWN:]
    return ExplainedRow(
        table, _key_of(plan, draw, filler, number), number, clock.iso(int(draw.joined(filler.name)[number])),
        explaining.came(filler, draw, number), columns, acts,
        [(clock.iso(at), _called(plan, draw, filled[name], one)) for at, name, one in some],
    )  # fmt: skip


def _file(world: World) -> Path | None:
    """The `world.toml` of a world, where it is at hand."""
    package = sys.modules.get(world.package)
    folder = next(iter(getattr(package, "__path__", ())), None)
    return Path(folder) / FILE if folder and (Path(folder) / FILE).is_file() else None


def _called(plan: Plan, draw: EngineDraw, filler: Filler, number: int) -> str:
    return f"{short(filler.arranged.table.full_name)}:{_key_of(plan, draw, filler, number)}"


def _key_of(plan: Plan, draw: EngineDraw, filler: Filler, number: int) -> str:
    return ",".join(_texts(plan, draw, filler, name, np.array([number]))[0] for name in filler.arranged.key)


def _texts(plan: Plan, draw: EngineDraw, filler: Filler, name: str, ordinal: Ints) -> list[str]:
    """What rows hold in a column, as texts."""
    value = filler.value(draw, name, ordinal)
    column = next(c for c in plan.world.table(filler.name).columns if c.name == name)
    array = Block(plan.seed, np.arange(len(ordinal))).array(value, column.type)
    return [_text(one) for one in array.to_pylist()]


def _text(value: object) -> str:
    if isinstance(value, bytes) and len(value) == 16:
        plain = value.hex()
        return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
    return str(value)


def _number(plan: Plan, draw: EngineDraw, filler: Filler, key: str, watermark_us: int) -> int | None:
    """The number of the row that has a key, or in one of the columns in which all rows differ this value."""
    many = int(np.searchsorted(draw.joined(filler.name), watermark_us))
    every = np.arange(many, dtype=np.int64)
    every = every[filler.exists(draw, every)] if many else every
    if not len(every):
        return None
    keys = zip(*(_texts(plan, draw, filler, name, every) for name in filler.arranged.key), strict=True)
    found = [number for number, parts in zip(every.tolist(), keys, strict=True) if ",".join(parts) == key]
    for name in sorted(filler.arranged.distinct - set(filler.arranged.key)):
        if found:
            break
        texts = _texts(plan, draw, filler, name, every)
        found = [number for number, text in zip(every.tolist(), texts, strict=True) if text == key]
    return found[0] if found else None


def _row(plan: Plan, draw: EngineDraw, filler: Filler, number: int, watermark_us: int) -> dict[str, str | None]:
    """A row as it stands."""
    rows: Rows = filler.rows(draw.unrecorded, np.array([number]))[filler.name]
    at = rows.at if rows.at is not None else np.zeros(len(rows.owner), dtype=np.int64)
    last = np.flatnonzero(at < watermark_us)[-1:]
    batch = Block(plan.seed, last).record_batch(plan.world.table(filler.name), rows.columns)
    return {name: None if value is None else _text(value) for name, value in batch.to_pylist()[0].items()}
