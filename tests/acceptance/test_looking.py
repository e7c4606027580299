"""What a target is asked while people live in it: activity, an examination, and nothing made by a mistyped folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from command import CLUB, answer, call, start
from populace import clock
from urls import password_of

EPOCH = "2026-01-09T00:00:00Z"
SMALL = [f"--set={setting}" for setting in ("count_users=200", "coverage_per_mindblock=1", "days=2")]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A small population at four sessions a minute that has lived for an hour."""
    target = f"embedded:{tmp_path_factory.mktemp('looking')}"
    answer("seed", "recoverlution", "--target", target, "--now", EPOCH, *SMALL, "--set=sessions_per_min=4")
    answer("run", "recoverlution", "--target", target, "--speed", "max", "--until", "2026-01-09T01:00:00Z")
    yield target
    call("db", "stop", "--target", target)


@pytest.fixture(scope="module")
def url(target: str) -> str:
    return call("db", "url", "--target", target).stdout.strip()


def examined(target: str, code: int = 0) -> dict[str, Any]:
    """The findings of a doctor by title."""
    document = answer("doctor", "--target", target, code=code)
    assert document["ok"] is (code == 0)
    return {finding["title"]: finding for finding in document["findings"]}


def changed(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


def test_a_seeded_population_that_nobody_runs(target: str) -> None:
    found = examined(target)
    assert found["people"]["measured"] == "200 of 200 (documented: 3,000)"
    assert found["the plan"]["state"] == found["enabled"]["state"] == found["the settings row"]["state"] == "ok"
    assert found["a runner"]["state"] == "attention"
    assert "populace run recoverlution" in found["a runner"]["todo"]
    assert "free clock" in found["the clock"]["measured"]
    day = found["the last 24 simulated hours"]
    assert "above 2,000 healthy, above 200 low, scaled to 4 sessions a minute instead of 2" in day["measured"]
    assert found["the last 5 simulated minutes"]["state"] == "ok"
    text = call("doctor", "--target", target).stdout
    assert "attention  a runner" in text
    assert "to do:" in text


def test_status_and_doctor_count_the_same_minutes(target: str, url: str) -> None:
    """Up to simulated now: on a wall clock, which goes on without a runner, these are empty."""
    for mode in ("free", "wall"):
        changed(url, f"UPDATE populace.clock SET mode = '{mode}'")
        lately = answer("status", "--target", target)["activity"]["last_5_min"]
        events = sum(lately.values())
        assert (events > 0) == (mode == "free")
        assert examined(target)["the last 5 simulated minutes"]["measured"] == f"{events} events"
    assert "activity, simulated time: last_5_min" in call("status", "--target", target).stdout
    changed(url, "UPDATE populace.clock SET mode = 'free'")


def test_a_runner_is_seen_at_work(target: str) -> None:
    process = start("run", "recoverlution", "--target", target, "--speed", "1")
    try:
        for _ in range(100):
            found = examined(target)["a runner"]
            if found["state"] == "ok":
                break
            clock.sleep(0.1)
        assert found["measured"].startswith("populace run recoverlution, since 20")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_what_is_asked_for_waits(target: str) -> None:
    answer("pause", "--target", target)
    found = examined(target)
    assert (found["enabled"]["state"], found["enabled"]["todo"]) == ("attention", f"populace resume --target {target}")
    assert found["changes requested"]["measured"] == "1 wait for a runner"
    answer("resume", "--target", target)
    assert examined(target)["enabled"]["state"] == "ok"


def test_what_is_broken_is_named(target: str, url: str) -> None:
    # As whoever switches the app's own safeguards off would break it.
    off = "SET session_replication_role = replica;"
    changed(url, f"{off} CREATE TABLE kept AS SELECT * FROM synthetic_settings; DELETE FROM synthetic_settings;"
                 "UPDATE journey_template SET status = 'archived'")  # fmt: skip
    try:
        found = examined(target, code=1)
        assert {t for t, f in found.items() if f["state"] == "FAILED"} == {"the settings row", "templates"}
        assert found["templates"]["measured"] == "0 of journeys and 9 of practices are active"
    finally:
        changed(url, f"{off} INSERT INTO synthetic_settings SELECT * FROM kept; DROP TABLE kept;"
                     "UPDATE journey_template SET status = 'active'")  # fmt: skip
    examined(target)


def test_the_last_trouble_is_shown(target: str, url: str) -> None:
    changed(url, "INSERT INTO populace.journal (at, level, event, message, detail)"
                 " VALUES ('2026-01-09T01:00:00Z', 'error', 'run', 'the roof is off', '{}')")  # fmt: skip
    found = examined(target)["the journal"]
    assert found["state"] == "ok", "an error that belongs to an earlier start is history"
    assert "the roof is off" in found["measured"]
    changed(url, "INSERT INTO populace.journal (at, level, event, message, detail)"
                 " VALUES ('2026-01-09T01:00:00Z', 'warning', 'window', 'and the door', '{}')")  # fmt: skip
    found = examined(target)["the journal"]
    assert found["state"] == "attention"
    assert "warning at 2026-01-09T01:00:00Z: window: and the door" in found["measured"]


def test_refused_changes_are_shown(target: str, url: str) -> None:
    changed(url, "INSERT INTO populace.intervention (changes, asked_at, asked_by, refused)"
                 " VALUES ('{\"abandon_rate\": 7}', now(), 'a test', 'out of bounds')")  # fmt: skip
    found = examined(target)["changes refused"]
    assert (found["state"], found["measured"]) == ("attention", "1, the last: out of bounds")


def test_a_target_that_holds_nothing(target: str, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE fresh")
    fresh = url.replace("/populace", "/fresh")
    closed = examined(fresh, code=1)
    assert [f["state"] for f in closed.values()] == ["FAILED"]
    shown = fresh.replace(f":{password_of(fresh)}@", "@")
    assert f"populace init --target {shown}" in closed["the target"]["todo"]
    answer("init", "--target", fresh)
    empty = examined(fresh, code=1)
    assert [f["state"] for f in empty.values()] == ["ok", "FAILED"]
    assert "populace seed recoverlution" in empty["the plan"]["todo"]


def test_a_target_that_cannot_be_reached() -> None:
    assert "nothing listens" in call("doctor", "--target", "postgresql://nobody@127.0.0.1:1/x", code=4).stderr


def test_a_world_without_questions_of_its_own(tmp_path: Path) -> None:
    club = ("--world", CLUB, "--target", f"embedded:{tmp_path}")
    answer("seed", CLUB, *club[2:], "--now", EPOCH, "--epoch", EPOCH)
    try:
        found = {f["title"]: f for f in answer("doctor", *club)["findings"]}
        assert found["people"]["measured"] == "23 of 23 (by default: 23)"
        assert "templates" not in found
        assert "does not count its activity" in call("activity", *club, code=2).stderr
        assert "activity" not in answer("status", *club)
        assert "no password" in call("db", "password", *club, code=2).stderr
        assert "older seed" in call("sim-users", "count", *club, code=2).stderr
    finally:
        call("db", "stop", *club[2:])


def test_activity_counts_what_happened(target: str, url: str) -> None:
    day = answer("activity", "--target", target)
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM journey_scene_events), (SELECT count(*) FROM mindblock_events)"
        ).fetchone()
    assert row is not None
    assert day["period_hours"] == 24
    assert sum(day["scene_events_by_type"].values()) == row[0]
    assert sum(day["mindblock_events_by_type"].values()) == row[1]
    assert day["total_events"] == row[0] + row[1]
    assert answer("activity", "--hours", "8760", "--target", target)["total_events"] == day["total_events"]
    text = call("activity", "--target", target).stdout
    assert "total events" in text
    assert "SCENE EVENTS BY TYPE" in text
    for hours in ("0", "8761", "soon"):
        call("activity", "--hours", hours, "--target", target, code=2)


def test_status_has_the_worlds_own_activity(target: str) -> None:
    assert answer("status", "--target", target)["activity"]


@pytest.mark.parametrize(
    "command",
    ["status", "activity", "doctor", "logs", "pause", "resume", "validate recoverlution", "run recoverlution",
     "db password", "sim-users count", "sim-users backfill --yes"],
)  # fmt: skip
def test_looking_makes_no_database(command: str, tmp_path: Path) -> None:
    folder = tmp_path / "mistyped"
    error = call(*command.split(), "--target", f"embedded:{folder}", code=3).stderr
    assert f"embedded:{folder}: there is no database here" in error
    assert "populace seed recoverlution" in error
    assert not folder.exists()


def test_nor_does_it_where_nothing_was_ever_seeded(tmp_path: Path) -> None:
    for command in (("status",), ("doctor", "--world", CLUB)):
        assert "there is no database here" in call(*command, code=3, XDG_DATA_HOME=str(tmp_path)).stderr
    assert list(tmp_path.iterdir()) == []
