"""A seed and a life in small, in a transaction that is taken back: what the target refuses is known before any row.

A sample is written as a seed writes it, written again as a runner merges it, and somebody is removed. The app's keys,
triggers and partitions have their say at each step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
import pyarrow as pa

from populace.batch import ARROW, Batch
from populace.database.connection import Connection, is_lost, translate
from populace.database.pins import names_of_the_app
from populace.errors import CheckFailed, PopulaceError
from populace.runner import records
from populace.runner.sample import Sample
from populace.sinks.adoption import adds
from populace.sinks.postgres import PostgresSink
from populace.spec import Root, World

NOT_THERE = "23503"
"""A row refers to one that is missing: to one outside the sample, where the world does not say what it refers to."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the target refuses, one line each; empty where all goes well. untried: what could not be rehearsed. there:
    how many rows were written, by table."""

    faults: Sequence[str]
    untried: Sequence[str] = ()
    there: Mapping[str, int] = field(default_factory=dict)


def rehearse(connection: Connection, sample: Sample, *, bulk: bool, by_service: Collection[str] = ()) -> Rehearsal:
    """Try it, in the caller's transaction, of which nothing stays. bulk: as for `PostgresSink`. by_service: tables of
    which a service makes the rows; here they are inserted, and where they cannot be, that says nothing of the service.
    """
    world = sample.world
    with connection.transaction(force_rollback=True):
        connection.execute(records.SQL["writing"])
        tried = _Tried(connection, world, by_service)
        there = [batch for batch in sample.related() if tried.write([batch], bulk=bulk, when="in a seed")]
        for batch in there:
            table = world.table(batch.table)
            if batch.act == "merge" or (table.keyed and not table.hashed):
                tried.write([batch], bulk=False, when="in life, where it is merged")
        for root in world.roots:
            # Accounts of a service go by the service.
            if leaving := [one for one in _leaving(world, root, there) if one.table not in by_service]:
                tried.write(leaving, bulk=False, when="in life, where somebody leaves")
        return Rehearsal(tried.found, tried.untried, {batch.table: len(batch.rows) for batch in there})


def refusal(connection: Connection, sink: PostgresSink, batches: Sequence[Batch]) -> psycopg.Error | None:
    """Write batches with all that the app says to them, in the caller's transaction: what the server refuses them with,
    and then none of them is there; None where they are."""
    try:
        with connection.transaction():
            for batch in batches:
                sink.write(batch)
            sink.flush()
            with names_of_the_app(connection):
                connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except (psycopg.Error, PopulaceError) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        if not isinstance(cause, psycopg.Error) or is_lost(cause):
            raise
        return cause
    return None


@dataclass(slots=True)
class _Tried:
    """What has been tried. found: what was refused; untried: what a service does otherwise."""

    connection: Connection
    world: World
    by_service: Collection[str] = ()
    found: list[str] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    _watched: bool | None = None
    _sinks: dict[bool, PostgresSink] = field(default_factory=dict)

    def write(self, batches: Sequence[Batch], *, bulk: bool, when: str) -> bool:
        """Write batches, and take them back if they are refused; whether they are there."""
        cause = refusal(self.connection, self._sink(bulk=bulk), batches)
        if cause is None:
            return True
        del self._sinks[bulk]  # it holds what was refused
        if cause.sqlstate != NOT_THERE:
            name = self.world.table(batches[0].table).full_name
            if batches[0].table in self.by_service:
                self.untried.append(f"{name} ({_said(cause)})")
            else:
                self.found.append(f"{name}: {when}: {_said(cause)}")
        return False

    def _sink(self, *, bulk: bool) -> PostgresSink:
        if self._watched is None:
            self._watched = adds(self.connection, self.world)
        if bulk not in self._sinks:
            self._sinks[bulk] = PostgresSink(self.connection, self.world, bulk=bulk, by_day=self.world.by_day,
                                             rehearsing=True, watched=self._watched)  # fmt: skip
        return self._sinks[bulk]


def _leaving(world: World, root: Root, there: Sequence[Batch]) -> Iterator[Batch]:
    """The batches that remove a member of a root of whom rows are there; none where nobody of it ever leaves."""
    if root.removed is None and root.name not in {people.root for people in world.lifecycles}:
        return
    tables = [table for table in world.tables if table.root == root.name and table.owner]
    owners = {table.name: table.owner for table in tables if table.through is None}
    keys = [batch.rows.column(owners[batch.table] or "")[0].as_py() for batch in there if batch.table in owners]
    proofs = {
        batch.table: batch.rows.select(list(table.proof))
        for batch in there
        if (table := world.table(batch.table)).hashed and not table.proven_by
    }
    if keys:
        for table in reversed(tables):
            column = pa.array(keys[-1:], ARROW["uuid"])
            rows = pa.RecordBatch.from_arrays([column], names=[table.owner or ""])
            yield Batch(table.name, "remove", rows, proofs.get(table.name))


def _said(cause: psycopg.Error) -> str:
    known = translate(cause, "")
    return known.what if isinstance(known, CheckFailed) else cause.diag.message_primary or str(cause)
