"""Recoverlution with details: people with names and hours of the day, whose history goes on after the epoch."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bounds import assert_shares, normal_bound
from populace.batch import newest
from populace.clock import DAY_US, HOUR_US, parse
from populace.engine import Window, generate, whole
from populace.plan import Plan, resolve
from populace.spec import zones
from populace.worlds.recoverlution import WORLD
from populace.worlds.recoverlution.behaviour.flow import WALKS
from populace.worlds.recoverlution.parameters.fixed import DAY_CURVE, READING_HOURS, ZONES

EPOCH_US = parse("2026-01-09T00:00:00Z", "test")
AFTER_DAYS = 4
DETAILED = {"days": 30, "session_history_days": 30, "sessions_per_min": 1, "time_of_day": True, "details": True,
            "engagements_continue": True}  # fmt: skip
MOMENTS = {"journey_instances": "started_at", "journey_instance_scenes": "unlocked_at"}
"""What says when a row came, where that is not `created_at`."""


@cache
def plan(kind: str = "detailed") -> Plan:
    return resolve(WORLD, "documented", seed=7, epoch_us=EPOCH_US, overrides=DETAILED if kind == "detailed" else {})


@cache
def lived(kind: str = "detailed") -> Mapping[str, pa.Table]:
    """What a population holds four days after its epoch."""
    batches = defaultdict(list)
    for batch in generate(plan(kind), whole(plan(kind)), Window(plan(kind).origin_us, _end(kind))):
        batches[batch.table].append(batch.rows)
    held = {name: pa.Table.from_batches(rows) for name, rows in batches.items()}
    return {
        name: newest(rows, WORLD.table(name).key) if WORLD.table(name).mode == "merge" else rows
        for name, rows in held.items()
    }


def _end(kind: str) -> int:
    return EPOCH_US + AFTER_DAYS * DAY_US if kind == "detailed" else plan(kind).origin_us + HOUR_US


def moments(table: str) -> np.ndarray:
    column = lived()[table].column(MOMENTS.get(table, "created_at"))
    at: np.ndarray = pc.cast(column.drop_null(), pa.int64()).to_numpy()
    return at - EPOCH_US


@pytest.mark.parametrize("table", ["content_engagements", *WALKS])
def test_every_table_that_has_history_goes_on_at_its_rate(table: str) -> None:
    """Days before the epoch against days after it; a visit leaves several rows at once, a journey even more."""
    day = moments(table) // DAY_US
    every = np.bincount(day + plan().eras[0].values.whole("days"))
    assert (every > 0).all(), "each day of history has some"
    before, after = int(((day < 0) & (day >= -AFTER_DAYS)).sum()), int((day >= 0).sum())
    at_once = {"journey_instance_scenes": 13.0, "content_engagements": 4.0}.get(table, 10.0)
    assert abs(after - before) <= normal_bound((at_once * (before + after)) ** 0.5), (before, after)


def test_people_engage_by_the_hours_of_their_zone() -> None:
    """Of history, whose hours are drawn for each; the calendar's, after it, are those of most people."""
    held = lived()["content_engagements"]
    viewed = held.filter(pc.equal(held.column("action"), "viewed"))
    at = pc.cast(viewed.column("created_at"), pa.int64()).to_numpy()
    organisations = {key: n for n, key in enumerate(lived()["organizations"].column("id").to_pylist())}
    zone = np.array([organisations[key] for key in viewed.column("organization_id").to_pylist()])
    local = zones.local(ZONES, zone, at) // HOUR_US % 24
    # What would end after the epoch begins some minutes sooner.
    history = at < EPOCH_US - HOUR_US
    assert_shares(np.bincount(local[history], minlength=24).tolist(), [h / sum(READING_HOURS) for h in READING_HOURS])
    later = np.bincount(at[at >= EPOCH_US] // HOUR_US % 24, minlength=24)
    assert later[6:11].sum() < 0.05 * later.sum() < later[0:3].sum()


def test_no_hour_around_the_epoch_is_empty_or_crowded() -> None:
    """The hours before midnight in UTC, early evening where people live, against the same hours of other days."""
    viewed = moments("content_engagements")
    hour, days = viewed // HOUR_US, plan().eras[0].values.whole("days")
    for around in range(-6, 3):
        usual = int(((hour % 24 == around % 24) & (hour < 0)).sum()) / days
        assert abs(int((hour == around).sum()) - usual) <= normal_bound((4 * 2 * usual) ** 0.5), around


def test_people_come_by_the_curve_of_the_day() -> None:
    hours = np.bincount(moments("journey_scene_events") // HOUR_US % 24, minlength=24)
    quiet, busy = hours[3:10].sum(), hours[15:22].sum()
    expected = sum(DAY_CURVE[3:10]) / sum(DAY_CURVE[15:22])
    # A visit of some ten events may reach into the next hour.
    assert abs(quiet / busy - expected) <= normal_bound(expected * (10 / quiet + 10 / busy) ** 0.5) + 0.02


def test_people_have_names_a_zone_and_a_last_sign_in() -> None:
    held = lived()
    names = held["profiles"].column("full_name").to_pylist()
    assert None not in names
    assert len(set(names)) > 1_500
    scripts = Counter(unicodedata.name(name[0]).split()[0] for name in names)
    assert {"LATIN", "GREEK", "CYRILLIC", "ARABIC", "DEVANAGARI", "CJK", "HANGUL"} <= scripts.keys()
    assert all(mail.endswith("@example.com") for mail in held["profiles"].column("email").to_pylist())
    assert {json.loads(text)["timezone"] for text in held["sim_users"].column("metadata").to_pylist()} == set(ZONES)
    users = held["users"]
    assert users.column("last_sign_in_at").null_count == 0
    assert pc.all(pc.greater_equal(users.column("last_sign_in_at"), users.column("created_at"))).as_py()


def test_documented_people_are_as_the_seed_function_leaves_them() -> None:
    held = lived("documented")
    assert held["profiles"].column("full_name").null_count == 3_000
    assert held["users"].column("last_sign_in_at").null_count == 3_000
    assert all("timezone" not in json.loads(text) for text in held["sim_users"].column("metadata").to_pylist())
