"""The fixture of lifecycles: a gym whose members come by habit, become inactive and leave."""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, HOUR_US, MINUTE_US
from populace.spec import (
    OUTBOX,
    Beta,
    Chance,
    Choice,
    Cohort,
    Column,
    Columns,
    DailyStatistics,
    Draw,
    Evolved,
    Heterogeneity,
    Ints,
    Joined,
    Json,
    Key,
    Lifecycle,
    LifeEvent,
    LogNormal,
    Mark,
    Moves,
    Number,
    Parameter,
    Pattern,
    Pool,
    Root,
    RoundedNormal,
    Rows,
    Scenario,
    Score,
    State,
    Streak,
    Table,
    TableRows,
    Transition,
    Uniform,
    Visits,
    Walk,
    Words,
    World,
)  # fmt: skip
from populace.spec.cohort import PERSON_BITS

MARK = Mark("true", "every row is ours")
AT = Column("created_at", "timestamptz", moment="happened")
MACHINES = 4


def key(draw: Draw, who: Cohort) -> Key:
    return Key("members", who.person, who.joined_at)


def called(draw: Draw, who: Cohort) -> Joined:
    return Joined(("m_", Number(who.person, 3)))


def sign_up(draw: Draw, who: Cohort) -> Ints:
    return draw.below("sign_up", 18 * 60, who.person) * MINUTE_US


def evolve(draw: Draw, who: Cohort) -> Evolved:
    """Every fifth day some change their tier, at noon."""
    due = np.flatnonzero((who.tenure > 0) & (who.tenure % 5 == 0))
    index = due[draw.chance("changes", who.person[due], who.at[due], who.tenure[due])]
    fields = {"segment": 1 - who.segment[index], "turns": who.fields["turns"][index] + 1}
    return Evolved(index, fields, who.at[index] + 5 * HOUR_US)


def tier(draw: Draw, who: Cohort, at: Ints) -> Rows:
    columns: Columns = {
        "id": Key("tiers", who.person, who.joined_at), "member_id": key(draw, who),
        "tier": Words(who.segment.astype(np.int64), ("basic", "gold")), "turns": who.fields["turns"].astype(np.int64),
        "state": Words(who.state.astype(np.int64), tuple(s.name for s in STATES)),
        "created_at": np.maximum(who.joined_at, draw.origin_us), "updated_at": at,
    }  # fmt: skip
    return Rows(who.person, columns, at, entity=who.person)


def people(draw: Draw, who: Cohort) -> TableRows:
    colour = draw.choose("colour", who.person, who.at)
    columns: Columns = {"id": key(draw, who), "name": called(draw, who), "colour": Words(colour, ("red", "blue")),
               "created_at": who.joined_at}  # fmt: skip
    return {"members": Rows(who.person, columns, who.at), "tiers": tier(draw, who, who.at)}


def moved(draw: Draw, moves: Moves) -> TableRows:
    return {"tiers": tier(draw, moves.who, moves.who.at)}


def times(draw: Draw, visits: Visits) -> Ints:
    return draw.below("times", 24 * 60, visits.address) * MINUTE_US


def walk(draw: Draw, visits: Visits) -> Walk:
    machine = draw.choose("machine", visits.address, visits.who.at)
    minutes = draw.measure("minutes", visits.address, visits.who.at)
    talks = draw.chance("talks", visits.address, visits.who.at)
    return Walk(minutes * MINUTE_US, {"minutes": minutes, "talks": talks.astype(np.int64)},
                {"machine": machine, "talks": talks.astype(np.int64)})  # fmt: skip


def emit(draw: Draw, visits: Visits, walk: Walk) -> TableRows:
    who, ended = visits.who, visits.started_at + walk.lasts_us
    person = key(draw, who)
    stays: Columns = {"id": Key("visits", visits.address, visits.started_at), "member_id": person, "created_at": ended}
    machine = walk.columns["machine"]
    entity = who.person * MACHINES + machine
    used: Columns = {"id": Key("machines", entity), "member_id": person, "machine": machine, "used_at": ended,
            "created_at": ended}  # fmt: skip
    talking = np.flatnonzero(walk.columns["talks"])
    talks: Columns = {
        "id": Key("talks", visits.address[talking], ended[talking]),
        "visit_id": Key("visits", visits.address[talking], visits.started_at[talking]),
        "created_at": ended[talking],
    }
    return {
        "visits": Rows(who.person, stays, ended),
        "machines": Rows(who.person, used, ended, entity=entity),
        "talks": Rows(who.person[talking], talks, ended[talking]),
    }


