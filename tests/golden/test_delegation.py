"""Visits that another actor plays: nothing of them is emitted, everything else stays as it is, however work is cut."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import examples
from golden.reports import reported
from golden.runs import EPOCH, Outcome, club, run
from golden.test_cuts import LIFE_US, RESTLESS
from golden.test_lives import END as GYM_END
from golden.test_lives import NOON, gym
from lives import GYM, LIVES
from populace import clock
from populace.clock import DAY_US, HOUR_US, MINUTE_US
from populace.engine import DailyCounts, DrawStatistics, Snapshots, Window
from populace.engine.explain import everybody, why
from populace.engine.forecast import forecast
from populace.engine.processes.pools.folding import Folding
from populace.engine.processes.pools.visits import NEVER_BEGINS, Attendance
from populace.engine.processes.visits.sessions import courses
from populace.engine.upcoming import takes_place, upcoming
from populace.errors import BadInput
from populace.plan import Intervention, Plan, resolve
from populace.plan.document import from_document
from populace.spec import Schedule
from populace.worlds import hogflix
from stalls import STALLS

AT = EPOCH + 40 * MINUTE_US
CLAIMED = EPOCH + NOON + 17


@cache
def arriving() -> tuple[list[int], list[int]]:
    """Addresses and moments of the club's visits, by the moment."""
    plan, address, at = base("club"), [], []
    flow = plan.world.sessions[0]
    window = Window(EPOCH, EPOCH + LIFE_US)
    for _, course in courses(plan, flow, (0, plan.sizes[flow.root]), window, DrawStatistics(), None):
        address += course.visits.address.tolist()
        at += course.visits.arrived_at.tolist()
    order = np.argsort(at)
    return np.array(address)[order].tolist(), np.array(at)[order].tolist()


@cache
def gym_visits() -> tuple[list[int], list[int], list[int]]:
    """Addresses, beginnings and people of the gym's visits of two days, in the order of their addresses."""
    plan = base("gym")
    folding = Folding(plan, LIVES, (0, plan.sizes["pool"]))
    found: list[tuple[int, int, int]] = []
    for _, day in folding.days(EPOCH // DAY_US + 1):
        if day.day >= EPOCH // DAY_US:
            visits, _ = folding.visits(Attendance.on(day))
            found += zip(visits.address.tolist(), visits.started_at.tolist(), visits.who.person.tolist(), strict=True)
    return tuple(map(list, zip(*sorted(found), strict=True)))  # type: ignore[return-value]


def base(kind: str) -> Plan:
    if kind == "club":
        return club(RESTLESS, rate=5).with_interventions([Intervention(1, AT - MINUTE_US, {}, sessions=9)])
    return gym().with_interventions([Intervention(1, CLAIMED - HOUR_US, {}, sessions=20)])


def mine(kind: str) -> tuple[int, ...]:
    """What is delegated: every third visit that begins after the claim, and some that have begun by then."""
    address, at = arriving() if kind == "club" else gym_visits()[:2]
    since = AT if kind == "club" else CLAIMED
    later = [a for a, t in zip(address, at, strict=True) if since <= t < NEVER_BEGINS]
    sooner = [a for a, t in zip(address, at, strict=True) if t < since]
    return (*later[::3], *sooner[-7:])


@cache
def plan_of(kind: str) -> Plan:
    plan, since = base(kind), AT if kind == "club" else CLAIMED
    addresses = mine(kind)
    return plan.with_interventions(
        [*plan.interventions, *(Intervention(2 + n, since, {}, 0, addresses[n::2]) for n in range(2))]
    )


@cache
def outcomes(kind: str) -> tuple[Outcome, Outcome]:
    """Without the delegation, and with it."""
    end = EPOCH + LIFE_US if kind == "club" else GYM_END
    return tuple(run(p, [p.origin_us, end]) for p in (base(kind), plan_of(kind)))  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["club", "gym"])
