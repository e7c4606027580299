"""What proves which rows of a target are ours: the plans that wrote there, and the keys that they give again.

A ledger says which slices were written up to when, so that a killed seed, a life and a population that was ended by SQL
are all the same here. Keys of a plan are staged slice by slice: memory does not depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from populace import clock
from populace.database.connection import Connection
from populace.database.ownership import Staged
from populace.engine import Shard, Window, keys
from populace.event import Listener, Stage
from populace.plan import Intervention, Plan
from populace.plan.document import from_document
from populace.runner import records
from populace.runner.records import SQL, PlanRecord
from populace.sinks.pipeline import Pipeline
from populace.sinks.stage import StageSink
from populace.spec import AccountService, World

AHEAD_US = clock.HOUR_US
"""Accounts that a service made are there although their window was never committed; a window is no longer than this."""


@dataclass(frozen=True, slots=True)
class Written:
    """A plan that wrote into a target, with its interventions. slices: root, low, high, and up to when (µs)."""

    plan: Plan
    slices: Sequence[tuple[str, int, int, int]]


@dataclass(frozen=True, slots=True)
class Former:
    """A plan of which rows may be left, as it stands on record. interventions: number, changes, moment (µs), visits,
    and addresses of visits that others played (not there in records of earlier versions)."""

    world: str
    world_path: str | None
    document: Mapping[str, Any]
    state: str
    seeded_to_us: int
    interventions: Sequence[tuple[Any, ...]]
    slices: Sequence[tuple[str, int, int, int]]

    def written(self, world: World) -> Written:
        """The plan itself. Raises Refused when this version would give other people."""
        plan = from_document(self.document, world, "a former plan in the target")
        asked = [
            Intervention(number, at_us, changes, sessions, tuple(*theirs))
            for number, changes, at_us, sessions, *theirs in self.interventions
        ]
        plan = plan.with_interventions([*plan.interventions, *asked])
        return Written(plan, _reached(plan, self.state, self.seeded_to_us, self.slices))


def former(connection: Connection) -> list[Former]:
    """The plans of which rows may be left, beside the one that is there."""
    return [
        Former(world, path, document, state, clock.from_datetime(to), [tuple(i) for i in asked],
               [tuple(s) for s in slices])
        for world, path, document, state, to, asked, slices in connection.execute(SQL["former"])
    ]  # fmt: skip


def current(connection: Connection, world: World, record: PlanRecord) -> Written:
    """The plan of a target. Raises Refused when this version would give other people."""
    plan = records.stored_plan(connection, world, record)
    slices = [(root, low, high, clock.from_datetime(to)) for root, low, high, to in connection.execute(SQL["slices"])]
    return Written(plan, _reached(plan, record.state, record.seeded_to_us, slices))


def _reached(
    plan: Plan, state: str, seeded_to_us: int, slices: Sequence[tuple[str, int, int, int]]
) -> Sequence[tuple[str, int, int, int]]:
    """How far rows may go. Accounts of a service are not part of any transaction: they may be ahead of the ledger."""
    if not any(isinstance(channel.peer, AccountService) for channel in plan.world.channels):
        return slices
    if state == "seeding":
        return [(root, 0, size, seeded_to_us) for root, size in plan.sizes.items()]
    return [(root, low, high, until_us + AHEAD_US) for root, low, high, until_us in slices]


def stage(connection: Connection, world: World, written: Sequence[Written], on_event: Listener) -> Staged:
    """Stage all keys of the plans of one world, in temporary tables of the session and transactions of their own."""
    sink, pieces = StageSink(connection, world), [(one.plan, *piece) for one in written for piece in _pieces(one)]
    stage = Stage(on_event, "keys", "slices", len(pieces))
    for number, (plan, shard, window) in enumerate(pieces):
        stage.at(number)
        with connection.transaction(), Pipeline(sink) as pipeline:
            for batch in keys(plan, shard, window):
                pipeline.write(batch)
    stage.over(len(pieces))
    with connection.transaction():
        return sink.staged()


def _pieces(written: Written) -> Iterator[tuple[Shard, Window]]:
    for root, low, high, until_us in written.slices:
        yield Shard({root: (low, high)}), Window(written.plan.origin_us, until_us)
