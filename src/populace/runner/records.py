"""The target's `populace` schema, read and written: plan, ledger, clock, interventions, draw statistics.

Every function works inside the caller's transaction, so that rows and records are committed together.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from psycopg.types.json import Jsonb

from populace import clock
from populace.database.connection import Connection
from populace.database.named import named
from populace.engine import DailyCounts, DrawStatistics
from populace.errors import Refused, Remedy
from populace.plan import Intervention, Plan
from populace.plan.document import from_document
from populace.sinks.sink import Stay, Tallies, Tally
from populace.spec import World

SeedState = Literal["seeding", "indexing", "ready"]

SQL = named("populace.runner", "records.sql")
UNDONE = "undone"
"""Why an intervention that was undone takes no force."""


MOST_NAMED = 100
"""So many of those who stay are named in a line of the journal; all of them are in `populace.kept`."""


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """The plan row. document: as `Plan.document()` wrote it. seeded_to_us: end of the first window.
    wall: its clock follows real time. world_path: where a world that is not installed was found.
    """

    world: str
    digest: str
    document: Mapping[str, Any]
    state: SeedState
    in_place: bool
    seeded_to_us: int
    wall: bool
    seconds: float
    world_path: str | None = None


@dataclass(frozen=True, slots=True)
class ClockRecord:
    """The clock row; see `populace.clock` in the migration."""

    mode: Literal["wall", "free"]
    speed: float
    real_us: int
    simulated_us: int

    def now_us(self, real_us: int) -> int:
        """Simulated now."""
        if self.mode == "wall":
            return real_us
        return self.simulated_us + int((real_us - self.real_us) * self.speed)


def read_plan(connection: Connection) -> PlanRecord | None:
    """The plan of this database, if it has one."""
    row = connection.execute(SQL["plan"]).fetchone()
    if row is None:
        return None
    world, digest, document, state, in_place, seeded_to, wall, seconds, path = row
    return PlanRecord(world, digest, document, state, in_place, clock.from_datetime(seeded_to), wall, seconds, path)


def finished(connection: Connection, world: World, called: str | None = None) -> PlanRecord:
    """The plan of a finished seed of this world. Raises Refused with what is there instead (see `unfinished`)."""
    record = read_plan(connection)
    if record is None or record.state != "ready" or record.world != world.name:
        raise unfinished(world, record, called)
    return record


def unfinished(world: World, record: PlanRecord | None, called: str | None = None) -> Refused:
    """Why a target cannot be run yet. called: by which name or path the world is known to whoever asks."""
    if record is None:
        return Refused(
            "there is no population here yet",
            where="target",
            todo=Remedy("seed", {"world": called or world.name}, "{}, on the same target"),
        )
    if record.world != world.name:
        return Refused(
            "this target holds the population of another world",
            where="target",
            given=world.name,
            allowed=record.world,
            todo="name that world, or another target",
        )
    return Refused(
        "the seed of this target is not finished",
        where="target",
        given=record.state,
        todo=Remedy("seed", {"world": called or world.name}, "run the same {} again: it continues where it stopped"),
    )


def add_plan(
    connection: Connection,
    plan: Plan,
    *,
    in_place: bool,
    seeded_to_us: int,
    wall: bool,
    world_path: str | None = None,
) -> None:
    """Make this plan the plan of the database. world_path: where its world was found, if it is not installed."""
    connection.execute(
        SQL["add_plan"],
        {
            "world": plan.world.name,
            "digest": plan.digest,
            "document": Jsonb(plan.document()),
            "in_place": in_place,
            "seeded_to": clock.to_datetime(seeded_to_us),
            "wall": wall,
            "world_path": world_path,
        },
    )
    if plan.interventions:
        connection.execute(SQL["number_from"], {"most": max(i.number for i in plan.interventions)})


def set_state(connection: Connection, state: SeedState, seconds: float = 0.0) -> None:
    """How far the seed is; seconds of work are added up."""
    connection.execute(SQL["set_state"], {"state": state, "seconds": seconds})


def stored_plan(connection: Connection, world: World, record: PlanRecord) -> Plan:
    """The stored plan with the interventions in force. Raises Refused when this version would give other people."""
    plan = from_document(record.document, world, "the plan in the target", files=record.world_path)
    return plan.with_interventions([*plan.interventions, *interventions(connection)])


def read_clock(connection: Connection) -> ClockRecord | None:
    """The clock row, once the seed is done."""
    row = connection.execute(SQL["clock"]).fetchone()
    if row is None:
        return None
    return ClockRecord(row[0], row[1], clock.from_datetime(row[2]), clock.from_datetime(row[3]))


def set_clock(connection: Connection, record: ClockRecord) -> None:
    """Write the clock row."""
    connection.execute(
        SQL["set_clock"],
        {
            "mode": record.mode,
            "speed": record.speed,
            "real_time": clock.to_datetime(record.real_us),
            "simulated_time": clock.to_datetime(record.simulated_us),
        },
    )


def interventions(connection: Connection) -> list[Intervention]:
    """The interventions in force, in order."""
    return [
        Intervention(number, clock.from_datetime(at), changes, sessions, tuple(delegated))
        for number, changes, at, sessions, delegated in connection.execute(SQL["interventions"])
    ]


@dataclass(frozen=True, slots=True)
class Pending:
    """An intervention that no window has yet. not_before_us: it waits for this moment; None: for the next window.

    refused: why nothing of it takes force but its moment. delegated: visits that another actor plays.
    """

    number: int
    changes: Mapping[str, Any]
    sessions: int
    not_before_us: int | None
    refused: str | None = None
    delegated: tuple[int, ...] = ()


def pending(connection: Connection, due_before_us: int | None = None) -> list[Pending]:
    """Interventions that no window has yet, in the order in which they were asked for.

    due_before_us: only those that take force before it, locked until the transaction ends: nobody takes them back.
    """
    if due_before_us is None:
        found = connection.execute(SQL["pending"])
    else:
        found = connection.execute(SQL["due"], {"until": clock.to_datetime(due_before_us)})
    return [
        Pending(number, changes, sessions, None if at is None else clock.from_datetime(at), refused, tuple(delegated))
        for number, changes, sessions, at, refused, delegated in found
    ]


def stamp(connection: Connection, number: int, at_us: int, refused: str | None = None) -> None:
    """An intervention is in force from a moment on; refused: its moment is, and nothing that it asked for."""
    done = connection.execute(SQL["stamp"], {"number": number, "at": clock.to_datetime(at_us), "refused": refused})
    if done.rowcount != 1:
        raise Refused(
            "the intervention does not exist any more", where=f"populace.intervention {number}", todo="request it again"
        )


def undo(connection: Connection, number: int) -> bool:
    """Take back an intervention that is not in force yet; False when there is none of that number."""
    return connection.execute(SQL["undo"], {"number": number}).rowcount == 1


def fate(connection: Connection, number: int) -> tuple[int | None, str | None] | None:
    """When an intervention took force (µs), and why it never did; None when there is no such intervention."""
    row = connection.execute(SQL["intervention"], {"number": number}).fetchone()
    return None if row is None else (None if row[4] is None else clock.from_datetime(row[4]), row[5])


def add_intervention(
    connection: Connection,
    changes: Mapping[str, Any],
    *,
    asked_at_us: int,
    asked_by: str,
    sessions: int = 0,
    not_before_us: int | None = None,
    delegated: Sequence[int] = (),
) -> int:
    """Ask for an intervention; the runner stamps it. Returns its number."""
    row = connection.execute(
        SQL["add_intervention"],
        {
            "changes": Jsonb(dict(changes)),
            "sessions": sessions,
            "delegated": list(delegated),
            "not_before": None if not_before_us is None else clock.to_datetime(not_before_us),
            "asked_at": clock.to_datetime(asked_at_us),
            "asked_by": asked_by,
        },
    ).fetchone()
    assert row is not None
    return int(row[0])


def read_tallies(connection: Connection) -> Tallies:
    """Rows handed to each table since the seed began."""
    return Tallies({row[0]: Tally(*row[1:]) for row in connection.execute(SQL["tallies"])})


def add_tallies(connection: Connection, tallies: Tallies) -> None:
    """Add rows handed to tables."""
    if tallies.tables:
        with connection.cursor() as cursor:
            cursor.executemany(
                SQL["add_tally"],
                [
                    {
                        "table": name,
                        "attempted": t.attempted,
                        "written": t.written,
                        "rejected": t.rejected,
                        "removed": t.removed,
                    }
                    for name, t in sorted(tallies.tables.items())
                ],
            )


def add_stays(connection: Connection, stays: Sequence[Stay]) -> None:
    """Say in the journal who should have left and stays; the sink has noted them in `populace.kept`."""
    for root, some in itertools.groupby(sorted(stays, key=lambda stay: stay.root), key=lambda stay: stay.root):
        here = list(some)
        said = f"{len(here)} of {root} stay although they have left: {here[0].key}, since {here[0].because}"
        journal(connection, "warning", "stays", said, kept={stay.key: stay.because for stay in here[:MOST_NAMED]})


def kept(connection: Connection) -> list[tuple[str, int, str]]:
    """What should be gone and stays, by kind: how many, and the reason of the first."""
    return [(kind, many, because) for kind, many, because in connection.execute(SQL["kept"]).fetchall()]


def add_days(connection: Connection, tallies: Tallies, daily: DailyCounts) -> None:
    """Add rows by day: those that were emitted, and those that came into tables and went."""
    emitted = [
        {"table": table, "kind": kind, "day": _date(day), "n": n, "withheld": withheld}
        for name, days in sorted(daily.rows.items())
        for table, _, kind in [name.partition(":")]
        for day, (n, withheld) in sorted(days.items())
    ]
    held = [
        {"table": name, "day": _date(day), "inserted": inserted, "removed": removed}
        for (name, day), (inserted, removed) in sorted(tallies.days.items())
    ]
    with connection.cursor() as cursor:
        if emitted:
            cursor.executemany(SQL["add_emitted"], emitted)
        if held:
            cursor.executemany(SQL["add_day_tally"], held)


def _date(day: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + day)


def read_draw_statistics(connection: Connection) -> DrawStatistics:
    """The draw statistics of all that is written."""
    row = connection.execute(SQL["draw_statistics"]).fetchone()
    return DrawStatistics(**row[0]) if row else DrawStatistics()


def hold_draw_statistics(connection: Connection) -> DrawStatistics:
    """The same, to be added to: until the transaction ends nobody else adds to them."""
    connection.execute(SQL["begin_draw_statistics"], {"document": Jsonb(DrawStatistics().document())})
    row = connection.execute(SQL["hold_draw_statistics"]).fetchone()
    assert row is not None
    return DrawStatistics(**row[0])


def set_draw_statistics(connection: Connection, statistics: DrawStatistics) -> None:
    """Write the draw statistics."""
    connection.execute(SQL["set_draw_statistics"], {"document": Jsonb(statistics.document())})


def journal(connection: Connection, level: str, event: str, message: str, **detail: Any) -> None:
    """Add a line to the journal, in real time."""
    connection.execute(
        SQL["add_journal"],
        {
            "at": clock.to_datetime(clock.now_us()),
            "level": level,
            "event": event,
            "message": message,
            "detail": Jsonb(detail, dumps=lambda value: json.dumps(value, default=str)),
        },
    )