def test_none_of_their_rows_is_emitted_and_every_other_row_stays(kind: str):
    without, with_them = outcomes(kind)
    before, after = ({row["id"]: row for row in o.rows("visits")} for o in (without, with_them))
    gone = set(before) - set(after)
    assert all(before[key] == row for key, row in after.items())
    address, at = arriving() if kind == "club" else gym_visits()[:2]
    since = AT if kind == "club" else CLAIMED
    effective = [a for a, t in zip(address, at, strict=True) if a in mine(kind) and since <= t < NEVER_BEGINS]
    assert 5 < len(effective) < len(mine(kind))
    # Some would have been removed with their people, or have no row yet.
    assert 3 < len(gone) <= len(effective)
    steps = "steps" if kind == "club" else "talks"
    assert {r["visit_id"] for r in without.rows(steps)} & gone
    assert not {r["visit_id"] for r in with_them.rows(steps)} & gone
    # What was drawn stays drawn and counted.
    assert with_them.statistics == without.statistics
    edges = [plan_of(kind).origin_us, since]
    assert run(plan_of(kind), edges) == run(base(kind), edges)


@settings(max_examples=examples(24), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["club", "gym"]),
    parts=st.sampled_from([1, 2, 7]),
    cuts=st.lists(st.integers(-9 * 24 * 60, 3 * 24 * 60).map(lambda m: m * MINUTE_US), max_size=6),
    within=st.lists(st.integers(0, LIFE_US), max_size=4),
    shuffled=st.one_of(st.none(), st.integers(0, 9)),
    snapshots=st.booleans(),
)
def test_any_cutting_gives_the_same(
    kind: str, parts: int, cuts: list[int], within: list[int], shuffled: int | None, snapshots: bool
):
    plan, end = plan_of(kind), EPOCH + LIFE_US if kind == "club" else GYM_END
    edges = [plan.origin_us, end, *(EPOCH + c for c in [*cuts, *within] if plan.origin_us < EPOCH + c < end)]
    cut = run(plan, edges, parts, snapshots=Snapshots() if snapshots else None, shuffled=shuffled)
    assert (cut.digests, cut.statistics) == (outcomes(kind)[1].digests, outcomes(kind)[1].statistics)


def test_the_fold_goes_on_as_if_they_had_been():
    """Whoever was busy with a delegated visit is busy, and who came has come: the days that follow are the same."""
    without, with_them = outcomes("gym")
    assert with_them.rows("members") == without.rows("members")
    pairs = list(zip(without.rows("days"), with_them.rows("days"), strict=True))
    assert all(a["active"] == b["active"] and a["score"] == b["score"] for a, b in pairs)
    # What happened in them is not known.
    assert sum(a["minutes"] for a, _ in pairs) > sum(b["minutes"] for _, b in pairs)
    daily = [DailyCounts(), DailyCounts()]
    for plan, counts in zip((base("gym"), plan_of("gym")), daily, strict=True):
        run(plan, [EPOCH, GYM_END], daily=counts)
    assert daily[0].began == daily[1].began


def test_they_have_no_events():
    heard, all_of_them = (reported(p, [EPOCH, GYM_END]) for p in (plan_of("gym"), base("gym")))
    assert {row["id"] for row in heard} < {row["id"] for row in all_of_them}


def test_of_a_sign_up_that_is_delegated_the_account_is_ours_and_its_events_are_not():
    often = {"persona_pool": 40, "days": 2, "signups": "always", "signups_low": 40, "signups_high": 40}
    plan = resolve(hogflix.WORLD, "default", seed=1, epoch_us=EPOCH, overrides=often)
    end, navigation = EPOCH + 2 * DAY_US, hogflix.WORLD.navigation
    assert navigation is not None
    found = upcoming(plan, hogflix.LIFE, navigation, EPOCH, end, 1 << 20, sign_ups=True)
    joining = [one for one in found if one.signs_up]
    theirs = joining[::2]
    claim = Intervention(1, EPOCH, {}, 0, tuple(one.address for one in theirs))
    late = Intervention(2, joining[1].begins_us + 1, {}, 0, (joining[1].address,))
    played = plan.with_interventions([claim, late])
    assert run(played, [plan.origin_us, end]).digests == run(plan, [plan.origin_us, end]).digests
    before, after = ({bytes(row["id"]): row for row in reported(p, [EPOCH, end])} for p in (plan, played))
    gone = [before[key] for key in before.keys() - after.keys()]
    assert after.items() <= before.items()
    paid = [one for one in theirs if one.browser["plan"] != "Basic"]
    assert Counter(row["kind"] for row in gone) == {"signed_up": len(theirs), "$identify": len(theirs),
                                                    "plan_changed": len(paid)}  # fmt: skip
    cut = reported(played, [EPOCH, joining[0].begins_us, joining[0].begins_us + 1, EPOCH + DAY_US, end], 1, Snapshots())
    assert cut == [after[key] for key in sorted(after)]
    # Nobody plays them a second time.
    again = upcoming(played, hogflix.LIFE, navigation, EPOCH, end, 1 << 20, sign_ups=True)
    assert {one.address for one in again} == {one.address for one in found} - {one.address for one in theirs}
    wanted = {one.address: one.begins_us for one in joining}
    assert takes_place(played, hogflix.LIFE, wanted) == wanted.keys()
    paused = plan.with_interventions([Intervention(1, joining[2].begins_us, {"enabled": False})])
    assert takes_place(paused, hogflix.LIFE, wanted) == {one.address for one in joining[:2]}


