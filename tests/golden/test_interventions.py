"""Interventions: what was before them stays as it was; what they change shows from their moment on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from golden.runs import EPOCH, club, run, windows
from populace.clock import HOUR_US, MINUTE_US, SECOND_US, to_datetime
from populace.engine import DrawStatistics, Snapshots, generate, whole
from populace.engine.forecast import forecast
from populace.plan import Intervention, Plan
from populace.sinks.memory import MemorySink
from populace.spec import Sessions
from tiny import CLUB

ON_A_MINUTE = EPOCH + 37 * MINUTE_US
IN_A_MINUTE = EPOCH + 37 * MINUTE_US + 23_456_789
END = EPOCH + 100 * MINUTE_US
MOMENTS = pytest.mark.parametrize("at", [ON_A_MINUTE, IN_A_MINUTE], ids=["on a minute", "in a minute"])
CHANGES = pytest.mark.parametrize(
    "values", [{"rate": 30, "cap": 40}, {"open": False}, {"abandon": 1.0}, {"rate": 0}], ids=str
)


def changed(plan: Plan, at: int, **values: bool | int | float) -> Plan:
    return plan.with_interventions([*plan.interventions, Intervention(len(plan.interventions) + 1, at, values)])


def came(plan: Plan, start: int, end: int) -> int:
    """How many arrived in a span, by the statistics of who they were."""
    counts = run(plan, [start, end]).statistics["choices"]["visiting.who"][0]
    return sum(counts)


@MOMENTS
@CHANGES
def test_windows_that_end_before_it_are_unchanged(at: int, values: dict[str, Any]):
    plan = club()
    after = changed(plan, at, **values)
    for edges in ([plan.origin_us, at], [plan.origin_us, EPOCH, at - 1, at], [EPOCH, at - 20 * SECOND_US]):
        assert run(plan, edges) == run(after, edges)
        assert run(plan, edges, 2, snapshots=Snapshots()) == run(after, edges, 7)
    assert run(plan, [at, END]).digests != run(after, [at, END]).digests


@MOMENTS
def test_a_change_shows_from_its_moment_on(at: int):
    plan = club(arrivals="fixed")
    faster = changed(plan, at, rate=5)
    minutes = (END - at) // MINUTE_US
    last = at + minutes * MINUTE_US
    assert came(plan, EPOCH, ON_A_MINUTE) == came(faster, EPOCH, ON_A_MINUTE) == 3 * 37
    first_whole = -(-at // MINUTE_US) * MINUTE_US
    assert came(faster, first_whole, first_whole + 60 * MINUTE_US) == 5 * 60
    assert came(plan, first_whole, first_whole + 60 * MINUTE_US) == 3 * 60
    assert came(faster, at, last) > came(plan, at, last) + 2 * (minutes - 1)
    hopeless = run(changed(plan, at, abandon=1.0), [at + HOUR_US, END + HOUR_US]).rows("visits")
    assert {row["status"] for row in hopeless} == {"abandoned", "active"}
    assert {row["status"] for row in run(plan, [at + HOUR_US, END + HOUR_US]).rows("visits")} > {"completed"}


@MOMENTS
def test_closing_stops_arrivals_at_once_and_lets_visits_end(at: int):
    staying = replace(CLUB, roots=(replace(CLUB.roots[0], removed=None),))
    plan = club(staying, people=1000, rate=20, cap=60)
    closed = changed(plan, at, open=False)
    assert came(closed, at, END) == 0
    assert came(closed, EPOCH, at) == came(plan, EPOCH, at) > 0
    outcome = run(closed, [plan.origin_us, EPOCH, at, END, END + HOUR_US])
    visits = outcome.rows("visits")
    late = [row for row in visits if row["updated_at"] >= to_datetime(at)]
    assert len(late) > 10
    assert {row["status"] for row in late} <= {"completed", "abandoned"}
    assert {row["status"] for row in visits} == {"completed", "abandoned"}
    assert max(row["updated_at"] for row in visits) < to_datetime(at + plan.world.horizon_us)
    same = run(plan, [plan.origin_us, EPOCH, at]).rows("visits")
    assert [row["id"] for row in same] == [row["id"] for row in visits if row["created_at"] < to_datetime(at)]


@MOMENTS
def test_reopening_does_not_burst(at: int):
    """Who would have come meanwhile stays away, and from then on it is as if it had never been closed."""
    plan = club(people=1000, arrivals="fixed", rate=4)
    reopened_at = at + 20 * MINUTE_US
    reopened = changed(changed(plan, at, open=False), reopened_at, open=True)
    assert came(reopened, at, reopened_at) == 0
    for minute in range(2):
        start = -(-reopened_at // MINUTE_US) * MINUTE_US + minute * MINUTE_US
        assert came(reopened, start, start + MINUTE_US) == 4
    assert came(reopened, reopened_at, END) == came(plan, reopened_at, END)
    free = run(plan, [plan.origin_us, END]).rows("visits"), run(reopened, [plan.origin_us, END]).rows("visits")
    before, after = [
        {(r["id"], r["person_id"]) for r in rows if r["created_at"] >= to_datetime(reopened_at)} for rows in free
    ]
    # Only who would have come meanwhile may come at another moment: nobody else has to wait for a visit to end.
    meanwhile = {r["person_id"] for r in free[0] if to_datetime(at) <= r["created_at"] < to_datetime(reopened_at)}
    assert {person for _, person in before ^ after} <= meanwhile
    assert len(after) > len(meanwhile)


class Watched(Snapshots):
    """Records what was taken."""

    def take(self, *key: Any) -> Any:
        state = Snapshots.take(self, *key)
        TAKEN.append(None if state is None else state.as_of_us)
        return state


TAKEN: list[int | None] = []


def go_on(plan: Plan, sink: MemorySink, edges: list[int], snapshots: Snapshots | None) -> None:
    for window in windows(edges):
        for batch in generate(plan, whole(plan), window, DrawStatistics(), snapshots):
            sink.write(batch)


@MOMENTS
def test_snapshots_from_before_stay_usable(at: int):
    """A runner that lives window after window, meets the intervention at the beginning of one, and goes on."""
    plan = club()
    after = changed(plan, at, rate=5, abandon=0.9)
    edges = [plan.origin_us, EPOCH, EPOCH + 20 * MINUTE_US, at]
    later = [at, at + 40 * SECOND_US, at + 10 * MINUTE_US, END, END + 50 * MINUTE_US, END + 51 * MINUTE_US]
    snapshots, sink = Watched(), MemorySink(plan.world)
    go_on(plan, sink, edges, snapshots)
    TAKEN.clear()
    go_on(after, sink, later, snapshots)
    assert None not in TAKEN
    assert len(TAKEN) == len(later) - 1
    assert sink.digests() == run(after, [plan.origin_us, later[-1]]).digests


def test_a_snapshot_from_after_an_intervention_is_of_no_use_without_it():
    plan = club()
    after = changed(plan, EPOCH + 5 * MINUTE_US, rate=5)
    snapshots, late = Watched(), [END, END + HOUR_US, END + 2 * HOUR_US, END + 2 * HOUR_US + MINUTE_US]
    go_on(after, MemorySink(plan.world), late[:2], snapshots)
    TAKEN.clear()
    sink, apart = MemorySink(plan.world), MemorySink(plan.world)
    go_on(plan, sink, late[2:], snapshots)
    assert TAKEN == [None]
    go_on(plan, apart, late[2:], None)
    assert sink.digests() == apart.digests()


def test_many_interventions_are_cut_like_none():
    plan = club()
    for n in range(12):
        plan = changed(plan, EPOCH + n * 7 * MINUTE_US + n * 999_983, rate=1 + n % 5, abandon=n / 12, open=n % 4 != 2)
    edges = [plan.origin_us, END]
    assert run(plan, edges) == run(plan, [*edges, *range(EPOCH, END, 11 * MINUTE_US)], 2, snapshots=Snapshots())


def test_interventions_in_one_window_and_in_two_are_the_same_span():
    plan = changed(club(), IN_A_MINUTE, rate=30, cap=40)
    for edge in (IN_A_MINUTE - 1, IN_A_MINUTE, IN_A_MINUTE + 1, ON_A_MINUTE, ON_A_MINUTE + MINUTE_US):
        assert run(plan, [EPOCH, edge, END]) == run(plan, [EPOCH, END])


@MOMENTS
def test_visits_on_request_come_exactly_and_beside_the_others(at: int):
    """Neither the cap nor the switch counts for them, and no other arrival changes."""
    plan = club(people=1000, cap=5)
    for base in (plan, changed(plan, at, open=False)):
        asked = base.with_interventions([*base.interventions, Intervention(9, at, {}, sessions=40)])
        assert came(asked, at, at + MINUTE_US) == came(base, at, at + MINUTE_US) + 40
        assert came(asked, at + MINUTE_US, END) == came(base, at + MINUTE_US, END)
        assert run(asked, [plan.origin_us, at]) == run(base, [plan.origin_us, at])
    twice = plan.with_interventions([Intervention(n, at, {}, sessions=7) for n in (1, 2)])
    assert came(twice, at, END) == came(plan, at, END) + 14


def test_what_requested_visits_will_leave_is_what_they_leave():
    staying = replace(CLUB, roots=(replace(CLUB.roots[0], removed=None),))
    plan = club(staying, people=1000, rate=0).with_interventions([Intervention(1, IN_A_MINUTE, {}, sessions=25)])
    rows = run(plan, [EPOCH, END + 2 * HOUR_US]).rows("steps")
    half = IN_A_MINUTE + 2 * MINUTE_US
    known = forecast(plan, plan.interventions[0], half)
    assert known.sessions == 25
    assert known.will_write == {"steps": len(rows)}
    assert known.written == {"steps": sum(row["created_at"] < to_datetime(half) for row in rows)}
    assert 0 < known.written["steps"] < len(rows)
    ended = [row["updated_at"] for row in run(plan, [EPOCH, END + 2 * HOUR_US]).rows("visits")]
    assert known.ends_us is not None
    assert max(ended) == to_datetime(known.ends_us)
    # Beside others the same visits may be waited for, and nothing of the others is counted.
    busy = club(staying, people=1000).with_interventions(plan.interventions)
    assert forecast(busy, busy.interventions[0], half).sessions == 25


def test_the_rate_follows_the_hours_where_a_world_says_so():
    hours = tuple(float(hour % 2) for hour in range(24))
    curved = replace(
        CLUB,
        derive=lambda values: {**CLUB.derive(values), "hours": hours},
        flows=tuple(
            replace(flow, arrivals=replace(flow.arrivals, hours="hours")) if isinstance(flow, Sessions) else flow
            for flow in CLUB.flows
        ),
    )
    plan = club(curved, people=1000, arrivals="fixed", rate=3)
    counts = [came(plan, EPOCH + hour * HOUR_US, EPOCH + (hour + 1) * HOUR_US) for hour in range(4)]
    assert counts == [0, 180, 0, 180]
    edges = [EPOCH, EPOCH + 4 * HOUR_US]
    assert run(plan, edges) == run(plan, [*edges, *range(edges[0], edges[1], 17 * MINUTE_US)], 2, snapshots=Snapshots())
    flat = club(replace(curved, derive=lambda values: {**CLUB.derive(values), "hours": ()}))
    assert run(flat, edges).digests == run(club(), edges).digests
