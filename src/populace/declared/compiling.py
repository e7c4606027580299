"""A declared world compiled to `spec.World`: one model, two spellings."""

from __future__ import annotations

import hashlib
import importlib.machinery
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, cast

from populace import files
from populace.declared import FILE, acting, arrivals, growth, world_file
from populace.declared import schema as schemas
from populace.declared.acting import People
from populace.declared.arrivals import Act, Steady
from populace.declared.avoiding import avoids
from populace.declared.constants import native, stored
from populace.declared.declaration import Declared, short
from populace.declared.growth import Curve
from populace.declared.kinds import KINDS
from populace.declared.kinds.words import weights
from populace.declared.living import MOST_RATE, MOST_SIGNUPS, MOST_SPREAD, referred
from populace.declared.partitions import divided_by
from populace.declared.references import ONE, Fault
from populace.declared.rows import LIVING, Filler
from populace.declared.schema import Schema
from populace.declared.shipped import Shipped
from populace.declared.structure import Arranged, arrange
from populace.declared.triggers import made_of, sets
from populace.declared.world_file import MOST_ROWS
from populace.errors import BadInput, several
from populace.spec import (
    Chance,
    Choice,
    Column,
    ColumnValue,
    Decision,
    Draw,
    Ints,
    Mark,
    Members,
    Parameter,
    Parts,
    Root,
    Scenario,
    Table,
    Values,
    World,
    zones,
)  # fmt: skip
from populace.spec.kit import names

HORIZON_US = 3_600 * 1_000_000
VERSION = 3
"""Raised when the same files give other rows."""


def load(folder: Path) -> World:
    """The world of a folder. Raises BadInput with every fault, each with file and line."""
    schema = schemas.read(folder / schemas.FILE)
    declared = world_file.read(folder / FILE, schema)
    arranged, faults = arrange(schema, declared)
    if faults:
        raise several([_refused(folder, fault) for fault in faults])
    file = folder / FILE
    held = files.content(file)
    return compiled(schema, declared, arranged, _package(folder), partial(world_file.place, file, held))


def _refused(folder: Path, fault: Fault) -> BadInput:
    path = ["tables", short(fault.table), *(["columns", fault.column] if fault.column else [])]
    file = folder / FILE
    return BadInput(
        f"the table cannot be filled: {fault.why}",
        where=world_file.place(file, files.content(file), path),
        todo="change how it is declared, or write `fill = false` for the table",
    )


def _package(folder: Path) -> str:
    """A name under which the files of a folder are found, as those of a package are."""
    name = f"declared_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]}"
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__path__ = [str(folder)]
        module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
        module.__spec__.submodule_search_locations = [str(folder)]
        sys.modules[name] = module
    return name


