"""Aggregates of a real product: the file of them, how a week of hours is fitted, the search, and what is refused."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from populace.checks.realism.activity import deciles
from populace.engine.streams import below
from populace.errors import BadInput
from populace.operations.calibrating import aggregates_file, weeks
from populace.operations.calibrating.aggregates import AGGREGATES, WEEK, divergence
from populace.operations.calibrating.aggregates_file import EXAMPLE, SECTIONS, WEEKDAYS, Wanted
from populace.operations.calibrating.fitting import Knob, Search, Spent
from populace.spec import Parameter, Values
from populace.spec.kit import rhythm
from populace.worlds.hogflix import WORLD

DAY = "1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1"
FLAT = "[week]\n" + "\n".join(f"{name} = [{DAY}]" for name in WEEKDAYS)


def refused(tmp_path: Path, text: str | bytes) -> BadInput:
    file = tmp_path / "aggregates.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(BadInput) as caught:
        aggregates_file.read(file)
    return caught.value


def test_the_example_is_a_file_of_every_aggregate(tmp_path: Path):
    file = tmp_path / "example.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    found = aggregates_file.read(file)
    assert set(found.values) == {one.id for one in AGGREGATES}
    assert set(tomllib.loads(EXAMPLE)) == set(SECTIONS)


def test_what_is_written_is_read_again(tmp_path: Path):
    before = aggregates_file.of_document(tomllib.loads(EXAMPLE))
    file = tmp_path / "again.toml"
    file.write_text(aggregates_file.written(before, "a comment"), encoding="utf-8")
    after = aggregates_file.read(file)
    assert after.days == before.days
    assert {name: value.tolist() for name, value in after.values.items()} == {
        name: value.tolist() for name, value in before.values.items()
    }


@pytest.mark.parametrize(
    ("text", "line", "what", "said"),
    [
        ("[retention]\nd1 = 0.3\nd8 = 0.1\n", 3, "no such aggregate", "d1"),
        ("[retentoin]\nd1 = 0.3\n", 1, "no such part", "retention"),
        ("[retention]\nd1 = 32\n", 2, "no share", "0.32 for 32 %"),
        ("[retention]\nd1 = -0.1\n", 2, "no share", "0 to 1"),
        ("[retention]\nd1 = true\n", 2, "no share", "0 to 1"),
        ("[activity]\n\ndau = 0\n", 3, "number of people", "above 0"),
        ("[visits_per_person]\ndeciles = [1, 2, 3]\n", 2, "no deciles", "9 numbers"),
        ("[visits_per_person]\ndeciles = [1, 2, 3, 4, 5, 6, 8, 7, 9]\n", 2, "deciles of visits", "below the one"),
        ("[visits_per_person]\ndeciles = [0, 0, 0, 1, 1, 1, 2, 3, 4]\n", 2, "deciles of visits", "with a visit"),
        ("[visits_per_person]\ndays = 0\n", 2, "number of days", "1 to 366"),
        ("[popularity]\ntop_tenth = 0.04\n", 2, "less than their part", "0.1"),
        ("[popularity]\ntop_tenth = 0.4\ntop_hundredth = 0.5\n", 3, "more than the top 10 %", "at most"),
        (FLAT.replace("sunday", "sonntag"), 8, "no such aggregate", "sunday"),
        (FLAT.replace(f"friday = [{DAY}]", "friday = [1, 2]"), 6, "24 hours", "24 numbers"),
        (FLAT.replace(f"friday = [{DAY}]", f"friday = [{DAY.replace('1', '-1', 1)}]"), 6, "no count", "from 0 on"),
        (FLAT.replace("1", "0"), 1, "nothing happens", "above 0"),
        (FLAT.replace(f"friday = [{DAY}]\n", ""), 1, "missing", "seven days"),
        ("[[people]]\nname = 'Ann'\nvisits = 3\n", 1, "rows", "never rows of people"),
        ("[activity]\ndau = [{ name = 'Ann' }]\n", 2, "rows", "never rows of people"),
        ("retention = 3\n", 1, "no part", "[retention]"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, line: int, what: str, said: str):
    error = refused(tmp_path, text)
    found = next(f for f in error.faults or (error,) if what in f.what)
    assert str(found.where).startswith(f"{tmp_path / 'aggregates.toml'}:{line}"), found.where
    assert said in str(found)
    assert error.exit_code == 2


@pytest.mark.parametrize("text", ["", "# nothing\n", "[retention]\n"])
def test_a_file_without_aggregates_is_refused(tmp_path: Path, text: str):
    assert "no aggregates" in refused(tmp_path, text).what


@pytest.mark.parametrize(
    "text",
    ["person,visits\nann,3\n", b"\xff\xfe\x00", '{"d1": 0.3}', "[retention]\nd1 = nan\n", "[activity]\ndau = inf\n"],
)
def test_what_is_no_toml_is_refused(tmp_path: Path, text: str | bytes):
    error = refused(tmp_path, text)
    assert "cannot be read" in error.what
    assert "never rows of people" in str(error)


def test_all_faults_are_said_at_once(tmp_path: Path):
    error = refused(tmp_path, "[retention]\nd1 = 32\nd7 = -1\n[activity]\ndau = 0\n")
    assert len(error.faults) == 3


def test_a_later_return_may_be_higher(tmp_path: Path):
    # On the day itself, and not "then or later": people of a weekly habit come after a week and not on the next day.
    found = aggregates_file.of_document({"retention": {"d1": 0.1, "d7": 0.3}})
    assert set(found.values) == {"d1", "d7"}


def test_deciles_lie_within_the_counts_that_people_have():
    assert np.isnan(deciles(np.array([], dtype=np.int64))).all()
    counts = np.repeat([1, 2, 10], [50, 30, 20])
    found = deciles(counts)
    assert (np.diff(found) > 0).all()
    assert found[4] == pytest.approx(1.5)
    assert found[8] == pytest.approx(10.0)


def test_divergence_is_none_of_equal_tables_and_a_bit_of_tables_that_share_nothing():
    one = np.zeros((7, 24))
    one[0, 3] = 5
    other = np.roll(one, 1)
    assert divergence(one, 3 * one) == 0
    assert divergence(one, other) == pytest.approx(1.0)
    assert 0 < divergence(one + other, other) < 1


def test_a_week_of_hours_becomes_what_people_do():
    """People come by the week's weights, and beside them at any hour, which the fit takes off."""
    fitting = WORLD.realism.fitting if WORLD.realism else None
    assert fitting is not None
    wanted = 1.3 + np.sin(np.arange(168) * 2.7).reshape(7, 24)
    wanted[5:] *= 3
    now = {p.path: p.default for p in WORLD.parameters}
    week = weeks.Week.wanted(wanted, fitting, now)
    for _ in range(12):
        came = week.weights * week.days[:, None]
        seen = np.round(1e6 * (0.9 * came / came.sum() + 0.1 / 168)).astype(np.int64)
        week = week.nearer(wanted, seen)
    assert divergence(wanted, seen) < 1e-4
    values = week.values(fitting)
    parameter = next(p for p in WORLD.parameters if p.path == rhythm.PATH)
    assert parameter.check(values[rhythm.PATH], "test")
    assert all(0 <= float(values[path]) <= 10 for path in fitting.weekdays)


