"""People of adopted worlds act: so often, each in their own time, some more than others, also when rates change."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from adopted import EXAMPLES
from golden.runs import EPOCH, Outcome, run
from populace.clock import DAY_US, HOUR_US, MINUTE_US, from_datetime
from populace.declared import compiling
from populace.plan import Intervention, Plan, resolve

DAYS = 5
END = EPOCH + DAYS * DAY_US


def plan_of(name: str = "helpdesk", **settings: object) -> Plan:
    world = compiling.load(EXAMPLES / name)
    return resolve(world, "default", seed=3, epoch_us=EPOCH, overrides=settings)


@cache
def changed() -> Plan:
    return plan_of().with_interventions([
        Intervention(1, EPOCH + DAY_US + 17, {"tickets.pace": 0.0, "life.signup_pace": 2.0}),
        Intervention(2, EPOCH + 2 * DAY_US, {"living": False}),
        Intervention(3, EPOCH + 3 * DAY_US, {"living": True, "tickets.pace": 2.0, "messages.pace": 0.5}),
    ])  # fmt: skip


@cache
def lived(kind: str) -> Outcome:
    plan = changed() if kind == "changed" else plan_of()
    return run(plan, [plan.origin_us, END])


def at(row: dict[str, object]) -> int:
    moment = row["created_at"]
    assert isinstance(moment, datetime)
    return from_datetime(moment)


def since(outcome: Outcome, table: str, first_us: int, last_us: int = END) -> int:
    return sum(first_us <= at(row) < last_us for row in outcome.rows(table))


@pytest.mark.parametrize(("step", "parts"), [(DAY_US, 7), (7 * HOUR_US + 11 * MINUTE_US, 2)])
@pytest.mark.parametrize("kind", ["plain", "changed"])
def test_any_cutting_gives_the_same(kind: str, step: int, parts: int):
    plan = changed() if kind == "changed" else plan_of()
    edges = [plan.origin_us, *range(EPOCH - 2 * DAY_US, END, step), END]
    assert run(plan, edges, parts, shuffled=step % 5) == lived(kind)


def test_what_comes_later_changes_nothing_before():
    edges = [changed().origin_us, EPOCH + DAY_US + 17]
    assert run(changed(), edges) == run(plan_of(), edges)
    assert lived("changed").digests != lived("plain").digests


def test_acts_come_at_their_rate_and_sign_ups_at_theirs():
    """In history as many as are asked for; later as many as the pace says, within five deviations of a Poisson."""
    plan, values = plan_of(), plan_of().settings
    held = lived("plain")
    assert since(held, "users", 0, EPOCH) == values["users.rows"]
    people, signups = float(values["users.rows"]), float(values["life.signups"])  # type: ignore[arg-type]
    history = plan.history_us // DAY_US
    person_days = (people - signups * history / 2) * history
    for table, first in (("tickets", 1.1), ("messages", 1.0)):
        rate = float(values[f"{table}.rate"])  # type: ignore[arg-type]
        assert abs(since(held, table, 0, EPOCH) - rate * person_days * first) <= 3
        expected = rate * (people + signups * DAYS / 2) * DAYS
        assert abs(since(held, table, EPOCH) - expected) < 5 * expected**0.5
    assert abs(since(held, "users", EPOCH) - signups * DAYS) < 5 * (signups * DAYS) ** 0.5


def test_a_pace_and_a_pause_are_heeded_and_nobody_else_is_lost():
    held, plain = lived("changed"), lived("plain")
    first, second, third = (EPOCH + n * DAY_US for n in (1, 2, 3))
    assert since(held, "tickets", first + 17, third) == since(held, "users", second, third) == 0
    assert since(held, "messages", first + 17, second) > 0
    assert since(held, "tickets", third) > since(plain, "tickets", third) > 0
    assert 0 < since(held, "messages", third) < since(plain, "messages", third)
    assert since(held, "users", first + 17, second) >= since(plain, "users", first + 17, second)
    # Whoever is there, and whatever is referred to, has come, and before.
    for outcome in (held, plain):
        users = {row["id"]: row for row in outcome.rows("users")}
        tickets = {row["id"]: row for row in outcome.rows("tickets")}
        assert all(at(users[row["requester_id"]]) <= at(row) for row in tickets.values())
        assert all(at(tickets[row["ticket_id"]]) <= at(row) for row in outcome.rows("messages"))
        assert all(users[row["requester_id"]]["organisation_id"] == row["organisation_id"] for row in tickets.values())


def test_hours_are_those_of_the_place_where_somebody_lives_and_people_differ():
    # Twenty times as many acts show their hours.
    plan = plan_of(**{"messages.rate": 1.0})
    held = run(plan, [plan.origin_us, EPOCH])
    zones = {row["id"]: row["time_zone"] for row in held.rows("organisations")}
    lives = {row["id"]: ZoneInfo(str(zones[row["organisation_id"]])) for row in held.rows("users")}
    assert len({zone.key for zone in lives.values()}) > 5
    theirs, elsewhere = Counter[int](), Counter[int]()
    many = Counter[object]()
    for row in held.rows("messages"):
        if at(row) >= plan.origin_us:
            moment = row["created_at"]
            assert isinstance(moment, datetime)
            many[row["author_id"]] += 1
            theirs[moment.astimezone(lives[row["author_id"]]).hour] += 1
            elsewhere[moment.hour] += 1
    wanted = np.array(
        [2, 1, 1, 1, 1, 2, 4, 8, 14, 20, 22, 21, 19, 20, 21, 20, 19, 18, 17, 17, 16, 13, 9, 5], dtype=float
    )
    expected = wanted / wanted.sum() * theirs.total()
    found = np.array([theirs[hour] for hour in range(24)])
    # One zone in twelve is half an hour off, where neighbours share.
    assert (np.abs(found - expected) < 5 * np.sqrt(expected) + 0.1 * expected).all()
    assert elsewhere[2] > 3 * expected[2]
    there = sorted(many[row["id"]] for row in held.rows("users") if at(row) < plan.origin_us)
    tenth = len(there) // 10
    # Log-normal with 0.8: the busiest tenth makes 33 % of everything, with all alike a little above 10 %.
    assert 0.25 < sum(there[-tenth:]) / sum(there) < 0.42
    alike = plan_of(**{"messages.rate": 1.0, "life.spread": 0.0})
    even = Counter(row["author_id"] for row in run(alike, [alike.origin_us, EPOCH]).rows("messages"))
    people = {row["id"]: at(row) for row in run(alike, [alike.origin_us, EPOCH]).rows("users")}
    old = sorted(even[key] for key, moment in people.items() if moment < alike.origin_us)
    assert sum(old[-tenth:]) / sum(old) < 0.15
