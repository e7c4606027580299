"""Heterogeneity of lifecycles: people differ as declared, neutral settings change nothing, explain says what was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bounds import normal_bound
from golden.runs import EPOCH, run
from lives import GYM, LIVES
from populace.clock import DAY_US, SECOND_US, from_datetime
from populace.engine import explain
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EngineDraw, Window
from populace.engine.odds import LEAST_ODDS, MICRO, MOST_ODDS, below_odds, times_odds
from populace.engine.processes.pools.habits import with_odds
from populace.errors import BadInput
from populace.plan import Plan, resolve
from populace.plan.thresholds import WHOLE, ResolvedChance, resolve_decision, varies
from populace.spec import Beta, Values
from populace.spec.heterogeneity import WHOLE as WHOLE_FACTOR


def gym(**overrides: object) -> Plan:
    return resolve(GYM, "default", seed=1, epoch_us=EPOCH, overrides=overrides)


DIFFERING = gym(differing=0.8, at_once=0.9, pools=3)


def test_a_draw_is_below_odds_as_it_is_below_the_chance_that_they_make():
    chances = np.r_[0, 1, 2, 499_999, 980_000, 999_999, MICRO, np.arange(3, MICRO, 33_331)]
    factors = np.r_[LEAST_ODDS, 2, 999, WHOLE_FACTOR, 1_001, 37_313, MOST_ODDS]
    micro, factor = (side.ravel() for side in np.meshgrid(chances, factors))
    made = times_odds(micro, factor)
    for drawn in (made - 1, made, made + 1, np.full_like(made, 0), np.full_like(made, MICRO - 1)):
        drawn = np.clip(drawn, 0, MICRO - 1)
        assert np.array_equal(below_odds(drawn, micro, factor), drawn < made)


@pytest.mark.parametrize(("mean", "spread"), [(0.05, 0.2), (0.5, 0.1), (0.3, 0.6), (0.9, 0.3), (0.2, 0.01)])
def test_a_beta_share_has_its_mean_and_its_spread(mean: float, spread: float):
    table = resolve_decision(Beta("frail", mean, spread), Values({}), "here")
    moments = table.moments  # type: ignore[union-attr]
    assert moments.mean == pytest.approx(1000, rel=0.01)
    assert moments.square / 1e6 - 1 == pytest.approx(spread * (1 - mean) / mean, rel=0.03)
    assert moments.low >= 0
    assert moments.high <= round(1000 / mean)


def test_a_share_without_spread_is_its_mean_and_does_not_vary():
    table = resolve_decision(Beta("frail", 0.2, 0.0, parts=700), Values({}), "here")
    assert set(table.knots.tolist()) == {700 * 1024}  # type: ignore[union-attr]
    assert not varies(table)


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 0.2), (1.0, 0.2), (0.5, 1.0), (0.5, -0.1)])
def test_what_is_no_share_is_refused(mean: float, spread: float):
    with pytest.raises(BadInput, match="of a share"):
        resolve_decision(Beta("frail", mean, spread), Values({}), "here")


def test_odds_never_pass_one_and_half_undoes_double():
    micro = np.array([0, 1, 10_000, 500_000, 980_000, MICRO])
    assert (with_odds(micro, np.full(6, 100_000)) <= 980_000).all()
    assert with_odds(micro[2:4], np.full(2, 1000)).tolist() == micro[2:4].tolist()
    assert abs(with_odds(with_odds(micro[2:4], np.full(2, 2000)), np.full(2, 500)) - micro[2:4]).max() <= 2


def test_neutral_settings_make_no_difference():
    """The same world without the declaration has the same rows and the same statistics."""
    plain = replace(GYM, flows=(replace(LIVES, heterogeneity=None),))
    edges = [EPOCH - 4 * DAY_US, EPOCH]
    one, other = (resolve(world, "default", seed=2, epoch_us=EPOCH, overrides={"days": 4}) for world in (GYM, plain))
    assert run(one, edges) == run(other, edges)


def test_who_comes_at_once_comes_seconds_after_the_sign_up():
    edges = [DIFFERING.origin_us, EPOCH]
    outcome = run(DIFFERING, edges)
    joined = {row["id"]: from_datetime(row["created_at"]) for row in outcome.rows("members")}
    new = {key for key, at in joined.items() if at >= DIFFERING.origin_us + DAY_US}
    ended: dict[bytes, int] = {}
    for row in outcome.rows("visits"):
        at = from_datetime(row["created_at"])
        ended[row["member_id"]] = min(ended.get(row["member_id"], at), at)
    # A visit takes 20 to 290 minutes, and begins 5 to 400 seconds after the sign-up.
    soon = [key for key in new if key in ended and ended[key] - joined[key] <= (290 * 60 + 400) * SECOND_US]
    _, _, _, came = outcome.statistics["chances"]["first"]
    assert len(new) >= 5
    assert len(soon) >= 0.6 * len(new)
    assert came >= len(soon)


def test_each_constant_is_drawn_once_and_counted_once():
    counted = run(DIFFERING, [DIFFERING.origin_us, EPOCH]).statistics
    cut = run(DIFFERING, [DIFFERING.origin_us, EPOCH - 3 * DAY_US, EPOCH], 3).statistics
    assert counted == cut
    signed_up = counted["choices"]["tier"][0]
    assert counted["measures"]["propensity"][0] == counted["measures"]["frailty"][0] == sum(signed_up)
    assert sum(counted["choices"]["day.own"][0]) == 9


def test_explain_says_what_was_done():
    found = list(explain.everybody(DIFFERING, LIVES, (0, 3), EPOCH))
    days = range((EPOCH - 6 * DAY_US) // DAY_US, EPOCH // DAY_US)
    days_of = [why.today for why in explain.each(DIFFERING, LIVES, [(who, day) for who in found for day in days])]
    some = [today for today in days_of if today is not None and today.meant_to_come == bool(today.visits)]
    assert len(some) > 50
    assert all(today.meant_to_come == today.came for today in some)
    steps = {step.what for today in some for step in today.steps}
    assert {"own propensity", "this phase", "the day, for all", "who signs up comes at once (first)"} <= steps


def test_a_chance_whose_odds_vary_is_accounted_with_each_ones_own():
    """Neutral factors decide nearly as the plain chance does; others shift the share, and its account with it."""
    made, n = gym(), 20_000
    point = next(p for p, decision in made.eras[0].decisions.items() if isinstance(decision, ResolvedChance))
    entity, factor = np.arange(n), np.repeat([200, 1_000, 5_000], n)
    accounts = DrawStatistics()
    draw = EngineDraw(made, made.eras[0], Window(0, 1), accounts)
    plain = draw.quiet.chance(point, entity, np.zeros(n, dtype=np.int64))
    yes = draw.varied_chance(point, np.tile(entity, 3), np.zeros(3 * n, dtype=np.int64), factor).reshape(3, n)
    assert np.mean(yes[1] != plain) < 0.001
    assert (yes[0] <= yes[1]).all()
    assert (yes[1] <= yes[2]).all()
    drawn, expected, variance, happened = accounts.chances[point]
    assert (drawn, happened) == (3 * n, int(yes.sum()))
    assert 0 < abs(happened - expected / WHOLE) <= normal_bound((variance / WHOLE) ** 0.5)
    cut = DrawStatistics()
    for part in (slice(0, 9_001), slice(9_001, None)):
        piece = EngineDraw(made, made.eras[0], Window(0, 1), cut)
        piece.varied_chance(point, np.tile(entity, 3)[part], np.zeros(3 * n, dtype=np.int64)[part], factor[part])
    assert cut.document() == accounts.document()
