"""Recoverlution, scenario realistic: who signs up comes at once, most leave early, hours and words are people's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from bounds import assert_shares, normal_bound
from populace.clock import DAY_US, HOUR_US, parse
from populace.engine import Window, generate, whole
from populace.errors import BadInput
from populace.plan import Intervention, Plan, resolve
from populace.worlds.recoverlution import WORLD

EPOCH_US = parse("2026-01-09T00:00:00Z", "test")
DAYS = 35
END_US = EPOCH_US + 2 * DAY_US
SMALL = {"count_users": 1_500, "days": DAYS, "session_history_days": DAYS, "signup_days": 30, "sessions_share": 0.15}


@cache
def plan() -> Plan:
    return resolve(WORLD, "realistic", seed=7, epoch_us=EPOCH_US, overrides=SMALL)


@cache
def lived() -> Mapping[str, pa.Table]:
    """What a small population holds two days after its epoch; of rows that change, every version."""
    batches = defaultdict(list)
    for batch in generate(plan(), whole(plan()), Window(plan().origin_us, END_US)):
        batches[batch.table].append(batch.rows)
    return {name: pa.Table.from_batches(rows) for name, rows in batches.items()}


def micros(table: str, column: str) -> np.ndarray:
    found: np.ndarray = pc.cast(lived()[table].column(column), pa.int64()).to_numpy()
    return found


@cache
def starts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By person when they signed up; and of each scene that began, whose it is and when."""
    joined = dict(zip(lived()["profiles"].column("id").to_pylist(), micros("profiles", "created_at"), strict=True))
    places = {key: place for place, key in enumerate(joined)}
    began = np.array(lived()["journey_scene_events"].column("event_type").to_pylist()) == "scene_started"
    who = np.array([places[key] for key in lived()["journey_scene_events"].column("user_id").to_pylist()])
    return np.array(list(joined.values())), who[began], micros("journey_scene_events", "created_at")[began]


def test_who_signs_up_comes_at_once_and_nobody_before() -> None:
    joined, who, at = starts()
    assert (at >= joined[who]).all()
    first = np.full(len(joined), END_US)
    np.minimum.at(first, who, at)
    new = (joined >= EPOCH_US - (DAYS - 1) * DAY_US) & (joined < END_US - 2 * HOUR_US)
    at_once = first[new] < joined[new] + HOUR_US + HOUR_US // 10
    # Some of the others come within the hour by themselves.
    assert abs(at_once.mean() - 0.9) <= normal_bound((0.09 / new.sum()) ** 0.5) + 0.02
    assert 2 * (joined >= EPOCH_US).sum() >= (joined >= EPOCH_US - 2 * DAY_US).sum() > 20, "sign-ups go on"


def test_in_a_pause_nobody_comes_and_those_of_the_plan_sign_up() -> None:
    """`enabled` is the switch of the documents' runner, which makes no accounts; what has begun ends."""
    begins, ends = EPOCH_US + 4 * HOUR_US, EPOCH_US + DAY_US

    def lives(switch: bool) -> Mapping[str, pa.Table]:
        paused = plan().with_interventions([Intervention(1, EPOCH_US, {"enabled": switch})])
        batches = defaultdict(list)
        for batch in generate(paused, whole(paused), Window(begins, ends)):
            batches[batch.table].append(batch.rows)
        return {name: pa.Table.from_batches(rows) for name, rows in batches.items()}

    off, on = lives(False), lives(True)
    for name in ("users", "identities", "profiles", "org_members", "sim_users"):
        assert off[name].num_rows > 0
        assert off[name] == on[name]
    gone = {"journey_instances", "journey_scene_events", "mindblock_events", "content_engagements"}
    assert {*on} - {*off} >= gone


