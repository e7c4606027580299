"""The rows that visits leave in the app's tables, and the row that each pool has of each day that is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from populace.clock import DAY_US
from populace.spec import (
    Along,
    Bits,
    Columns,
    ColumnValue,
    DailyStatistics,
    Draw,
    Ints,
    Joined,
    Json,
    Key,
    Rows,
    TableRows,
    Visits,
    Walk,
    Words,
)
from populace.spec.cohort import PERSON_BITS
from populace.spec.kit.parameters import composed
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import chats, popularity, wording
from populace.worlds.hogflix.catalogue import content
from populace.worlds.hogflix.people import traits

TITLE_BITS = 18
"""A person's watching, rating or wish of a title is known by `person << TITLE_BITS | title`."""


def emit(draw: Draw, visits: Visits, walk: Walk) -> TableRows:
    """Rows of visits. Those that are merged carry the moment of this version as `created_at`, which the first keeps."""
    keyed = KeyedVisits.of(draw, visits, walk)
    return {
        "watch_progress": _watched(draw, keyed),
        "video_ratings": _rated(keyed),
        "user_watchlist": _listed(keyed),
        "support_tickets": _tickets(draw, keyed),
        **chats.emit(draw, visits, walk),
    }


@dataclass(frozen=True, slots=True, eq=False)
class KeyedVisits:
    """Visits with the keys that all rows of them share: computed once a visit, and taken along."""

    visits: Visits
    columns: dict[str, Ints]
    user: Key
    session: Key
    video: Key

    @classmethod
    def of(cls, draw: Draw, visits: Visits, walk: Walk) -> KeyedVisits:
        """Visits and how they went."""
        titles = content.title_key(np.arange(draw.size("title")))
        return cls(visits, dict(walk.columns), traits.user_key(draw, visits.who), session_key(visits), titles)

    def at(self, visit: Ints, after_ms: Ints) -> Ints:
        """Moments so far into visits."""
        return self.visits.started_at[visit] + after_ms * 1000

    def of_title(self, table: str, visit: Ints, title: Ints, at: Ints, **columns: ColumnValue) -> Rows:
        """Rows of a table that has one a person and title."""
        person = self.visits.who.person[visit]
        both = (person << TITLE_BITS) | title
        user = Along(self.user, visit)
        shared: Columns = {
            "id": Key(table, both),
            "user_id": user,
            "profile_id": user,
            "video_id": Along(self.video, title),
        }
        return Rows(person, {**shared, **columns, "created_at": at, "updated_at": at}, at, both)


def session_key(visits: Visits) -> Key:
    """The key of each visit, as rows and events name it."""
    return Key("sessions", visits.address, visits.started_at)


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


def _tickets(draw: Draw, keyed: KeyedVisits) -> Rows:
    visit = np.flatnonzero(keyed.columns["ticket_at"] >= 0)
    at, address = keyed.at(visit, keyed.columns["ticket_at"][visit]), keyed.visits.address[visit]
    which = ticket(draw, address)
    columns: Columns = {
        "id": Key("support_tickets", address, at),
        "user_id": Along(keyed.user, visit),
        "issue_category": Words(which, tuple(t.issue_category for t in catalogue.tickets())),
        "description": described(draw, keyed.visits, keyed.columns, visit),
        "status": "open",
        "created_at": at,
        "updated_at": at,
    }
    return Rows(keyed.visits.who.person[visit], columns, at)


def described(draw: Draw, visits: Visits, columns: Mapping[str, Ints], visit: Ints) -> Words | Joined:
    """What the ticket of each of some visits says. columns: of their walk."""
    which = ticket(draw, visits.address[visit])
    if composed(draw) and len(visit):
        return wording.tickets(draw, visits, columns, visit, which)
    return Words(which, tuple(t.description for t in catalogue.tickets()))


def ticket(draw: Draw, address: Bits) -> Ints:
    """What a visit's ticket is about: a position in `catalogue.tickets()`."""
    return draw.below("ticket.which", len(catalogue.tickets()), address)


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
