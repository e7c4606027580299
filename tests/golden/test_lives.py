"""K2 and what makes it, for lifecycles: pools of people folded day by day, on the tiny gym."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import examples
from golden.runs import EPOCH, Outcome, run
from lives import GYM, LIVES
from populace.clock import DAY_US, HOUR_US, MINUTE_US, from_datetime
from populace.engine import DailyCounts, DrawStatistics, Snapshots, Window, generate, whole
from populace.engine.draws import EngineDraw
from populace.engine.processes.pools.process import pools_of
from populace.engine.processes.pools.visits import PAUSE_US
from populace.errors import BadInput
from populace.plan import Intervention, Plan, resolve
from populace.sinks.memory import MemorySink
from populace.spec import OUTBOX, Chance

END = EPOCH + 3 * DAY_US + 5 * HOUR_US
NOON = 12 * HOUR_US


def gym(**overrides: object) -> Plan:
    return resolve(GYM, "default", seed=1, epoch_us=EPOCH, overrides=overrides)


@cache
def plan_of(kind: str) -> Plan:
    if kind == "changed":
        return gym().with_interventions(
            [
                Intervention(1, EPOCH + NOON + 17, {"open": False}),
                Intervention(
                    2,
                    EPOCH + NOON + 4 * HOUR_US,
                    {"open": True, "activity": 1.4},
                ),
                Intervention(3, EPOCH + DAY_US + NOON, {"away": "m_014, m_1048580,m_2097166", "drop_out": 0.2}),
                Intervention(4, EPOCH + 2 * DAY_US + NOON, {"away": "-"}),
            ]
        )
    if kind == "requested":
        begins = LIVES.day_starts_us
        return gym().with_interventions(
            [
                Intervention(1, EPOCH + NOON + 17, {}, sessions=9),
                Intervention(2, EPOCH + NOON + 17, {"away": "m_014, m_1048580,m_2097166"}, sessions=40),
                Intervention(3, EPOCH + NOON + HOUR_US, {"open": False, "leaves": "m_016,m_1048590, m_2097170"}),
                Intervention(4, EPOCH + NOON + 2 * HOUR_US, {}, sessions=25),
                Intervention(5, EPOCH + DAY_US + begins - 5 * MINUTE_US, {"open": True, "away": "-"}, sessions=30),
                Intervention(6, EPOCH + 2 * DAY_US + begins, {"drop_out": 0.2}, sessions=12),
                Intervention(7, EPOCH - 3 * DAY_US + 5 * HOUR_US, {}, sessions=1),
            ]
        )
    if kind == "differing":
        return gym(differing=0.8, at_once=0.9).with_interventions(
            [
                Intervention(1, EPOCH + NOON, {"activity": 1.4}, sessions=9),
                Intervention(2, EPOCH + DAY_US, {"drop_out": 0.2}),
            ]
        )
    if kind == "literal":
        return gym(unseen=0, reading="always", schedule="2026-01-05:1.5,2026-01-08:0.5", weight=0.0)
    return gym()


@cache
def undivided(kind: str) -> tuple[Outcome, DailyCounts]:
    plan, daily = plan_of(kind), DailyCounts()
    return run(plan, [plan.origin_us, END], daily=daily), daily


def emitted(daily: DailyCounts) -> dict[str, dict[int, int]]:
    return {name: {day: n for day, (n, _) in sorted(days.items())} for name, days in sorted(daily.rows.items())}


def test_the_gym_holds_what_these_tests_are_about():
    for kind in ("plain", "changed", "literal", "requested", "differing"):
        assert all(int(d.split(":")[0]) > 0 for d in undivided(kind)[0].digests.values())
    plan = plan_of("plain")
    acts = {(b.act, b.table) for b in generate(plan, whole(plan), Window(EPOCH, END))}
    assert {act for act, _ in acts} == {"append", "merge", "remove"}
    assert ("remove", "talks") in acts


MOMENTS = st.one_of(
    st.integers(-9 * 24 * 60, 3 * 24 * 60).map(lambda m: m * MINUTE_US),
    st.integers(-9, 3).map(lambda d: d * DAY_US + LIVES.day_starts_us),
    st.integers(0, 500).map(lambda m: -9 * DAY_US + m * MINUTE_US),
    st.integers(-9, 3).map(lambda d: d * DAY_US + LIVES.day_starts_us + 1),
    st.sampled_from([NOON + 17, NOON + 16, DAY_US + NOON, NOON + 4 * HOUR_US, NOON + 1000, NOON + 2 * HOUR_US]),
)


@settings(max_examples=examples(35), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["plain", "changed", "literal", "requested", "differing"]),
    parts=st.sampled_from([1, 2, 7]),
    cuts=st.lists(MOMENTS, max_size=8),
    shuffled=st.one_of(st.none(), st.integers(0, 9)),
    snapshots=st.booleans(),
    dropped=st.integers(0, 8),
)
def test_any_cutting_gives_the_same(
    kind: str, parts: int, cuts: list[int], shuffled: int | None, snapshots: bool, dropped: int
):
    plan, snapshots, daily = plan_of(kind), Snapshots() if snapshots else None, DailyCounts()

    def forget(done: int) -> None:
        if snapshots and done == dropped:
            snapshots.drop()

    edges = [plan.origin_us, END, *(EPOCH + c for c in cuts if plan.origin_us < EPOCH + c < END)]
    cut = run(plan, edges, parts, snapshots=snapshots, shuffled=shuffled, meanwhile=forget, daily=daily)
    assert cut.digests == undivided(kind)[0].digests
    assert cut.statistics == undivided(kind)[0].statistics
    assert emitted(daily) == emitted(undivided(kind)[1])


@pytest.mark.parametrize(("step", "parts"), [(DAY_US, 7), (7 * HOUR_US, 2), (47 * MINUTE_US, 1)])
@pytest.mark.parametrize("kind", ["plain", "changed", "requested", "differing"])
def test_regular_windows_give_the_same(step: int, parts: int, kind: str):
    """As a runner would take them: with snapshots, one after another."""
    plan = plan_of(kind)
    assert run(plan, [*range(plan.origin_us, END, step), END], parts, snapshots=Snapshots()) == undivided(kind)[0]


def test_what_comes_later_changes_nothing_before():
    changed, plain = plan_of("changed"), plan_of("plain")
    edges = [plain.origin_us, EPOCH + NOON + 17]
    assert run(changed, edges) == run(plain, edges)
    later = [plain.origin_us, EPOCH + NOON + 3 * HOUR_US]
    assert run(changed, later).digests != run(plain, later).digests


def test_a_pause_cancels_visits_that_have_not_begun_and_no_others():
    plain, paused = (undivided(kind)[0] for kind in ("plain", "changed"))
    since, until = EPOCH + NOON + 17, EPOCH + NOON + 4 * HOUR_US

    def ended(outcome: Outcome) -> dict[bytes, int]:
        return {row["id"]: from_datetime(row["created_at"]) for row in outcome.rows("visits")}

    before, after = ended(plain), ended(paused)
    begun = {key for key, at in before.items() if at < since}
    assert begun == {key for key, at in after.items() if at < since}
    # Nobody takes longer than five hours: what ends in the pause began before it, and is there in both.
    assert {k for k, at in after.items() if since <= at < until} < {
        k for k, at in before.items() if since <= at < until
    }


def test_who_is_away_does_not_come_and_comes_back():
    keys = {row["name"]: row["id"] for row in undivided("changed")[0].rows("members")}
    away = [name for name in ("m_014", "m_1048580", "m_2097166") if name in keys]
    assert away
    visits = undivided("changed")[0].rows("visits")
    for name in away:
        moments = [from_datetime(v["created_at"]) for v in visits if v["member_id"] == keys[name]]
        assert not [at for at in moments if EPOCH + DAY_US + NOON + 5 * HOUR_US < at < EPOCH + 2 * DAY_US + NOON]


def test_of_who_is_removed_nothing_is_left_but_reports_and_counts():
    plan = plan_of("plain")
    outcome, daily = undivided("plain")
    members = {row["id"] for row in outcome.rows("members")}
    for table in ("tiers", "visits", "machines"):
        assert {row["member_id"] for row in outcome.rows(table)} <= members
    assert {row["visit_id"] for row in outcome.rows("talks")} <= {row["id"] for row in outcome.rows("visits")}
    withheld = sum(less for days in daily.rows.values() for _, less in days.values())
    assert withheld > 0
    reported = [
        b.rows.num_rows
        for b in generate(plan, whole(plan), Window(plan.origin_us, END), events=True)
        if b.table == OUTBOX.name
    ]
    assert sum(reported) == sum(n for n, _ in daily.rows["visits"].values()) > len(outcome.rows("visits"))


def test_reports_do_not_depend_on_cutting():
    plan = plan_of("changed")

    def reports(edges: list[int], snapshots: Snapshots | None) -> list[Any]:
        rows = []
        for a, b in itertools.pairwise(edges):
            for batch in generate(plan, whole(plan), Window(a, b), None, snapshots, events=True):
                rows += batch.rows.to_pylist() if batch.table == OUTBOX.name else []
        return sorted(rows, key=lambda row: row["id"])

    one = reports([plan.origin_us, END], None)
    assert one == reports([*range(plan.origin_us, END, 11 * HOUR_US), END], Snapshots())
    assert len({row["id"] for row in one}) == len(one)


def test_days_agree_with_visits():
    outcome = undivided("plain")[0]
    for day in outcome.rows("days"):
        began = from_datetime(day["day"])
        assert from_datetime(day["created_at"]) == began + DAY_US
    everyone = {row["id"]: row for row in outcome.rows("members")}
    last = [d for d in outcome.rows("days") if d["created_at"] == max(d["created_at"] for d in outcome.rows("days"))]
    held = [v for v in outcome.rows("visits") if last[0]["day"] < v["created_at"] <= last[0]["created_at"]]
    # Nobody is removed on the last day: who came is there.
    assert sum(d["active"] for d in last) == len({v["member_id"] for v in held}) > 0
    assert all(v["member_id"] in everyone for v in held)


def test_visits_of_a_person_do_not_overlap_and_lie_in_their_day():
    """Emitted with its beginning: the key of a visit begins with it (version 7), to the millisecond."""
    by_member: dict[bytes, list[tuple[int, int]]] = {}
    for row in undivided("plain")[0].rows("visits"):
        began = int.from_bytes(row["id"][:6]) * 1000
        by_member.setdefault(row["member_id"], []).append((began, from_datetime(row["created_at"])))
    several = 0
    for spans in by_member.values():
        spans.sort()
        for (_, ended), (began, _) in itertools.pairwise(spans):
            same_day = (began - LIVES.day_starts_us) // DAY_US == (ended - 1 - LIVES.day_starts_us) // DAY_US
            assert began >= ended + PAUSE_US * same_day
            several += 1
        for began, ended in spans:
            assert 0 < ended - began <= LIVES.longest_us
            assert (began - LIVES.day_starts_us) // DAY_US == (ended - 1 - LIVES.day_starts_us) // DAY_US
    assert several > 100


def test_pools_hold_their_target_from_the_first_day_and_follow_the_schedule():
    plan = gym(people=200, low=2, high=30, pools=2)
    totals = [row["total"] for row in run(plan, [plan.origin_us, END]).rows("days")]
    assert min(totals) >= 195
    halved = gym(people=200, low=0, high=60, pools=2, schedule="2026-01-04:0.5", churn=0.9)
    days = run(halved, [halved.origin_us, END]).rows("days")
    first, last = min(d["day"] for d in days), max(d["day"] for d in days)
    assert {d["total"] for d in days if d["day"] == first} == {200}
    assert all(d["total"] < 160 for d in days if d["day"] == last)
    assert all(d["signups"] == 0 for d in days if d["day"] > first + timedelta(days=3) and d["total"] > 100)


def test_literal_pools_begin_all_at_once():
    plan = plan_of("literal")
    first = [d for d in undivided("literal")[0].rows("days") if from_datetime(d["day"]) < plan.origin_us + DAY_US]
    assert [d["signups"] for d in first] == [12] * 7
    assert [d["fresh"] for d in first] == [12] * 7


def test_accounts_fall_as_declared():
    statistics = DrawStatistics()
    plan = gym(pools=30, people=60, high=8)
    for _ in generate(plan, whole(plan), Window(plan.origin_us, END), statistics):
        pass
    points = statistics.chances
    assert {"living.returns.NEW", "living.returns.SLOW", "living.returns.TRAVEL", "living.drop_out"} <= set(points)
    assert points["living.returns.TRAVEL"][3] == 0 < points["living.returns.TRAVEL"][0]
    assert points["living.returns.dropped_out"][3] == 0
    for name, (n, p, variance, yes) in points.items():
        if variance:
            z = (yes - p / 2**53) / np.sqrt(variance / 2**53)
            assert abs(z) < 4.5, (name, n, z)


def test_pools_do_not_influence_each_other():
    plan = gym()
    alone = [
        row
        for batch in generate(plan, whole(plan), Window(plan.origin_us, END))
        if batch.table == "days"
        for row in batch.rows.to_pylist()
        if row["pool"] < 3
    ]
    fewer = gym(pools=3)
    with_fewer = run(fewer, [fewer.origin_us, END]).rows("days")
    assert sorted(map(repr, alone)) == sorted(map(repr, with_fewer))


@pytest.mark.parametrize("step", [47 * MINUTE_US, 3 * HOUR_US + 1, 11 * HOUR_US])
def test_interventions_that_become_known_when_their_window_comes(step: int):
    """As a runner has it: a day that was decided without them is decided again, and counted once."""
    full, plan = plan_of("changed"), plan_of("plain")
    snapshots, statistics, sink = Snapshots(), DrawStatistics(), MemorySink(GYM)
    moments = [i.at_us for i in full.interventions]
    for a, b in itertools.pairwise(sorted({plan.origin_us, END, *range(EPOCH, END, step), *moments})):
        plan = plan.with_interventions([i for i in full.interventions if i.at_us <= a])
        for batch in generate(plan, whole(plan), Window(a, b), statistics, snapshots):
            sink.write(batch)
    assert sink.digests() == undivided("changed")[0].digests
    assert statistics.document() == undivided("changed")[0].statistics


def test_who_was_kept_away_did_not_come():
    """After a day of pause nobody has a streak, and everybody was away for a day longer."""
    began = EPOCH + LIVES.day_starts_us
    shut = gym().with_interventions(
        [Intervention(1, began, {"open": False}), Intervention(2, began + DAY_US, {"open": True})]
    )
    span = Window(began + 2 * DAY_US, began + 2 * DAY_US + 1)
    (pools,) = pools_of(shut, LIVES, (0, 7), span, DrawStatistics(), None, events=False)
    day = EPOCH // DAY_US
    before, after = pools.fold_before(day), pools.fold_before(day + 1)
    # What a day does to people is settled with the beginning of the next.
    pools.begun(after, EngineDraw(shut, shut.era_at(began + DAY_US), span, DrawStatistics()))
    assert before.of("came").sum() + before.of("streak").sum() > 0
    new = after.of("joined_day") >= day
    assert after.of("streak")[~new].max() == 0
    assert (after.of("last")[~new] < day).all()


def test_days_that_go_by_unseen_keep_the_same_people_away():
    """A person who signs up late in a day comes late, if at all: an evening pause keeps them away in any window."""
    day = EPOCH // DAY_US
    evening = EPOCH + LIVES.day_starts_us + 10 * HOUR_US
    shut = gym(pools=60, high=9, churn=0.9).with_interventions([Intervention(1, evening, {"open": False})])
    span = Window(EPOCH, END)
    (pools,) = pools_of(shut, LIVES, (0, 60), span, DrawStatistics(), None, events=False)
    seen, unseen = pools.fold_before(day), pools.fold_before(day + 1)
    emitted = pools.begun(seen, EngineDraw(shut, shut.era_at(EPOCH), span, DrawStatistics()))
    late = emitted.joined.at > evening
    assert late.sum() > 10
    came = [set(lives.of("person")[lives.of("came")].tolist()) for lives in (seen, unseen)]
    assert came[0] == came[1]
    assert not came[0] & set(emitted.joined.person[late].tolist())


def test_of_rows_emitted_those_are_there_that_are_not_withheld():
    outcome, daily = undivided("plain")
    for table in ("members", "visits", "talks"):
        kinds = [days for name, days in daily.rows.items() if name.partition(":")[0] == table]
        emitted, withheld = (sum(sums[at] for days in kinds for sums in days.values()) for at in (0, 1))
        assert emitted - withheld == len(outcome.rows(table)), table
        assert withheld > 0


def test_days_count_who_left_and_who_is_gone():
    plan, gone, left = plan_of("plain"), 0, 0
    for batch in generate(plan, whole(plan), Window(EPOCH, END)):
        gone += batch.rows.num_rows if (batch.act, batch.table) == ("remove", "members") else 0
    since = EPOCH + LIVES.day_starts_us
    days = [d for d in undivided("plain")[0].rows("days") if since <= from_datetime(d["day"]) < END - DAY_US]
    # The day that the end cuts off has removed people too, and its row is not written yet.
    last = EPOCH + 3 * DAY_US + LIVES.day_starts_us
    assert last + DAY_US > END
    assert sum(d["removed"] for d in days) <= gone
    left = sum(d["churned"] for d in days)
    assert left >= sum(d["removed"] for d in days) > 0
    assert sum(d["back"] for d in undivided("plain")[0].rows("days")) > 0


def test_declarations_that_do_not_go_together_are_refused():
    for change, words in (
        ({"assigned": LIVES.assigned[:1]}, "segments"),
        ({"patterns": LIVES.patterns * 6}, "too many"),
    ):
        with pytest.raises(BadInput, match=words):
            replace(GYM, flows=(replace(LIVES, **change),))
    with pytest.raises(BadInput, match="engine's own"):
        replace(GYM, decisions=(*GYM.decisions, Chance("living.returns.DAILY", 0.5)))


@pytest.mark.parametrize("kind", ["plain", "changed", "requested"])
@pytest.mark.parametrize("remembers", [True, False])
def test_removals_prove_every_row_that_goes_and_no_other(kind: str, remembers: bool):
    """Computed again from the beginning, or from what is remembered of it; whatever was changed meanwhile."""
    plan, sink = plan_of(kind), MemorySink(GYM)
    snapshots = Snapshots() if remembers else None
    owned = [table for table in GYM.tables if table.owner and table.hashed and not table.through]
    gone, edges = 0, [plan.origin_us, *range(EPOCH, END, 7 * HOUR_US), END]
    for window in itertools.starmap(Window, itertools.pairwise(edges)):
        for batch in generate(plan, whole(plan), window, None, snapshots, proofs=True):
            table = GYM.table(batch.table)
            if batch.act == "remove" and table in owned:
                leavers = set(batch.rows.column(0).to_pylist())
                proven = set() if batch.proof is None else {tuple(row.values()) for row in batch.proof.to_pylist()}
                rows = [
                    (row[str(table.owner)], tuple(row[c] for c in table.proof))
                    for row in sink.rows[table.name].values()
                ]
                assert {key for owner, key in rows if owner in leavers} <= proven
                assert not {key for owner, key in rows if owner not in leavers} & proven
                gone += len(leavers)
            sink.write(batch)
    assert gone > 20
    assert bool(snapshots and snapshots.pasts) == remembers


def test_who_is_named_leaves_when_the_next_day_starts():
    """Once, with all their rows or without: naming them for longer changes nothing, and nothing before it changes."""
    named_us, begins_us = EPOCH + NOON, EPOCH + DAY_US + LIVES.day_starts_us
    edges = [gym().origin_us, END]
    members = {row["name"]: row["id"] for row in undivided("plain")[0].rows("members")}
    names = sorted(members)[:6]
    plan = gym().with_interventions([Intervention(1, named_us, {"leaves": ", ".join(names)})])
    outcome = run(plan, edges)
    still = [*plan.interventions, Intervention(2, begins_us + NOON, {"leaves": ",".join(names[3:])})]
    assert run(plan.with_interventions(still), edges).digests == outcome.digests
    assert run(plan, [gym().origin_us, begins_us]) == run(gym(), [gym().origin_us, begins_us])
    gone, here = {members[name] for name in names}, {row["id"] for row in outcome.rows("members")}
    assert gone - here, "nobody of them lost their rows"
    for row in outcome.rows("visits"):
        if row["member_id"] in gone:
            assert row["member_id"] in here
            assert from_datetime(row["created_at"]) < begins_us + LIVES.longest_us
    plain, churned = (sum(row["churned"] for row in o.rows("days")) for o in (undivided("plain")[0], outcome))
    assert churned >= plain + len(names) - 1  # one of them may have left by themselves


def test_nobody_leaves_before_anybody_is_there():
    with pytest.raises(BadInput, match="nobody is there yet who could leave"):
        gym(leaves="m_014")
