"""A tiny world of schedules: stalls that send parcels out of one stock, and a meter that ticks by the calendar."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from populace.clock import DAY_US, HOUR_US, MINUTE_US
from populace.spec import (
    NEVER,
    OUTBOX,
    Calendar,
    Carried,
    Chance,
    Channel,
    Column,
    Columns,
    Draw,
    EmitContext,
    EventBatches,
    Ints,
    Items,
    Joined,
    Json,
    Key,
    Mark,
    Number,
    OnRequest,
    Parameter,
    Progress,
    Root,
    Rows,
    Scenario,
    Schedule,
    Stamp,
    Table,
    TableRows,
    Uniform,
    Values,
    Words,
    World,
)

MARK = Mark("t.id IS NOT NULL", "every row is ours")
AT = Column("created_at", "timestamptz", moment="happened")
ARRIVED = "parcel arrived"
HORN = Channel(name="horn", title="The horn", peer=EventBatches(reconciled=lambda values: {("parcels", ""): ARRIVED}),
               unheard="nobody hears the horn")  # fmt: skip
FIRST_BITS = 4
"""A parcel's address is `round << FIRST_BITS | n`."""


def planned_at(draw: Draw, rounds: Items) -> Ints:
    return rounds.at - draw.measure("planned", rounds.number, rounds.at) * HOUR_US


def requested_for(draw: Draw, rounds: Items) -> Ints:
    assert rounds.requested_at is not None
    return rounds.requested_at + draw.measure("planned", rounds.number, rounds.requested_at) * HOUR_US


def follow(draw: Draw, rounds: Items) -> Progress:
    """A round is planned, goes out, and brings parcels; most arrive, on one of the days after."""
    planned = planned_at(draw, rounds)
    size = 1 + draw.below("size", 9, rounds.number)
    of = np.repeat(np.arange(len(size)), size)
    n = np.arange(len(of)) - np.repeat(np.cumsum(size) - size, size)
    address = rounds.number[of] << FIRST_BITS | n
    sent = rounds.at[of] + n * MINUTE_US
    arrived = np.full(len(of), NEVER)
    some = np.flatnonzero(draw.chance("arrives", address, sent))
    arrived[some] = sent[some] + draw.measure("takes", address[some], sent[some]) * MINUTE_US
    return Progress({"planned_at": planned}, of, {"address": address, "sent_at": sent, "arrived_at": arrived})


def before(context: EmitContext, moment: str, us: int) -> Ints:
    """How many parcels of each member have had their moment since the span began, and before `us`."""
    at = context.progress.parts[moment]
    inside = (at >= context.span.start_us) & (at < us)
    member = np.searchsorted(context.members, context.items.member[context.progress.of[inside]])
    return np.bincount(member, minlength=len(context.members))


def carry(draw: Draw, context: EmitContext) -> Carried:
    sold = context.carried["sold"].copy()
    sold[:, 0] += before(context, "arrived_at", context.span.end_us)
    return {"sold": sold}


def emit(draw: Draw, context: EmitContext) -> TableRows:
    rounds, progress, end = context.items, context.progress, context.span.end_us
    planned = progress.items["planned_at"]
    gone = rounds.at < end
    versions: Columns = {
        "id": Key("rounds", rounds.number), "status": Words(gone.astype(np.int64), ("planned", "gone")),
        "cents": rounds.number * 125 - 300, "on_day": rounds.at // DAY_US, "created_at": planned,
    }  # fmt: skip
    at = np.where(planned < end, np.where(gone, rounds.at, planned), NEVER)
    parts = progress.parts
    # The n-th parcel of a stall that ever arrived: the order of all its rounds together.
    order = np.lexsort((parts["address"], parts["arrived_at"], rounds.member[progress.of]))
    member = np.searchsorted(context.members, rounds.member[progress.of][order])
    inside = (parts["arrived_at"][order] >= context.span.start_us) & (parts["arrived_at"][order] < end)
    kept = order[inside]
    place = member[inside]
    first = np.searchsorted(place, place)
    nth = context.carried["sold"][place, 0] + np.arange(len(place)) - first
    arrivals = {
        "id": Key("parcels", parts["address"][kept], parts["arrived_at"][kept]),
        "round_id": Key("rounds", rounds.number[progress.of][kept]),
        "nth": nth, "created_at": parts["arrived_at"][kept],
    }  # fmt: skip
    sold = carry(draw, context)["sold"][:, 0]
    last = np.full(len(context.members), NEVER)
    latest = np.full(len(context.members), -1)
    np.maximum.at(latest, place, parts["arrived_at"][kept])
    last[latest >= 0] = latest[latest >= 0]
    if context.span.start_us <= draw.origin_us:
        last = np.where(last == NEVER, draw.origin_us, last)
    stalls: Columns = {
        "id": Key("stalls", context.members),
        "sold": sold,
        "created_at": np.full(len(sold), draw.origin_us),
    }
    return {
        "stalls": Rows(context.members, stalls, last),
        "rounds": Rows(rounds.member, versions, at),
        "parcels": Rows(rounds.member[progress.of][kept], arrivals, parts["arrived_at"][kept]),
    }