def test_a_week_is_one_text_and_back():
    weights = [[float(hour + day) for hour in range(24)] for day in range(7)]
    text = rhythm.written(weights)
    found = rhythm.week(Values({rhythm.PATH: text}), "test")
    assert found is not None
    assert divergence(np.array(found), np.array(weights)) < 1e-6
    assert rhythm.week(Values({rhythm.PATH: rhythm.OWN}), "test") is None
    with pytest.raises(BadInput, match="nothing ever goes on"):
        rhythm.week(Values({rhythm.PATH: rhythm.written(np.eye(7, 24).tolist()).replace("9999", "0")}), "test")


def test_hours_follow_the_weekday_that_they_lie_in():
    """A day that begins at 15:00 on a Monday has that Monday's evening and Tuesday's morning."""
    week = tuple(tuple(100 if hour == 3 * day else 0 for hour in range(24)) for day in range(7))
    quantile = np.arange(0, rhythm.PARTS, 4_096)
    monday = np.zeros(len(quantile), dtype=np.int64)
    assert set(rhythm.hour_at(week, monday, monday + 15, quantile).tolist()) == {3}
    assert set(rhythm.hour_at(week, monday, monday, quantile).tolist()) == {0}
    assert set(rhythm.hour_at(week, monday + 6, monday + 18, quantile).tolist()) == {0, 18}


