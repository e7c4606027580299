"""Rows of a proposal, tried on a copy of the app's schema with its triggers on: what else do they change, and what is
refused.

The copy stands on a server of Populace's own for some seconds. The app's database is only read.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from populace import clock
from populace.batch import Batch
from populace.database import effects, parts, schema_copy
from populace.database.catalogue import BEGIN
from populace.database.connection import Connection
from populace.declared import compiling
from populace.declared.declaration import short
from populace.declared.guessing import Guessed
from populace.declared.schema import Schema, Table
from populace.declared.triggers import NOTHING_SEEN, Seen
from populace.engine.estimate import estimate
from populace.errors import PopulaceError
from populace.event import Event, unheard
from populace.operations.context import Context, Direct
from populace.operations.opening import Opened, reach, session
from populace.operations.plans.making import first_window
from populace.operations.targets import stop_server
from populace.plan import resolve
from populace.runner import records, rehearsal
from populace.runner.sample import Sample
from populace.sinks.postgres import PostgresSink
from populace.spec import World

EPOCH_US = clock.parse("2026-06-01T00:00:00Z", "adopt")
"""When the rows that are tried are from: the same at all times."""
REFUSING = ("P0", "22", "23")
"""Classes of errors that say that a row is refused, and not that something is missing in the copy."""
MOST_TURNS = 4
UNKNOWN = "?"
MOST_ALONE, MOST_SHOWN = 60, 40
"""So many rows are tried one by one, and so much of a value is shown."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of an app's schema. opened: where it is. held: tables that hold rows in the app's database, not here."""

    schema: Schema
    opened: Opened
    held: Collection[str]

    def tried(self, guessed: Guessed) -> Seen:
        """What is seen when rows of a proposal are written."""
        world = compiling.compiled(self.schema, guessed.declared, guessed.arranged, __package__)
        plan = resolve(world, world.default_scenario, seed=1, epoch_us=EPOCH_US)
        sample = Sample(world)
        estimate(plan, first_window(plan, EPOCH_US), timed=False, hear=sample.hear)
        made: dict[str, set[str]] = {}
        refused: dict[str, str] = {}
        fixed: set[str] = set()
        with session(self.opened, "adopt") as connection, connection.transaction(force_rollback=True):
            connection.execute(records.SQL["writing"])
            for table in (table for table in world.tables if table.parts):
                parts.make(connection, table, plan.origin_us - clock.DAY_US * 40, EPOCH_US + clock.DAY_US)
            for batch in sample.related():
                name = world.table(batch.table).full_name
                before = effects.so_far(connection)
                fine, said = _written(connection, world, batch)
                if said and not self._reads_rows(self.schema.table(name)):
                    refused[name] = said
                if batch.act == "merge" and fine is not None and _refusal(connection, world, fine):
                    fixed.add(name)
                for effect in effects.since(connection, before):
                    if effect.inserted and effect.table != name and effect.table in self.schema.by_name:
                        made.setdefault(effect.table, set()).add(name)
        return Seen({name: tuple(sorted(by)) for name, by in made.items()}, refused, frozenset(fixed))

    def _reads_rows(self, table: Table) -> bool:
        """Whether a trigger of a table may read rows that are not here."""
        names = "|".join(re.escape(name.rpartition(".")[2]) for name in self.held)
        return bool(names) and any(re.search(rf"\b({names})\b", t.source, re.IGNORECASE) for t in table.triggers)


def acts(table: Table) -> bool:
    """Whether a trigger of the app's acts when rows of a table come or change."""
    return any(re.search(r"\b(INSERT|UPDATE)\b", t.definition.partition(" ON ")[0]) for t in table.triggers)


def is_tried(table: Table) -> bool:
    """Whether more is asked of rows of a table than what is read from its catalogue alone: by triggers, by functions of
    the app, by what it computes of a row."""
    return (
        acts(table)
        or bool(table.exclusions)
        or any(check.takes for check in table.checks)
        or any(unique.expressions for unique in table.uniques)
        or any(column.kind == "c" or (column.computed and column.not_null) for column in table.columns)
    )


