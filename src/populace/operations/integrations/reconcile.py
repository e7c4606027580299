"""reconcile: whether rows, records and events agree, day by day; every line is a difference that must be 0.

Three comparisons of numbers from different sources: what the population emitted (counted when it
was generated), what the server wrote and deleted (counted by it), and what was queued, sent or rejected for
integrations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from psycopg import sql

from populace import clock
from populace.checks import integrity
from populace.database import coverage
from populace.database.connection import Connection
from populace.database.coverage import Span
from populace.database.named import named
from populace.deliver.outbox import DROPPED
from populace.engine import Shard, Window, generate
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.population import population
from populace.plan import Plan
from populace.spec import Channel, EventBatches, Table

SQL = named("populace.operations.integrations", "reconcile.sql")
Check = Literal["events", "rows", "written"]
WHOLE_SPAN = "all"
"""The day of a line that is about all of them."""

By = dict[tuple[str, str], dict[date, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileRequest:
    """world: as it is named; None: whichever lives in the target."""

    world: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison of one group. expected: by the records of the one side, found: on the other.

    events: rows emitted, against events queued. rows: inserted less removed, against rows that are there. written:
    emitted less withheld, against inserted. day: a date, or WHOLE_SPAN. detail: what `found` is made of.
    """

    check: Check
    table: str
    kind: str
    day: str
    expected: int
    found: int
    detail: Mapping[str, int]

    @property
    def difference(self) -> int:
        """0 when both agree."""
        return self.found - self.expected

    def document(self) -> dict[str, Any]:
        """As data."""
        return {
            "check": self.check,
            "table": self.table,
            "kind": self.kind,
            "day": self.day,
            "expected": self.expected,
            "found": self.found,
            "difference": self.difference,
            **self.detail,
        }


@dataclass(frozen=True, slots=True)
class Reconciled:
    """All lines. left_out: days whose events were queued in part or not at all, and are not compared."""

    target: str
    lines: list[Line]
    left_out: list[str]

    @property
    def differing(self) -> list[Line]:
        """Lines whose difference is not 0."""
        return [line for line in self.lines if line.difference]

    def document(self) -> dict[str, Any]:
        """As data."""
        return {
            "target": self.target,
            "ok": not self.differing,
            "differing": len(self.differing),
            "days_left_out": self.left_out,
            "lines": [line.document() for line in self.lines],
        }


def reconcile(context: Context, request: ReconcileRequest | None = None) -> Reconciled:
    """Compare, as of one moment. Raises Refused when there is no finished seed of this world."""
    request = request or ReconcileRequest()
    with population(context, request.world, "reconcile", looking=True) as people:
        connection, plan, mark_us = people.connection, people.plan, people.watermark_us
        lived = Span(plan.origin_us, mark_us)
        listened = _listened(plan)
        days = {c.name: whole_days(coverage.read(connection, c.name), lived) for c, _ in listened}
        emitted, withheld = _emitted(connection)
        inserted, removed = _tallied(connection)
        lines = [
            *(line for c, peer in listened for line in _events(connection, plan, c, peer, emitted, days[c.name])),
            *_rows(connection, plan, inserted, removed),
            *_written(connection, plan, emitted, withheld, inserted, mark_us),
        ]
    left_out = {day for by_day in days.values() for day, compared in by_day.items() if not compared}
    return Reconciled(people.opened.shown, lines, [str(day) for day in sorted(left_out)])


def whole_days(spans: list[Span], lived: Span) -> dict[date, bool]:
    """The days of a life, and whether all of each that was lived has been queued."""
    out = {}
    for low_us in range(clock.midnight_before(lived.low_us), lived.high_us, clock.DAY_US):
        day = Span(max(low_us, lived.low_us), min(low_us + clock.DAY_US, lived.high_us))
        out[clock.to_datetime(low_us).date()] = not coverage.gaps(spans, day)
    return out


def _listened(plan: Plan) -> list[tuple[Channel, EventBatches]]:
    """The channels of events of which the world says which come with its rows."""
    return [
        (channel, channel.peer)
        for channel in plan.world.channels
        if isinstance(channel.peer, EventBatches) and channel.peer.reconciled and channels.used(plan, channel)
    ]


def _emitted(connection: Connection) -> tuple[By, By]:
    """Rows emitted, and those withheld, by table and kind."""
    emitted: By = defaultdict(dict)
    withheld: By = defaultdict(dict)
    for table, kind, day, many, less in connection.execute(SQL["emitted"]):
        emitted[table, kind][day], withheld[table, kind][day] = many, less
    return emitted, withheld


def _tallied(connection: Connection) -> tuple[By, By]:
    """Rows inserted, and rows removed, by table."""
    inserted: By = defaultdict(dict)
    removed: By = defaultdict(dict)
    for table, day, many, less in connection.execute(SQL["tallied"]):
        inserted[table, ""][day], removed[table, ""][day] = many, less
    return inserted, removed


