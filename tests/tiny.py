"""The universal fixture: a club whose people join, visit, and sometimes leave for good; every rule in small."""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import (
    NEVER,
    OUTBOX,
    Arrivals,
    Begun,
    Chance,
    Channel,
    Choice,
    Column,
    Columns,
    Course,
    Draw,
    EventBatches,
    Ints,
    Joined,
    Json,
    Key,
    LogNormal,
    Mark,
    Members,
    Number,
    Optional,
    Pairs,
    Parameter,
    Quota,
    Root,
    RoundedNormal,
    Rows,
    Scenario,
    Sessions,
    SessionStarts,
    Stamp,
    Table,
    TableRows,
    Uniform,
    Words,
    World,
)  # fmt: skip

MARK = Mark("t.id IS NOT NULL", "every row is ours")
PERSON = (Column("person_id", "uuid", references="public.people.id"),)
AT = Column("created_at", "timestamptz", moment="happened")


def person_key(draw: Draw, person: Ints) -> Key:
    return Key("people", person, joined(draw, person))


def joined(draw: Draw, person: Ints) -> Ints:
    return draw.origin_us - DAY_US + person * 1000 + draw.below("joined", 1000, person)


def leaves(draw: Draw, person: Ints) -> Ints:
    """A fifth go for good, at some moment of the first four days of life."""
    gone = draw.chance("goes", person, at=np.full(len(person), draw.origin_us))
    return np.where(gone, draw.epoch_us + draw.below("goes.when", 4 * 24 * 60, person) * 60_000_000, NEVER)


def people(draw: Draw, person: Ints) -> TableRows:
    cell = person // 5
    at = joined(draw, person)
    nth = np.array([int((at[cell == cell[i]] < at[i]).sum()) for i in range(len(person))])  # a running total in a cell
    name = Words(draw.choose("name", person, at=np.full(len(person), draw.origin_us)), ("Ada", "Bo", "Cy"))
    mail = Joined(("person", Number(person, 3), "@example.com"))
    columns: Columns = {"id": person_key(draw, person), "name": name, "mail": mail, "nth": nth, "created_at": at}
    return {"people": Rows(person, columns)}


def notes(draw: Draw, pairs: Pairs) -> TableRows:
    at = draw.origin_us + draw.below("note.at", 3 * 86_400_000, pairs.address) * 1000
    other = draw.shuffled("note.about", draw.size("person"), pairs.ordinal, pairs.j)
    stars = draw.measure("stars", pairs.address, at)
    columns: Columns = {"id": Key("notes", pairs.address, at), "person_id": person_key(draw, pairs.ordinal),
               "about_id": person_key(draw, other), "stars": stars, "created_at": at}  # fmt: skip
    kept = draw.chance("noted", pairs.address, at)
    shown: Columns = {
        "id": Key("thanks", pairs.address, at),
        "person_id": person_key(draw, pairs.ordinal),
        "created_at": at,
    }
    return {"notes": Rows(pairs.ordinal, columns, at), "thanks": Rows(pairs.ordinal, shown, np.where(kept, at, NEVER))}


def begin(draw: Draw, visits: SessionStarts) -> Begun:
    steps = 1 + draw.choose("steps", visits.address, at=visits.arrived_at)
    abandoned = draw.chance("abandons", visits.address, at=visits.arrived_at)
    return Begun(steps, abandoned, memory={"nth": visits.memory["nth"] + 1}, columns={"nth": visits.memory["nth"] + 1})


def visit(draw: Draw, c: Course) -> TableRows:
    v, n = c.visits, len(c.started_at)
    key, owner = Key("visits", v.address, c.started_at), person_key(draw, v.person)
    # Two versions of a visit: begun, and ended.
    twice = np.r_[np.arange(n), np.arange(n)]
    changed = np.r_[c.started_at, c.ended_at]
    status = np.r_[np.zeros(n, dtype=np.int64), np.where(c.begun.abandoned, 2, 1)]
    versions = {
        "id": Key("visits", v.address[twice], c.started_at[twice]), "person_id": person_key(draw, v.person[twice]),
        "nth": c.begun.columns["nth"][twice], "status": Words(status, ("active", "completed", "abandoned")),
        "created_at": c.started_at[twice], "updated_at": changed,
    }  # fmt: skip
    s = c.step_visit
    address = v.address[s] * np.uint64(8) + c.step_number.astype(np.uint64)
    detail = Json({"synthetic": True, "at": Stamp(c.step_ended_at), "broke": Optional(c.step_abandoned, c.step_number)})
    steps: Columns = {
        "id": Key("steps", address, c.step_ended_at), "visit_id": Key("visits", v.address[s], c.started_at[s]),
        "person_id": person_key(draw, v.person[s]), "number": c.step_number, "detail": detail,
        "created_at": c.step_ended_at,
    }  # fmt: skip
    assert len(owner.address) == len(key.address)
    return {"visits": Rows(v.person[twice], versions, changed, entity=twice),
            "steps": Rows(v.person[s], steps, c.step_ended_at)}  # fmt: skip


