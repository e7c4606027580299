"""Draws: functions of (seed, name, entity, counter) and of nothing else; even, independent, and shaped as declared."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest

from bounds import ALPHA, assert_shares, normal_bound
from populace.engine import streams
from populace.plan.thresholds import ResolvedChoice, ResolvedRange, resolve_decision, weight_thresholds
from populace.spec import LogNormal

SEED = streams.stream_seed(1, "tests")
N = 100_000
ENTITIES = np.arange(N, dtype=np.int64)
TOP = np.uint64(60)


def correlation_of(a: np.ndarray, b: np.ndarray) -> float:
    """Of the draws as numbers in [0, 1)."""
    return float(np.corrcoef(a.astype(np.float64), b.astype(np.float64))[0, 1])


def test_the_seed_of_a_stream_comes_from_its_name_and_the_plan_only():
    assert streams.stream_seed(1, "a") == streams.stream_seed(1, "a")
    seeds = {streams.stream_seed(seed, name) for seed in (0, 1, 10, 2**63 - 1) for name in ("a", "b", "0a", "a0", "")}
    assert len(seeds) == 20


def test_a_draw_knows_nothing_of_its_neighbours():
    drawn = streams.bits(SEED, ENTITIES, 3)
    assert (streams.bits(SEED, ENTITIES[::-1], 3)[::-1] == drawn).all()
    picked = np.array([7, 99_999, 7, 0])
    assert (streams.bits(SEED, picked, 3) == drawn[picked]).all()
    assert streams.bits(SEED, 7, 3).tolist() == [int(drawn[7])]


def test_scalar_and_array_counters_agree_and_so_do_the_types_of_an_address():
    drawn = streams.bits(SEED, ENTITIES, 5)
    assert (streams.bits(SEED, ENTITIES, np.full(N, 5)) == drawn).all()
    assert (streams.bits(SEED, ENTITIES.astype(np.uint64), 5) == drawn).all()
    assert streams.bits(SEED, 9, np.array([0, 5])).tolist()[1] == int(drawn[9])


def test_draws_leave_their_arguments_alone():
    entity, counter, bound = ENTITIES[:50].astype(np.uint64), np.arange(50, dtype=np.uint64), np.full(50, 9)
    before = entity.copy(), counter.copy(), bound.copy()
    streams.below(SEED, bound, entity, counter)
    streams.shuffled(SEED, 64, entity, bound)
    streams.bits(SEED, entity, counter)
    assert all((a == b).all() for a, b in zip(before, (entity, counter, bound), strict=True))


def test_known_bits_do_not_change_unnoticed():
    """The engine's version must be raised when these change."""
    assert [hex(b) for b in streams.bits(SEED, np.array([0, 1, -1]), np.array([0, 1, 2]))] == KNOWN


KNOWN = ["0xdff1d63193e50781", "0xaf33376a094f9d45", "0xdba8744f9cd3a02"]


@pytest.mark.parametrize("shift", [60, 28, 0])
def test_bits_are_even(shift: int):
    for drawn in (streams.bits(SEED, ENTITIES), streams.bits(SEED, 4, ENTITIES), streams.bits(SEED, ENTITIES << 20)):
        nibble = (drawn >> np.uint64(shift)) & np.uint64(15)
        assert_shares(np.bincount(nibble.astype(np.int64), minlength=16).tolist(), [1 / 16] * 16)


def test_neighbours_and_counters_and_streams_are_independent():
    drawn = streams.bits(SEED, ENTITIES)
    bound = normal_bound(1 / math.sqrt(N))
    assert abs(correlation_of(drawn[1:], drawn[:-1])) < bound
    assert abs(correlation_of(drawn, streams.bits(SEED, ENTITIES, 1))) < bound
    assert abs(correlation_of(drawn, streams.bits(SEED, ENTITIES + 1, 1))) < bound
    assert abs(correlation_of(drawn, streams.bits(streams.stream_seed(1, "test"), ENTITIES))) < bound
    assert abs(correlation_of(drawn, streams.bits(streams.stream_seed(2, "tests"), ENTITIES))) < bound
    pairs = (drawn[1:] >> TOP) * np.uint64(16) + (drawn[:-1] >> TOP)
    assert_shares(np.bincount(pairs.astype(np.int64), minlength=256).tolist(), [1 / 256] * 256)