def _events(
    connection: Connection, plan: Plan, channel: Channel, peer: EventBatches, emitted: By, days: Mapping[date, bool]
) -> Iterator[Line]:
    """Rows emitted, against the events that come with them, on days that were queued as a whole."""
    assert peer.reconciled is not None
    queued, asked = _queued(connection, channel.name), _asked(connection, plan)
    apart = channels.stored_by_peers(plan)
    for (table, kind), event in sorted(peer.reconciled(plan.eras[0].values).items()):
        rows, events = emitted.get((table, kind), {}), queued.get(event, {})
        for day in sorted(day for day in {*rows, *events} if days.get(day, True)):
            # What a peer stores itself is emitted as a question that goes to it.
            expected = rows.get(day, 0) + (asked[table][day] if table in apart else 0)
            parts = events.get(day, {})
            yield Line("events", table, kind, str(day), expected, sum(parts.values()), parts)


def _asked(connection: Connection, plan: Plan) -> Mapping[str, Mapping[date, int]]:
    """Questions by the table that answers go to, and day."""
    out: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for channel, peer in channels.questions_channels(plan):
        for by_day in _queued(connection, channel.name).values():
            for day, parts in by_day.items():
                out[peer.receipts.table][day] += sum(parts.values())
    return out


def _queued(connection: Connection, channel: str) -> Mapping[str, Mapping[date, Mapping[str, int]]]:
    """What was queued of a channel, by kind and day: delivered, waiting, rejected."""
    out: dict[str, dict[date, Mapping[str, int]]] = defaultdict(dict)
    for kind, day, delivered, waiting, rejected in connection.execute(SQL["events"], {"channel": channel}):
        out[kind][day] = {"delivered": delivered, "waiting": waiting, "rejected": rejected}
    return out


def _rows(connection: Connection, plan: Plan, inserted: By, removed: By) -> Iterator[Line]:
    """What came less what went, against what is there, by the day of created_at."""
    for table in plan.world.tables:
        if table.name not in plan.world.by_day:
            continue
        came, went, held = inserted[table.name, ""], removed[table.name, ""], _held(connection, plan, table)
        expected = {day: came.get(day, 0) - went.get(day, 0) for day in {*came, *went}}
        if channels.made_by_service(plan, table):
            # Where the schema auth is not ours to write, an account is as old as its service says.
            yield Line("rows", table.name, "", WHOLE_SPAN, sum(expected.values()), sum(held.values()), {})
            continue
        for day in sorted({*expected, *held}):
            yield Line("rows", table.name, "", str(day), expected.get(day, 0), held.get(day, 0), {})


def _held(connection: Connection, plan: Plan, table: Table) -> dict[date, int]:
    """Rows with the mark that are there; without what a peer stored by itself."""
    ours = integrity.OURS if table.name in channels.stored_by_peers(plan) else sql.SQL("true")
    query = sql.SQL(
        "SELECT (t.created_at AT TIME ZONE 'UTC')::date, count(*) FROM {table} AS t WHERE {mark} AND {ours} GROUP BY 1"
    ).format(
        table=sql.Identifier(table.schema, table.relation), mark=sql.SQL("({})").format(sql.SQL(table.mark.condition)),
        ours=ours,
    )  # fmt: skip
    return dict(connection.execute(query).fetchall())


def _written(
    connection: Connection, plan: Plan, emitted: By, withheld: By, inserted: By, mark_us: int
) -> Iterator[Line]:
    """What was emitted less what was withheld, against what was inserted, over all days; of rows that never change."""
    apart = _emitted_by_others(plan, mark_us)
    for table in plan.world.tables:
        if table.name not in plan.world.by_day or table.mode != "append":
            continue
        kinds = [kind for name, kind in emitted if name == table.name]
        parts = {
            "emitted": sum(sum(emitted[table.name, kind].values()) for kind in kinds),
            "withheld": sum(sum(withheld[table.name, kind].values()) for kind in kinds),
            "emitted_by_others": apart.get(table.name, 0),
            "receipts": _receipts(connection, plan, table.name),
        }
        expected = parts["emitted"] - parts["withheld"] + parts["emitted_by_others"] + parts["receipts"]
        yield Line("written", table.name, "", WHOLE_SPAN, expected, sum(inserted[table.name, ""].values()), parts)


def _emitted_by_others(plan: Plan, mark_us: int) -> Mapping[str, int]:
    """Rows of members of another root (staff, such as it is), which are not counted by day: generated again."""
    out: dict[str, int] = defaultdict(int)
    world = plan.world
    for root in {f.root for f in world.flows if set(f.tables) & world.by_day and not f.counted_by_day}:
        for batch in generate(plan, Shard({root: (0, plan.sizes[root])}), Window(plan.origin_us, mark_us)):
            if batch.act == "append" and world.table(batch.table).root != root:
                out[batch.table] += batch.rows.num_rows
    return out


def _receipts(connection: Connection, plan: Plan, table: str) -> int:
    """Rows that came back from outside, one for each question that got a reply which was stored."""
    if table in channels.stored_by_peers(plan):
        return 0
    return sum(
        parts["delivered"]
        for channel, peer in channels.questions_channels(plan)
        if peer.receipts.table == table
        for kind, by_day in _queued(connection, channel.name).items()
        if kind != DROPPED
        for parts in by_day.values()
    )
