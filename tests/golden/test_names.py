"""K5: names, not positions. A world that grows leaves every draw of what was there before as it was."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from golden.runs import EPOCH, Outcome, club, run
from populace.clock import HOUR_US
from populace.spec import (
    Begun,
    Chance,
    Choice,
    Column,
    Draw,
    Ints,
    Key,
    Members,
    Parameter,
    Quota,
    Root,
    Rows,
    Scenario,
    SessionStarts,
    TableRows,
    Uniform,
    World,
)
from tiny import CLUB, begin, person_key, table

EVERY = tuple(t.name for t in CLUB.tables)
VISITING = CLUB.flows[2]


def lived(world: World, **overrides: object) -> Outcome:
    plan = club(world, **overrides)
    return run(plan, [plan.origin_us, EPOCH + HOUR_US], 2)


@cache
def before() -> Outcome:
    return lived(CLUB)


def assert_untouched(now: Outcome, tables: tuple[str, ...] = EVERY) -> None:
    assert {name: now.digests[name] for name in tables} == {name: before().digests[name] for name in tables}


def test_a_new_table_and_flow():
    def badges(draw: Draw, person: Ints) -> TableRows:
        at = np.full(len(person), draw.origin_us)
        shiny = draw.chance("shiny", person, at)
        number = draw.measure("size", person, at) + shiny
        columns = {"id": Key("badges", person), "person_id": person_key(draw, person), "number": number,
                   "created_at": at}  # fmt: skip
        return {"badges": Rows(person, columns)}

    new = table("badges", Column("person_id", "uuid"), Column("number", "int4"))
    flow = Members("badges", "person", ("badges",), badges)
    for front in (True, False):
        both = (lambda old, one: (one, *old)) if front else (lambda old, one: (*old, one))
        grown = replace(
            CLUB,
            tables=both(CLUB.tables, new),
            flows=both(CLUB.flows, flow),
            decisions=(Chance("shiny", 0.5), *CLUB.decisions, Uniform("size", 1, 9)),
        )
        now = lived(grown)
        assert_untouched(now)
        assert now.digests["badges"].startswith("23:")


def test_a_new_flow_of_visits_beside_the_old():
    """Its arrivals, people, pauses and keys are its own, though both flows share decision points."""

    def calls(draw: Draw, course: Any) -> TableRows:
        at = course.started_at
        columns = {"id": Key("calls", course.visits.address, at), "person_id": person_key(draw, course.visits.person),
                   "created_at": at}  # fmt: skip
        return {"calls": Rows(course.visits.person, columns, at)}

    def ring(draw: Draw, visits: SessionStarts) -> Begun:
        one = np.ones(len(visits.person), dtype=np.int64)
        return Begun(one, np.zeros(len(one), dtype=np.bool_))

    calling = replace(VISITING, name="calling", tables=("calls",), begin=ring, emit=calls, memory=())
    grown = replace(
        CLUB, tables=(table("calls", Column("person_id", "uuid")), *CLUB.tables), flows=(calling, *CLUB.flows)
    )
    now = lived(grown)
    assert_untouched(now)
    moments = {row["created_at"] for row in now.rows("calls")} & {row["created_at"] for row in now.rows("visits")}
    assert len(now.rows("calls")) > 100
    assert len(moments) < 5


def test_a_new_column():
    def emit(draw: Draw, pairs: Any) -> TableRows:
        notes = CLUB.flows[1].emit(draw, pairs)  # type: ignore[call-arg]
        colour = draw.choose("colour", pairs.address, notes["notes"].at)
        old = notes["notes"]
        return {**notes, "notes": replace(old, columns={"colour": colour, **old.columns})}

    for place in (0, 3):
        columns = list(CLUB.table("notes").columns)
        columns.insert(place, Column("colour", "int4"))
        grown = replace(
            CLUB,
            tables=tuple(replace(t, columns=tuple(columns)) if t.name == "notes" else t for t in CLUB.tables),
            flows=(CLUB.flows[0], replace(CLUB.flows[1], emit=emit), VISITING),
            decisions=(Choice("colour", (1, 1, 1)), *CLUB.decisions),
        )
        now = lived(grown)
        assert_untouched(now, tuple(name for name in EVERY if name != "notes"))
        bare = [{k: v for k, v in row.items() if k != "colour"} for row in now.rows("notes")]
        assert bare == before().rows("notes")
        assert len({row["colour"] for row in now.rows("notes")}) == 3


def test_a_new_last_step_leaves_the_steps_before_it():
    """Compared for each person's first visit; later ones may begin later, which the new step caused."""

    def longer(draw: Draw, visits: SessionStarts) -> Begun:
        begun = begin(draw, visits)
        return replace(begun, steps=begun.steps + ~begun.abandoned)

    now = lived(replace(CLUB, flows=(*CLUB.flows[:2], replace(VISITING, begin=longer))))
    assert_untouched(now, ("people", "notes", "thanks"))

    def of_first_visits(outcome: Outcome) -> dict[tuple[bytes, int], dict[str, Any]]:
        first = {row["id"] for row in outcome.rows("visits") if row["nth"] == 1}
        return {(r["visit_id"], r["number"]): r for r in outcome.rows("steps") if r["visit_id"] in first}

    then, after = of_first_visits(before()), of_first_visits(now)
    assert len(then) >= 20
    assert {place: after[place] for place in then} == then
    assert len(after) > len(then)


def test_the_order_of_everything_is_no_matter():
    turned = replace(
        CLUB,
        parameters=CLUB.parameters[::-1],
        decisions=CLUB.decisions[::-1],
        tables=CLUB.tables[::-1],
        flows=CLUB.flows[::-1],
        scenarios=CLUB.scenarios[::-1],
    )
    now = lived(turned)
    assert_untouched(now)
    assert now.statistics == before().statistics


def test_new_parameters_roots_decisions_and_scenarios():
    grown = replace(
        CLUB,
        parameters=(Parameter(path="rooms", default=4, low=1, high=9, means="rooms"), *CLUB.parameters),
        decisions=(Chance("unused", 0.5), *CLUB.decisions),
        roots=(Root(name="room", size="rooms", cell=2), *CLUB.roots),
        scenarios=(Scenario(name="other", about="", values={"rooms": 2}), *CLUB.scenarios),
        flows=(*CLUB.flows, Quota("empty", "room", ("thanks",), "rooms", lambda draw, pairs: {})),
    )
    assert_untouched(lived(grown))


@pytest.mark.parametrize(
    ("old", "new", "changed"), [("abandons", "breaks", {"visits", "steps"}), ("noted", "kept", {"thanks"})]
)
def test_a_new_name_is_a_new_draw_and_changes_what_it_decides(old: str, new: str, changed: set[str]):
    class Renaming:
        """Draws asked for by the old name are taken from the new one."""

        def __init__(self, draw: Any) -> None:
            self._draw = draw

        def __getattr__(self, name: str) -> Any:
            return getattr(self._draw, name)

        def chance(self, point: str, *rest: Any, **named: Any) -> Any:
            return self._draw.chance(new if point == old else point, *rest, **named)

    decisions = tuple(replace(d, name=new) if d.name == old else d for d in CLUB.decisions)
    flows = (
        CLUB.flows[0],
        replace(CLUB.flows[1], emit=lambda draw, pairs: CLUB.flows[1].emit(Renaming(draw), pairs)),  # type: ignore
        replace(VISITING, begin=lambda draw, visits: begin(Renaming(draw), visits)),  # type: ignore
    )
    now = lived(replace(CLUB, decisions=decisions, flows=flows))
    assert {name for name in EVERY if now.digests[name] != before().digests[name]} == changed
