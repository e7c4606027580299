"""Clocks: a speed belongs to a run, a population ahead of real time is reported wherever somebody looks, and both can
be chosen."""

from __future__ import annotations

from typing import Any

import pytest

from command import CLUB, ENVIRONMENT, Place, answer, call
from forks import Fork
from kills import until
from populace import clock

WHICH = ("--world", CLUB)


@pytest.fixture
def place(opened_url: str) -> Place:
    """A population under a wall clock, to whom nobody comes: days pass in a moment."""
    answer("seed", CLUB, "--set=rate=0", "--yes", "--target", opened_url)
    return Place.at(CLUB, opened_url)


def clock_of(place: Place, *words: str, code: int = 0) -> Any:
    return answer("clock", *words, *WHICH, "--target", place.target, code=code)


def finding(place: Place, title: str) -> dict[str, Any]:
    findings = answer("doctor", *WHICH, "--target", place.target)["findings"]
    return dict(next(f for f in findings if f["title"] == title))


def test_a_speed_belongs_to_the_run(place: Place) -> None:
    before = clock_of(place)
    assert (before["mode"], before["speed"], before["ahead_seconds"]) == ("wall", 1.0, 0.0)
    ahead = clock.iso(clock.now_us() // clock.HOUR_US * clock.HOUR_US + 30 * clock.HOUR_US)
    said = call("run", CLUB, "--speed", "100000", "--until", ahead, "--target", place.target).stderr
    assert "ahead of real time" in said
    assert "populace clock free" in said
    now = clock_of(place)
    assert (now["mode"], now["speed"], now["watermark"]) == ("wall", 1.0, ahead)
    assert 28 * 3600 < now["ahead_seconds"] <= 30 * 3600
    # Simulated now in SQL is what is written, as the app sees it.
    assert place.number("SELECT (populace.now() = populace.watermark())::int") == 1


def test_a_population_ahead_of_real_time_is_reported_wherever_somebody_looks(place: Place) -> None:
    """As after a step of the machine's clock: the watermark lies in the future."""
    ahead = clock.iso(clock.now_us() // clock.HOUR_US * clock.HOUR_US + 72 * clock.HOUR_US)
    place.do(f"UPDATE populace.ledger SET until = '{ahead}'")
    status = answer("status", *WHICH, "--target", place.target)
    assert 70 * 3600 < status["ahead_seconds"] < 73 * 3600
    assert status["behind_seconds"] == 0
    found = finding(place, "the clock")
    assert found["state"] == "attention"
    assert "3 days ahead of real time" in found["measured"] or "hours ahead of real time" in found["measured"]
    assert "populace clock free" in found["todo"]
    tick = call("tick", CLUB, "--target", place.target)
    assert "ahead of real time: nobody does anything until then; populace clock free" in tick.stderr
    runner = Fork(["run", CLUB, "--target", place.target], ENVIRONMENT)
    until(lambda: "ahead of real time" in runner.said, "the runner to say so")
    assert "populace clock free" in runner.kill()
    said = call("clock", *WHICH, "--target", place.target).stdout
    assert "nothing more until real time has caught up, in " in said

    # One who does not want to wait continues at once.
    free = clock_of(place, "free", "--speed", "3600")
    assert (free["mode"], free["speed"], free["ahead_seconds"]) == ("free", 3600.0, 0.0)
    assert finding(place, "the clock")["state"] == "ok"
    later = clock.iso(clock.parse(ahead, "ahead") + clock.HOUR_US)
    done = answer("run", CLUB, "--until", later, "--target", place.target)
    assert (done["watermark"], done["ahead_seconds"]) == (later, 0.0)
    assert clock_of(place)["speed"] == 3600.0

    # And back: real time has to catch up.
    wall = clock_of(place, "wall")
    assert (wall["mode"], wall["speed"]) == ("wall", 1.0)
    assert wall["ahead_seconds"] > 70 * 3600


def test_a_clock_is_chosen_with_care(place: Place) -> None:
    for words, why in (
        (("fre",), "did you mean 'free'?"),
        (("wall", "--speed", "2"), "only a free clock"),
        (("--speed", "2"), "only a free clock"),
        (("free", "--speed", "0"), "0.001 to 1,000,000"),
        (("free", "--speed", "nan"), "not a number"),
    ):
        said = call("clock", *words, *WHICH, "--target", place.target, code=2).stderr
        assert why in said, words
    runner = Fork(["run", CLUB, "--target", place.target], ENVIRONMENT)
    try:
        until(lambda: place.number("SELECT count(*) FROM populace.journal WHERE event = 'run'") > 0, "a runner to lead")
        refused = call("clock", "free", *WHICH, "--target", place.target, code=3).stderr
        assert "populace run club is at work here" in refused
    finally:
        runner.kill()
    assert clock_of(place)["mode"] == "wall"


def test_a_demo_says_when_time_is_not_real_time(place: Place) -> None:
    clock_of(place, "free", "--speed", "60")
    said = call("demo", *WHICH, "--for", "1", "--yes", "--target", place.target).stderr
    assert "time here is not real time: a free clock continues from " in said
    assert " at speed 60" in said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 seconds"), (119, "119 seconds"), (150, "2.5 minutes"), (7200, "2 hours"), (100_000, "28 hours"),
     (10 * 86_400, "10 days"), (1204.4 * 86_400, "1,204 days")],
)  # fmt: skip
def test_lengths_of_time_are_said_in_their_unit(seconds: float, said: str) -> None:
    assert clock.length(int(seconds * clock.SECOND_US)) == said