def compiled(
    schema: Schema, declared: Declared, arranged: Sequence[Arranged], package: str,
    located: Callable[[Sequence[str]], str] = ".".join,
) -> World:  # fmt: skip
    """The world of tables that can be filled, parents first. located: where a setting stands, for errors."""
    curve = Curve(declared.history_days, declared.life_days, declared.hours, declared.weekdays, declared.zone,
                  ("time.hours", "time.weekdays") if declared.life else None)  # fmt: skip
    fillers: dict[str, Filler] = {}
    shipped = dict(_shipped(schema, arranged))
    others: dict[str, Filler | Shipped] = {**shipped}
    acting_ = _people(schema, declared, arranged, fillers)
    signing = _signing(declared, arranged)
    for place, one in enumerate(arranged):
        name = one.table.full_name
        others[name] = fillers[name] = Filler(
            one, _arrival(one, curve, acting_, sign_ups=name == signing), others, place, len(arranged), located
        )
    people = fillers[declared.people].name

    def derive(values: Values) -> Mapping[str, object]:
        sizes = {name: one.many(values) for name, one in shipped.items()}
        for name, filler in fillers.items():
            sizes[name] = filler.sizes(values, sizes)
        return {
            **{filler.ever: sizes[name] for name, filler in fillers.items()},
            **{f"{path}.parts": round(values.number(path) * arrivals.PARTS / acting.MOST_PACE)
               for path in dict.fromkeys(f.arrival.pace for f in fillers.values() if f.paced)},
        }  # fmt: skip

    return World(
        name=declared.name, title=declared.title, about=declared.about or "an app's own tables", version=VERSION,
        package=package, parameters=tuple(_parameters(declared, fillers.values())), derive=derive,
        decisions=(
            *(decision for filler in fillers.values() for decision in _decisions(filler)),
            *((acting.DIFFER,) if declared.life else ()),
        ),
        roots=tuple(Root(name=f.name, size=f.ever, joined=f.joined) for f in fillers.values()),
        people_root=people, tables=(
            *(_table(schema, filler, declared.life_days) for filler in fillers.values()),
            *_made(schema, declared, fillers),
        ),
        flows=tuple(
            Members(f.name, f.name, (f.name,), f.rows, enabled=LIVING, changes_us=f.changes.span_us if f.changes else 0)
            for f in fillers.values()
        ),
        scenarios=(Scenario(name="default", about="as declared"),), default_scenario="default",
        history_days="history_days", horizon_us=HORIZON_US, digest=_digest_of(declared), adopted=True,
        deferred=any(r.late and not r.guessed for f in fillers.values() for r in f.arranged.references),
        reads=tuple(one.reads for one in shipped.values()),
        avoids=tuple(one for filler in fillers.values() for one in avoids(filler)),
        needs=("accounts",) if any(f.arranged.table.schema == "auth" for f in fillers.values()) else (),
        keys=tuple(f"{f.name}.{n}" for f in fillers.values() for n, c in f.arranged.columns.items()
                   if c.kind in ("typed", "array") and f.arranged.table.column(n).base in ("uuid", "_uuid")),
    )  # fmt: skip


def _digest_of(declared: Declared) -> Callable[[], str]:
    """Of the word lists; and of the zone data, where local times count."""
    local = declared.zone != "UTC" or (declared.life is not None and (declared.life.zone or declared.life.zones))
    return (lambda: f"{names.digest()} {zones.VERSION}") if local else names.digest


def _arrival(one: Arranged, curve: Curve, people: People | None, *, sign_ups: bool) -> Steady | Act:
    """When rows of a table come that follow no other's."""
    table = one.declared
    if table.hours or table.weekdays:
        curve = replace(
            curve, hours=table.hours or curve.hours, weekdays=table.weekdays or curve.weekdays,
            settings=curve.settings and (
                f"{one.called}.hours" if table.hours else curve.settings[0],
                f"{one.called}.weekdays" if table.weekdays else curve.settings[1],
            ),
        )  # fmt: skip
    if one.by and people is not None:
        return Act(one.called, curve, people, table.present, table.lives, one.by)
    return Steady(one.called, curve, table.present, table.lives, sign_ups)


def _people(
    schema: Schema, declared: Declared, arranged: Sequence[Arranged], fillers: Mapping[str, Filler]
) -> People | None:
    """Those who act; None where the file does not say how they live."""
    life = declared.life
    if life is None:
        return None
    name = declared.people
    one = next(one for one in arranged if one.table.full_name == name)
    zone = None
    if life.zone:
        _, by, column = referred(schema, declared.tables[name], life.zone)

        def zone(draw: Draw, ordinal: Ints) -> ColumnValue:
            return fillers[name].seen(draw, by, column, ordinal)

    return People(
        one.called, declared.history_days, declared.life_days, _presence(fillers, name),
        tuple(life.zones) or (declared.zone,), tuple(life.zones.values()), zone,
    )  # fmt: skip


def _presence(fillers: Mapping[str, Filler], name: str) -> Callable[[Values], tuple[int, int, int]]:
    # The filler of people is made after this is said.
    def presence(values: Values) -> tuple[int, int, int]:
        return fillers[name].presence(values)

    return presence


def _signing(declared: Declared, arranged: Sequence[Arranged]) -> str:
    """The table whose rows come when people sign up: their own, or that of which each of theirs follows one. "" where
    they come at no rate."""
    by_name, name = {one.table.full_name: one for one in arranged}, declared.people
    if declared.life is None or declared.life.signups is None:
        return ""
    while followed := by_name[name].followed:
        if followed[0].how != ONE or followed[0].parent not in by_name:
            return ""
        name = followed[0].parent
    return name


