"""trial: what a change of settings does, before it is made: the next simulated day with it and without it.

Both days are computed from the plan, as a runner would; nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from populace import clock
from populace.batch import Batch
from populace.engine import DailyCounts, Snapshots, Window, generate, whole
from populace.errors import Refused
from populace.operations.context import Context
from populace.operations.population import Population, population
from populace.operations.steering.settings import in_force
from populace.plan import Intervention, Plan, check_changes
from populace.runner.snapshot_store import SnapshotStore
from populace.spec import Table, World

MOST_PEOPLE = 200_000
"""Of a larger population a day takes too long to compute while somebody waits."""
MOST_ROWS = 1_000_000
"""A day with more of them does, too."""


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """changes: values of live parameters by path, over those of the preset."""

    changes: Mapping[str, object] = field(default_factory=dict)
    preset: str | None = None
    world: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A simulated day. sessions: that begin in it. people: who leave a row. rows: by table. removed: people whose rows
    all go."""

    sessions: int
    people: int
    rows: Mapping[str, int]
    removed: int = 0

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "sessions": self.sessions,
            "people": self.people,
            "total_rows": sum(self.rows.values()),
            "rows": dict(self.rows),
            "removed_people": self.removed,
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """The next day without a change and with it."""

    since_us: int
    without: Day
    changed: Day

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "since": clock.iso(self.since_us),
            "until": clock.iso(self.since_us + clock.DAY_US),
            "without": self.without.document(),
            "with": self.changed.document(),
        }


def trial(context: Context, request: TrialRequest) -> Trial:
    """Compute the next day with and without a change.

    Raises BadInput for values that are out of bounds or contradict each other, Refused for a population or a day that
    is too large.
    """
    with population(context, request.world, "trial", looking=True) as there:
        preset = {} if request.preset is None else there.world.preset(request.preset).values
        changes = check_changes(there.world, {**preset, **request.changes}, there.world.name)
        there.plan.check_values(changes)
        people = there.plan.sizes[there.world.people_root]
        if people > MOST_PEOPLE:
            raise Refused(
                "a day of so many people takes too long to compute", where=there.opened.shown, given=f"{people:,}",
                allowed=f"up to {MOST_PEOPLE:,}",
            )  # fmt: skip
        known = SnapshotStore(there.connection).load(there.plan, there.watermark_us, looking=True)
        waiting = in_force(there.connection, there.plan)
    before = _from_now(there, waiting)
    return Trial(
        there.watermark_us, _day(before, there, known), _day(_from_now(there, {**waiting, **changes}), there, known)
    )


def _from_now(there: Population, values: Mapping[str, Any]) -> Plan:
    """The plan with these values in effect from the next window on."""
    plan, latest = there.plan, there.plan.latest()
    changes = {path: value for path, value in values.items() if latest[path] != value}
    if not changes:
        return plan
    number = max((one.number for one in plan.interventions), default=0) + 1
    return plan.with_interventions([*plan.interventions, Intervention(number, there.watermark_us, changes)])


def _day(plan: Plan, there: Population, snapshots: Snapshots) -> Day:
    window = Window(there.watermark_us, there.watermark_us + clock.DAY_US)
    daily, rows, people, removed = DailyCounts(), dict[str, int](), set[bytes](), set[bytes]()
    for batch in generate(plan, whole(plan), window, None, snapshots, daily=daily):
        if batch.act != "remove":
            rows[batch.table] = rows.get(batch.table, 0) + batch.rows.num_rows
            people |= _owners(plan, batch)
            if sum(rows.values()) > MOST_ROWS:
                raise Refused(
                    "a day of so many rows takes too long to compute", where=there.opened.shown,
                    allowed=f"up to {MOST_ROWS:,} rows", todo="try less, or change it without a trial",
                )  # fmt: skip
        else:
            removed |= {bytes(key) for key in pc.unique(batch.rows.column(0)).to_pylist()}
    return Day(daily.began, len(people), dict(sorted(rows.items())), len(removed))


def _owners(plan: Plan, batch: Batch) -> set[bytes]:
    """The keys of people who have a row in a batch."""
    names = {table.name: table for table in plan.world.tables if table.root == plan.world.people_root}
    column = _person(plan.world, names[batch.table]) if batch.table in names else None
    if column is None or column not in batch.rows.schema.names:
        return set()
    return {bytes(key) for key in pc.unique(batch.rows.column(column)).to_pylist() if key is not None}


def _person(world: World, table: Table) -> str | None:
    """The column of a table that names a person: the owner's, or one that refers to a row that each person has."""
    if table.owner and not table.through:
        return table.owner
    each = {name for flow in world.flows if flow.each_member and flow.root == world.people_root for name in flow.tables}
    known = {f"{world.table(name).full_name}.id" for name in each}
    return next((column.name for column in table.columns if column.references in known), None)
