"""The metrics of realism: known values, people who look real, and dice, which must fail most."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.resources import files

import numpy as np
import pytest

from crowds import GAP_US, MONDAY_US, Dice, Shape, actions, dice_like, people_like
from populace.checks.realism import (
    activity,
    arrays,
    campaigns,
    clustering,
    cooccurrence,
    dailies,
    gaps,
    machine,
    popularity,
    ratings,
    retention,
    rhythm,
    sizes,
    texts,
)
from populace.checks.realism.bands import BANDS, DOMAINS, SOURCES
from populace.checks.realism.finding import Finding
from populace.checks.realism.judging import METRICS, chart_of, judge, require
from populace.checks.realism.logs import Logs
from populace.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from populace.errors import BadInput
from populace.spec import Because, Realism
from spoilings import SPOILINGS

MEDIA = Realism(domain="media")


def found(logs: Logs, declared: Realism = MEDIA, scenario: str = "made") -> dict[str, Finding]:
    return {f.metric.id: f for f in judge(logs, declared, scenario)}


def red(logs: Logs) -> set[str]:
    return {name for name, f in found(logs).items() if f.standing == "red"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_people_who_look_real_are_not_accused(seed: int) -> None:
    verdicts = found(people_like(seed))
    assert {name: f.measured for name, f in verdicts.items() if f.standing == "red"} == {}
    assert sum(f.standing == "in" for f in verdicts.values()) == len(METRICS)


def test_few_of_them_are_not_accused_either() -> None:
    assert red(people_like(4, Shape(people=80, days=40, campaigns=25))) == set()


@pytest.mark.parametrize("seed", [1, 2])
def test_dice_fail_most(seed: int) -> None:
    verdicts = found(dice_like(seed, Shape(people=400)))
    judged = [f for f in verdicts.values() if f.standing in ("in", "red")]
    assert sum(f.standing == "red" for f in judged) > len(judged) / 2
    assert verdicts["gini"].standing == verdicts["zipf"].standing == verdicts["hour_entropy"].standing == "red"


def test_every_metric_has_bands_with_sources_and_a_chart() -> None:
    assert {m.id for m in METRICS} == set(BANDS)
    assert len({m.id for m in METRICS}) == len(METRICS)
    named = {source for bands in BANDS.values() for source in bands.sources}
    assert named == set(SOURCES)
    for bands in BANDS.values():
        assert all(band is None or band[0] < band[1] for band in map(bands.of, DOMAINS))
    logs = people_like()
    assert [m.id for m in METRICS if not chart_of(m, logs).rows] == []


def test_what_a_population_lacks_is_left_out_with_the_reason() -> None:
    verdicts = found(Logs(gap_us=GAP_US, actions=people_like().actions))
    assert verdicts["rating_people"].standing == "left out"
    assert verdicts["rating_people"].why == "people give no stars here"
    declared = Realism(domain="mail", left_out={"night": "a machine answers"})
    others = found(people_like(), declared)
    assert (others["night"].standing, others["night"].why) == ("left out", "a machine answers")
    assert others["return_1"].standing == "left out"


def test_too_few_are_open_rather_than_red() -> None:
    verdicts = found(dice_like(1, Shape(people=20, days=10)))
    assert verdicts["gini"].standing == verdicts["weekday_spread"].standing == "open"
    assert "it takes 50" in verdicts["gini"].why


@pytest.mark.parametrize("kept", [0, 1, 2, 5, 20])
def test_hardly_anybody_is_no_error(kept: int, clean: Logs) -> None:
    few = {
        name: frame.of(np.arange(len(frame)) < kept)
        for name in ("people", "actions", "ratings", "campaigns", "texts", "followed")
        if (frame := getattr(clean, name)) is not None
    }
    logs = replace(clean, **few)
    assert {f.standing for f in found(logs).values()} <= {"open", "left out", "in"}
    assert all(chart_of(m, logs).name == m.id for m in METRICS)


def test_the_documents_numbers_are_named_where_they_make_a_metric_red() -> None:
    declared = Realism(
        domain="media",
        drivers={"gini": ("pace",)},
        because=(
            Because(metrics=("gini",), why="all alike"),
            Because(metrics=("gini",), why="no", scenarios=("other",)),
        ),
    )
    verdict = found(dice_like(1, Shape(people=200)), declared)["gini"]
    assert (verdict.because, verdict.drivers) == (("all alike",), ("pace",))
    assert found(people_like(), declared)["gini"].because == ()


def test_a_declaration_with_names_that_there_are_not_is_refused_whole() -> None:
    declared = Realism(domain="medai", drivers={"ginni": ()}, because=(Because(metrics=("zip",), why=""),))
    with pytest.raises(BadInput) as refused:
        require(declared, "mine.realism")
    assert len(refused.value.faults) == 3
    assert "did you mean 'media'" in str(refused.value)


@pytest.fixture(scope="module")
def clean() -> Logs:
    return people_like(1)


@pytest.mark.parametrize("name", [*SPOILINGS])
def test_every_spoiling_is_caught(name: str, clean: Logs) -> None:
    # The first that is red will do.
    assert any(f.standing == "red" for f in judge(SPOILINGS[name](clean), MEDIA, "made"))


def test_the_files_that_worlds_name_as_drivers_are_there() -> None:
    for world in ("campaigns", "hogflix", "recoverlution", "worldchef"):
        declared = import_module(f"populace.worlds.{world}").WORLD.realism
        require(declared, world)
        named = {driver for drivers in declared.drivers.values() for driver in drivers if "/" in driver}
        folder = files(f"populace.worlds.{world}")
        assert [name for name in sorted(named) if not folder.joinpath(name).is_file()] == []


# Known values


def test_inequality() -> None:
    assert arrays.gini(np.array([5, 5, 5, 5])) == pytest.approx(0)
    assert arrays.gini(np.array([0, 0, 0, 8])) == pytest.approx(0.75)
    assert arrays.top_share(np.array([1] * 9 + [11]), 0.1) == pytest.approx(11 / 20)
    assert arrays.top_share(np.array([4, 3, 2, 1]), 0.375) == pytest.approx(5.5 / 10)
    assert activity.single_share(np.array([1, 1, 2, 9])) == 0.5


def test_burstiness_of_a_clock_of_dice_and_of_bursts() -> None:
    who = np.zeros(4000, dtype=np.int64)
    clockwork = np.full(4000, DAY_US)
    dice = (-np.log(Dice(1).uniform(4000)) * DAY_US).astype(np.int64)
    assert gaps.pooled_burstiness(clockwork) == pytest.approx(-1)
    assert gaps.pooled_burstiness(dice) == pytest.approx(0, abs=0.04)
    assert gaps.pooled_burstiness((dice / DAY_US) ** 3 * DAY_US) > 0.4
    few = np.repeat(np.arange(500), 8)
    # Eight gaps of each: without the correction dice would look like a clock.
    assert gaps.personal_burstiness(few, dice)[0] == pytest.approx(0, abs=0.04)
    assert gaps.memory(who, dice)[0] == pytest.approx(0, abs=0.05)
    assert gaps.memory(few, dice)[0] == pytest.approx(0, abs=0.06)
    assert gaps.memory(who, np.tile([HOUR_US, DAY_US], 2000))[0] == pytest.approx(-1, abs=0.01)
    assert gaps.memory(who, np.repeat(dice[:400], 10))[0] > 0.8


def test_hours_and_weekdays() -> None:
    hours = np.zeros(24, dtype=np.int64)
    hours[20], hours[3] = 3, 1
    assert (rhythm.peak_share(hours), rhythm.night_share(hours)) == (0.75, 0.25)
    assert rhythm.entropy(np.ones(24, dtype=np.int64)) == pytest.approx(1)
    days = MONDAY_US // DAY_US + np.arange(70)
    assert rhythm.weekday(days[:7]).tolist() == list(range(7))
    came = np.tile([10, 10, 10, 10, 10, 20, 20], 10)
    assert rhythm.weekend_ratio(days, came) == pytest.approx(2)
    spread, error = rhythm.weekday_spread(days, came)
    assert spread == pytest.approx(np.tile(came[:7], 1).std(ddof=1) / came[:7].mean(), rel=0.02)
    assert error < 0.05


def test_days_that_follow_each_other() -> None:
    days, steps = MONDAY_US // DAY_US + np.arange(400), Dice(3).normal(400)
    level, series = 0.0, []
    for step in steps.tolist():
        level = 0.7 * level + step
        series.append(1000 + 100 * level)
    assert dailies.autocorrelation(days, np.array(series)) == pytest.approx(0.7, abs=0.1)
    thrown = [dailies.autocorrelation(days, 1000 + 100 * Dice(seed).normal(400)) for seed in range(20)]
    assert np.mean(thrown) == pytest.approx(0, abs=0.04)
    poisson = np.array([(Dice(i).uniform(1000) < 0.1).sum() for i in range(300)])
    assert dailies.fano(poisson) == pytest.approx(0.9, abs=0.15)
    assert dailies.common_variation(10.0, 900.0, 1.0) == pytest.approx(0.105, abs=0.001)
    who, day = np.array([1, 2, 1, 1]), days[[0, 0, 1, 2]]
    assert dailies.stickiness(who, day, days[:4]) == pytest.approx(4 / 4 / 2)


def test_the_shifted_beta_geometric_law_is_found_again() -> None:
    # Beta(1, 3) is what 1 − (1 − u)^(1/3) has.
    dice = Dice(5)
    leave = 1 - dice.uniform(6000) ** (1 / 3)
    weeks = np.floor(np.log(dice.uniform(6000)) / np.log1p(-leave))
    lived = np.minimum(weeks, 20).astype(np.int64)
    alpha, beta = retention.beta_geometric(lived, weeks < 20)
    assert retention.polarisation(alpha, beta) == pytest.approx(1 / 5, abs=0.03)
    same = np.floor(np.log(dice.uniform(6000)) / np.log1p(-0.2))
    alpha, beta = retention.beta_geometric(np.minimum(same, 20).astype(np.int64), same < 20)
    assert retention.polarisation(alpha, beta) < 0.03


def test_popularity_sizes_and_stars() -> None:
    counts = np.rint(10_000 / np.arange(1, 301) ** 0.8).astype(np.int64)
    assert popularity.zipf_slope(counts) == pytest.approx(0.8, abs=0.01)
    assert popularity.zipf_slope(np.full(50, 20)) == pytest.approx(0)
    dice = Dice(7)
    drawn = np.exp(3 + 0.7 * dice.normal(3000))
    assert sizes.log_spread(drawn) == pytest.approx(0.7, abs=0.03)
    assert sizes.better_log_normal(drawn) > 0.1
    assert sizes.better_log_normal(50 + 10 * dice.normal(3000)) < 0
    assert sizes.tail(np.array([1.0, 2.0, 30.0])) == 15
    who, item = np.repeat(np.arange(400), 10), np.tile(np.arange(40), 100)
    stars = 3 + 0.5 * dice.normal(400)[who] + 0.3 * dice.normal(40)[item] + dice.normal(4000)
    assert ratings.spread_of_means(who, stars)[0] == pytest.approx(0.5, abs=0.08)
    assert ratings.spread_of_means(item, stars)[0] == pytest.approx(0.3, abs=0.1)


def test_campaigns_beyond_the_binomial() -> None:
    dice, trials = Dice(9), np.full(200, 2000)
    same = np.array([(dice.uniform(2000) < 0.1).sum() for _ in range(200)])
    different = np.array([(dice.uniform(2000) < 0.1 * (1.4 if i % 2 else 0.6)).sum() for i in range(200)])
    assert campaigns.spread_of_rates(trials, same) == pytest.approx(0, abs=0.04)
    assert campaigns.spread_of_rates(trials, different) == pytest.approx(0.4, abs=0.03)


def test_habits_of_ones_own() -> None:
    dice, who = Dice(11), np.repeat(np.arange(300), 12)
    own, each = dice.normal(300)[who], dice.normal(3600)
    assert clustering.share_between(who, own + 2 * each)[0] == pytest.approx(0.2, abs=0.04)
    local = ((12 + 3 * own + each) % 24 * HOUR_US).astype(np.int64)
    assert clustering.hour_share(who, local)[0] > 0.6
    assert clustering.hour_share(who, (24 * HOUR_US * dice.uniform(3600)).astype(np.int64))[0] == pytest.approx(
        0, abs=0.02
    )


def test_taste_is_more_than_popularity() -> None:
    dice, who = Dice(13), np.repeat(np.arange(2000), 6)
    popular = dice.one_of(1 / np.arange(1, 61), 12_000)
    none = np.zeros(0, dtype=np.int64)
    assert cooccurrence.lift(who, popular, none)[0] == pytest.approx(1, abs=0.05)
    group = np.arange(2000)[who] % 3
    assert cooccurrence.lift(who, popular // 3 * 3 + group, none)[0] > 2


def test_texts() -> None:
    assert texts.repeated(["Yes!", "yes", "no", "perhaps"]) == 0.5
    assert texts.commonest_sentence(["Hello. One.", "Hello! Two.", "Three."]) == (2 / 3, "hello")
    long = "the quick brown fox jumps over the lazy dog near the old river bank at noon with {}"
    many = [long.format(word) for word in ("joy", "care", "luck")] + ["something else that nobody has ever said before"]
    assert texts.nearly_repeated(many) == 0.75


def test_times_of_machines() -> None:
    who = np.zeros(300, dtype=np.int64)
    every = MONDAY_US + np.arange(300) * 7 * MINUTE_US
    assert machine.equal_gaps(who, every)[0] > 0.99
    jittered = every + (Dice(15).uniform(300) * 5 * MINUTE_US).astype(np.int64)
    assert machine.equal_gaps(who, jittered)[0] < 0.03
    assert machine.whole_seconds(every) == 1
    assert machine.whole_seconds(jittered) < 0.02


def test_a_visit_goes_on_while_something_is_under_way() -> None:
    at = MONDAY_US + np.array([0, 20, 100, 130, 200]) * MINUTE_US
    logs = Logs(gap_us=GAP_US, actions=actions(np.zeros(5, dtype=np.int64), at, size=np.array([1.0, 2, np.nan, 4, 8])))
    assert logs.visits.at.tolist() == at[[0, 2, 4]].tolist()
    assert logs.visits.size.tolist() == [3, 4, 8]
    assert logs.actions is not None
    # A film that began at 0 and lasts until 90 joins what follows within the half hour after it.
    film = replace(logs.actions, until=np.maximum(at, MONDAY_US + np.array([90, 0, 0, 0, 0]) * MINUTE_US))
    assert Logs(gap_us=GAP_US, actions=film).visits.at.tolist() == at[[0, 4]].tolist()


def test_of_deleted_people_only_the_days_count_of_which_nearly_all_are_left() -> None:
    from populace.checks.realism.logs import SignUps

    logs = people_like()
    assert logs.people is not None
    joined = logs.people.joined // DAY_US
    days, each = np.unique(joined, return_counts=True)
    gone = days < days[50]
    counted = SignUps(np.zeros(len(days), dtype=np.int64), days, np.where(gone, each * 3, each))
    whole = replace(logs, sign_ups=SignUps(np.zeros(len(days), dtype=np.int64), days, each))
    assert retention.return_rate(1, 1, whole).n == retention.return_rate(1, 1, logs).n
    people, since, _ = retention.observed(replace(logs, sign_ups=counted), 1)
    assert 0 < len(people) < len(joined)
    assert since.min() >= days[45]


def test_seconds_are_seconds() -> None:
    assert machine.whole_seconds(np.array([SECOND_US, SECOND_US + 1])) == 0.5
