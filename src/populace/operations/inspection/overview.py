"""overview, feed, minutes: a population as it lives now, at a cost that does not grow with its history.

Each world ships what it wants to be seen of it, in the folder `live/`: `tiles.sql` (a few numbers of now: title, value,
note), `feed.sql` (what people did in a span of time, in words: at, kind, text, person) and `minutes.sql` (how many of
each kind in each minute: minute, kind, count), and `recent.sql` (what began last, and how far it is: at, who, what,
done, total, state, person). All are optional; spans are bound as `since` and `until`, a limit as `most`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from populace import clock
from populace.database.connection import Connection
from populace.errors import PopulaceError
from populace.operations.context import Context
from populace.operations.opening import world_sql
from populace.operations.population import Place, Population, place, population
from populace.operations.steering import clocks
from populace.operations.steering.settings import in_force
from populace.runner import lease, records
from populace.spec import Value, World

LONGEST_FEED_US = clock.DAY_US
"""A feed begins no earlier before its end: nobody reads more."""
MOST_LINES = 240
MINUTES = 60


@dataclass(frozen=True, slots=True)
class OverviewRequest:
    """world: None for the world of the target. activity: also what the world's `status.sql` counts, which may take
    longer than all the rest."""

    world: str | None = None
    activity: bool = True


@dataclass(frozen=True, slots=True)
class Tile:
    """A number of now. note: what it is about."""

    title: str
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recent:
    """Something that began lately. at: when, simulated, ISO. done of total: how far it is."""

    at: str
    who: str
    what: str
    done: float | None
    total: float | None
    state: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Something that somebody did. at: simulated, ISO. person: the key of whoever did it, where the world says it.
    page: what it was about, as a path of the app's site."""

    at: str
    kind: str
    text: str
    person: str | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """A population now. state: empty, seeding, ready, … as the target has it. The rest only of a finished seed.

    watermark_us: everything before it is written. late_us: how far it is behind its clock; ahead_us: of real time.
    activity: as the world's own `status.sql` counts it.
    """

    target: str
    state: str
    world: str | None = None
    title: str = ""
    plan: str = ""
    scenario: str = ""
    epoch: str = ""
    enabled: bool = False
    runner: str | None = None
    mode: str = ""
    speed: float = 1.0
    watermark_us: int = 0
    late_us: int = 0
    ahead_us: int = 0
    settings: Mapping[str, Value] = field(default_factory=dict)
    activity: Mapping[str, Any] = field(default_factory=dict)
    tiles: Sequence[Tile] = ()
    recent: Sequence[Recent] = ()

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        out = asdict(self)
        for name in ("watermark_us", "late_us", "ahead_us"):
            del out[name]
        if self.state == "ready":
            out["watermark"] = clock.iso(self.watermark_us)
            out["late_seconds"] = round(self.late_us / clock.SECOND_US, 1)
            out["ahead_seconds"] = round(self.ahead_us / clock.SECOND_US, 1)
        return out


@dataclass(frozen=True, slots=True)
class Span:
    """What happened in a span of simulated time. end_us: up to where is written. minutes: by kind, per minute."""

    end_us: int
    lines: Sequence[Line] = ()
    minutes: Sequence[tuple[str, str, int]] = ()

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"lines": [asdict(line) for line in self.lines], "minutes": [list(minute) for minute in self.minutes]}


def overview(context: Context, request: OverviewRequest | None = None) -> Overview:
    """How a population is now. Raises Refused for a target that is not open."""
    request = request or OverviewRequest()
    with place(context, request.world, "overview", looking=True, or_closed=True) as there:
        if not there.is_open:
            return Overview(there.shown, "not opened")
        if there.record is None:
            return Overview(there.shown, "empty", runner=lease.leader(there.connection))
        if there.record.state != "ready":
            return Overview(there.shown, there.record.state, there.record.world, plan=there.record.digest)
        try:
            return _living(there, there.population(), activity=request.activity)
        except PopulaceError as error:
            return Overview(there.shown, f"not usable: {error.what}", there.record.world, plan=there.record.digest)


def span(context: Context, since_us: int | None = None, *, world: str | None = None, minutes: int = MINUTES) -> Span:
    """What people did from `since_us` (None: the last minutes) up to now, newest last, and how much in each minute."""
    with population(context, world, "feed", looking=True) as there:
        return span_of(there.connection, there.world, there.watermark_us, since_us, minutes=minutes)


def span_of(
    connection: Connection, world: World, end_us: int, since_us: int | None = None, *, minutes: int = MINUTES
) -> Span:
    """The same in a session that is there."""
    earliest_us = end_us - LONGEST_FEED_US
    lines_since = min(end_us, max(earliest_us, earliest_us if since_us is None else since_us))
    first = end_us // clock.MINUTE_US * clock.MINUTE_US - (minutes - 1) * clock.MINUTE_US
    return Span(
        end_us,
        [
            Line(clock.iso(clock.from_datetime(at)), kind, text, None if person is None else str(person))
            for at, kind, text, person in reversed(_rows(connection, world, "feed", lines_since, end_us))
        ],
        [
            (clock.iso(clock.from_datetime(minute)), kind, many)
            for minute, kind, many in _rows(connection, world, "minutes", first, end_us)
        ],
    )


def _living(there: Place, found: Population, *, activity: bool) -> Overview:
    connection, world, mark_us = there.connection, found.world, found.watermark_us
    now = records.read_clock(connection)
    assert now is not None
    wall, settings = now.mode == "wall", in_force(connection, found.plan)
    current = found.plan.latest() | settings
    counted = world_sql(world, "status.sql") if activity else None
    row = connection.execute(counted).fetchone() if counted else None
    clock_us = now.now_us(clock.now_us()) if wall else mark_us
    return Overview(
        target=there.shown,
        state="ready",
        world=world.name,
        title=world.title,
        plan=found.plan.digest,
        scenario=found.plan.scenario,
        epoch=clock.iso(found.plan.epoch_us),
        enabled=all(current[path] for path in world.switches),
        runner=lease.leader(connection),
        mode=now.mode,
        speed=now.speed,
        watermark_us=mark_us,
        late_us=max(0, clock_us - mark_us),
        ahead_us=clocks.ahead_us(mark_us) if wall else 0,
        settings=settings,
        activity=row[0] if row else {},
        tiles=[Tile(*tile) for tile in _rows(connection, world, "tiles", mark_us, max(mark_us, clock_us))],
        recent=[_recent(*row) for row in _rows(connection, world, "recent", mark_us, mark_us)],
    )


def _recent(at: Any, who: str, what: str, done: Any, total: Any, state: str, person: Any) -> Recent:
    so_far, of = (None if value is None else float(value) for value in (done, total))
    return Recent(
        clock.iso(clock.from_datetime(at)), who, what, so_far, of, state, None if person is None else str(person)
    )


def _rows(connection: Connection, world: World, name: str, since_us: int, until_us: int) -> list[tuple[Any, ...]]:
    """What a query of the world's gives; nothing where it ships none."""
    query = world_sql(world, f"live/{name}.sql")
    if query is None:
        return []
    bound = {"since": clock.to_datetime(since_us), "until": clock.to_datetime(until_us), "most": MOST_LINES}
    return connection.execute(query, bound).fetchall()
