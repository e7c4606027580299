"""The rows that visits leave in the app's tables, and the row that each pool has of each day that is over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from populace.clock import DAY_US
from populace.spec import Along, Bits, Census, Comings, Draw, Ints, Json, Key, Rows, Story, Walk, Words
from populace.spec.lifecycle import PERSON_BITS
from populace.worlds.hogflix import catalogue, chats, content, people, popularity
from populace.worlds.hogflix.viewing import RATING_MS

TITLE_BITS = 18
"""A person's watching, rating or wish of a title is known by `person << TITLE_BITS | title`."""


def tell(draw: Draw, comings: Comings, walk: Walk) -> Story:
    """Rows of visits. Those that are merged carry the moment of this version as `created_at`, which the first keeps."""
    visits = Visits.of(draw, comings, walk)
    return {
        "watch_progress": _watched(draw, visits),
        "video_ratings": _rated(visits),
        "user_watchlist": _listed(visits),
        "support_tickets": _tickets(draw, visits),
        **chats.tell(draw, comings, walk),
    }


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Visits with the keys that all rows of them share: computed once a visit, and taken along."""

    comings: Comings
    columns: dict[str, Ints]
    user: Key
    session: Key
    video: Key

    @classmethod
    def of(cls, draw: Draw, comings: Comings, walk: Walk) -> Visits:
        """Visits and how they went."""
        titles = content.title_key(np.arange(draw.size("title")))
        return cls(comings, dict(walk.columns), people.user_key(draw, comings.who), session_key(comings), titles)

    def at(self, visit: Ints, after_ms: Ints) -> Ints:
        """Moments so far into visits."""
        return self.comings.started_at[visit] + after_ms * 1000

    def of_title(self, table: str, visit: Ints, title: Ints, at: Ints, **columns: object) -> Rows:
        """Rows of a table that has one a person and title."""
        person = self.comings.who.person[visit]
        both = (person << TITLE_BITS) | title
        user = Along(self.user, visit)
        shared = {"id": Key(table, both), "user_id": user, "profile_id": user, "video_id": Along(self.video, title)}
        return Rows(person, {**shared, **columns, "created_at": at, "updated_at": at}, at, both)


def session_key(comings: Comings) -> Key:
    """The key of each visit, as rows and events name it."""
    return Key("sessions", comings.address, comings.started_at)


def _watched(draw: Draw, visits: Visits) -> Rows:
    visit, title, percent, at, ms = (visits.columns[f"video_{c}"] for c in ("visit", "title", "percent", "at", "ms"))
    ended_at, duration = visits.at(visit, at + ms), popularity.durations_s(draw)[title]
    return visits.of_title(
        "watch_progress", visit, title, ended_at,
        progress_seconds=duration * percent // 100,
        duration_seconds=duration,
        progress_percentage=percent,
        last_watched_at=ended_at,
        completed=percent >= int(str(draw.value("completed_from"))),
        session_id=Along(visits.session, visit),
    )  # fmt: skip


def _rated(visits: Visits) -> Rows:
    some = np.flatnonzero(visits.columns["video_rating"])
    visit, title, stars, at, ms = (visits.columns[f"video_{c}"][some] for c in ("visit", "title", "rating", "at", "ms"))
    return visits.of_title("video_ratings", visit, title, visits.at(visit, at + ms + RATING_MS), rating=stars)


def _listed(visits: Visits) -> Rows:
    visit = np.flatnonzero(visits.columns["listed_at"] >= 0)
    at = visits.at(visit, visits.columns["listed_at"][visit])
    return visits.of_title("user_watchlist", visit, visits.columns["listed_title"][visit], at)


def _tickets(draw: Draw, visits: Visits) -> Rows:
    visit = np.flatnonzero(visits.columns["ticket_at"] >= 0)
    at, address = visits.at(visit, visits.columns["ticket_at"][visit]), visits.comings.address[visit]
    which = ticket(draw, address)
    columns = {
        "id": Key("support_tickets", address, at),
        "user_id": Along(visits.user, visit),
        "issue_category": Words(which, tuple(t.issue_category for t in catalogue.tickets())),
        "description": Words(which, tuple(t.description for t in catalogue.tickets())),
        "status": "open",
        "created_at": at,
        "updated_at": at,
    }
    return Rows(visits.comings.who.person[visit], columns, at)


def ticket(draw: Draw, address: Bits) -> Ints:
    """What a visit's ticket is about: a position in `catalogue.tickets()`."""
    return draw.below("ticket.which", len(catalogue.tickets()), address)


_COUNTED = {
    "total_personas": "total", "active_today": "active", "new_signups": "signups", "churned": "churned",
    "churned_cleaned": "removed", "reactivated": "reactivated", "flixbuddy_calls": "chats", "sessions": "sessions",
    "videos_watched": "videos", "watchlist_added": "watchlist", "ratings": "ratings", "tickets": "tickets",
    "binges_begun": "spells_begun", "binges_ended": "spells_ended",
}  # fmt: skip
"""Columns of daily_metrics, and what the census and walks call it."""


def told(_draw: Draw, census: Census) -> Story:
    """What each pool's day came to, told when it is over."""
    counts, nothing = census.counts, np.zeros(len(census.pool), dtype=np.int64)

    def by(kind: str) -> dict[str, Ints]:
        return {name.removeprefix(kind): counts[name] for name in counts if name.startswith(kind)}

    states = by("state.")
    scores = {name: sums // np.maximum(states[name], 1) for name, sums in by("score.").items()}
    columns = {
        "pool": census.pool,
        "day": census.day * DAY_US,
        **{column: counts.get(name, nothing) for column, name in _COUNTED.items()},
        "state_distribution": Json(states),
        "pattern_distribution": Json(by("pattern.")),
        "score_by_state": Json(scores),
        "created_at": census.ended_at,
    }
    return {"daily_metrics": Rows(census.pool << PERSON_BITS, columns, census.ended_at)}
