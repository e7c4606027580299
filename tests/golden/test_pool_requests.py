"""Requested visits in pools, on the tiny gym: who comes, when, what it changes, and what is said of it beforehand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from golden.runs import EPOCH, Outcome, run
from golden.test_lives import NOON, gym
from lives import GYM, LIVES
from populace.clock import DAY_US, HOUR_US, MINUTE_US, from_datetime, to_datetime
from populace.engine import DailyCounts, Snapshots
from populace.engine.explain import everybody, why
from populace.engine.forecast import Forecast, forecast
from populace.engine.processes.pools.folding import Folding
from populace.engine.processes.pools.requests import NO_ROOM_US
from populace.engine.processes.pools.visits import NEVER_BEGINS, PAUSE_US, Attendance
from populace.errors import BadInput
from populace.plan import Intervention, Plan, resolve
from populace.spec.cohort import MOST_POOLS, MOST_VISITS, PERSON_BITS, REQUESTED

BEGINS = LIVES.day_starts_us
AT = EPOCH + NOON + 17
END = EPOCH + 2 * DAY_US


def asked(plan: Plan, sessions: int, at: int = AT, **values: bool | str) -> Plan:
    number = len(plan.interventions) + 1
    return plan.with_interventions([*plan.interventions, Intervention(number, at, values, sessions)])


def outcome(plan: Plan) -> Outcome:
    return run(plan, [plan.origin_us, END])


def day_of(at: int) -> int:
    return (at - BEGINS) // DAY_US


def folded(plan: Plan, at: int = AT):
    """The day that holds a moment, with everybody as they are on it, and its visits."""
    folding = Folding(plan, LIVES, (0, plan.sizes["pool"]))
    lives, day = list(folding.days(day_of(at)))[-1]
    attendance = Attendance.on(day)
    visits, walk = folding.visits(attendance)
    return lives, day, visits, visits.started_at + walk.lasts_us, attendance


def minutes(plan: Plan) -> int:
    return sum(row["minutes"] for row in outcome(plan).rows("days"))


def test_so_many_come_within_the_minute_from_all_pools_and_each_once():
    plan = asked(gym(pools=5), 14)
    _, day, visits, _, _ = folded(plan)
    mine = day.requested[1]
    assert len(mine.k) == 14
    assert sorted(Counter(mine.who.pool.tolist()).values()) == [2, 3, 3, 3, 3]
    assert len(np.unique(mine.who.person)) == 14
    assert ((mine.started_at >= AT) & (mine.started_at < AT + MINUTE_US + 1000)).all()
    assert (mine.address >= REQUESTED).all()
    assert (visits.address[: -len(mine.k)] < REQUESTED).all()
    assert len(np.unique(visits.address)) == len(visits.address)


def test_nobody_comes_twice_at_a_time_and_nobody_who_may_not():
    plan = asked(asked(gym(), 60), 60, at=AT + HOUR_US)
    lives, day, visits, ends, _ = folded(plan)
    assert len(day.requested) == 2
    cell = lives.of("person")
    for mine in day.requested.values():
        assert len(mine.k) > 10
        place = np.array([np.flatnonzero(cell == person)[0] for person in mine.who.person])
        assert not lives.of("lost")[place].any()
        # A holiday's chance is zero and final; that of a hype is not.
        assert not (lives.of("event")[place] == 1).any()
        assert (mine.who.joined_at + MINUTE_US <= mine.who.at).all()
        assert lives.of("came")[place].all()
    assert (lives.of("lost") | (lives.of("event") == 1)).any()
    assert (ends[visits.started_at < NEVER_BEGINS] <= (day.day + 1) * DAY_US + BEGINS).all()
    some = np.flatnonzero(visits.started_at < NEVER_BEGINS)
    for person in np.unique(visits.who.person[some]):
        theirs = some[visits.who.person[some] == person]
        order = theirs[np.argsort(visits.started_at[theirs])]
        assert (visits.started_at[order][1:] >= ends[order][:-1] + PAUSE_US).all()


def test_other_visits_of_that_day_stay_as_they_are():
    plain, plan = gym(), asked(gym(), 30)
    before, after = (outcome(p).rows("visits") for p in (plain, plan))
    by_id = {row["id"]: row for row in after}
    until = EPOCH + DAY_US + BEGINS
    kept = [row for row in before if from_datetime(row["created_at"]) < until]
    assert all(by_id[row["id"]] == row for row in kept)
    more = [row for row in after if from_datetime(row["created_at"]) < until and row not in kept]
    assert len(more) == len(folded(plan)[1].requested[1].k) > 10
    edges = [plan.origin_us, AT]
    assert run(plan, edges) == run(plain, edges)
    assert run(plan, [*edges, AT + MINUTE_US], 7) == run(plan, [plan.origin_us, AT + MINUTE_US])


def test_who_came_on_request_has_come():
    """Their streak, score and last day are those of somebody who came, and the day's counts have them."""
    plan, plain = asked(gym(), 30), gym()
    _, day, visits, _, attendance = folded(plan)
    person = day.requested[1].who.person
    new = person[~np.isin(person, attendance.came.who.person)]
    assert len(new) > 3
    assert day.requested[1].first[~np.isin(person, attendance.came.who.person)].all()
    folding = [Folding(p, LIVES, (0, plan.sizes["pool"])) for p in (plan, plain)]
    after, before = (list(one.days(day.day + 1))[-1][0] for one in folding)
    for who in new:
        held, without = (
            {name: one.of(name)[np.flatnonzero(one.of("person") == who)[0]] for name in ("last", "streak", "score")}
            for one in (after, before)
            if who in one.of("person")
        )
        assert held["last"] == day.day > without["last"]
        assert held["streak"] >= 1
        assert without["streak"] == 0
        assert held["score"] > without["score"]
    stamp = to_datetime((day.day + 1) * DAY_US + BEGINS)
    active, without = (
        sum(row["active"] for row in outcome(p).rows("days") if row["created_at"] == stamp) for p in (plan, plain)
    )
    took_place = np.unique(visits.who.person[visits.started_at < NEVER_BEGINS])
    assert active == len(took_place) == without + len(new)
    assert minutes(plan) > minutes(plain)


