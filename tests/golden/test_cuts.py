"""K2: cutting changes nothing. Neither shards, nor windows, nor the order of the work, nor snapshots of the fold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examples import examples
from golden.runs import EPOCH, Outcome, club, run
from populace.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from populace.engine import Snapshots, Window, generate, whole
from populace.plan import Intervention, Plan
from populace.sinks.memory import MemorySink
from populace.spec import NEVER, Draw, Ints
from tiny import CLUB

LIFE_US = 100 * MINUTE_US


def leaves(draw: Draw, person: Ints) -> Ints:
    """Many go soon, so that removals fall into short windows, some into history and some on an edge."""
    gone = draw.chance("goes", person, at=np.full(len(person), draw.origin_us))
    return np.where(gone, draw.epoch_us + (draw.below("goes.when", 120, person) - 20) * MINUTE_US, NEVER)


RESTLESS = replace(CLUB, roots=(replace(CLUB.roots[0], removed=leaves),))


@cache
def plan_of(kind: str) -> Plan:
    if kind == "changed":
        return club(RESTLESS).with_interventions(
            [
                Intervention(1, EPOCH + 25 * MINUTE_US + 17 * SECOND_US + 5, {"rate": 5, "cap": 9, "abandon": 0.9}),
                Intervention(2, EPOCH + 60 * MINUTE_US, {"open": False}),
                Intervention(3, EPOCH + 75 * MINUTE_US, {"open": True}),
                Intervention(4, EPOCH + 40 * MINUTE_US + 59 * SECOND_US + 7, {}, sessions=9),
                Intervention(5, EPOCH + 65 * MINUTE_US, {"rate": 4}, sessions=5),
            ]
        )
    return club(RESTLESS, rate=5) if kind == "plain" else club(RESTLESS, people=4, rate=3)


@cache
def undivided(kind: str) -> Outcome:
    plan = plan_of(kind)
    return run(plan, [plan.origin_us, EPOCH + LIFE_US])


def test_the_worlds_hold_what_these_tests_are_about():
    for kind in ("plain", "changed", "crowded"):
        whole_run = undivided(kind)
        assert all(int(d.split(":")[0]) > 0 for d in whole_run.digests.values())
    plan = plan_of("plain")
    later = list(generate(plan, whole(plan), Window(EPOCH, EPOCH + LIFE_US)))
    assert {"append", "merge", "remove"} == {b.act for b in later}
    assert sum(b.rows.num_rows for b in later if b.table == "people" and b.act == "remove") >= 2


MOMENTS = st.one_of(
    st.integers(0, LIFE_US),
    st.integers(0, 99).map(lambda m: m * MINUTE_US),
    st.integers(0, 99 * 60_000).map(lambda ms: ms * 1000),
    st.integers(-72, 0).map(lambda h: h * HOUR_US),
    st.sampled_from([25 * MINUTE_US + 17 * SECOND_US + 5, 60 * MINUTE_US, 60 * MINUTE_US - 1, 60 * MINUTE_US + 1]),
)


@settings(max_examples=examples(40), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["plain", "changed", "crowded"]),
    parts=st.sampled_from([1, 2, 7]),
    cuts=st.lists(MOMENTS, max_size=6),
    shuffled=st.one_of(st.none(), st.integers(0, 9)),
    snapshots=st.booleans(),
    dropped=st.integers(0, 6),
)
def test_any_cutting_gives_the_same(
    kind: str, parts: int, cuts: list[int], shuffled: int | None, snapshots: bool, dropped: int
):
    plan, snapshots = plan_of(kind), Snapshots() if snapshots else None

    def forget(done: int) -> None:
        if snapshots and done == dropped:
            snapshots.drop()

    edges = [plan.origin_us, EPOCH + LIFE_US, *(EPOCH + cut for cut in cuts if EPOCH + cut > plan.origin_us)]
    cut = run(plan, edges, parts, snapshots=snapshots, shuffled=shuffled, meanwhile=forget)
    assert cut.digests == undivided(kind).digests
    assert cut.statistics == undivided(kind).statistics


@pytest.mark.parametrize(
    ("step", "parts"), [(DAY_US, 7), (7 * HOUR_US, 2), (13 * MINUTE_US, 1), (MINUTE_US, 1), (97 * SECOND_US + 13, 2)]
)
def test_regular_windows_give_the_same(step: int, parts: int):
    """Windows of days, hours, minutes and odd seconds, as a runner would take them: with snapshots, one after
    another.
    """
    plan = plan_of("changed")
    life = range(EPOCH, EPOCH + LIFE_US, step)
    history = range(plan.origin_us, EPOCH, max(step, HOUR_US))
    cut = run(plan, [*history, *life, EPOCH + LIFE_US], parts, snapshots=Snapshots())
    assert cut == undivided("changed")


def test_visits_in_history_are_cut_like_those_in_life():
    plan = club(RESTLESS, "busy", visit_days=1, rate=1)
    edges = [plan.origin_us, EPOCH + HOUR_US]
    cuts = [EPOCH - DAY_US, EPOCH - 5 * HOUR_US - 1, EPOCH, EPOCH + 1]
    one = run(plan, edges)
    assert one == run(plan, [*edges, *cuts], 2, snapshots=Snapshots())
    assert one == run(plan, [*edges, *cuts], 7, shuffled=4)


def test_snapshots_of_other_shards_and_of_other_plans_are_not_used():
    snapshots = Snapshots()
    plan, other = plan_of("plain"), club(RESTLESS, rate=5, seed=2)
    edges = [plan.origin_us, EPOCH + 70 * MINUTE_US, EPOCH + LIFE_US]
    outcomes = [run(plan, edges, parts, snapshots=snapshots) for parts in (1, 2, 7, 2, 1)]
    assert outcomes == [undivided("plain")] * 5
    assert run(other, edges, 1, snapshots=snapshots) == run(other, edges, 1)
    assert run(plan, edges, 1, snapshots=snapshots) == undivided("plain")


class Watched(Snapshots):
    """Counts how often a snapshot was of use."""

    used = 0

    def take(self, *key: Any) -> Any:
        state = Snapshots.take(self, *key)
        Watched.used += state is not None
        return state


def test_snapshots_are_used_by_every_later_window():
    """Otherwise the tests above would prove nothing, and a tick would refold history."""
    plan, Watched.used = plan_of("plain"), 0
    edges = [plan.origin_us, *range(EPOCH, EPOCH + LIFE_US + 1, 10 * MINUTE_US)]
    run(plan, edges, 2, snapshots=Watched())
    assert Watched.used == 2 * 9  # two shards; of eleven windows, all but history and the first of life


def test_a_generator_left_half_way_spoils_no_snapshot():
    """A consumer that fails, and tries again while its traceback still holds the generator."""
    plan = plan_of("plain")
    middle, end = EPOCH + 70 * MINUTE_US, EPOCH + LIFE_US

    def rest(snapshots: Snapshots | None) -> Mapping[str, str]:
        sink = MemorySink(plan.world)
        for batch in generate(plan, whole(plan), Window(middle, end), None, snapshots):
            sink.write(batch)
        return sink.digests()

    wanted = rest(None)
    count = len(list(generate(plan, whole(plan), Window(plan.origin_us, middle))))
    for taken in (count // 2, count - 12, count - 1):
        snapshots = Snapshots()
        left = generate(plan, whole(plan), Window(plan.origin_us, middle), None, snapshots)
        with closing(left):
            for _ in range(taken):
                next(left)
            assert rest(snapshots) == wanted, f"after {taken} of {count} batches"
        assert rest(snapshots) == wanted


def test_the_reference_itself_depends_on_the_seed():
    plan = club(RESTLESS, rate=5, seed=2)
    other = run(plan, [plan.origin_us, EPOCH + LIFE_US])
    assert all(other.digests[name] != digest for name, digest in undivided("plain").digests.items())
    assert json.dumps(other.statistics) != json.dumps(undivided("plain").statistics)


def test_a_window_before_everything_and_an_empty_one_hold_nothing():
    plan = plan_of("plain")
    for start, end in ((plan.origin_us - DAY_US, plan.origin_us), (EPOCH, EPOCH), (EPOCH + 5, EPOCH + 5)):
        assert list(generate(plan, whole(plan), Window(start, end))) == []
