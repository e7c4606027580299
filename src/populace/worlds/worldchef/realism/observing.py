"""What people did, read from rows: as `actions.sql` and `people.sql` read it from a database."""

from __future__ import annotations

import numpy as np

from populace.clock import HOUR_US
from populace.spec.observed import Observed, Observing, Recorded, acts, found, together
from populace.worlds.worldchef.catalogue import words

COLUMNS = {
    "users": ("id", "created_at", "location"),
    "recipes": ("author_id", "created_at"),
    "recipe_likes": ("user_id", "created_at", "recipe_id"),
    "recipe_favorites": ("user_id", "created_at", "recipe_id"),
    "recipe_ratings": ("user_id", "created_at", "recipe_id"),
    "user_follows": ("follower_id", "created_at"),
    "recipe_collections": ("id", "user_id"),
    "recipe_collection_items": ("collection_id", "added_at", "recipe_id"),
}


def read(rows: Recorded) -> Observed:
    """What people did with recipes, whom they followed, and who signed up when. Nothing says how large that was."""
    offsets = {place.name: int(place.offset) for place in words.places()}
    lives = rows.texts("users", "location").tolist()
    ahead = np.array([offsets.get(place, 0) for place in lives], dtype=np.int64) * HOUR_US
    placed = np.array([place in offsets for place in lives], dtype=np.bool_)
    person = rows.codes("users", "id")
    shelf, kept = found(rows.codes("recipe_collections", "id"), rows.codes("recipe_collection_items", "collection_id"))
    done = together(
        *(
            acts(rows.codes(n, "user_id"), rows.moments(n, "created_at"), item=rows.codes(n, "recipe_id"))
            for n in ("recipe_likes", "recipe_favorites", "recipe_ratings")
        ),
        acts(rows.codes("user_follows", "follower_id"), rows.moments("user_follows", "created_at")),
        acts(
            rows.codes("recipe_collections", "user_id")[shelf[kept]],
            rows.moments("recipe_collection_items", "added_at")[kept],
            item=rows.codes("recipe_collection_items", "recipe_id")[kept],
        ),
        acts(rows.codes("recipes", "author_id"), rows.moments("recipes", "created_at")),
    )
    whose, known = found(person, done.person)
    done, whose = done.of(known), whose[known]
    return Observed(
        done.on_clocks(done.at + ahead[whose], placed[whose]), person, rows.moments("users", "created_at") + ahead
    )


OBSERVING = Observing(read=read, columns=COLUMNS)