def test_who_is_away_is_not_asked_and_a_pause_keeps_nobody_from_a_request():
    closed = asked(gym(), 20, open=False)
    _, day, visits, _, _ = folded(closed)
    assert len(day.requested[1].k) == 20
    habits = visits.of(visits.address < REQUESTED)
    assert ((habits.started_at < AT) | (habits.started_at >= NEVER_BEGINS)).all()
    everyone = [f.called for f in everybody(gym(), LIVES, (0, 7), AT)]
    away = asked(gym(), 1000, away=",".join(everyone[::2]))
    _, day, _, _, _ = folded(away)
    called = {f.called for f in everybody(away, LIVES, (0, 7), AT) if f.person in day.requested[1].who.person}
    assert called
    assert not called & set(everyone[::2])
    assert called & set(everyone[1::2])


def test_a_request_just_before_a_day_ends_begins_with_the_next():
    ends = EPOCH + DAY_US + BEGINS
    for before in (1, NO_ROOM_US):
        plan = asked(gym(), 9, at=ends - before)
        assert not folded(plan, ends - before)[1].requested
        mine = folded(plan, ends)[1].requested[1]
        assert len(mine.k) > 5
        assert ((mine.started_at >= ends) & (mine.started_at < ends + MINUTE_US)).all()
        assert forecast(plan, plan.interventions[0], EPOCH).begins_us == ends
    at = ends - NO_ROOM_US - 1000
    plan = asked(gym(), 60, at=at)
    _, day, _, _, _ = folded(plan, at)
    known = forecast(plan, plan.interventions[0], EPOCH)
    # Nobody trains for less than twenty minutes.
    assert known == Forecast()
    assert len(day.requested.get(1, folded(gym(), at)[4].requested).k) == 0


def test_before_history_nobody_can_be_asked():
    plan = asked(gym(), 9, at=gym().origin_us - 5 * DAY_US)
    assert outcome(plan).digests == outcome(gym()).digests
    assert forecast(plan, plan.interventions[0], EPOCH).sessions == 0


