"""What people did, read from rows: as `actions.sql` and `people.sql` read it from a database."""

from __future__ import annotations

import numpy as np

from populace.clock import SECOND_US
from populace.spec.observed import Observed, Observing, Recorded, acts, found, together
from populace.spec.zones import local
from populace.worlds.hogflix.catalogue import REGIONS, ZONES

COLUMNS = {
    "users": ("id", "created_at", "raw_user_meta_data"),
    "watch_progress": ("user_id", "video_id", "progress_seconds", "last_watched_at", "created_at"),
    "video_ratings": ("user_id", "created_at"),
    "user_watchlist": ("user_id", "created_at"),
    "chat_conversations": ("id", "user_id"),
    "chat_messages": ("conversation_id", "role", "created_at"),
    "support_tickets": ("user_id", "created_at"),
}


def read(rows: Recorded) -> Observed:
    """The acts of people, and who signed up when; the staff, who never visit, have no place to live."""
    keys = [region.key for region in REGIONS]
    where = [said.get("region") for said in rows.documents("users", "raw_user_meta_data")]
    zone = np.array([keys.index(key) if key in keys else -1 for key in where], dtype=np.int64)
    person, joined = rows.codes("users", "id"), rows.moments("users", "created_at")
    living = np.flatnonzero(zone >= 0)

    watcher, title = (rows.codes("watch_progress", name) for name in ("user_id", "video_id"))
    last, first = (rows.moments("watch_progress", name) for name in ("last_watched_at", "created_at"))
    seconds = rows.numbers("watch_progress", "progress_seconds")
    again = first < last
    said = np.flatnonzero(rows.texts("chat_messages", "role") == "user")
    talk, known = found(rows.codes("chat_conversations", "id"), rows.codes("chat_messages", "conversation_id")[said])
    said, talk = said[known], talk[known]
    done = together(
        acts(watcher, last - seconds.astype(np.int64) * SECOND_US, until=last, item=title, size=seconds),
        acts(watcher[again], first[again], item=title[again]),
        *(
            acts(rows.codes(name, "user_id"), rows.moments(name, "created_at"))
            for name in ("video_ratings", "user_watchlist", "support_tickets")
        ),
        acts(rows.codes("chat_conversations", "user_id")[talk], rows.moments("chat_messages", "created_at")[said]),
    )
    whose, known = found(person[living], done.person)
    done, whose = done.of(known), whose[known]
    return Observed(
        done.on_clocks(local(ZONES, zone[living][whose], done.at)),
        person[living],
        local(ZONES, zone[living], joined[living]),
    )


OBSERVING = Observing(read=read, columns=COLUMNS)