def test_most_leave_early_and_the_others_stay() -> None:
    """Of whoever has been there for four weeks: the loss of the first week is larger than that of the third."""
    joined, who, at = starts()
    old = (joined >= EPOCH_US - DAYS * DAY_US) & (joined < END_US - 29 * DAY_US)
    week = np.where(old[who], (at - joined[who]) // (7 * DAY_US), -1)
    here = [len(set(who[week == number].tolist())) for number in range(4)]
    assert here[0] > here[1] > here[3] > 0.05 * old.sum()
    assert here[0] - here[1] > 2 * (here[2] - here[3])


def test_people_have_hours_of_their_own() -> None:
    """Of people with many scenes: their hours, as points on a circle, lie closer to each other than to anybody's."""
    _, who, at = starts()
    point = np.exp(2j * np.pi * (at % DAY_US) / DAY_US)
    many = [one for one, scenes in Counter(who.tolist()).items() if scenes >= 20]
    own = np.mean([abs(point[who == one].mean()) for one in many])
    others = who[np.argsort(np.arange(len(who)) * 2_654_435_761 % (1 << 32))]
    anybody = np.mean([abs(point[others == one].mean()) for one in many])
    assert len(many) > 50
    assert own > anybody + 0.1


def test_people_have_a_pace_of_their_own() -> None:
    """What two durations of one person have in common is the declared variance of their pace."""
    rows = lived()["content_engagements"].filter(pc.equal(lived()["content_engagements"].column("action"), "completed"))
    _, who = np.unique(rows.column("individual_id").to_pylist(), return_inverse=True)
    log = np.log(rows.column("duration_seconds").to_numpy())
    many = np.bincount(who)
    some = many >= 5
    means = (np.bincount(who, log) / many)[some]
    within = np.concatenate([log[who == one] for one in np.flatnonzero(some)]) - np.repeat(means, many[some])
    common = means.var(ddof=1) - (within**2).sum() / (many[some] - 1).sum() * (1 / many[some]).mean()
    declared = plan().eras[0].values.number("own_pace_spread") ** 2
    assert len(means) > 200
    assert abs(common - declared) <= normal_bound(means.var() * (2 / (len(means) - 1)) ** 0.5)


def test_a_day_keeps_more_of_its_arrivals_on_a_monday_than_on_a_saturday() -> None:
    """Of three hundred days of visits alone, so that chance is small beside the difference."""
    changes = SMALL | {"days": 300, "session_history_days": 300, "day_spread": 0.0, "coverage_per_mindblock": 0}
    longer = resolve(WORLD, "realistic", seed=7, epoch_us=EPOCH_US, overrides=changes)
    kept = longer.eras[0].values.series("lived_weekdays")
    found = np.zeros(7, dtype=np.int64)
    for batch in generate(longer, whole(longer), Window(EPOCH_US - 294 * DAY_US, EPOCH_US)):
        if batch.table == "journey_scene_events":
            began = pc.equal(batch.rows.column("event_type"), "scene_started")
            at = pc.cast(batch.rows.filter(began).column("created_at"), pa.int64()).to_numpy()
            found += np.bincount((at // DAY_US + 3) % 7, minlength=7)
    # A visit has some scenes, a little more than four of which count as one.
    assert_shares((found // 5).tolist(), [one / sum(kept) for one in kept])


def test_texts_are_hardly_ever_the_same_and_have_no_empty_slot() -> None:
    for table, column in (
        ("journey_scene_captures", "capture_text"),
        ("journey_resistance_checks", "notes"),
        ("journey_real_world_triggers", "trigger_text"),
    ):
        texts = [text for text in lived()[table].column(column).to_pylist() if text]
        assert len(texts) > 200
        assert len(set(texts)) > 0.98 * len(texts), table
        assert not [text for text in texts if set(text) & set("{}_") or "  " in text or text != text.strip()], table


def test_a_rate_that_the_most_of_a_minute_would_cut_down_is_refused() -> None:
    changes = {"sessions_share": 1.0, "sessions_per_min": 5, "max_per_run": 30}
    made = resolve(WORLD, "realistic", seed=7, epoch_us=EPOCH_US, overrides=SMALL | changes)
    with pytest.raises(BadInput, match="sessions_per_min") as refused:
        made.check_values({"max_per_run": 5})
    assert "at most 1.18, with max_per_run = 5" in str(refused.value)
    resolve(WORLD, "documented", seed=7, epoch_us=EPOCH_US, overrides={"sessions_per_min": 5, "max_per_run": 5})