def _shipped(schema: Schema, arranged: Sequence[Arranged]) -> Iterator[tuple[str, Shipped]]:
    """The tables of the app's own rows to which ours refer, by full name, with the columns that they refer to."""
    keys: dict[str, dict[str, None]] = {}
    for one in arranged:
        for reference in one.references:
            if reference.shipped:
                keys.setdefault(reference.parent, {}).update(dict.fromkeys(reference.keys))
    for name, columns in sorted(keys.items()):
        yield name, Shipped(schema.table(name), tuple(columns))


def _parameters(declared: Declared, fillers: Iterable[Filler]) -> Iterator[Parameter]:
    yield Parameter(path=LIVING, default=True, means="whether new rows come", live=True)
    yield Parameter(path="history_days", default=declared.history_days, low=declared.history_days,
                    high=declared.history_days, means="length of history, as world.toml says", unit="days")  # fmt: skip
    life = declared.life
    if life is not None:
        yield _weights("time.hours", declared.hours, "at each hour")
        yield _weights("time.weekdays", declared.weekdays, "on each day from Monday on")
        yield Parameter(path=acting.SPREAD, default=life.spread, low=0.0, high=MOST_SPREAD,
                        means="how unlike people are in how often they act: 0 for all alike",
                        unit="deviation of a logarithm")  # fmt: skip
    for filler in fillers:
        table = filler.arranged.declared
        if life is not None and not filler.arranged.followed:
            if table.hours:
                yield _weights(f"{filler.name}.hours", table.hours, f"of {table.name} at each hour")
            if table.weekdays:
                yield _weights(f"{filler.name}.weekdays", table.weekdays, f"of {table.name} on each day from Monday on")
        if isinstance(filler.arrival, Act):
            yield Parameter(path=f"{filler.name}.rate", default=table.rate, low=0.0, high=MOST_RATE,
                            means=f"rows of {table.name} that a person makes", unit="a day")  # fmt: skip
            yield _pace(filler.arrival.pace, f"how many rows of {table.name} come, against their rate")
        elif not filler.arranged.followed:
            if filler.arrival.sign_ups and life is not None and life.signups is not None:
                yield Parameter(path=arrivals.SIGNUPS, default=life.signups, low=0.0, high=MOST_SIGNUPS,
                                means="people who sign up in a day", unit="a day")  # fmt: skip
                yield _pace(arrivals.SIGNUP_PACE, "how many people sign up, against their rate")
            yield Parameter(path=filler.path, default=table.rows, low=1, high=MOST_ROWS,
                            means=f"rows of {table.name} in history", unit="rows")  # fmt: skip


def _weights(path: str, weights: tuple[int, ...], means: str) -> Parameter:
    """Of hours or days."""
    return Parameter(path=path, default=growth.written(weights), means=f"how much comes {means}",
                     form=growth.form(len(weights)), longest=200)  # fmt: skip


def _pace(path: str, means: str) -> Parameter:
    """What is changed while people live."""
    return Parameter(
        path=path, default=1.0, low=0.0, high=acting.MOST_PACE, means=f"{means}: 1 as planned", unit="times", live=True
    )


def _decisions(filler: Filler) -> Iterator[Decision]:
    arranged = filler.arranged
    for name, column in arranged.columns.items():
        stream = f"{filler.name}.{name}"
        if column.kind == "words":
            yield Choice(stream, weights(column.options)[1])
        elif column.kind == "switch":
            yield Chance(stream, float(column.options.get("share", 0.5)))
        if column.empty:
            yield Chance(f"{stream}.empty", column.empty)


def _table(schema: Schema, filler: Filler, ahead_days: int) -> Table:
    arranged = filler.arranged
    columns = tuple(_column(schema, filler, name) for name in filler.written)
    key, table = arranged.key, arranged.table
    out = Table(
        name=filler.name,
        there_called="" if filler.name == table.name else table.name,
        schema=table.schema,
        columns=columns,
        key=key,
        root=filler.name,
        keyed=arranged.keyed,
        mode="append" if filler.changes is None else "merge",
        proved=key,
        mark=Mark("true", "no mark of its own: the register knows the row"),
        parts=_parts(schema, filler, ahead_days),
    )
    return _marked(out, arranged)