KNOBS = (
    Knob.of(Parameter(path="often", default=0.3, low=0.0, high=1.0, means="a share"), 0.3),
    Knob.of(Parameter(path="spread", default=1.0, low=0.0, high=3.0, means="a spread"), 1.0),
    Knob.of(Parameter(path="days", default=14, low=1, high=3_650, means="days"), 14),
)


@pytest.mark.parametrize("value", [0.0, 0.001, 0.02, 0.3, 0.97, 1.0])
def test_a_share_keeps_its_value_in_steps(value: float):
    assert KNOBS[0].outer(KNOBS[0].inner(value)) == pytest.approx(value, abs=2e-3)


def test_hidden_numbers_are_found_again():
    hidden = {"often": 0.8, "spread": 2.2, "days": 60}

    def residuals(found: object) -> np.ndarray:
        assert isinstance(found, dict)
        seen, want = (np.array([v["often"] * v["spread"], math.log(v["days"]), v["often"]]) for v in (found, hidden))
        return (seen - want) / 0.01

    drives = np.array([[True, True, False], [False, False, True], [True, False, False]])
    begin = {knob.path: knob.start for knob in KNOBS}
    found = Search(KNOBS, residuals, drives, np.full(3, 0.1)).run(begin)
    assert found["often"] == pytest.approx(0.8, abs=0.02)
    assert found["spread"] == pytest.approx(2.2, abs=0.1)
    assert found["days"] == pytest.approx(60, abs=2)


def how_far(found: object) -> np.ndarray:
    """From hidden numbers, in errors."""
    assert isinstance(found, dict)
    hidden = {"often": 0.5, "spread": 1.6, "days": 30}
    seen, want = (
        np.array([math.log(v["often"] * v["spread"]), math.log(v["days"]), 2 * v["often"]]) for v in (found, hidden)
    )
    return (seen - want) / 0.05


def test_chance_in_every_simulation_is_no_fit():
    """Of a few noisy simulations the search believes none by itself: it ends nearer than one of them could show."""
    noise, off = 2.0, []
    drives = np.array([[True, True, False], [False, False, True], [True, False, False]])
    for search in range(12):
        looks = itertools.count()

        def residuals(found: object, looks: Iterator[int] = looks, search: int = search) -> np.ndarray:
            look = next(looks)
            if look == 40:
                raise Spent
            drawn = (below(search, 10_000, np.arange(3), look) + 0.5) / 10_000
            return how_far(found) + noise * np.array([NormalDist().inv_cdf(one) for one in drawn.tolist()])

        found = Search(KNOBS, residuals, drives, np.full(3, noise)).run({knob.path: knob.start for knob in KNOBS})
        off.append(how_far(found))
    assert np.sqrt(np.mean(np.square(off))) < noise / 2


def test_a_search_that_may_not_look_gives_back_what_it_was_given():
    def spent(_found: object) -> np.ndarray:
        raise Spent

    begin = {knob.path: knob.start for knob in KNOBS}
    assert Search(KNOBS, spent, np.ones((1, 3), dtype=np.bool_), np.ones(1)).run(begin) == begin


def test_wanted_days_are_those_of_the_part():
    assert Wanted({}, {"popularity": 90}).days_of("popularity") == 90
    assert Wanted({}).days_of("popularity") == 28
    assert WEEK in SECTIONS
