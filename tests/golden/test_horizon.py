"""The horizon: nothing takes longer, nothing lies beyond; nobody is in two visits at once, and who is busy waits."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from golden.runs import EPOCH, club, run
from populace.clock import HOUR_US, MINUTE_US, from_datetime
from populace.engine import DrawStatistics, Snapshots, Window
from populace.engine.processes.visits.sessions import courses
from populace.errors import BadInput
from populace.plan import Intervention, Plan
from populace.spec import Begun, Course, Draw, Rows, Sessions, SessionStarts, TableRows
from tiny import CLUB, begin, visit

LIFE_US = 4 * HOUR_US


@cache
def crowded() -> Plan:
    """Two people, and a visit every minute that takes some four: there is always somebody waiting."""
    return club(people=2, rate=1)


@dataclass(frozen=True)
class Visited:
    address: int
    person: int
    arrived_at: int
    started_at: int
    ended_at: int
    nth: int


def visits(plan: Plan, start: int, end: int, statistics: DrawStatistics | None = None) -> list[Visited]:
    flow = next(f for f in plan.world.flows if isinstance(f, Sessions))

    def each() -> Iterator[Visited]:
        members = (0, plan.sizes["person"])
        for _, c in courses(plan, flow, members, Window(start, end), statistics or DrawStatistics(), None):
            assert (np.diff(c.step_visit) >= 0).all()
            assert (c.step_ended_at <= c.ended_at[c.step_visit]).all()
            assert (c.step_started_at >= c.started_at[c.step_visit]).all()
            assert (c.step_ended_at > c.step_started_at).all()
            columns = (c.visits.address, c.visits.person, c.visits.arrived_at, c.started_at, c.ended_at,
                       c.begun.columns["nth"])  # fmt: skip
            yield from (Visited(*(int(n) for n in row)) for row in zip(*columns, strict=True))

    return sorted(each(), key=lambda v: (v.person, v.started_at))


def test_nothing_lies_beyond_the_horizon_and_some_are_turned_away():
    plan, statistics = crowded(), DrawStatistics()
    lived = visits(plan, EPOCH, EPOCH + LIFE_US, statistics)
    arrived = sum(statistics.choices["visiting.who"][0])
    assert all(v.ended_at <= v.arrived_at + plan.world.horizon_us for v in lived)
    assert max(v.ended_at - v.arrived_at for v in lived) > plan.world.horizon_us * 3 // 4
    assert 0 < len(lived) < arrived


def test_the_same_arrivals_are_turned_away_however_the_work_is_cut():
    plan = crowded()
    edges = [plan.origin_us, EPOCH + LIFE_US]
    one = run(plan, edges)
    for step, parts in ((37 * MINUTE_US + 1, 1), (HOUR_US, 2)):
        cut = [*edges, *range(EPOCH, EPOCH + LIFE_US, step)]
        assert run(plan, cut, parts, snapshots=Snapshots()) == one
        assert run(plan, cut, parts, shuffled=step) == one


def test_nobody_is_in_two_visits_at_once():
    lived = visits(crowded(), EPOCH, EPOCH + LIFE_US)
    for a, b in itertools.pairwise(lived):
        if a.person == b.person:
            assert a.ended_at <= b.started_at
            assert a.arrived_at <= b.arrived_at
            assert b.nth == a.nth + 1
    assert len({v.address for v in lived}) == len(lived)


def test_who_is_busy_starts_when_free_and_who_is_free_starts_at_once():
    lived = visits(crowded(), EPOCH, EPOCH + LIFE_US)
    waited = 0
    for a, b in itertools.pairwise(lived):
        if a.person == b.person:
            assert b.started_at == max(b.arrived_at, a.ended_at)
            waited += b.started_at > b.arrived_at
    assert waited > 20
    quiet = visits(club(people=1000, rate=1), EPOCH, EPOCH + LIFE_US)
    busy_until: dict[int, int] = {}
    for v in quiet:
        assert v.started_at == max(v.arrived_at, busy_until.get(v.person, v.arrived_at))
        busy_until[v.person] = v.ended_at
    assert len(busy_until) > 100


def test_rows_show_the_visits_that_took_place():
    plan = crowded()
    removed_after = plan.with_interventions([Intervention(1, EPOCH + HOUR_US, {"open": False})])
    outcome = run(removed_after, [plan.origin_us, EPOCH, EPOCH + 3 * HOUR_US])
    lived = visits(removed_after, plan.origin_us, EPOCH + 3 * HOUR_US)
    rows = {(from_datetime(r["created_at"]), from_datetime(r["updated_at"])) for r in outcome.rows("visits")}
    assert rows == {(v.started_at, v.ended_at) for v in lived}
    assert len(rows) == len(lived) > 10


def test_a_window_sees_visits_from_one_horizon_back():
    """Those that arrived just within it and end in the window; each lies in its own window by its moments."""
    plan = crowded()
    middle = EPOCH + 2 * HOUR_US
    earlier = [v for v in visits(plan, EPOCH, middle + HOUR_US) if v.arrived_at < middle < v.ended_at]
    assert earlier
    seen = {v.address for v in visits(plan, middle, middle + MINUTE_US)}
    assert {v.address for v in earlier} <= seen
    ended = {from_datetime(r["updated_at"]) for r in run(plan, [middle, middle + HOUR_US]).rows("visits")}
    assert {v.ended_at for v in earlier if v.ended_at < middle + HOUR_US} <= ended


def test_a_turned_away_visit_changes_nothing_of_what_is_carried():
    lived = visits(crowded(), EPOCH, EPOCH + LIFE_US)
    for person in (0, 1):
        assert [v.nth for v in lived if v.person == person] == list(
            range(1, 1 + sum(v.person == person for v in lived))
        )


def club_whose_visits(**changes: object) -> Plan:
    return club(replace(CLUB, flows=(*CLUB.flows[:2], replace(CLUB.flows[2], **changes))))  # type: ignore[arg-type]


def test_a_story_that_goes_on_beyond_the_horizon_is_refused_or_cut_everywhere_alike():
    """Rows later than the horizon after an arrival: a later window does not look back that far."""

    def late(draw: Draw, course: Course) -> TableRows:
        by_table = visit(draw, course)
        after = by_table["steps"].at + 3 * HOUR_US  # type: ignore[operator]
        columns = {**by_table["steps"].columns, "created_at": after}
        return {**by_table, "steps": Rows(by_table["steps"].owner, columns, after)}

    def outcome(plan: Plan, step: int) -> object:
        try:
            return run(plan, [plan.origin_us, *range(EPOCH, EPOCH + 5 * HOUR_US, step), EPOCH + 5 * HOUR_US]).digests
        except BadInput:
            return "refused"

    plan = club_whose_visits(emit=late)
    cut = outcome(plan, 10 * MINUTE_US)
    assert cut in ("refused", outcome(plan, 5 * HOUR_US))


def test_a_visit_without_a_step_is_refused():
    """It would have no end of its own, and take that of its neighbour."""

    def idle(draw: Draw, visits: SessionStarts) -> Begun:
        begun = begin(draw, visits)
        return replace(begun, steps=np.where(visits.address % 3 == 0, 0, begun.steps))

    plan = club_whose_visits(begin=idle)
    with pytest.raises(BadInput, match="visiting"):
        run(plan, [EPOCH, EPOCH + HOUR_US])