@pytest.mark.parametrize("bound", [1, 2, 3, 10, 1000, 2**31])
def test_below_stays_below_and_is_even(bound: int):
    drawn = streams.below(SEED, bound, ENTITIES)
    assert drawn.dtype == np.int64
    assert drawn.min() >= 0
    assert drawn.max() < bound
    cells = min(bound, 10)
    shares = [(-(-bound * (i + 1) // cells) - -(-bound * i // cells)) / bound for i in range(cells)]
    assert_shares(np.bincount(drawn * cells // bound, minlength=cells).tolist(), shares)


def test_below_takes_a_bound_for_each():
    bounds = 1 + ENTITIES % 7
    drawn = streams.below(SEED, bounds, ENTITIES)
    assert (drawn < bounds).all()
    assert (drawn[bounds == 7] == streams.below(SEED, 7, ENTITIES[bounds == 7])).all()


def test_below_is_exact_beyond_32_bits():
    few = ENTITIES[:500]
    drawn = [int(bits) for bits in streams.bits(SEED, few)]
    for bound in (2**32 + 1, 2**33, 86_400_000_000, 3 * 10**12, 2**53):
        assert streams.below(SEED, bound, few).tolist() == [bits * bound >> 64 for bits in drawn]
    mixed = np.where(few % 2 == 0, 10, 2**40)
    both = streams.below(SEED, mixed, few)
    assert (both[::2] == streams.below(SEED, 10, few[::2])).all()
    assert (both[1::2] == streams.below(SEED, 2**40, few[1::2])).all()


@pytest.mark.parametrize("bound", [-1, 2**53 + 1, np.array([3, -7])])
def test_below_refuses_a_bound_that_it_cannot_draw(bound: int):
    with pytest.raises(ValueError, match="a bound is a whole number from 0 to"):
        streams.below(SEED, bound, ENTITIES[:2])


@pytest.mark.parametrize("draw", [
    lambda: streams.below(SEED, 7.5, ENTITIES), lambda: streams.bits(SEED, ENTITIES / 2),
    lambda: streams.bits(SEED, ENTITIES, 0.5),
])  # fmt: skip
def test_what_is_no_whole_number_is_refused_where_it_would_be_cut(draw: Callable[[], object]):
    with pytest.raises(TypeError, match="whole numbers"):
        draw()


def test_within_reaches_both_ends_and_no_further():
    drawn = streams.within(SEED, ResolvedRange(-2, 2), ENTITIES)
    assert_shares(np.bincount(drawn + 2, minlength=5).tolist(), [0.2] * 5)


@pytest.mark.parametrize("weights", [(1,), (1, 3), (0, 1, 0, 2), (5, 1, 1, 1, 1, 1, 1), (0, *range(1, 40), 0)])
def test_choose_gives_each_position_its_share(weights: tuple[int, ...]):
    """Few thresholds are compared one by one, many are searched: the same answer."""
    choice = ResolvedChoice(weight_thresholds(weights, "here"))
    drawn = streams.choose(SEED, choice, ENTITIES)
    assert drawn.dtype == np.int64
    assert_shares(np.bincount(drawn, minlength=len(weights)).tolist(), [w / sum(weights) for w in weights])
    u = streams.bits(SEED, ENTITIES) >> np.uint64(11)
    assert (drawn == (u[:, None] >= choice.thresholds[None, :]).sum(axis=1)).all()


def test_chance_keeps_to_its_threshold():
    assert not streams.chance(SEED, 0, ENTITIES).any()
    assert streams.chance(SEED, 1 << 53, ENTITIES).all()
    yes = int(streams.chance(SEED, (1 << 53) // 10, ENTITIES).sum())
    assert abs(yes - N / 10) < normal_bound(math.sqrt(N * 0.09))


def test_quantile_follows_the_log_normal():
    median, sigma = 90_000.0, 0.8
    table = resolve_decision(LogNormal("dwell", median, sigma, 0, 10**8), {}, "here")
    drawn = np.sort(streams.quantile(SEED, table, ENTITIES))
    mean = median * math.exp(sigma**2 / 2)
    deviation = mean * math.sqrt(math.exp(sigma**2) - 1)
    assert abs(drawn.mean() - mean) < normal_bound(deviation / math.sqrt(N)) + mean * 1e-3
    logs = np.log(drawn)
    assert abs(logs.mean() - math.log(median)) < normal_bound(sigma / math.sqrt(N))
    assert abs(logs.std() - sigma) < normal_bound(sigma / math.sqrt(2 * N)) + sigma * 1e-3
    normal = NormalDist(math.log(median), sigma)
    below = [int((logs <= normal.inv_cdf(p)).sum()) for p in (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)]
    edges = np.array([0, *below, N])
    assert_shares(np.diff(edges).tolist(), [0.01, 0.09, 0.15, 0.25, 0.25, 0.15, 0.09, 0.01])


def test_quantile_is_clamped():
    table = resolve_decision(LogNormal("dwell", 90_000, 0.8, 80_000, 100_000), {}, "here")
    drawn = streams.quantile(SEED, table, ENTITIES)
    assert (drawn.min(), drawn.max()) == (80_000, 100_000)
    low = NormalDist().cdf(math.log(80 / 90) / 0.8)
    assert abs((drawn == 80_000).sum() - N * low) < normal_bound(math.sqrt(N * low * (1 - low))) + N / 4096


@pytest.mark.parametrize("bound", [1, 2, 3, 7, 23, 64, 65, 3000])
def test_a_shuffle_is_a_permutation_of_its_own(bound: int):
    positions = np.arange(bound)
    orders = {tuple(streams.shuffled(SEED, bound, np.full(bound, who), positions).tolist()) for who in range(20)}
    assert all(sorted(order) == positions.tolist() for order in orders)
    assert len(orders) > 1 or bound == 1


@pytest.mark.parametrize("bound", [2, 3, 4, 5, 7, 16, 23, 64, 65, 3000])
def test_a_shuffle_spreads_evenly(bound: int):
    """Each position goes to each place equally often over the entities, and so does the next one, to another place."""
    alpha = ALPHA / 3
    for position in (0, bound - 1):
        place = streams.shuffled(SEED, bound, ENTITIES, np.full(N, position))
        assert_shares(np.bincount(place, minlength=bound).tolist(), [1 / bound] * bound, alpha)
    step = (streams.shuffled(SEED, bound, ENTITIES, np.ones(N, dtype=np.int64)) - place) % bound
    if bound > 2:
        assert_shares(np.bincount(step, minlength=bound).tolist()[1:], [1 / (bound - 1)] * (bound - 1), alpha)


def test_of_every_group_as_many_as_the_share_says():
    rng = np.arange(40_000, dtype=np.int64)
    group = rng // 37
    threshold = int(0.35 * 2**53)
    yes = streams.stratified_chance(7, threshold, group, rng)
    per_group = np.bincount(group, weights=yes)[:-1]
    assert set(per_group.tolist()) <= {math.floor(37 * 0.35), math.ceil(37 * 0.35)}
    # In the mean of all groups exactly: the starts are even, so that the sum strays like a sum of coin flips.
    assert abs(per_group.mean() - 37 * 0.35) < 4 * 0.5 / math.sqrt(len(per_group))
    # Each place of a group does as often as any other.
    by_place = np.bincount(rng[:39_960] % 37, weights=yes[:39_960]) / (39_960 // 37)
    assert abs(by_place - 0.35).max() < 5 * math.sqrt(0.35 * 0.65 / (39_960 // 37))


def test_a_stratified_chance_of_nothing_and_of_all():
    group = np.repeat(np.arange(5, dtype=np.int64), [1, 0, 3, 2, 4])
    entity = np.arange(10, dtype=np.int64)
    assert not streams.stratified_chance(1, 0, group, entity).any()
    assert streams.stratified_chance(1, 1 << 53, group, entity).all()
    assert len(streams.stratified_chance(1, 5, group[:0], entity[:0])) == 0


@pytest.mark.parametrize("bound", [9, 17, 100, 2_000, 1 << 20, 1_000_003, (1 << 40) - 7])
def test_a_few_are_shuffled_as_many_are(bound: int) -> None:
    """They take another way to the same places."""
    position = np.arange(500) * 7_919 % bound
    entity = np.arange(500) * 104_729
    many = streams.shuffled(SEED, bound, entity, position)
    for size in (1, 7, 8, 9, 31, 33):
        parts = [slice(at, at + size) for at in range(0, 500, size)]
        few = [streams.shuffled(SEED, bound, entity[part], position[part]) for part in parts]
        assert np.array_equal(np.concatenate(few), many)
    assert streams.shuffled(SEED, bound, entity[:0], position[:0]).dtype == np.int64
