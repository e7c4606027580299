"""The rows that visits leave in the app's tables, and the row that each pool has of each day that is over."""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US
from populace.spec import (
    Along,
    Columns,
    DailyStatistics,
    Draw,
    Ints,
    Json,
    Rows,
    TableRows,
    Visits,
    Walk,
)
from populace.spec.cohort import PERSON_BITS
from populace.worlds.hogflix.behaviour import chats, popularity, support
from populace.worlds.hogflix.behaviour.keyed import KeyedVisits


def emit(draw: Draw, visits: Visits, walk: Walk) -> TableRows:
    """Rows of visits. Those that are merged carry the moment of this version as `created_at`, which the first keeps."""
    keyed = KeyedVisits.of(draw, visits, walk)
    return {
        "watch_progress": _watched(draw, keyed),
        "video_ratings": _rated(keyed),
        "user_watchlist": _listed(keyed),
        "support_tickets": support.unanswered(draw, keyed),
        **chats.emit(draw, visits, walk),
    }


def _watched(draw: Draw, keyed: KeyedVisits) -> Rows:
    visit, title, percent, at, ms = (keyed.columns[f"video_{c}"] for c in ("visit", "title", "percent", "at", "ms"))
    ended_at, duration = keyed.at(visit, at + ms), popularity.durations_s(draw)[title]
    return keyed.of_title(
        "watch_progress", visit, title, ended_at,
        progress_seconds=duration * percent // 100,
        duration_seconds=duration,
        progress_percentage=percent,
        last_watched_at=ended_at,
        completed=percent >= draw.values.whole("completed_from"),
        session_id=Along(keyed.session, visit),
    )  # fmt: skip


def _rated(keyed: KeyedVisits) -> Rows:
    some = np.flatnonzero(keyed.columns["video_rating"])
    names = ("visit", "title", "rating", "at", "ms", "rated_ms")
    visit, title, stars, at, ms, rated_ms = (keyed.columns[f"video_{c}"][some] for c in names)
    return keyed.of_title("video_ratings", visit, title, keyed.at(visit, at + ms + rated_ms), rating=stars)


def _listed(keyed: KeyedVisits) -> Rows:
    visit = np.flatnonzero(keyed.columns["listed_at"] >= 0)
    at = keyed.at(visit, keyed.columns["listed_at"][visit])
    return keyed.of_title("user_watchlist", visit, keyed.columns["listed_title"][visit], at)


_COUNTED = {
    "total_personas": "total", "active_today": "active", "new_signups": "signups", "churned": "churned",
    "churned_cleaned": "removed", "reactivated": "reactivated", "flixbuddy_calls": "chats", "sessions": "sessions",
    "videos_watched": "videos", "watchlist_added": "watchlist", "ratings": "ratings", "tickets": "tickets",
    "binges_begun": "spells_begun", "binges_ended": "spells_ended",
}  # fmt: skip
"""Columns of daily_metrics, and what the daily statistics and walks call it."""


def emit_days(_draw: Draw, daily: DailyStatistics) -> TableRows:
    """What each pool's day came to, emitted when it is over."""
    counts, nothing = daily.counts, np.zeros(len(daily.pool), dtype=np.int64)

    def by(kind: str) -> dict[str, Ints]:
        return {name.removeprefix(kind): counts[name] for name in counts if name.startswith(kind)}

    states = by("state.")
    scores = {name: sums // np.maximum(states[name], 1) for name, sums in by("score.").items()}
    columns: Columns = {
        "pool": daily.pool,
        "day": daily.day * DAY_US,
        **{column: counts.get(name, nothing) for column, name in _COUNTED.items()},
        "state_distribution": Json(states),
        "pattern_distribution": Json(by("pattern.")),
        "score_by_state": Json(scores),
        "created_at": daily.ended_at,
    }
    return {"daily_metrics": Rows(daily.pool << PERSON_BITS, columns, daily.ended_at)}
