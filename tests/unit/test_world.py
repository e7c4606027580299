"""A world is checked when it is built: all faults at once, each with its path, misspelt names with the right one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from lives import GYM
from populace.clock import HOUR_US, MINUTE_US
from populace.errors import BadInput
from populace.spec import Chance, Choice, Column, LogNormal, Members, Parameter, Quota, Root, Scenario, Uniform, World
from stalls import STALLS
from tiny import CLUB, MARK, person_key


def refusal(**changes: Any) -> str:
    with pytest.raises(BadInput) as refused:
        replace(CLUB, **changes)
    return str(refused.value)


def with_table(name: str, **changes: Any) -> dict[str, Any]:
    return {"tables": tuple(replace(t, **changes) if t.name == name else t for t in CLUB.tables)}


def with_flow(name: str, **changes: Any) -> dict[str, Any]:
    return {"flows": tuple(replace(f, **changes) if f.name == name else f for f in CLUB.flows)}


def test_a_world_is_frozen():
    with pytest.raises(AttributeError):
        CLUB.version = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        replace(CLUB, colour="red")


def test_what_is_there_is_found_and_what_is_not_is_answered_with_the_nearest():
    assert CLUB.parameter("rate").default == 3
    assert CLUB.scenario("busy").values["rate"] == 4
    assert CLUB.table("notes").full_name == "public.notes"
    with pytest.raises(BadInput, match="did you mean 'abandon'"):
        CLUB.parameter("abandom")
    with pytest.raises(BadInput, match="did you mean 'busy'"):
        CLUB.scenario("bussy")
    with pytest.raises(KeyError):
        CLUB.table("nots")
    with pytest.raises(KeyError):
        CLUB.root("persons")
    with pytest.raises(KeyError):
        CLUB.table("notes").column("star")


@pytest.mark.parametrize(
    ("changes", "path", "nearest"),
    [
        ({"scenarios": (*CLUB.scenarios, Scenario(name="x", about="", values={"rat": 1}))}, "scenarios.x", "rate"),
        ({"default_scenario": "defualt"}, "default_scenario", "defualt"),
        ({"people_root": "persn"}, "people_root", "person"),
        (with_table("notes", root="persn"), "tables.notes", "person"),
        (with_table("notes", key=("idd",)), "tables.notes", "id"),
        (with_table("notes", owner="person"), "tables.notes", "person_id"),
        (with_table("notes", kinds="abuot_id"), "tables.notes", "about_id"),
        (with_table("notes", proven_by="personid"), "tables.notes", "person_id"),
        (with_table("steps", through="visit"), "tables.steps", "visits"),
        (with_table("notes", columns=(Column("id", "uuid"), Column("person_id", "uuid", references="public.peopel.id"),
                                      *CLUB.table("notes").columns[2:])),
         "tables.notes.person_id", "public.people.id"),
        (with_table("notes", columns=(Column("id", "uuid"),
                                      Column("person_id", "uuid", references="public.people.id", alternative="people"),
                                      *CLUB.table("notes").columns[2:])),
         "tables.notes.person_id", "people"),
        (with_table("notes", columns=(Column("id", "uid"), *CLUB.table("notes").columns[1:])),
         "tables.notes.id", "uuid"),
        (with_table("notes", columns=(*CLUB.table("notes").columns[:-1], Column("at", "timestamptz"))),
         "tables.notes.at", "happened"),
        (with_table("notes", columns=(*CLUB.table("notes").columns[:-1],
                                      Column("at", "timestamptz", moment="happened", after="createdat"))),
         "tables.notes.at", "createdat"),
        ({"decisions": (*CLUB.decisions, Chance("leaves", "abandonn"))}, "decisions.leaves", "abandon"),
        ({"decisions": (*CLUB.decisions, Choice("kind", "weigths"))}, "decisions.kind", "weights"),
        ({"decisions": (*CLUB.decisions, Uniform("wait", 0, "cpa"))}, "decisions.wait", "cap"),
        ({"decisions": (*CLUB.decisions, LogNormal("far", 1, "sigm", 0, 9))}, "decisions.far", "sigm"),
        (with_flow("notes", root="persn"), "flows.notes", "person"),
        (with_flow("notes", tables=("note",)), "flows.notes", "notes"),
        (with_flow("notes", per="notes_eech"), "flows.notes", "notes_each"),
        (with_flow("visiting", dwell="dwel"), "flows.visiting", "dwell"),
        (with_flow("visiting", arrivals=replace(CLUB.flows[2].arrivals, cap="kap")), "flows.visiting", "cap"),
        (with_flow("people", tables=()), "flows.people", "no table"),
        ({"roots": (replace(CLUB.roots[0], key=None),)}, "roots.person", "key"),
        ({"flows": (*CLUB.flows, CLUB.flows[0])}, "flows.people", "twice"),
        ({"decisions": (*CLUB.decisions, Chance("goes", 0.1))}, "decisions.goes", "twice"),
        ({"parameters": (*CLUB.parameters, CLUB.parameters[0])}, "parameters.people", "twice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_fault_names_its_path(changes: dict[str, Any], path: str, nearest: str):
    text = refusal(**changes)
    assert f"club.{path}: " in text
    assert nearest in text
    assert "faults" not in text


def test_all_faults_are_reported_at_once():
    text = refusal(
        default_scenario="none",
        people_root="nobody",
        decisions=(*CLUB.decisions, Chance("a", "nothing"), Chance("b", "nothing")),
        **with_table("notes", key=("idd",)),
    )
    assert text.startswith("5 faults:")
    for path in ("default_scenario", "people_root", "decisions.a", "decisions.b", "tables.notes"):
        assert f"- club.{path}: " in text


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"history_days": "dayz"}, "history_days"),
        ({"roots": (replace(CLUB.roots[0], size="poeple"),)}, "roots.person"),
        ({"roots": (replace(CLUB.roots[0], cell="cel"),)}, "roots.person"),
        (with_flow("visiting", think="noted"), "flows.visiting"),
        (with_table("notes", columns=(*CLUB.table("notes").columns, Column("stars", "int4"))), "tables.notes"),
        (with_table("notes", mode="merged"), "tables.notes"),
        ({"decisions": (*CLUB.decisions, Chance("visiting.arrivals", 0.5))}, "decisions.visiting.arrivals"),
        ({"decisions": (*CLUB.decisions, Chance("sure", 1.5))}, "decisions.sure"),
        ({"horizon_us": 0}, "horizon_us"),
        (with_flow("visiting", events=None), "channels.bell"),
        ({"scenarios": (*CLUB.scenarios, Scenario(name="x", about="", values={"rate": -1}))}, "scenarios.x"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_would_fail_later_or_never_is_refused_when_built(changes: dict[str, Any], path: str):
    """A path that leads nowhere, a name that the engine needs for itself, a number that cannot be."""
    assert f"club.{path}" in refusal(**changes)


def test_more_of_everything_is_welcome():
    grown = replace(
        CLUB,
        parameters=(*CLUB.parameters, Parameter(path="more", default=1, low=0, high=9, means="more")),
        decisions=(*CLUB.decisions, Uniform("new", 0, "more")),
        roots=(*CLUB.roots, Root(name="room", size="more")),
        tables=(*CLUB.tables, replace(CLUB.table("thanks"), name="rooms", root="room", owner=None, mark=MARK)),
        flows=(*CLUB.flows, Members("rooms", "room", ("rooms",), lambda draw, n: {}),
               Quota("more", "person", ("thanks",), "more", lambda draw, pairs: {})),
    )  # fmt: skip
    assert grown.root("room").size == "more"
    assert grown.root("person").key is person_key


@pytest.mark.parametrize("world", [CLUB, STALLS, GYM], ids=lambda world: world.name)
def test_flows_answer_for_themselves(world: World):
    """Whatever a flow refers to is declared, and a decision that takes a name of the engine's draws is refused."""
    known = set(world.values({p.path: p.default for p in world.parameters}))
    assert all(set(flow.paths()) | set(flow.sizes) <= known for flow in world.flows)
    assert set(world.switches) == {"open"}
    for name in (name for flow in world.flows for name in flow.streams):
        for taken in (name, f"{name}.more"):
            with pytest.raises(BadInput, match=re.escape(f"{world.name}.decisions.{taken}")):
                replace(world, decisions=(*world.decisions, Chance(taken, 0.5)))


