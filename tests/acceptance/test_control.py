"""Control of people who live: requests, settings, pauses, presets; from the next window on, or from a later moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from command import Place, answer, call, start
from populace import clock
from populace.errors import Refused
from populace.runner import lease, records

WORLD = "recoverlution"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(WORLD, tmp_path / "place")
    yield made
    call("db", "stop", "--target", made.target)


def _sessions(place: Place) -> int:
    """Visits that arrived, by the accounts."""
    return place.number(
        "SELECT sum(n::bigint) FROM populace.draw_statistics,"
        " jsonb_array_elements_text(document -> 'choices' -> 'practising.who' -> 0) AS n"
    )


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Place]:
    """A few people under a wall clock."""
    made = Place(WORLD, tmp_path / "living")
    small = [f"--set={s}" for s in ("count_users=500", "coverage_per_mindblock=1", "days=2")]
    answer("seed", "recoverlution", "--target", made.target, *small, "--yes")
    yield made
    call("db", "stop", "--target", made.target)


def test_ten_requests_at_once_bring_exactly_their_sessions(living: Place) -> None:
    """Without a runner each may have to lead; one does, and nobody's sessions are lost or doubled."""
    answer("pause", "--target", living.target)
    answer("run", "recoverlution", "--once", "--target", living.target)
    before = _sessions(living)
    calls = [start("run-now", "7", "--force", "--json", "--target", living.target) for _ in range(10)]
    for process in calls:
        out, err = process.communicate(timeout=120)
        # Nobody stays to live them, and each says so.
        assert process.returncode == 4, err
        assert "nobody runs this population" in err
        assert "populace run recoverlution" in err
        assert '"taken_up": true' in out
        assert '"runner": null' in out
    assert (
        living.number("SELECT count(*) FROM populace.intervention WHERE sessions = 7 AND applies_at IS NOT NULL") == 10
    )
    # The last of them arrive within a minute of being taken up.
    until = living.number("SELECT extract(epoch FROM max(applies_at))::bigint + 61 FROM populace.intervention")
    answer(
        "run",
        "recoverlution",
        "--speed",
        "max",
        "--until",
        clock.iso(until * clock.SECOND_US),
        "--target",
        living.target,
    )
    assert _sessions(living) - before == 70


