"""Campaigns' scenario realistic, without a database: who answers what, when the post works, what scores say."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

from bounds import normal_bound
from golden.runs import Outcome, run
from populace.clock import DAY_US, parse
from populace.engine import DrawStatistics, Window
from populace.engine.processes.schedules.schedules import Scheduled
from populace.plan import Plan, resolve
from populace.spec import NEVER, Ints, Items, Progress, zones
from populace.spec.kit import holidays
from populace.worlds.campaigns import CAMPAIGNS, WORLD
from populace.worlds.campaigns.behaviour import dates
from populace.worlds.campaigns.catalogue import words

EPOCH = parse("2026-01-20T00:00:00Z", "epoch")
AROUND_DAYS = 20


@cache
def plan(scenario: str = "realistic") -> Plan:
    return resolve(WORLD, scenario, seed=1, epoch_us=EPOCH)


@cache
def followed(scenario: str = "realistic") -> tuple[Items, Progress]:
    """Every campaign that begins in history or in the weeks after it, and how it goes."""
    emitted = Scheduled(plan(scenario), CAMPAIGNS, (0, plan(scenario).sizes["client"]))
    pieces = list(emitted.items(plan(scenario).origin_us, EPOCH + 40 * DAY_US))
    names = ("number", "member", "at", "stretch", "place", "many")
    items = Items(*(np.concatenate([getattr(p, n) for p in pieces]) for n in names))
    return items, emitted.followed(items, Window(0, 0), DrawStatistics())


def shares(answered: Ints, of: Ints, asked: Ints) -> tuple[Ints, Ints]:
    """Of each group, how many were asked, and how many answered."""
    return np.bincount(of[asked]), np.bincount(of[asked], weights=answered[asked]).astype(np.int64)


@pytest.mark.parametrize(
    ("date", "off"),
    [("2026-01-19", True), ("2026-01-26", False), ("2026-05-25", True), ("2026-05-18", False), ("2026-07-04", True),
     ("2027-07-05", True), ("2026-07-05", False), ("2026-11-26", True), ("2026-11-19", False), ("2026-12-25", True)],
)  # fmt: skip
def test_holidays_are_those_of_the_post(date: str, off: bool):
    day = np.array([np.datetime64(date, "D").astype(np.int64)])
    assert holidays.closed(words.holidays(), day).tolist() == [off]


def test_no_mail_is_dropped_or_delivered_on_sundays_and_holidays():
    items, progress = followed()
    of, zone = progress.of, progress.items["zone"]
    dropped = dates.local(zone, progress.items["drop_at"]) // DAY_US
    days = dropped - dates.local(zone, items.at) // DAY_US
    assert set(days.tolist()) == {3, 4, 5}
    there = np.flatnonzero(progress.parts["delivered_at"] < NEVER)
    delivered = dates.local(zone[of[there]], progress.parts["delivered_at"][there]) // DAY_US
    assert set((delivered - dropped[of[there]]).tolist()) == {2, 3, 4, 5}
    for day in (dropped, delivered):
        assert not (zones.weekday(day) == 6).any()
        assert not holidays.closed(words.holidays(), day).any()


def test_campaigns_and_people_answer_more_or_less_readily():
    """Beyond the binomial: between campaigns, and within people from one campaign to the next."""
    items, progress = followed()
    parts = progress.parts
    asked = np.flatnonzero(parts["delivered_at"] < NEVER)
    did = np.minimum.reduce([parts[n] for n in ("scanned_at", "visited_at", "called_at")]) < NEVER
    n, yes = shares(did, progress.of, asked)
    rate = yes.sum() / n.sum()
    excess = (((yes - n * rate) ** 2)[n > 0] / (n * rate * (1 - rate))[n > 0]).mean()
    assert excess > 3
    known = asked[parts["contact"][asked] >= 0]
    person = items.member[progress.of[known]] << 20 | parts["contact"][known]
    _, who = np.unique(person, return_inverse=True)
    # Pairs of campaigns of one person: what is left when each campaign's own rate is taken off.
    off = did[known] - (yes / np.maximum(n, 1))[progress.of[known]]
    sums, squares, many = (np.bincount(who, weights=w) for w in (off, off**2, np.ones(len(off))))
    together, pairs = (sums**2 - squares).sum(), (many**2 - many).sum()
    assert together / pairs > normal_bound(rate * (1 - rate) / pairs**0.5)


def test_who_scans_sees_the_page_and_some_call_at_once():
    parts = followed()[1].parts
    both = np.flatnonzero((parts["scanned_at"] < NEVER) & (parts["visited_at"] < NEVER))
    soon = (parts["visited_at"] - parts["scanned_at"])[both] / 1e6
    assert 0.7 < np.mean((soon > 0) & (soon < 300)) < 0.8
    assert len(np.unique(soon[soon < 300])) > 0.95 * np.sum(soon < 300)


def test_replies_and_calls_have_long_tails():
    parts = followed()[1].parts
    talked = parts["seconds"][parts["seconds"] > 0]
    asked = parts["replied_at"] < NEVER
    replied = (parts["replied_at"] - parts["asked_at"])[asked] / 1e6
    for spans in (talked, replied):
        assert spans.max() > 8 * np.median(spans)
        assert np.mean(spans) > 1.2 * np.median(spans)
    assert (replied > 0).all()


def test_campaigns_come_at_one_rate_around_the_epoch():
    """In the documented scenario a quarter of all campaigns are due in the weeks after it."""
    many = {}
    for scenario in ("realistic", "development"):
        at = followed(scenario)[0].at
        many[scenario] = [np.sum((at >= since) & (at < since + AROUND_DAYS * DAY_US))
                          for since in (EPOCH - AROUND_DAYS * DAY_US, EPOCH)]  # fmt: skip
    before, after = many["realistic"]
    assert abs(after - before) <= normal_bound((before + after) ** 0.5, 0.05)
    before, after = many["development"]
    assert after > 1.8 * before


@cache
def rows() -> Outcome:
    return run(plan(), [plan().origin_us, EPOCH])


def test_cars_and_scores_make_sense():
    contacts = rows().rows("contacts")
    cars = [json.loads(row["custom_fields"]) for row in contacts]
    cars = [car for car in cars if car.get("vehicle_value")]
    year = max(car["vehicle_year"] for car in cars)
    age, miles, value = (np.array([car[name] for car in cars]) for name in ("vehicle_year", "mileage", "vehicle_value"))
    age = year - age
    assert len(cars) > 1_000
    assert np.corrcoef(age, miles)[0, 1] > 0.8
    assert np.corrcoef(age, value)[0, 1] < -0.6
    assert (miles[age == 0] < 40_000).all()
    for stage in ("lead", "customer"):
        some = [row for row in contacts if row["lifecycle_stage"] == stage]
        score, done = (np.array([row[name] for row in some]) for name in ("lead_score", "total_interactions"))
        assert np.corrcoef(score, done)[0, 1] > 0.2


def test_names_and_notes_hardly_repeat():
    for table, name in (("campaigns", "name"), ("call_sessions", "notes"), ("error_logs", "error_message")):
        said = [row[name] for row in rows().rows(table) if row[name] is not None]
        assert len(said) > 80
        assert len(set(said)) >= 0.96 * len(said)
        assert not any("{" in text or "  " in text for text in said)
