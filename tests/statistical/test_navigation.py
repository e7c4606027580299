"""Visits as bots play them go the way that the navigation declares, by chi-square over more than 500 of them."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from golden.runs import EPOCH
from populace import clock
from populace.engine.upcoming import Upcoming, upcoming
from populace.plan import Plan, resolve
from populace.spec.navigation import VISIT
from populace.worlds.hogflix import LIFE, WORLD

NAVIGATION = WORLD.navigation
assert NAVIGATION is not None
MANY = 800
BOUND = 4.4
"""Standard errors: about one in 100,000 at both sides."""


@cache
def plan() -> Plan:
    return resolve(WORLD, "default", seed=1, epoch_us=EPOCH)


@cache
def visits() -> list[Upcoming]:
    return upcoming(plan(), LIFE, NAVIGATION, EPOCH, EPOCH + 20 * clock.DAY_US, MANY)


@cache
def done() -> Counter[str]:
    found: Counter[str] = Counter({VISIT: len(visits())})
    for visit in visits():
        for deed in visit.deeds:
            found[deed.step] += deed.times
    return found


def test_where_visits_begin_is_as_declared() -> None:
    first = Counter(visit.deeds[0].step for visit in visits())
    weights = np.array(plan().eras[0].values.series(f"{NAVIGATION.entry.removeprefix('visit.')}_weights"))
    expected = weights / weights.sum() * len(visits())
    seen = np.array([first[name] for name in NAVIGATION.entries])
    assert seen.sum() == MANY
    chi, freedom = float(((seen - expected) ** 2 / expected).sum()), len(seen) - 1
    # Wilson and Hilferty's approximation.
    assert chi <= freedom * (1 - 2 / (9 * freedom) + BOUND * (2 / (9 * freedom)) ** 0.5) ** 3


@pytest.mark.parametrize("step", [one for one in NAVIGATION.steps if one.share], ids=lambda one: one.name)
def test_steps_are_done_as_often_as_declared(step: object) -> None:
    share, among = plan().eras[0].values.number(step.share), done()[step.among]  # type: ignore[attr-defined]
    # How much of a video is watched follows from the class of a visit: an average, give or take 0.03.
    beyond = 0.03 if step.name == "half" else 0.0  # type: ignore[attr-defined]
    error = (share * (1 - share) / among) ** 0.5
    assert abs(done()[step.name] / among - share) <= beyond + BOUND * error  # type: ignore[attr-defined]


def test_common_paths_are_gone() -> None:
    ways = [" ".join(deed.step for deed in visit.deeds if deed.step not in ("half", "rate")) for visit in visits()]
    for path in NAVIGATION.paths:
        assert any(" ".join(path) in way for way in ways), path


def test_three_of_four_newcomers_look_at_the_plans_and_who_chose_one_pays() -> None:
    often = {"signups": "always", "signups_low": 100, "signups_high": 100}
    lively = resolve(WORLD, "default", seed=1, epoch_us=EPOCH, overrides=often)
    found = upcoming(lively, LIFE, NAVIGATION, EPOCH, EPOCH + 3 * clock.DAY_US, 1 << 20, sign_ups=True)
    joining = [one for one in found if one.signs_up]
    assert len(joining) > 250
    assert len({one.address for one in found}) == len(found)
    looked = sum(one.deeds[0].step == "pricing" for one in joining)
    assert abs(looked / len(joining) - 0.75) <= BOUND * (0.75 * 0.25 / len(joining)) ** 0.5
    for one in joining:
        assert [deed.step for deed in one.deeds if deed.step == "pay"] == ["pay"] * (one.browser["plan"] != "Basic")
        assert one.browser["name"].startswith(one.browser["plan"])
    # Nobody visits before they have signed up.
    began = {one.key: one.begins_us for one in joining}
    assert all(one.begins_us > began[one.key] for one in found if one.key in began and not one.signs_up)


def test_the_same_visit_goes_the_same_way_whoever_looks() -> None:
    some = upcoming(plan(), LIFE, NAVIGATION, visits()[40].begins_us, visits()[50].begins_us, MANY)
    assert some == visits()[40:50]
    taken = plan().with_interventions([])
    assert taken is plan()