def hoots(draw: Draw, context: EmitContext) -> TableRows:
    """Whoever hears the horn hears of every parcel that arrives."""
    parts, of = context.progress.parts, context.progress.of
    arrived = np.flatnonzero(parts["arrived_at"] < NEVER)
    at, member = parts["arrived_at"][arrived], context.items.member[of][arrived]
    key = Key("hoots", parts["address"][arrived], at)
    late = at - parts["sent_at"][arrived] > DAY_US
    payload = Json({"event": ARRIVED, "distinct_id": Joined(("stall", Number(member, 2))), "uuid": key,
                 "timestamp": Stamp(at), "properties": Json({"late": late})})  # fmt: skip
    columns: Columns = {"id": key, "channel": HORN.name, "at": at, "kind": ARRIVED, "payload": payload}
    return {OUTBOX.name: Rows(member, columns, at)}


def tick(draw: Draw, context: EmitContext) -> TableRows:
    items = context.items
    return {"ticks": Rows(items.member, {"id": Key("ticks", items.number, items.at), "created_at": items.at},
                          items.at)}  # fmt: skip


def table(name: str, *columns: Column, mode: str = "append", root: str = "stall", by_day: bool = False) -> Table:
    return Table(name=name, columns=(Column("id", "uuid"), *columns, AT), key=("id",), root=root, mark=MARK,
                 mode=mode, by_day=by_day)  # type: ignore[arg-type]  # fmt: skip


def derive(values: Values) -> Mapping[str, object]:
    return {
        "history": values.whole("days") + 1,
        "rounds": ((-values.whole("days"), -1, 24), (0, 2, 5), (2, 5, 24)),
        "meter": ((-3, 0, 300), (0, 3, 300)),
        "months": (1.0,) * 12,
        "weekdays": (1.0, 1.2, 1.3, 1.2, 0.9, 0.4, 0.3),
        "hours": (0.0,) * 8 + (1.0,) * 10 + (0.0,) * 6,
        "round_the_clock": (1.0,) * 24,
        "spikes": ((30, 2, 30.0),),
    }


STALLS = World(
    name="stalls", title="Stalls", about="a tiny world of schedules", version=1, package="club",
    tables=(
        table("stalls", Column("sold", "int8"), mode="merge"),
        table("rounds", Column("status", "text"), Column("cents", "numeric"), Column("on_day", "date"), mode="merge"),
        table("parcels", Column("round_id", "uuid", references="public.rounds.id"), Column("nth", "int8"),
              by_day=True),
        table("ticks", root="meter"),
    ),
    parameters=(
        Parameter(path="stalls", default=7, low=1, high=100, means="how many"),
        Parameter(path="days", default=6, low=2, high=30, means="history"),
        Parameter(path="open", default=True, means="whether rounds begin", live=True),
        Parameter(path="arrival", default=0.8, low=0.0, high=1.0, means="share that arrives", live=True),
        Parameter(path="zone", default="America/New_York", means="of the calendar"),
    ),
    derive=derive,
    decisions=(Uniform("planned", 1, 20), Chance("arrives", "arrival"), Uniform("takes", 1, 2400)),
    roots=(Root(name="stall", size="stalls"), Root(name="meter", size=1)),
    calendars=(
        Calendar(name="day", months="months", weekdays="weekdays", hours="hours", zone="zone"),
        Calendar(name="always", months="months", weekdays="weekdays", hours="round_the_clock", zone="zone",
                 spikes="spikes"),
    ),
    flows=(
        Schedule(name="rounds", root="stall", tables=("stalls", "rounds", "parcels"), stretches="rounds",
                 calendar="day", emit=emit, begins=planned_at, follow=follow,
                 moments=("planned_at", "sent_at", "arrived_at"), carry=carry,
                 carried={"sold": 1}, before_days=1, lasts_days=2, ends=True, mixed=True, enabled="open", events=hoots,
                 on_request=OnRequest("rounds", requested_for)),
        Schedule(name="meter", root="meter", tables=("ticks",), stretches="meter", calendar="always", emit=tick,
                 enabled="open"),
    ),
    scenarios=(Scenario(name="default", about="as declared"),),
    channels=(HORN,), people_root="stall", history_days="history", horizon_us=3 * DAY_US, default_scenario="default",
)  # fmt: skip