def tried(
    context: Context, connection: Connection, schema: Schema, held: Collection[str], guess: Callable[[Seen], Guessed]
) -> Guessed:
    """The proposal that a guess makes of what is seen when rows of it are tried, as often as that changes it."""
    seen, guessed = NOTHING_SEEN, guess(NOTHING_SEEN)
    with copied(context, connection, schema, held, guessed) as copy:
        for _ in range(MOST_TURNS if copy else 0):
            assert copy is not None
            try:
                more = seen + copy.tried(guessed)
            except PopulaceError as error:
                # The plan, or the seed, says it again.
                context.on_note(Event("note", f"rows could not be tried: {error.what}"))
                break
            if more == seen:
                break
            seen, guessed = more, guess(more)
            if not guessed.arranged:
                break
    return guessed


@contextmanager
def copied(
    context: Context, connection: Connection, schema: Schema, held: Collection[str], guessed: Guessed
) -> Iterator[Copy | None]:
    """A copy of a schema for as long as the block lasts; None where nothing that a proposal has need be tried, and
    where none can be made, which is noted where there are triggers."""
    if not any(is_tried(one.table) for one in guessed.arranged):
        yield None
        return
    triggered = [short(one.table.full_name) for one in guessed.arranged if acts(one.table)]
    with tempfile.TemporaryDirectory(prefix="populace-adopt-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        here = replace(context.at(f"embedded:{folder}/data"), connections=Direct(), on_note=unheard)
        try:
            copy = None
            try:
                opened = reach(here, "adopt")
                with session(opened, "adopt", autocommit=True) as own:
                    _copy(connection, own, folder, context.settings.pg_bin)
                copy = Copy(schema, opened, held)
            except PopulaceError as error:
                said = f"rows could not be tried with the triggers of {', '.join(triggered[:3])}: {error.what}"
                if triggered:
                    context.on_note(Event("note", said))
            yield copy
        finally:
            with suppress(PopulaceError):
                stop_server(here)


def _copy(connection: Connection, own: Connection, folder: Path, pg_bin: Path | None) -> None:
    with connection.transaction():
        for statement in BEGIN:
            connection.execute(statement)
        schema_copy.copy(connection, own, folder, pg_bin)


def _written(connection: Connection, world: World, batch: Batch) -> tuple[Batch | None, str]:
    """Write rows, or those of the first that are taken, one by one: these, and what was said of one that was not."""
    said = _refusal(connection, world, batch)
    if not said:
        return batch, ""
    if said == UNKNOWN:
        return None, ""
    fine, first = [], ""
    for at in range(min(len(batch.rows), MOST_ALONE)):
        one = Batch(batch.table, batch.act, batch.rows.slice(at, 1))
        refusal = _refusal(connection, world, one)
        if not refusal:
            fine.append(one.rows)
        elif refusal != UNKNOWN and not first:
            values = {k: v for k, v in one.rows.to_pylist()[0].items() if v is not None}
            shown = ", ".join(f"{k} = {_short(v)}" for k, v in values.items())
            first = f"a row that was tried was refused: {refusal}; the row: {shown}"
    taken = pa.Table.from_batches(fine).combine_chunks().to_batches() if fine else []
    return (Batch(batch.table, batch.act, taken[0]) if taken else None), first


def _short(value: object) -> str:
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def _refusal(connection: Connection, world: World, batch: Batch) -> str:
    """What is said of rows that are refused, which are then not there; "" where they are taken, `UNKNOWN` where
    something is missing in the copy."""
    cause = rehearsal.refusal(connection, PostgresSink(connection, world, rehearsing=True), [batch])
    if cause is None:
        return ""
    if (cause.sqlstate or "")[:2] not in REFUSING:
        return UNKNOWN
    return (cause.diag.message_primary or str(cause)).strip()
