"""Recoverlution with a week behind it: no seam (K3), nothing lost by kills (K4), and control while it lives."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from command import answer, call, contents, start
from populace import clock
from populace.worlds import registry

SEED = ("seed", "recoverlution", "--scenario", "demo", "--seed", "7", "--epoch", "2026-01-09T00:00:00Z", "--yes")
MORNING, EVENING = "2026-01-09T06:30:00Z", "2026-01-09T18:30:00Z"
KILLS = 10


class Place:
    """A target with a server of its own."""

    def __init__(self, folder: Path) -> None:
        self.target = f"embedded:{folder}"
        self.url = call("db", "url", "--target", self.target).stdout.strip()

    def contents(self) -> dict[str, str]:
        return contents(self.url, registry.find("recoverlution"))

    def number(self, query: str) -> int:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
            return int(row[0])

    def do(self, statement: str) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "place")
    yield made
    call("db", "stop", "--target", made.target)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What one seed to the evening holds."""
    made = Place(tmp_path_factory.mktemp("evening") / "place")
    answer(*SEED, "--now", EVENING, "--target", made.target)
    yield made.contents()
    call("db", "stop", "--target", made.target)


def _killed(arguments: tuple[str, ...], after_s: list[float]) -> int:
    kills = 0
    for delay in after_s:
        process = start(*arguments)
        clock.sleep(delay)
        kills += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate()
    return kills


def test_no_seam_and_none_by_kills_or_by_lost_snapshots(place: Place, undisturbed: dict[str, str]) -> None:
    """Seeded to the morning, then run to the evening: calm at first, then killed, with snapshots lost and spoilt."""
    answer(*SEED, "--now", MORNING, "--target", place.target)
    run = ("run", "recoverlution", "--speed", "max", "--target", place.target, "--until")
    answer(*run, "2026-01-09T08:00:00Z")
    assert place.number("SELECT count(*) FROM populace.snapshot") == 1
    place.do("UPDATE populace.snapshot SET state = substr(state, 1, 100)")
    answer(*run, "2026-01-09T09:00:00Z")
    kills = _killed((*run, EVENING), [0.9 + 0.1 * n for n in range(KILLS // 2)])
    place.do("DELETE FROM populace.snapshot")
    kills += _killed((*run, EVENING), [1.2 + 0.1 * n for n in range(KILLS // 2)])
    assert kills > 0
    answer(*run, EVENING)
    assert place.contents() == undisturbed
    assert place.number("SELECT count(*) FROM journey_instances WHERE status = 'paused'") > 0


def test_a_killed_seed_is_completed(place: Place, undisturbed: dict[str, str]) -> None:
    seed = (*SEED, "--now", EVENING, "--target", place.target)
    assert _killed(seed, [0.8 + 0.35 * n for n in range(KILLS)]) > 3
    answer(*seed)
    assert place.contents() == undisturbed


def _sessions(place: Place) -> int:
    """Visits that arrived, by the accounts."""
    return place.number(
        "SELECT sum(n::bigint) FROM populace.accounts,"
        " jsonb_array_elements_text(document -> 'choices' -> 'practising.who' -> 0) AS n"
    )


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Place]:
    """A few people under a wall clock."""
    made = Place(tmp_path / "living")
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
        assert process.returncode == 0, err
        assert '"taken_up": true' in out
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
    answer("pause", "--target", place.target)
    refused = call("run-now", "2", "--target", place.target, code=3)
    assert "paused" in refused.stderr
    answer(*run, "2026-01-09T14:30:00Z")
    assert _sessions(place) == 12 * 60 * 2 + 40 + 30
    assert place.number("SELECT count(*) FROM synthetic_settings WHERE NOT enabled") == 1
    forced = answer("run-now", "6", "--force", "--target", place.target)
    assert forced["sessions_created"] == 6
    assert forced["written_so_far"] == forced["will_write"]
    answer("resume", "--target", place.target)
    since = place.number("SELECT extract(epoch FROM populace.now())::bigint")
    answer(*run, clock.iso((since // 60 + 11) * clock.MINUTE_US))
    # No burst: three a minute as before the pause, though two hours were missed.
    came = _sessions(place) - (12 * 60 * 2 + 40 + 30 + 6)
    assert 30 <= came <= 33
    call("settings", "sessions_per_min=1", "--at", "2026-01-09T12:00:00Z", "--target", place.target, code=3)


def test_once_with_sessions_lives_until_they_have_ended(living: Place) -> None:
    answer("pause", "--target", living.target)
    done = answer("run", "recoverlution", "--once", "--sessions", "4", "--target", living.target)
    assert done["arrivals"] == 4
    assert living.number("SELECT count(*) FROM populace.intervention WHERE sessions = 4") == 1
    started = living.number("SELECT count(*) FROM journey_scene_events WHERE event_type = 'scene_started'")
    ended = living.number(
        "SELECT count(*) FROM journey_scene_events WHERE event_type IN ('scene_completed', 'scene_abandoned')"
    )
    assert started == ended > 0


def test_presets_set_both_numbers(living: Place) -> None:
    for name, pair in {"light": (1, 2), "moderate": (2, 5), "heavy": (5, 8), "intense": (10, 15)}.items():
        answer("settings", "--preset", name, "--target", living.target)
        settings = answer("settings", "--target", living.target)["settings"]
        assert (settings["sessions_per_min"], settings["max_per_run"]) == pair
    wrong = call("settings", "--preset", "havy", "--target", living.target, code=2)
    assert "did you mean 'heavy'" in wrong.stderr