def report(draw: Draw, visits: Visits, walk: Walk) -> TableRows:
    ended = visits.started_at + walk.lasts_us
    columns: Columns = {"id": Key("events", visits.address, ended), "channel": "posthog", "at": ended, "kind": "visit",
               "payload": Json({"event": "visit"})}  # fmt: skip
    return {OUTBOX.name: Rows(visits.who.person, columns, ended)}


def emit_days(draw: Draw, daily: DailyStatistics) -> TableRows:
    columns = {"pool": daily.pool, "day": daily.ended_at - DAY_US, "created_at": daily.ended_at,
               **{name: daily.counts[count] for name, count in COUNTED.items()}}  # fmt: skip
    return {"days": Rows(daily.pool << PERSON_BITS, columns, daily.ended_at)}


COUNTED = {
    "total": "total", "active": "active", "signups": "signups", "churned": "churned", "removed": "removed",
    "back": "reactivated", "fresh": "state.NEW", "spree": "pattern.SPREE", "score": "score.ACTIVE",
    "minutes": "minutes", "begun": "spells_begun", "ended": "spells_ended",
}  # fmt: skip
STATES = (
    State(name="NEW", returns_at_least="new_returns"),
    State(name="ACTIVE", drop_out="drop_out"),
    State(name="SLOW", factor="slow", drop_out="drop_out"),
    State(name="GONE", left=True),
)
LIVES = Lifecycle(
    name="living", root="pool", tables=("members", "tiers", "visits", "machines", "talks", "days"),
    day_starts_us=7 * HOUR_US + 15 * MINUTE_US,
    pool=Pool(target="people", schedule="schedule", reading="reading", low="low", high="high", per="people",
              unseen_days="unseen"),
    enabled="open", away="away", leaves="leaves", activity="activity", seasons="seasons", weekdays="weekdays",
    states=STATES,
    transitions=(
        Transition(sources=("NEW",), target="ACTIVE", tenure="fresh_days"),
        Transition(sources=("SLOW",), target="GONE", idle="gone_after", chance=("goes", "goes.gold")),
        Transition(sources=("ACTIVE",), target="SLOW", idle="slow_after"),
        Transition(sources=("SLOW",), target="ACTIVE", idle_below="slow_after"),
    ),
    patterns=(
        Pattern(name="DAILY", returns="daily"),
        Pattern(name="WEEKEND", returns="seldom", special="daily", weekdays=(5, 6)),
        Pattern(name="SPREE", returns="seldom", special="daily", spell="spree", rest="rest"),
    ),
    first_pattern="DAILY", assigned_after="fresh_days", assigned=("habit", "habit.gold"),
    segments=("basic", "gold"), segment="tier",
    life_events=(LifeEvent(name="TRAVEL", days="travel", returns="nothing"),
            LifeEvent(name="HYPE", days="hype", returns="hyped")),
    life_events_weights="event",
    score=Score(begins="score", came="came", stayed_away="stayed", broke="broke", broken_streak="slow_after",
                weight="weight"),
    streak=Streak(bonus="bonus", days="each", most="most"),
    heterogeneity=Heterogeneity(
        propensity="propensity", phase="phase", phase_days="phase.days", second=("habit.second", "habit.second"),
        leaning="leaning", frailty="frailty", first_visit="first", first_visit_s="first.after", day="day.own",
        day_memory="day_memory", day_spread="day_spread", holidays="holidays",
    ),
    kept="kept", visits="visits", longest_us=5 * HOUR_US, fields=("turns",),
    key=key, called=called, evolve=evolve, sign_up=sign_up, people=people, moved=moved, times=times, walk=walk,
    emit=emit, emit_days=emit_days, events=report,
)  # fmt: skip


def table(name: str, *columns: Column, owner: str | None = "member_id", **rest: str) -> Table:
    return Table(name=name, columns=(Column("id", "uuid"), *columns, AT), key=("id",), root="pool", mark=MARK,
                 owner=owner, **rest)  # type: ignore[arg-type]  # fmt: skip


