"""K2 and what makes it, for schedules: items that come by the calendar and share a stock, on the tiny stalls."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import examples
from golden.reports import reported
from golden.runs import EPOCH, Outcome, run
from populace.clock import DAY_US, HOUR_US, MINUTE_US, from_datetime
from populace.engine import DrawStatistics, Snapshots, Window, generate, whole
from populace.engine.forecast import forecast
from populace.engine.processes.schedules import courses
from populace.engine.processes.schedules.requests import requested_items
from populace.engine.processes.schedules.schedules import Scheduled
from populace.errors import BadInput
from populace.plan import Intervention, Plan, resolve
from populace.spec import (
    Columns,
    Draw,
    EmitContext,
    Items,
    Key,
    OnRequest,
    Progress,
    Rows,
    Schedule,
    Span,
    TableRows,
    zones,
)
from stalls import STALLS, derive, requested_for

NONE = np.zeros(0, dtype=np.int64)
END = EPOCH + 6 * DAY_US + 5 * HOUR_US


def stalls(**overrides: object) -> Plan:
    return resolve(STALLS, "default", seed=3, epoch_us=EPOCH, overrides=overrides)


@cache
def plan_of(kind: str) -> Plan:
    if kind == "changed":
        return stalls().with_interventions(
            [
                Intervention(1, EPOCH + 14 * HOUR_US + 17, {"open": False}),
                Intervention(2, EPOCH + 20 * HOUR_US, {"open": True, "arrival": 0.3}),
                Intervention(3, EPOCH + 3 * DAY_US, {"arrival": 1.0}),
            ]
        )
    if kind == "requested":
        return stalls().with_interventions(
            [
                Intervention(1, EPOCH + 14 * HOUR_US + 17, {"open": False}),
                Intervention(2, EPOCH + 14 * HOUR_US + 17, {}, sessions=6),
                Intervention(3, EPOCH + 20 * HOUR_US, {"open": True, "arrival": 0.3}, sessions=11),
                Intervention(4, EPOCH + 2 * DAY_US + 3 * HOUR_US, {}, sessions=1),
            ]
        )
    return stalls(stalls=1) if kind == "single" else stalls()


@cache
def undivided(kind: str) -> Outcome:
    plan = plan_of(kind)
    return run(plan, [plan.origin_us, END])


def without_begins() -> Plan:
    """The same stalls, whose rounds do not say when they begin."""
    rounds = replace(STALLS.flows[0], begins=None, on_request=None)
    world = replace(STALLS, flows=(rounds, *STALLS.flows[1:]))
    plan = resolve(world, "default", seed=3, epoch_us=EPOCH)
    paused, resumed = EPOCH + 2 * DAY_US, EPOCH + 3 * DAY_US
    return plan.with_interventions([Intervention(1, paused, {"open": False}), Intervention(2, resumed, {"open": True})])


def test_a_paused_day_opens_nothing_without_begins():
    """What happens first to an item is its beginning: planned on the paused day, it never comes; planned before, it
    goes on."""
    plan, free = without_begins(), stalls()
    paused = (EPOCH + 2 * DAY_US, EPOCH + 3 * DAY_US)
    span = [plan.origin_us, END]
    cut, whole_run = run(plan, [*span, *paused, EPOCH + 2 * DAY_US + 9 * HOUR_US], 2), run(free, span)
    begun = {row["id"]: row["created_at"] for row in whole_run.rows("rounds")}
    opened = {row["id"] for row in cut.rows("rounds")}
    held = {key for key, at in begun.items() if paused[0] <= from_datetime(at) < paused[1]}
    assert held
    assert opened == set(begun) - held
    assert cut == run(plan, span)
    ticked = [from_datetime(row["created_at"]) for row in cut.rows("ticks")]
    assert not [at for at in ticked if paused[0] <= at < paused[1]]


def scheduled(plan: Plan, name: str = "rounds") -> Scheduled:
    flow = next(f for f in plan.world.flows if isinstance(f, Schedule) and f.name == name)
    return Scheduled(plan, flow, (0, plan.sizes[flow.root]))


def moments(plan: Plan, start_us: int, end_us: int, name: str = "rounds") -> np.ndarray:
    return np.sort(np.concatenate([NONE, *(t.at for t in scheduled(plan, name).items(start_us, end_us))]))


def test_the_stalls_hold_what_these_tests_are_about():
    for kind in ("plain", "changed", "single", "requested"):
        assert all(int(d.split(":")[0]) > 0 for d in undivided(kind).digests.values())
    plan = plan_of("plain")
    later = list(generate(plan, whole(plan), Window(EPOCH, END)))
    assert {(b.table, b.act) for b in later} == {
        ("stalls", "merge"), ("rounds", "merge"), ("parcels", "append"), ("ticks", "append")}  # fmt: skip
    first = list(generate(plan, whole(plan), Window(plan.origin_us, EPOCH)))
    assert {b.act for b in first} == {"append"}


MOMENTS = st.one_of(
    st.integers(-6 * 24 * 60, 6 * 24 * 60).map(lambda m: m * MINUTE_US),
    st.integers(-6, 6).map(lambda d: d * DAY_US),
    st.integers(0, 600).map(lambda m: m * MINUTE_US + 12 * HOUR_US),
    st.sampled_from([14 * HOUR_US + 17, 14 * HOUR_US + 16, 20 * HOUR_US]),
)


@settings(max_examples=examples(80), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["plain", "changed", "single", "requested"]),
    parts=st.sampled_from([1, 2, 7]),
    cuts=st.lists(MOMENTS, max_size=8),
    shuffled=st.one_of(st.none(), st.integers(0, 9)),
    snapshots=st.booleans(),
    dropped=st.integers(0, 8),
)
def test_any_cutting_gives_the_same(
    kind: str, parts: int, cuts: list[int], shuffled: int | None, snapshots: bool, dropped: int
):
    plan, snapshots = plan_of(kind), Snapshots() if snapshots else None

    def forget(done: int) -> None:
        if snapshots and done == dropped:
            snapshots.drop()

    edges = [plan.origin_us, END, *(EPOCH + c for c in cuts if plan.origin_us < EPOCH + c < END)]
    cut = run(plan, edges, parts, snapshots=snapshots, shuffled=shuffled, meanwhile=forget)
    assert cut.digests == undivided(kind).digests
    assert cut.statistics == undivided(kind).statistics


@pytest.mark.parametrize(("step", "parts"), [(DAY_US, 7), (7 * HOUR_US, 2), (13 * MINUTE_US, 1)])
@pytest.mark.parametrize("kind", ["plain", "changed", "requested"])
def test_regular_windows_give_the_same(step: int, parts: int, kind: str):
    """As a runner would take them: with snapshots, one after another."""
    plan = plan_of(kind)
    assert run(plan, [*range(plan.origin_us, END, step), END], parts, snapshots=Snapshots()) == undivided(kind)


def about(progress: Progress, span: Span) -> np.ndarray:
    return span.holds(progress.parts["sent_at"]) | span.holds(progress.parts["arrived_at"])


@pytest.mark.parametrize("room", [0, 1 << 20])
def test_a_tick_is_given_what_matters_and_follows_no_item_again(room: int, monkeypatch: pytest.MonkeyPatch):
    """Whatever is kept of a day, rows and what is counted are the same; and where there is room each item is followed
    for its agenda, to see how many parts there are, and for the day."""
    monkeypatch.setattr(courses, "MOST_BYTES", room)
    rounds = STALLS.flows[0]
    assert isinstance(rounds, Schedule)
    assert rounds.follow is not None
    follow, seen = rounds.follow, Counter[int]()

    def counted(draw: Draw, items: Items) -> Progress:
        seen.update(items.number.tolist())
        return follow(draw, items)

    world = replace(STALLS, flows=(replace(rounds, follow=counted, matters=about), *STALLS.flows[1:]))
    plan = resolve(world, "default", seed=3, epoch_us=EPOCH)
    assert run(plan, [*range(plan.origin_us, END, 13 * MINUTE_US), END], snapshots=Snapshots()) == undivided("plain")
    snapshots = Snapshots()
    list(generate(plan, whole(plan), Window(EPOCH, EPOCH + MINUTE_US), None, snapshots))
    seen.clear()
    for at in range(EPOCH + MINUTE_US, EPOCH + DAY_US, 5 * MINUTE_US):
        list(generate(plan, whole(plan), Window(at, min(at + 5 * MINUTE_US, EPOCH + DAY_US)), None, snapshots))
    assert seen
    assert (max(seen.values()) <= 3) == bool(room)


def test_what_comes_later_changes_nothing_before():
    changed, plain = plan_of("changed"), plan_of("plain")
    edges = [plain.origin_us, EPOCH + 14 * HOUR_US + 17]
    assert run(changed, edges) == run(plain, edges)
    later = [plain.origin_us, EPOCH + 3 * DAY_US]
    assert run(changed, later).digests != run(plain, later).digests


def test_a_stretch_holds_as_many_as_are_declared_and_the_last_is_repeated():
    plan = stalls(stalls=5)
    for start, end, many in ((-6, -1, 24), (-1, 0, 0), (0, 2, 5), (2, 5, 24), (5, 8, 24), (299, 302, 24)):
        at = moments(plan, EPOCH + start * DAY_US, EPOCH + end * DAY_US)
        assert len(at) == many
    for turn in (-1, 0, 1, 50):
        start = EPOCH + 3 * turn * DAY_US
        assert len(moments(plan, start, start + 3 * DAY_US, "meter")) == 300
        halves = (start, start + 30 * HOUR_US), (start + 30 * HOUR_US, start + 3 * DAY_US)
        assert sum(len(moments(plan, a, b, "meter")) for a, b in halves) == 300
    at = moments(plan, EPOCH - 6 * DAY_US, EPOCH - DAY_US)
    # Open from eight to six in New York, five hours behind: the first hour and the last.
    assert at[0] < EPOCH - 6 * DAY_US + 14 * HOUR_US
    assert at[-1] >= EPOCH - 2 * DAY_US + 22 * HOUR_US


def test_members_take_turns():
    plan = stalls(stalls=5)
    numbers = np.concatenate([t.number for t in scheduled(plan).items(EPOCH - 6 * DAY_US, EPOCH + 2 * DAY_US)])
    members = np.concatenate([t.member for t in scheduled(plan).items(EPOCH - 6 * DAY_US, EPOCH + 2 * DAY_US)])
    assert sorted(numbers.tolist()) == list(range(29))
    assert np.array_equal(members, numbers % 5)


def test_things_keep_to_the_calendar_in_its_zone():
    plan = stalls()
    at = moments(plan, EPOCH + 2 * DAY_US, EPOCH + 302 * DAY_US)
    local = at + zones.offset_us(("America/New_York",), np.zeros(len(at), dtype=np.int64), at)
    assert set((local % DAY_US // HOUR_US).tolist()) == set(range(8, 18))
    shares = np.bincount((local // DAY_US + 3) % 7, minlength=7) / len(at)
    wanted = np.array([1.0, 1.2, 1.3, 1.2, 0.9, 0.4, 0.3]) / 6.3
    # Each stretch of three days is filled in proportion to its own days' weights.
    assert abs(shares - wanted).max() < 0.08
    assert shares.argmin() in (5, 6)


def test_a_spike_brings_so_many_an_hour():
    plan = stalls()
    for turn in range(3):
        start = EPOCH + 3 * turn * DAY_US
        at = moments(plan, start, start + 3 * DAY_US, "meter")
        assert len(at) == 300
        # Spread evenly over the calendar, so that a stretch of it has what it is due, give or take one at each end.
        assert abs(((at >= start + 30 * HOUR_US) & (at < start + 32 * HOUR_US)).sum() - 60) <= 2


def test_nothing_begins_while_it_is_shut_and_what_began_goes_on():
    shut_us = EPOCH + 3 * DAY_US + 14 * HOUR_US
    plan = stalls().with_interventions([Intervention(1, shut_us, {"open": False})])
    # Rounds of the day had been planned by then, some of them; the next day's had not.
    assert len(moments(plan, shut_us, EPOCH + 4 * DAY_US)) > 0
    assert len(moments(plan, EPOCH + 5 * DAY_US, EPOCH + 40 * DAY_US)) == 0
    assert len(moments(plan, shut_us, EPOCH + 9 * DAY_US, "meter")) == 0
    shut, edges = run(plan, [plan.origin_us, END]), [plan.origin_us, END]
    assert 0 < len(shut.rows("parcels")) < len(run(stalls(), edges).rows("parcels"))


def test_what_members_carry_counts_across_their_things():
    plan = plan_of("plain")
    rows = undivided("plain")
    assert len(rows.rows("stalls")) == plan.sizes["stall"]
    nths = [r["nth"] for r in rows.rows("parcels")]
    assert sum(r["sold"] for r in rows.rows("stalls")) == len(nths)
    assert sorted(nths) == sorted(n for r in rows.rows("stalls") for n in range(r["sold"]))


def test_a_tick_touches_only_whom_it_concerns():
    """The agenda of a day names the members to whom something happens; the others are not emitted."""
    plan, snapshots = plan_of("plain"), Snapshots()
    process = scheduled(plan)
    start = EPOCH + 2 * DAY_US
    happened = sorted(from_datetime(r["created_at"]) for r in undivided("plain").rows("parcels"))
    quiet = next(t for t in range(start, END, MINUTE_US) if not any(t - HOUR_US < h < t + HOUR_US for h in happened))
    list(process.emit(Window(quiet, quiet + MINUTE_US), DrawStatistics(), snapshots, events=False))
    assert process.touched(Window(quiet, quiet + MINUTE_US), snapshots).size < plan.sizes["stall"]
    busy = happened[-1]
    assert process.touched(Window(busy, busy + 1), snapshots).size >= 1


def test_stretches_that_have_no_order_are_refused():
    for wrong in ((), ((0, 0, 3),), ((0, 2, 3), (1, 4, 3)), ((0, 2, -1),), 7):
        world = replace(STALLS, derive=lambda values, wrong=wrong: {**derive(values), "rounds": wrong})
        with pytest.raises(BadInput, match="stretches"):
            resolve(world, "default", seed=3, epoch_us=EPOCH)


def test_hours_are_those_of_a_zone_half_an_hour_off():
    plan = stalls(zone="Asia/Kolkata")
    at = moments(plan, EPOCH + 2 * DAY_US, EPOCH + 302 * DAY_US)
    local = zones.local(("Asia/Kolkata",), np.zeros(len(at), dtype=np.int64), at)
    minutes = local % DAY_US // MINUTE_US
    assert minutes.min() < 8 * 60 + 20
    assert set((minutes // 60).tolist()) == set(range(8, 18))


@pytest.mark.parametrize(
    ("path", "wrong"), [("zone", "Nowhere"), ("months", (1.0,) * 11), ("hours", (0.0,) * 24), ("weekdays", (-1.0,) * 7)]
)
def test_a_calendar_that_cannot_be_read_is_refused_before_anything_is_made(path: str, wrong: object):
    world = replace(STALLS, derive=lambda values: {**derive(values), path: wrong})
    with pytest.raises(BadInput, match=f"stalls.{path}"):
        resolve(world, "default", seed=3, epoch_us=EPOCH)


REQUESTED = EPOCH + 14 * HOUR_US + 17


def asked(sessions: int, **values: bool) -> Plan:
    return stalls().with_interventions([Intervention(3, REQUESTED, values, sessions)])


@pytest.mark.parametrize("values", [{}, {"open": False}])
def test_requested_items_begin_within_the_minute_and_members_take_turns(values: dict[str, bool]):
    """Whatever the switch says; all others stay as they are."""
    with_it, without = (run(p, [p.origin_us, END]) for p in (asked(9, **values), asked(0, **values)))
    by_id = {row["id"]: row for row in with_it.rows("rounds")}
    mine = [row for row in by_id.values() if row["id"] not in {other["id"] for other in without.rows("rounds")}]
    assert all(by_id[row["id"]] == row for row in without.rows("rounds"))
    assert len(mine) == 9
    begun = [from_datetime(row["created_at"]) for row in mine]
    assert all(REQUESTED <= at < REQUESTED + MINUTE_US + 1000 for at in begun)
    plan = asked(9)
    items = requested_items(plan, plan.world.answering, plan.requests, DAY_US)
    assert sorted(np.bincount(items.member, minlength=7)) == [1, 1, 1, 1, 1, 2, 2]
    assert (items.member == items.number % 7).all()
    assert items.requested.all()
    edges = [plan.origin_us, REQUESTED]
    assert run(asked(9, **values), edges) == run(asked(0, **values), edges)


def test_a_requested_item_is_shared_like_others():
    """Its parcels are numbered among those of its stall, and events are emitted of each."""
    plan = asked(9)
    rows, before = run(plan, [plan.origin_us, END]), run(asked(0), [plan.origin_us, END])
    assert len(rows.rows("parcels")) > len(before.rows("parcels"))
    assert sum(r["sold"] for r in rows.rows("stalls")) == len(rows.rows("parcels"))
    heard = reported(plan, [EPOCH, END])
    assert len({row["id"] for row in heard}) == len(heard) > len(reported(asked(0), [EPOCH, END]))
    assert reported(plan, [EPOCH, REQUESTED, REQUESTED + MINUTE_US, END], 2, Snapshots()) == heard


def test_of_requested_items_it_is_known_when_they_begin_and_end():
    plan = asked(9)
    known = forecast(plan, plan.requests[0], EPOCH)
    assert (known.sessions, known.begins_us, known.goes_on) == (9, -(-REQUESTED // 1000) * 1000, True)
    assert known.over_us == known.begins_us + MINUTE_US
    assert not known.will_write
    edges = [plan.origin_us, known.ends_us + 1]
    later = [from_datetime(row["created_at"]) for row in run(plan, edges).rows("parcels")]
    other = [from_datetime(row["created_at"]) for row in run(asked(0), edges).rows("parcels")]
    assert max(set(later) - set(other)) == known.ends_us


def test_a_schedule_whose_items_do_not_begin_on_request_is_found_out():
    def late(draw: Draw, rounds: Items) -> np.ndarray:
        return requested_for(draw, rounds) + HOUR_US

    rounds = next(f for f in STALLS.flows if f.name == "rounds")
    world = replace(STALLS, flows=(replace(rounds, on_request=OnRequest("rounds", late)),))
    plan = resolve(world, "default", seed=3, epoch_us=EPOCH, interventions=[Intervention(1, REQUESTED, {}, 2)])
    with pytest.raises(ValueError, match="does not begin when it is to"):
        run(plan, [EPOCH, END])


def changed_rounds(**changes: object) -> Plan:
    """The stalls, with another declaration of their rounds."""
    flows = [replace(f, **changes) if f.name == "rounds" else f for f in STALLS.flows]  # type: ignore[arg-type]
    return resolve(replace(STALLS, flows=tuple(flows)), "default", seed=3, epoch_us=EPOCH)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"lasts_days": 1},
            r"lasts_days: `arrived_at` lies further from the item's moment .* given: 1; allowed: at least",
        ),
        ({"before_days": 0}, "before_days: `planned_at` lies further from the item's moment"),
        (
            {"moments": ("planned_at", "sent_at")},
            r"(stalls|parcels): a row lies at a moment .* this one stands in arrived_at",
        ),
        (
            {"moments": ("planned_at", "sent_at", "arived_at")},
            r"given: 'arived_at'; allowed: did you mean 'arrived_at'\?",
        ),
    ],
)
def test_moments_beyond_those_declared_are_the_authors_error(changes: dict[str, object], said: str):
    plan = changed_rounds(**changes)
    for window in (Window(plan.origin_us, EPOCH), Window(EPOCH, EPOCH + DAY_US)):
        with pytest.raises(BadInput, match=said) as raised:
            list(generate(plan, whole(plan), window, snapshots=Snapshots()))
        assert "the flow 'rounds' of stalls" in str(raised.value)


def test_items_that_carry_nothing_are_looked_at_only_where_something_happens():
    """A tick costs what happens in it, and not how many items are under way."""
    looked_at: list[int] = []

    def late(draw: Draw, items: Items) -> Progress:
        looked_at.append(len(items.number))
        return Progress({"counted_at": items.at + 3 * DAY_US})

    def emit_late(draw: Draw, context: EmitContext) -> TableRows:
        at = context.progress.items["counted_at"]
        columns: Columns = {"id": Key("ticks", context.items.number, at), "created_at": at}
        return {"ticks": Rows(context.items.member, columns, at)}

    flows = [replace(f, follow=late, moments=("counted_at",), lasts_days=3, emit=emit_late) if f.name == "meter" else f
             for f in STALLS.flows]  # type: ignore[arg-type]  # fmt: skip
    plan = resolve(replace(STALLS, flows=tuple(flows)), "default", seed=3, epoch_us=EPOCH)
    at_once = run(plan, [plan.origin_us, END]).digests["ticks"]
    assert run(plan, [plan.origin_us, EPOCH, *range(EPOCH + HOUR_US, END, HOUR_US), END]).digests["ticks"] == at_once
    snapshots, flow = Snapshots(), scheduled(plan, "meter")
    minutes = [Window(EPOCH + n * MINUTE_US, EPOCH + (n + 1) * MINUTE_US) for n in range(60)]
    list(flow.emit(minutes[0], DrawStatistics(), snapshots, events=False))
    looked_at.clear()
    emitted = 0
    for window in minutes[1:]:
        for emission in flow.emit(window, DrawStatistics(), snapshots, events=False):
            at = emission.rows["ticks"].at
            assert at is not None
            emitted += int(window.holds(at).sum())
    touched = sum(len(moments(plan, w.start_us - 3 * DAY_US, w.end_us - 3 * DAY_US, "meter")) for w in minutes[1:])
    assert emitted == touched > 0
    assert sum(looked_at) <= 2 * touched + len(moments(plan, minutes[1].start_us, minutes[-1].end_us, "meter"))