def _parts(schema: Schema, filler: Filler, ahead_days: int) -> Parts | None:
    """The partitions that are to be there."""
    by = cast(Literal["day", "week", "month", "year", ""], filler.arranged.declared.partitions)
    column = divided_by(schema.table(filler.arranged.table.full_name))
    return Parts(column, by, ahead_days) if by and column else None


def _made(schema: Schema, declared: Declared, fillers: Mapping[str, Filler]) -> Iterator[Table]:
    """Tables whose rows the app's triggers make of ours: only what they are known by."""
    said = {t.name: t.made_by for t in declared.tables.values() if t.made_by}
    apart = {t.name for t in declared.tables.values() if t.source}
    taken = {filler.name for filler in fillers.values()}
    for name, by in made_of(schema, said, tuple(fillers)).items():
        if name in apart:
            continue
        table = schema.table(name)
        fk = next((k for k in table.foreign_keys if k.parent in by and len(k.columns) == 1), None)
        (column, of) = (fk.columns[0], fk.parent) if fk else (None, by[0])
        refers = {column: f"{of}.{fk.keys[0]}"} if fk and column else {}
        key = table.primary or tuple(c.name for c in table.columns)
        called = next(n for n in (table.name, f"{table.schema}_{table.name}", f"{table.schema}_{table.name}_made")
                      if n not in taken)  # fmt: skip
        taken.add(called)
        yield Table(
            name=called, there_called="" if called == table.name else table.name, schema=table.schema,
            columns=tuple(_known_by(table, n, refers.get(n)) for n in dict.fromkeys((*refers, *key))),
            key=key, proved=key, root=fillers[of].name, echoes=column, made_by=by, keyed=bool(table.primary),
            mark=Mark("true", f"the app's trigger made it of a row of {' or '.join(by)}"),
        )  # fmt: skip


def _known_by(table: schemas.Table, name: str, refers: str | None) -> Column:
    column = table.column(name)
    moment: Literal["planned"] | None = "planned" if native(column) == "timestamptz" else None
    return Column(
        name, native(column), nullable=not column.not_null, moment=moment, references=refers, contact="nothing",
        stored=stored(column), apart=True,
    )  # fmt: skip


def _marked(table: Table, arranged: Arranged) -> Table:
    """With the mark that shows a row of ours: the form of its uuid, its number, or the register of single rows."""
    name = table.proof[0]
    quoted = '"' + name.replace('"', '""') + '"'
    kind = arranged.columns[name].kind
    if table.hashed:
        if kind == "key":
            return replace(table, mark=Mark(f"substr(t.{quoted}::text, 15, 1) = '8'", f"{name} is a uuid of version 8"))
        return table
    base = arranged.bases.get(name, 0)
    if base:
        return replace(table, mark=Mark(f"t.{quoted} > {base}", f"{name} is above {base}"))
    return table


def _column(schema: Schema, filler: Filler, name: str) -> Column:
    arranged = filler.arranged
    column, declared = arranged.table.column(name), arranged.columns[name]
    kind = KINDS.get(declared.kind)
    type_ = native(column)
    reference = filler._deciding.get(name)
    refers = None
    if reference is not None and len(reference.columns) == 1 and not reference.shipped:
        # Of a reference of several columns none refers by itself.
        (key,) = reference.keys
        alike = type_ == native(schema.table(reference.parent).column(key))
        refers = f"{reference.parent}.{key}"
        refers = refers if alike and refers.count(".") == 2 else None
    moves = sets(schema, arranged.table, name)
    shaped = any(name in shape.columns for shape in arranged.shapes)
    moment: Literal["happened", "planned"] | None = None
    if type_ == "timestamptz":
        moment = "happened" if declared.kind in ("created", "updated") and not shaped and not moves else "planned"
    return Column(
        name, type_,
        nullable=not column.not_null,
        moment=moment,
        references=refers,
        contact="nothing" if kind is None else kind.reaches(column) if shaped else kind.contact,
        stored=stored(column),
        numbered=column.identity == "always",
        moves=moves,
        apart=arranged.bases.get(name, 0) > 0,
    )  # fmt: skip