MEMBER = Column("member_id", "uuid", references="public.members.id")
CHANGED = Column("updated_at", "timestamptz", moment="happened")
GYM = World(
    name="gym", title="Gym", about="a tiny world with lives", version=1, package="tiny",
    tables=(
        table("members", Column("name", "text"), Column("colour", "text"), owner="id"),
        table("tiers", MEMBER, Column("tier", "text"), Column("turns", "int4"), Column("state", "text"), CHANGED,
              mode="merge"),
        table("visits", MEMBER),
        table("machines", MEMBER, Column("machine", "int4"), Column("used_at", "timestamptz", moment="happened"),
              mode="merge"),
        table("talks", Column("visit_id", "uuid", references="public.visits.id"), owner="visit_id", through="visits"),
        Table(name="days", columns=(Column("pool", "int4"), Column("day", "timestamptz", moment="happened"),
                                    *(Column(name, "int4") for name in COUNTED), AT),
              key=("pool", "day"), root="pool", mark=MARK),
    ),
    parameters=(
        Parameter(path="pools", default=7, low=1, high=100_000, means="pools"),
        Parameter(path="people", default=12, low=1, high=1000, means="people a pool"),
        Parameter(path="days", default=9, low=1, high=400, means="history"),
        Parameter(path="unseen", default=25, low=0, high=400, means="days before history"),
        Parameter(path="open", default=True, means="whether anyone may come", live=True),
        Parameter(path="away", default="-", means="who stays away", live=True),
        Parameter(path="leaves", default="-", means="who leaves for good", live=True),
        Parameter(path="activity", default=1.0, low=0.0, high=5.0, means="factor of habits", live=True),
        Parameter(path="drop_out", default=0.03, low=0.0, high=1.0, means="a day", live=True),
        Parameter(path="reading", default="replace", choices=("replace", "top_up", "always"), means="sign-ups"),
        Parameter(path="schedule", default="constant", means="sizes"),
        Parameter(path="low", default=0, low=0, high=100, means="sign-ups"),
        Parameter(path="high", default=3, low=0, high=100, means="sign-ups"),
        Parameter(path="weight", default=1.0, low=0.0, high=1.0, means="of the score"),
        Parameter(path="churn", default=0.3, low=0.0, high=1.0, means="a day"),
        Parameter(path="differing", default=0.0, low=0.0, high=1.0, means="how far people and days differ"),
        Parameter(path="at_once", default=0.0, low=0.0, high=1.0, means="who comes when they sign up"),
        Parameter(path="stays", default=0.25, low=0.0, high=1.0, means="of those who leave"),
    ),
    derive=lambda values: {
        "seasons": (1.0,) * 12, "weekdays": (1.0,) * 5 + (1.1,) * 2, "new_returns": 0.8, "slow": 0.3, "daily": 0.7,
        "seldom": 0.1, "fresh_days": 3, "slow_after": 3, "gone_after": 5, "nothing": 0.0, "hyped": 0.95, "came": 2,
        "stayed": -1, "broke": -10, "bonus": 0.05, "each": 3, "most": 0.2, "day_memory": 0.6,
        "day_spread": values.number("differing") / 3, "leaning_most": int(800 * values.number("differing")),
        "holidays": ((1, 6, 0.3),) if values.number("differing") else (),
        "hardly": max(values.number("drop_out"), 0.01),
        "frail": values.number("differing") / 4,
    },
    decisions=(
        Chance("goes", "churn"), Chance("goes.gold", 0.2), Choice("habit", (3, 2, 2)), Choice("habit.gold", (1, 0, 1)),
        Choice("tier", (3, 1)), Choice("event", (0.9, 0.05, 0.05)), Uniform("travel", 2, 4), Uniform("hype", 1, 3),
        Uniform("spree", 2, 3), Uniform("rest", 2, 5), Uniform("score", 85, 95), Chance("kept", "stays"),
        Choice("visits", (0.6, 0.3, 0.1)), Choice("colour", (1, 1)), Choice("machine", (1,) * MACHINES),
        Uniform("minutes", 20, 290), Chance("talks", 0.3), Chance("changes", 0.5),
        LogNormal("propensity", 1000, "differing", 1, 50_000), LogNormal("phase", 1000, "differing", 1, 50_000),
        Uniform("phase.days", 1, 3), Choice("habit.second", (1, 2, 3)), Uniform("leaning", 0, "leaning_most"),
        Beta("frailty", "hardly", "frail"), Chance("first", "at_once"), Uniform("first.after", 5, 400),
        RoundedNormal("day.own", 0, 10, -40, 40),
    ),
    roots=(Root(name="pool", size="pools"),),
    flows=(LIVES,),
    scenarios=(Scenario(name="default", about="as declared"),),
    history_days="days", horizon_us=DAY_US, default_scenario="default", people_root="pool",
)  # fmt: skip