def rings(draw: Draw, c: Course) -> TableRows:
    """Whoever hears the bell hears of every step that ends, of those who left later too."""
    v, s = c.visits, c.step_visit
    key = Key("rings", v.address[s] * np.uint64(8) + c.step_number.astype(np.uint64), c.step_ended_at)
    payload = Json({"event": STEPPED, "distinct_id": Joined(("person", Number(v.person[s], 3))), "uuid": key,
                 "timestamp": Stamp(c.step_ended_at), "properties": Json({"number": c.step_number})})  # fmt: skip
    columns: Columns = {"id": key, "channel": BELL.name, "at": c.step_ended_at, "kind": STEPPED, "payload": payload}
    return {OUTBOX.name: Rows(v.person[s], columns, c.step_ended_at)}


def table(
    name: str, *columns: Column, mode: str = "append", owner: str | None = "person_id", by_day: bool = False
) -> Table:
    return Table(name=name, columns=(Column("id", "uuid"), *columns, AT), key=("id",), root="person", mark=MARK,
                 mode=mode, owner=owner, by_day=by_day)  # type: ignore[arg-type]  # fmt: skip


TABLES = (
    table("people", Column("name", "text"), Column("mail", "text"), Column("nth", "int4"), owner="id"),
    table("notes", *PERSON, Column("about_id", "uuid"), Column("stars", "int4")),
    table("thanks", *PERSON),
    table("visits", *PERSON, Column("nth", "int8"), Column("status", "text"),
          Column("updated_at", "timestamptz", moment="happened"), mode="merge"),
    table("steps", Column("visit_id", "uuid", references="public.visits.id"), *PERSON, Column("number", "int4"),
          Column("detail", "jsonb"), by_day=True),
)  # fmt: skip

STEPPED = "step ended"
BELL = Channel(name="bell", title="The bell", unheard="nobody hears the bell",
               peer=EventBatches(reconciled=lambda values: {("steps", ""): STEPPED}))  # fmt: skip
"""Receives what people do; a channel that no installed world has."""

CLUB = World(
    name="club", title="Club", about="a tiny world", version=1, package="tiny", tables=TABLES,
    parameters=(
        Parameter(path="people", default=23, low=1, high=1000, means="how many"),
        Parameter(path="days", default=3, low=1, high=30, means="history"),
        Parameter(path="notes_each", default=2, low=0, high=20, means="notes a person"),
        Parameter(path="rate", default=3, low=0, high=100, means="visits a minute", live=True),
        Parameter(path="cap", default=5, low=0, high=100, means="at most", live=True),
        Parameter(path="open", default=True, means="whether anyone may come", live=True),
        Parameter(path="arrivals", default="poisson", choices=("poisson", "fixed"), means="how visits are spread"),
        Parameter(path="visit_days", default=0, low=0, high=3, means="days of visits in history"),
        Parameter(path="abandon", default=0.2, low=0.0, high=1.0, means="share that breaks off", live=True),
    ),
    derive=lambda values: {"weights": (1.0, 2.0, 0.5)},
    decisions=(
        Chance("goes", 0.2), Choice("name", (3, 2, 1)), RoundedNormal("stars", 4.1, 0.7, 1, 5), Chance("noted", 0.5),
        Choice("steps", (0.5, 0.3, 0.2)), Chance("abandons", "abandon"),
        LogNormal("dwell", 90_000, 0.8, 5_000, 400_000), Uniform("think", 2_000, 8_000),
    ),
    roots=(Root(name="person", size="people", cell=5, removed=leaves, key=person_key),),
    flows=(
        Members("people", "person", ("people",), people),
        Quota("notes", "person", ("notes", "thanks"), "notes_each", notes),
        Sessions("visiting", "person", ("visits", "steps"),
                 Arrivals("rate", "cap", "open", "arrivals", "visit_days", "weights"),
                 begin, "dwell", "think", visit, memory=("nth",), events=rings),
    ),
    scenarios=(Scenario(name="default", about="as declared"),
               Scenario(name="busy", about="visits in history", values={"visit_days": 2, "rate": 4})),
    channels=(BELL,),
    history_days="days", horizon_us=HOUR_US, default_scenario="default",
)  # fmt: skip