def test_a_world_knows_what_its_flows_are():
    assert [flow.name for flow in CLUB.sessions] == ["visiting"]
    assert not CLUB.lifecycles
    assert [flow.name for flow in GYM.lifecycles] == ["living"]
    assert not GYM.sessions
    assert [flow.name for flow in STALLS.flows if flow.shares] == ["rounds"]
    assert [(world.inhabitants, world.day_starts) for world in (CLUB, STALLS, GYM)] == [
        ("people", ()), ("stalls", ()), ("people", (7 * HOUR_US + 15 * MINUTE_US,))]  # fmt: skip
    assert GYM.lifecycles[0].people_each(GYM.values({p.path: p.default for p in GYM.parameters})) == 12
    assert [flow.name for flow in CLUB.flows if flow.each_member] == ["people"]


def test_a_table_that_is_counted_by_day_has_a_day():
    counted = replace(CLUB, **with_table("steps", by_day=True))
    assert counted.by_day == {"steps"}
    visiting, people = CLUB.flows[2], CLUB.flows[0]
    assert counted.counts(visiting, counted.table("steps"))
    assert not counted.counts(people, counted.table("notes"))
    columns = tuple(c for c in CLUB.table("steps").columns if c.name != "created_at")
    assert "created_at" in refusal(**with_table("steps", by_day=True, columns=columns))
    assert {"visits", "talks", "days"} <= GYM.by_day