@pytest.mark.parametrize("snapshots", [False, True])
def test_what_requested_visits_will_leave_is_what_they_leave(snapshots: bool):
    plain, plan = gym(stays=1.0), asked(gym(stays=1.0), 33)
    until, half = EPOCH + DAY_US + BEGINS, AT + 2 * HOUR_US
    kept = Snapshots() if snapshots else None
    if kept:
        run(plan, [plan.origin_us, AT - HOUR_US, AT, AT + MINUTE_US], snapshots=kept)
    known = forecast(plan, plan.interventions[0], half, kept)
    before, after = (run(p, [p.origin_us, until]) for p in (plain, plan))
    for table in ("visits", "talks"):
        ids = {row["id"] for row in before.rows(table)}
        more = [row for row in after.rows(table) if row["id"] not in ids]
        assert known.will_write[table] == len(more) > 0
        assert known.written[table] == sum(from_datetime(row["created_at"]) < half for row in more)
    assert known.sessions == known.will_write["visits"] > 20
    assert known.begins_us == -(-AT // 1000) * 1000
    changed = {row["id"] for row in after.rows("machines")} - {row["id"] for row in before.rows("machines")}
    assert known.will_change["machines"] >= len(changed) > 0
    mine, ends = folded(plan)[1].requested[1].address, folded(plan)[3]
    assert known.ends_us == ends[-len(mine) :].max()


def test_more_than_may_come_are_answered_by_those_who_may():
    plan = asked(gym(pools=1), 1000)
    known = forecast(plan, plan.interventions[0], EPOCH)
    lives, day, _, _, _ = folded(plan)
    assert 0 < known.sessions == len(day.requested[1].k) <= lives.size
    # A day has room for only so many requested visits of a person.
    often = gym(pools=1)
    for n in range(3 * MOST_VISITS):
        often = asked(often, 1000, at=EPOCH + BEGINS + n * HOUR_US)
    _, day, _, _, _ = folded(often)
    each = Counter(np.concatenate([v.who.person for v in day.requested.values()]).tolist())
    assert 1 < max(each.values()) <= MOST_VISITS


def test_one_day_explains_who_was_requested():
    plan = asked(gym(), 30)
    _, day, _, _, attendance = folded(plan)
    mine = day.requested[1]
    new = np.flatnonzero(~np.isin(mine.who.person, attendance.came.who.person))[0]
    who = next(f for f in everybody(plan, LIVES, (0, 7), AT) if f.person == mine.who.person[new])
    today = why(plan, LIVES, who, day.day).today
    assert today is not None
    assert today.came
    assert not today.meant_to_come
    (visit,) = today.visits
    assert (visit.begins_us, visit.happens, visit.requested) == (mine.started_at[new], "takes place", True)


def test_requested_visits_have_events():
    from golden.reports import reported

    plan, plain = asked(gym(), 30), gym()
    edges = [plan.origin_us, EPOCH + DAY_US + BEGINS]
    events = reported(plan, [EPOCH, edges[1]])
    assert len(events) == len(reported(plain, [EPOCH, edges[1]])) + len(folded(plan)[1].requested[1].k)
    assert reported(plan, [EPOCH, AT, AT + 1, AT + HOUR_US, edges[1]], 2, Snapshots()) == events


def test_a_request_is_drawn_when_it_is_made():
    """The statistics of windows before it are unchanged, and each draw is counted once after it."""
    plan, plain, daily = asked(gym(), 30), gym(), DailyCounts()
    n = len(folded(plan)[1].requested[1].k)
    minute = [AT, AT + MINUTE_US]
    drawn = [run(p, minute).statistics["choices"].get("machine", [[0]])[0] for p in (plain, plan)]
    assert sum(drawn[1]) - sum(drawn[0]) == n
    run(plan, minute, daily=daily)
    assert daily.began >= n
    for edges in (minute, [AT - 5, AT, AT + 983, AT + 984, AT + 2 * MINUTE_US]):
        whole = run(plan, [edges[0], edges[-1]]).statistics
        assert run(plan, edges, snapshots=Snapshots()).statistics == whole


def test_a_second_lifecycle_is_not_asked_and_too_many_pools_are_refused():
    assert GYM.answering is LIVES
    other = replace(LIVES, name="other")
    assert replace(GYM, flows=(LIVES, other)).answering is LIVES
    assert replace(GYM, flows=()).answering is None
    big = replace(GYM, roots=(replace(GYM.roots[0], size=MOST_POOLS + 1),))
    with pytest.raises(BadInput, match="too many pools"):
        resolve(big, "default", seed=1, epoch_us=EPOCH)
    assert (MOST_POOLS - 1) << PERSON_BITS << 19 < REQUESTED
