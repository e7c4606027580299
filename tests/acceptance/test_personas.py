"""personas and metrics: as documented, equal to what the tables hold; files are checked, and never restored."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

import contexts
from command import CLUB, answer, call
from populace import clock
from populace.errors import BadInput
from populace.operations.people.personas import PersonasRequest, personas

NOW, END = "2026-01-09T12:00:00Z", "2026-01-11T03:00:00Z"
POOLS = 2
SMALL = [f"--set={setting}" for setting in (f"persona_pool={400 * POOLS}", "unseen_days=80", "days=24")]

DOCUMENTED = {
    "distinct_id", "plan", "source", "email", "state", "state_changed_at", "days_since_signup", "last_active",
    "created_at", "activity_pattern", "consecutive_active_days", "consecutive_missed_days", "total_sessions",
    "engagement_score", "videos_watched", "avg_watch_completion", "ratings_given", "watchlist_size",
    "flixbuddy_conversations", "in_life_event", "life_event_ends_at", "binge_state", "churned_at", "churn_reason",
    "db_initialized", "user_id", "profile_id",
}  # fmt: skip
DOCUMENTED_DAY = [
    "date", "total_personas", "active_today", "new_signups", "churned_cleaned", "flixbuddy_calls",
    "state_distribution", "pattern_distribution",
]  # fmt: skip


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    target = f"embedded:{tmp_path_factory.mktemp('personas')}"
    answer("seed", "hogflix", "--target", target, "--now", NOW, *SMALL)
    answer("run", "hogflix", "--target", target, "--speed", "max", "--until", END)
    yield target
    call("db", "stop", "--target", target)


@pytest.fixture(scope="module")
def people(target: str) -> dict[str, dict[str, Any]]:
    found = answer("personas", "hogflix", "--target", target)
    return {one["user_id"]: one for one in found}


@pytest.fixture(scope="module")
def url(target: str) -> str:
    return call("db", "url", "--target", target).stdout.strip()


def rows(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]


def test_everybody_is_there_as_documented(people: dict[str, dict[str, Any]], url: str) -> None:
    accounts = rows(url, "SELECT u.id::text, u.email, u.created_at, u.raw_user_meta_data ->> 'distinct_id'"
                         " FROM auth.users AS u JOIN public.user_roles AS r ON r.user_id = u.id"
                         " WHERE r.role = 'user'")  # fmt: skip
    assert {key for key, *_ in accounts} == set(people)
    for key, email, created_at, name in accounts:
        one = people[key]
        assert set(one) == DOCUMENTED
        assert set(one["binge_state"]) == {"is_binging", "binge_day", "cooldown_until"}
        assert (one["email"], one["distinct_id"], one["profile_id"]) == (email, name, key)
        assert clock.parse(one["created_at"], "x") == clock.from_datetime(created_at)
        assert (one["state"] == "CHURNED") == (one["churned_at"] is not None) == (one["churn_reason"] is not None)
        assert (one["in_life_event"] is None) == (one["life_event_ends_at"] is None)
        assert one["binge_state"]["is_binging"] == (one["binge_state"]["binge_day"] > 0)
    size = len(json.dumps(list(people.values()), indent=2).encode())
    assert 400_000 < size / len(people) * 400 < 600_000, "documented: about 500 KB for 400 people"


def test_what_people_did_is_what_tables_hold(people: dict[str, dict[str, Any]], url: str) -> None:
    end = clock.iso(clock.parse(END, "x"))
    # Of a visit that is under way tables hold the beginning; it counts here when it is over.
    still = {key: one for key, one in people.items() if not str(one["last_active"]).startswith(end.removesuffix("Z"))}
    assert len(still) > len(people) * 0.8
    for field, query in (
        ("watchlist_size", "SELECT user_id::text, count(*) FROM public.user_watchlist GROUP BY 1"),
        ("flixbuddy_conversations", "SELECT user_id::text, count(*) FROM public.chat_conversations GROUP BY 1"),
    ):
        held = dict(rows(url, query))
        assert {key: one[field] for key, one in still.items()} == {key: held.get(key, 0) for key in still}, field
    rated = dict(rows(url, "SELECT user_id::text, count(*) FROM public.video_ratings GROUP BY 1"))
    watched = {key: (n, at) for key, n, at in rows(
        url, "SELECT user_id::text, count(*), max(last_watched_at) FROM public.watch_progress GROUP BY 1")}  # fmt: skip
    for key, one in still.items():
        # A title rated or watched again is one row, and counts twice here.
        assert rated.get(key, 0) <= one["ratings_given"] <= one["videos_watched"]
        n, at = watched.get(key, (0, None))
        assert n <= one["videos_watched"]
        assert at is None or clock.from_datetime(at) <= clock.parse(one["last_active"], "x")
        assert (one["videos_watched"] == 0) == (one["avg_watch_completion"] == 0)
    assert sum(one["ratings_given"] for one in still.values()) > 0


def test_states_are_those_of_the_plan_rows(people: dict[str, dict[str, Any]], target: str, url: str) -> None:
    plans = dict(rows(url, "SELECT s.user_id::text, p.display_name FROM public.user_subscriptions AS s"
                           " JOIN public.subscription_plans AS p ON p.id = s.plan_id"))  # fmt: skip
    assert {key: one["plan"] for key, one in people.items()} == {key: plans[key] for key in people}
    # The day in progress was decided at its beginning: its row, once written, has these people.
    living = Counter(one["state"] for one in people.values() if one["state"] != "CHURNED")
    answer("run", "hogflix", "--target", target, "--speed", "max", "--until", "2026-01-11T08:00:00Z")
    day = answer("metrics", "hogflix", "--days", "1", "--target", target)[0]
    assert day["date"] == "2026-01-10T07:15:00Z"
    assert sum(living.values()) == day["total_personas"]
    assert dict(living) == {name: n for name, n in day["state_distribution"].items() if n}


def test_a_part_of_the_people(target: str, people: dict[str, dict[str, Any]]) -> None:
    sick = answer("personas", "hogflix", "--target", target, "--state", "dormant", "--at", END)
    assert [one["distinct_id"] for one in sick] == [
        one["distinct_id"] for one in people.values() if one["state"] == "DORMANT"
    ]
    pool = answer("personas", "hogflix", "--target", target, "--pool", "1", "--limit", "7", "--at", END)
    assert len(pool) == 7
    assert all(int(one["distinct_id"].split("_")[1]) % POOLS == 1 for one in pool)
    assert all(people[one["user_id"]] == one for one in pool)
    text = call("personas", "hogflix", "--target", target, "--at", END).stdout
    assert f"{len(people)} people as of 2026-01-11T03:00:00Z, {len(people) - 20} more" in text
    assert "DISTINCT ID" in text


def test_files_are_checked(target: str, people: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    file = tmp_path / "personas.json"
    done = answer("personas", "hogflix", "--export", str(file), "--at", END, "--target", target)
    assert (done["personas"], done["at"]) == (len(people), "2026-01-11T03:00:00Z")
    assert json.loads(file.read_text()) == list(people.values())
    check = ("personas", "hogflix", "--import", str(file), "--target", target, "--at")
    assert answer(*check, END) == {"ok": True, "checked": len(people), "at": "2026-01-11T03:00:00Z", "differences": []}
    other = answer(*check, NOW, code=1)
    assert other["differences"]

    changed = list(people.values())
    gone = changed.pop()
    changed[0] = {**changed[0], "binge_state": {**changed[0]["binge_state"], "binge_day": 99}, "mood": "fine"}
    file.write_text(json.dumps(changed))
    out = call(*check, END, code=1).stdout
    assert f"{changed[0]['distinct_id']}.binge_state.binge_day: 99 in the file, " in out
    assert f"{changed[0]['distinct_id']}.mood: not here" in out
    assert f"{gone['distinct_id']}: not in the file" in out
    file.write_text("{}")
    assert "not a list of objects" in call(*check, END, code=2).stderr


def test_days_are_those_of_the_table(target: str, url: str, tmp_path: Path) -> None:
    days = answer("metrics", "hogflix", "--target", target)
    assert [list(day) for day in days] == [DOCUMENTED_DAY] * len(days)
    assert [day["date"] for day in days] == sorted((day["date"] for day in days), reverse=True)
    held = rows(url, "SELECT sum(total_personas), sum(active_today), count(DISTINCT day) FROM public.daily_metrics")[0]
    assert held == (sum(d["total_personas"] for d in days), sum(d["active_today"] for d in days), len(days))
    for day in days:
        assert sum(day["state_distribution"].values()) == sum(day["pattern_distribution"].values())
        assert sum(day["state_distribution"].values()) == day["total_personas"]
    file = tmp_path / "daily_metrics.json"
    assert answer("metrics", "hogflix", "--export", str(file), "--target", target)["days"] == len(days)
    assert json.loads(file.read_text()) == days
    check = ("metrics", "hogflix", "--import", str(file), "--target", target)
    assert answer(*check) == {"ok": True, "checked": len(days), "differences": []}
    days[3]["state_distribution"]["NEW"] += 1
    file.write_text(json.dumps(days[:5]))
    assert len(answer(*check, code=1)["differences"]) == 1


def _peak(days: list[tuple[Any, ...]], special: Callable[[date], bool]) -> float:
    """The share of people who come on special days, in parts of that on all others."""
    on, off = (
        sum(came for day, came, _ in days if special(day) == which)
        / sum(live for day, _, live in days if special(day) == which)
        for which in (True, False)
    )
    return on / off


def test_what_follows_from_days(target: str, url: str) -> None:
    kpis = answer("metrics", "hogflix", "--kpis", "--target", target)
    active, people, chats, sessions, videos = rows(
        url, "SELECT sum(active_today), sum(total_personas), sum(flixbuddy_calls), sum(sessions), sum(videos_watched)"
             " FROM public.daily_metrics")[0]  # fmt: skip
    assert kpis["active_share"] == round(active / people, 4)
    assert kpis["flixbuddy_usage_rate"] == round(chats / active, 4)
    assert kpis["session_depth"] == round(videos / sessions, 2)
    assert set(kpis["score_by_state"]) >= {"NEW", "ACTIVE", "DORMANT"}
    days = rows(url, "SELECT (day AT TIME ZONE 'UTC')::date, sum(active_today)::int, sum(total_personas)::int"
                     " FROM public.daily_metrics GROUP BY day")  # fmt: skip
    assert 1 < kpis["weekend_peak"] == pytest.approx(_peak(days, lambda day: day.isoweekday() >= 6), abs=5e-5)
    assert kpis["month_days_1_to_3_spike"] == pytest.approx(_peak(days, lambda day: day.day <= 3), abs=5e-5)
    assert all(value is not None for value in kpis.values())
    text = call("metrics", "hogflix", "--kpis", "--days", "7", "--target", target).stdout
    assert "LAST 7 DAYS" in text
    assert "weekend peak" in text


def test_what_cannot_be_listed_is_refused(target: str) -> None:
    def refused(**chosen: Any) -> str:
        with pytest.raises(BadInput) as error:
            personas(contexts.at(target), PersonasRequest("hogflix", **chosen))
        return str(error.value)

    for command, world in (("personas", "recoverlution"), ("metrics", CLUB)):
        assert "have no lifecycle" in call(command, world, "--target", target, code=2).stderr
    assert "did you mean 'DORMANT'" in refused(state="dormnt")
    assert "allowed: 0 to 1" in refused(pool=2)
    assert "this moment is not written" in refused(at="2025-01-01T00:00:00Z")