def test_a_delegated_visit_is_explained_and_forecast():
    plan = plan_of("gym")
    address, at, person = gym_visits()
    some = next(n for n, a in enumerate(address) if a in mine("gym") and CLAIMED <= at[n] < EPOCH + DAY_US)
    who = next(f for f in everybody(plan, LIVES, (0, 7), EPOCH + DAY_US) if f.person == person[some])
    today = why(plan, LIVES, who, EPOCH // DAY_US).today
    assert today is not None
    assert today.came
    assert "delegated" in [v.happens for v in today.visits if v.begins_us == at[some]]
    # A requested visit can be delegated too: its rows are not to be waited for.
    request = gym().with_interventions([Intervention(1, CLAIMED, {}, sessions=12)])
    folding = Folding(request, LIVES, (0, 7))
    *_, (_, day) = folding.days(EPOCH // DAY_US)
    theirs = tuple(day.requested[1].address.tolist())
    played = request.with_interventions([*request.interventions, Intervention(2, CLAIMED, {}, 0, theirs)])
    known, before = (forecast(p, p.requests[0], EPOCH) for p in (played, request))
    assert (known.sessions, known.ends_us) == (before.sessions, before.ends_us)
    assert known.will_write["visits"] == 0 < before.will_write["visits"]


def test_a_plan_with_a_delegation_is_written_and_read_back():
    plan = plan_of("gym")
    document = json.loads(json.dumps(plan.document()))
    assert from_document(document, GYM, "here").interventions == plan.interventions
    first = next(i for i in document["interventions"] if "delegated" in i)
    for wrong in ([], [1, 1], [-1], [1 << 57], [True], "7", [1.5]):
        first["delegated"] = wrong
        with pytest.raises(BadInput, match="addresses of visits"):
            from_document(document, GYM, "here")


def test_the_first_claim_of_a_visit_counts():
    """A second one changes nothing, earlier or later in the list."""
    plan = plan_of("gym")
    again = [*plan.interventions, Intervention(4, CLAIMED + HOUR_US, {}, 0, mine("gym"))]
    assert plan.with_interventions(again).delegations == {**plan.delegations}
    late = base("gym")
    late = late.with_interventions([*late.interventions, Intervention(2, GYM_END - 1, {}, 0, mine("gym"))])
    assert run(late, [late.origin_us, GYM_END]).digests == outcomes("gym")[0].digests
    assert replace(plan, interventions=()).delegations == {}


def test_what_a_world_cannot_do_is_refused_in_a_plan():
    stalls = resolve(STALLS, "default", seed=1, epoch_us=EPOCH).document()
    for more, words in (
        ({"delegated": [1]}, "no visits that could be delegated"),
        ({"sessions": 2}, "answers a request"),
    ):
        document = {**stalls, "interventions": [{"number": 1, "at": clock.iso(EPOCH), "values": {}, **more}]}
        silent = tuple(replace(f, on_request=None) if isinstance(f, Schedule) else f for f in STALLS.flows)
        with pytest.raises(BadInput, match=words):
            from_document(document, replace(STALLS, flows=silent), "here")
