"""Visits with the keys that their rows share, in whatever table these are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from populace.spec import Along, Columns, ColumnValue, Draw, Ints, Key, Rows, Visits, Walk
from populace.worlds.hogflix.catalogue import content
from populace.worlds.hogflix.people import traits

TITLE_BITS = 18
"""A person's watching, rating or wish of a title is known by `person << TITLE_BITS | title`."""


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
