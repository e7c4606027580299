"""What the benchmark seeds to be compared with the limit: 10,000 people, 200 videos, and a million events in visits."""

import numpy as np

from populace.clock import DAY_US, HOUR_US, SECOND_US
from populace.spec import (
    Arrivals,
    Begun,
    Chance,
    Choice,
    Column,
    Columns,
    Course,
    Draw,
    Ints,
    Joined,
    Json,
    Key,
    Mark,
    Members,
    Number,
    Parameter,
    Root,
    Rows,
    Scenario,
    Sessions,
    SessionStarts,
    Table,
    TableRows,
    Uniform,
    Words,
    World,
)  # fmt: skip

NAMES = ("Ada", "Bo", "Cleo", "Dov", "Eni", "Fay", "Gus", "Hana", "Ivo", "Juno")
KINDS = ("played", "paused", "resumed", "rated", "shared")
STEPS = (1, 2, 3, 3, 2, 1)
"""Weights of one event in a visit, of two, and so on."""
_OURS = Mark("EXISTS (SELECT 1 FROM public.people AS p WHERE p.id = t.person_id AND p.email LIKE '%@example.com')",
             "its person has an address at example.com")  # fmt: skip


def joined_at(draw: Draw, person: Ints) -> Ints:
    """A second after the one before."""
    return draw.origin_us - DAY_US + person * SECOND_US


def person_key(draw: Draw, person: Ints) -> Key:
    """The key of a person."""
    return Key("people", person, joined_at(draw, person))


def people(draw: Draw, person: Ints) -> TableRows:
    """Who is there from the beginning."""
    mail = Joined(("person", Number(person + 1, 6), "@example.com"))
    columns: Columns = {
        "id": person_key(draw, person), "email": mail, "name": Words(draw.below("name", len(NAMES), person), NAMES),
        "created_at": joined_at(draw, person),
    }  # fmt: skip
    return {"people": Rows(person, columns)}


def videos(draw: Draw, video: Ints) -> TableRows:
    """What there is to see."""
    columns: Columns = {
        "id": Key("videos", video), "title": Joined(("Film ", Number(video + 1, 3))),
        "minutes": 5 + draw.below("minutes", 115, video), "created_at": np.full(len(video), draw.origin_us - DAY_US),
    }  # fmt: skip
    return {"videos": Rows(video, columns)}


def begin(draw: Draw, visits: SessionStarts) -> Begun:
    """How many events a visit has, and whether it ends early."""
    steps = 1 + draw.choose("visit.events", visits.address, visits.arrived_at)
    return Begun(steps=steps, abandoned=draw.chance("visit.left", visits.address, visits.arrived_at))


def watch(draw: Draw, course: Course) -> TableRows:
    """The events of visits."""
    visit, at = course.step_visit, course.step_ended_at
    person = course.visits.person[visit]
    address = course.visits.address[visit] * np.uint64(8) + course.step_number.astype(np.uint64)
    kind = np.where(course.step_number == 0, 0, 1 + draw.choose("event.kind", address, at))
    position = draw.below("event.position", 7_200, address)
    columns: Columns = {
        "id": Key("events", address, at), "person_id": person_key(draw, person),
        "video_id": Key("videos", draw.below("event.video", draw.size("video"), course.visits.address[visit])),
        "kind": Words(kind, KINDS), "properties": Json({"position_s": position, "step": course.step_number}),
        "created_at": at,
    }  # fmt: skip
    return {"events": Rows(person, columns, at)}


def _table(name: str, mark: Mark, root: str, *columns: Column) -> Table:
    at = Column("created_at", "timestamptz", moment="happened")
    return Table(name=name, key=("id",), root=root, mark=mark, columns=(Column("id", "uuid"), *columns, at))


WORLD = World(
    name="films", title="Films", about="people who watch films, to be measured", version=1, package=__name__,
    parameters=(
        Parameter(path="people", default=10_000, low=1, high=1_000_000, means="people", unit="people"),
        Parameter(path="videos", default=200, low=1, high=10_000, means="videos", unit="videos"),
        Parameter(path="days", default=30, low=1, high=365, means="length of history", unit="days"),
        Parameter(path="visits_per_min", default=6.6, low=0, high=1_000, means="mean of visits a minute", live=True),
        Parameter(path="most_per_min", default=100, low=0, high=10_000, means="most visits a minute", live=True),
        Parameter(path="open", default=True, means="whether visits begin", live=True),
        Parameter(path="arrivals", default="poisson", choices=("poisson", "fixed"), means="how visits are spread"),
        Parameter(path="left", default=0.05, low=0.0, high=1.0, means="visits that end early", live=True),
    ),
    derive=lambda values: {"eagerness": (3.0, 1.0, 1.0)},
    decisions=(
        Choice("visit.events", STEPS),
        Choice("event.kind", (4, 4, 2, 1)),
        Chance("visit.left", "left"),
        Uniform("event.lasts", 20_000, 600_000),
        Uniform("event.pause", 1_000, 20_000),
    ),
    roots=(Root(name="video", size="videos"), Root(name="person", size="people")),
    people_root="person",
    tables=(
        _table("people", Mark("t.email LIKE '%@example.com'", "the address is at example.com"), "person",
               Column("email", "text"), Column("name", "text")),
        _table("videos", Mark("t.title LIKE 'Film %'", "it is called Film and a number"), "video",
               Column("title", "text"), Column("minutes", "int4")),
        _table("events", _OURS, "person",
               Column("person_id", "uuid", references="public.people.id"),
               Column("video_id", "uuid", references="public.videos.id"),
               Column("kind", "text"), Column("properties", "jsonb")),
    ),
    flows=(
        Members("videos", "video", ("videos",), videos),
        Members("people", "person", ("people",), people),
        Sessions("watching", "person", ("events",),
                 Arrivals(rate="visits_per_min", cap="most_per_min", enabled="open", process="arrivals",
                          before_epoch_days="days", weights="eagerness"),
                 begin=begin, dwell="event.lasts", think="event.pause", emit=watch),
    ),
    scenarios=(Scenario(name="default", about="as declared"),),
    default_scenario="default", history_days="days", horizon_us=3 * HOUR_US,
)  # fmt: skip