def test_settings_pause_and_the_settings_row_apply_from_the_next_window(place: Place) -> None:
    small = [f"--set={s}" for s in ("count_users=500", "coverage_per_mindblock=1", "days=2", "arrivals=fixed")]
    now = "2026-01-09T12:00:00Z"
    answer("seed", "recoverlution", "--target", place.target, *small, "--now", now, "--yes")
    run = ("run", "recoverlution", "--speed", "max", "--target", place.target, "--until")
    answer("settings", "sessions_per_min=4", "--target", place.target)
    answer(*run, "2026-01-09T12:10:00Z")
    # The first twelve hours at two a minute, then ten minutes at four.
    assert _sessions(place) == 12 * 60 * 2 + 40
    assert place.number("SELECT sessions_per_min FROM synthetic_settings") == 4
    place.do("UPDATE synthetic_settings SET sessions_per_min = 3, max_per_run = 9")
    answer("settings", "sessions_per_min=5", "--at", "2026-01-09T12:25:00Z", "--target", place.target)
    answer(*run, "2026-01-09T12:20:00Z")
    assert _sessions(place) == 12 * 60 * 2 + 40 + 30
    asked = answer("settings", "--target", place.target)
    assert asked["settings"]["sessions_per_min"] == 3
    waiting = asked["interventions"][0]
    assert waiting["applies_at"] is None
    answer("undo", str(waiting["number"]), "--target", place.target)
    call("undo", str(waiting["number"] - 1), "--target", place.target, code=3)
    # What waits for a moment in the middle of a window takes force there.
    answer("settings", "sessions_per_min=7", "--at", "2026-01-09T12:24:00Z", "--target", place.target)
    answer("settings", "sessions_per_min=3", "--at", "2026-01-09T12:26:00Z", "--target", place.target)
    answer(*run, "2026-01-09T12:30:00Z")
    assert _sessions(place) == 12 * 60 * 2 + 40 + 30 + (4 + 4) * 3 + 2 * 7
    came_until_now = _sessions(place)
    answer("pause", "--target", place.target)
    refused = call("run-now", "2", "--target", place.target, code=3)
    assert "paused" in refused.stderr
    answer(*run, "2026-01-09T14:30:00Z")
    assert _sessions(place) == came_until_now
    assert place.number("SELECT count(*) FROM synthetic_settings WHERE NOT enabled") == 1
    forced = answer("run-now", "6", "--force", "--target", place.target)
    assert forced["sessions_created"] == 6
    assert forced["written_so_far"] == forced["will_write"]
    answer("resume", "--target", place.target)
    since = place.number("SELECT extract(epoch FROM populace.now())::bigint")
    answer(*run, clock.iso((since // 60 + 11) * clock.MINUTE_US))
    # No burst: three a minute as before the pause, though two hours were missed.
    came = _sessions(place) - (came_until_now + 6)
    assert 30 <= came <= 33
    call("settings", "sessions_per_min=1", "--at", "2026-01-09T12:00:00Z", "--target", place.target, code=3)


def test_what_a_window_has_taken_up_cannot_be_taken_back(living: Place) -> None:
    """The window's transaction holds what it is about to stamp; a refused one leaves its moment, and the reason."""
    asked = answer("settings", "sessions_per_min=4", "--target", living.target)["intervention"]
    with psycopg.connect(living.url) as window, psycopg.connect(living.url) as other:
        assert [p.number for p in records.pending(window, clock.now_us())] == [asked]
        other.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            records.undo(other, asked)
        other.rollback()
        window.rollback()
        assert records.undo(other, asked)
        other.commit()
        # An undone intervention keeps its moment, so that the settings row is emitted again.
        assert [p.refused for p in records.pending(window, clock.now_us())] == ["undone"]
        records.stamp(window, asked, clock.now_us(), "undone")
        with pytest.raises(Refused, match="does not exist any more"):
            records.stamp(window, asked, clock.now_us())


def test_a_wish_that_cannot_be_met_is_refused_and_the_row_says_what_is_in_force(living: Place) -> None:
    living.do("ALTER TABLE synthetic_settings DROP CONSTRAINT synthetic_settings_error_rate_check")
    living.do("UPDATE synthetic_settings SET error_rate = 7")
    answer("run", "recoverlution", "--once", "--target", living.target)
    listed = answer("settings", "--target", living.target)
    assert "error_rate" in listed["interventions"][0]["refused"]
    assert listed["settings"]["error_rate"] == 0.05
    assert living.number("SELECT count(*) FROM synthetic_settings WHERE error_rate = 0.05") == 1
    answer("run", "recoverlution", "--once", "--target", living.target)
    call("undo", str(listed["interventions"][0]["number"]), "--target", living.target, code=3)


def test_the_later_request_wins(living: Place) -> None:
    """A pause that waits, then an UPDATE that says what the row says anyway; and an UPDATE that is taken back."""
    answer("pause", "--target", living.target)
    living.do("UPDATE synthetic_settings SET sessions_per_min = 2")
    assert not answer("settings", "--target", living.target)["settings"]["enabled"]
    living.do("UPDATE synthetic_settings SET enabled = true")
    assert answer("settings", "--target", living.target)["settings"]["enabled"]
    living.do("UPDATE synthetic_settings SET sessions_per_min = 5")
    number = answer("settings", "--target", living.target)["interventions"][0]["number"]
    answer("undo", str(number), "--target", living.target)
    answer("run", "recoverlution", "--once", "--target", living.target)
    assert living.number("SELECT count(*) FROM synthetic_settings WHERE enabled AND sessions_per_min = 2") == 1


def test_once_with_sessions_lives_until_they_have_ended(place: Place) -> None:
    small = [f"--set={s}" for s in ("count_users=50", "coverage_per_mindblock=1", "days=2", "sessions_per_min=0")]
    answer("seed", WORLD, "--target", place.target, *small, "--now", "2026-01-09T12:00:00Z", "--yes")
    done = answer("run", WORLD, "--once", "--sessions", "4", "--target", place.target)
    assert done["arrivals"] == 4
    started = place.number("SELECT count(*) FROM journey_scene_events WHERE event_type = 'scene_started'")
    ended = place.number(
        "SELECT count(*) FROM journey_scene_events WHERE event_type IN ('scene_completed', 'scene_abandoned')"
    )
    assert started == ended > 0
    answer("pause", "--target", place.target)
    refused = call("run", WORLD, "--once", "--sessions", "4", "--target", place.target, code=3)
    assert "paused" in refused.stderr


def test_once_beside_a_runner_is_refused_and_asks_for_nothing(living: Place) -> None:
    with psycopg.connect(living.url, autocommit=True, application_name="populace run recoverlution") as runner:
        assert lease.take(runner)
        refused = call("run", WORLD, "--once", "--sessions", "4", "--target", living.target, code=3)
        assert "run-now" in refused.stderr
    assert living.number("SELECT count(*) FROM populace.intervention") == 0


def test_presets_set_both_numbers(living: Place) -> None:
    for name, pair in {"light": (1, 2), "moderate": (2, 5), "heavy": (5, 8), "intense": (10, 15)}.items():
        answer("settings", "--preset", name, "--target", living.target)
        settings = answer("settings", "--target", living.target)["settings"]
        assert (settings["sessions_per_min"], settings["max_per_run"]) == pair
    wrong = call("settings", "--preset", "havy", "--target", living.target, code=2)
    assert "did you mean 'heavy'" in wrong.stderr
