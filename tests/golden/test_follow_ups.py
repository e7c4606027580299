"""What comes days after a visit is the same however the time is cut: HogFlix's tickets, which support takes up and
solves in its hours of work."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from golden.runs import Outcome, run
from populace.clock import DAY_US, HOUR_US, MINUTE_US, from_datetime, parse
from populace.engine import Snapshots
from populace.engine.processes.pools.fold import fault
from populace.engine.snapshots import FoldState
from populace.errors import PopulaceError
from populace.plan import Intervention, Plan, resolve
from populace.worlds.hogflix import LIFE, WORLD
from populace.worlds.hogflix.behaviour.support import STATUSES, moment_us, worked_us
from populace.worlds.hogflix.parameters.people import DAY_STARTS_US

EPOCH = parse("2026-01-13T00:00:00Z", "epoch")
DAYS = 9
END = EPOCH + 2 * DAY_US + 5 * HOUR_US
MONDAY = parse("2026-01-12T00:00:00Z", "monday")


@cache
def plan(changed: bool = True) -> Plan:
    """Half of all visits end in a ticket, people leave with all their rows, visits are requested, others cancelled."""
    made = resolve(WORLD, "realistic", seed=3, epoch_us=EPOCH,
                   overrides={"persona_pool": 500, "days": DAYS, "unseen_days": 30, "ticket_share": 0.5, "kept": 0.3,
                              "churn_basic": 0.5, "churn_standard": 0.5})  # fmt: skip
    if not changed:
        return made
    return made.with_interventions([
        Intervention(1, EPOCH + 2 * HOUR_US, {}, sessions=40),
        Intervention(2, EPOCH + 9 * HOUR_US, {"enabled": False}),
        Intervention(3, EPOCH + 15 * HOUR_US, {"enabled": True, "ticket_share": 0.8}),
    ])  # fmt: skip


@cache
def undivided(changed: bool = True) -> Outcome:
    return run(plan(changed), [plan().origin_us, END])


CUTS = {
    "days": list(range(plan().origin_us + DAY_US, END, DAY_US)),
    "hours": [*range(EPOCH - DAY_US, EPOCH, 5 * HOUR_US + 7), *range(EPOCH, END, 3 * HOUR_US)],
    "seam": [EPOCH, *(EPOCH + DAY_STARTS_US + k * MINUTE_US for k in (-1, 0, 1)), EPOCH + 2 * DAY_US],
    "late": [*range(END - 14 * HOUR_US, END - 8 * HOUR_US, 2 * HOUR_US)],
}


def test_tickets_come_to_be_solved_and_some_stay_open():
    rows = undivided().rows("support_tickets")
    found = Counter(row["status"] for row in rows)
    assert set(found) == set(STATUSES)
    assert min(found["resolved"], found["open"]) > 20
    taken = [row for row in rows if row["status"] != "open"]
    created, updated = (np.array([from_datetime(row[name]) for row in taken]) for name in ("created_at", "updated_at"))
    assert (created >= plan().origin_us).all()
    assert (updated < END).all()
    assert (updated > created).all()
    assert (worked_us(updated + 1) > worked_us(updated)).all(), "support works then"
    assert (updated - created).max() > 2 * DAY_US, "some wait for Monday"


@pytest.mark.parametrize(
    ("cut", "parts", "remembering", "changed"),
    [("days", 2, False, True), ("hours", 1, True, True), ("seam", 1, True, True), ("seam", 2, False, True),
     ("late", 1, True, True), ("hours", 1, True, False), ("days", 1, True, False), ("late", 2, False, False)],
)  # fmt: skip
def test_cutting_changes_nothing(cut: str, parts: int, remembering: bool, changed: bool):
    edges = [plan().origin_us, *CUTS[cut], END]
    made = run(plan(changed), edges, parts, snapshots=Snapshots() if remembering else None)
    assert made.digests == undivided(changed).digests
    assert made.statistics == undivided(changed).statistics


def test_visits_that_wait_are_part_of_a_snapshot():
    """A runner that is restarted goes on with them; bytes that cannot be theirs are refused."""
    snapshots = Snapshots()
    begun = run(plan(), [plan().origin_us, EPOCH + DAY_US, EPOCH + DAY_US + HOUR_US], snapshots=snapshots)
    assert begun.rows("support_tickets")
    again = Snapshots()
    for key, state in list(snapshots.each()):
        packed = state.packed()
        assert packed is not None
        restored = FoldState.unpacked(state.as_of_us, packed)
        assert len(restored.fields["waiting address"]) > 10
        assert fault(LIFE, key[4], key[5], restored) == ""
        again.put(key, restored)
        spoiled = FoldState.unpacked(state.as_of_us, packed)
        spoiled.fields["waiting day"][0] -= LIFE.follow_up.days if LIFE.follow_up else 0
        assert fault(LIFE, key[4], key[5], spoiled) == "visits that nobody made"
        spoiled = FoldState.unpacked(state.as_of_us, packed)
        spoiled.fields["waiting person"][0] += 1 << 19
        assert fault(LIFE, key[4], key[5], spoiled) == "visits that nobody made"
    late = [EPOCH + DAY_US + HOUR_US, EPOCH + DAY_US + 2 * HOUR_US, END]
    went_on = [run(plan(), late, snapshots=some).rows("support_tickets") for some in (again, snapshots, None)]
    assert went_on[0] == went_on[1] == went_on[2] != []


@pytest.mark.parametrize(
    ("at", "worked"),
    [("12T13:59", 0), ("12T14:00", 0), ("12T15:30", 90), ("12T23:30", 540), ("17T12:00", 5 * 540), ("19T14:01", 2701)],
)
def test_support_works_on_weekdays_by_day(at: str, worked: int):
    moment = np.array([parse(f"2026-01-{at}:00Z", "at")])
    since = worked_us(moment) - worked_us(np.array([MONDAY]))
    assert since.tolist() == [worked * MINUTE_US]
    assert worked_us(moment_us(worked_us(moment))).tolist() == worked_us(moment).tolist()


def test_what_comes_after_visits_must_go_together_with_its_world():
    share = LIFE.follow_up.share
    live = [replace(p, live=p.live or p.path == share) for p in WORLD.parameters]
    with pytest.raises(PopulaceError, match=f"settled at first: {share} may not be live"):
        replace(WORLD, parameters=live)
    for change, said in (({"days": 0}, "within 1 to"), ({"tables": ("chat_messages",)}, "no merged table of the flow")):
        life = replace(LIFE, follow_up=replace(LIFE.follow_up, **change))
        with pytest.raises(PopulaceError, match=said):
            replace(WORLD, flows=[life if flow.name == LIFE.name else flow for flow in WORLD.flows])
