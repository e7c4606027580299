"""What there is to watch, and for what price: plans, categories, titles and their release, and who uploaded them.

The catalogue's titles were released before the epoch, some of them in history; further ones follow for ten years. When,
and how long they are, is fixed in the plan, so that anybody can work out what there is at any moment.
"""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np

from populace.clock import DAY_US, HOUR_US, MINUTE_US
from populace.spec import Columns, Draw, Ints, Json, Key, Rows, TableRows, Words
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.parameters.derived import UPLOADS_MONTH_DAYS
from populace.worlds.hogflix.people.accounts import STAFF, staff_key

CATALOGUE_AGE_US = 4_500 * DAY_US
"""Plans and categories were there so long before the epoch: longer than the oldest title."""
_OPENS_US, _OPEN_US = 8 * HOUR_US, 8 * HOUR_US
"""When the upload desk opens (UTC), and for how long."""


def plans(draw: Draw, ordinal: Ints) -> TableRows:
    """The plans, by position the segments of people."""
    entries, at = catalogue.plans(), _founded(draw, ordinal)
    features = [tuple(p.features) for p in entries]
    columns = {
        "id": Key("subscription_plans", ordinal),
        "name": Words(ordinal, [p.name for p in entries]),
        "display_name": Words(ordinal, [p.display_name for p in entries]),
        "price_monthly": np.array([p.price_monthly for p in entries])[ordinal],
        "features": Words(ordinal, [_json_list(f) for f in features]),
        "max_profiles": np.array([p.max_profiles for p in entries])[ordinal],
        "video_quality": Words(ordinal, [p.video_quality for p in entries]),
        "is_default": ordinal == 0,
        "created_at": at,
        "updated_at": at,
    }
    return {"subscription_plans": Rows(ordinal, columns)}


def categories(draw: Draw, ordinal: Ints) -> TableRows:
    """The categories, in the order of the start page."""
    at = _founded(draw, ordinal)
    columns: Columns = {
        "id": Key("categories", ordinal),
        "name": Words(ordinal, [c.name for c in catalogue.categories()]),
        "sort_order": ordinal,
        "created_at": at,
        "updated_at": at,
    }
    return {"categories": Rows(ordinal, columns)}


def titles(draw: Draw, ordinal: Ints) -> TableRows:
    """The titles as they are released, and what the staff's log says of those that came in history or later."""
    shown = title_texts()
    names = [c.name for c in catalogue.categories()]
    at = released_us(draw, ordinal)
    key = title_key(ordinal)
    columns: Columns = {
        "id": key,
        "title": Words(ordinal, shown["title"]),
        "description": Words(ordinal, shown["description"]),
        "thumbnail_url": Words(ordinal, shown["thumbnail_url"]),
        "video_url": Words(ordinal, shown["video_url"]),
        "category_id": Key("categories", np.array([names.index(c) for c in catalogue.SHELVES])[shelf(ordinal)]),
        "duration": duration_s(draw, ordinal),
        "slug": Words(ordinal, shown["slug"]),
        "is_public": True,
        "published_at": at,
        "ai_summary": Words(ordinal, shown["ai_summary"]),
        "created_at": at,
        "updated_at": at,
    }
    new = np.flatnonzero(at > draw.origin_us)
    log: Columns = {
        "id": Key("admin_activity_log", ordinal[new], at[new]),
        "user_id": staff_key(draw, ordinal[new] % len(STAFF)),
        "action": "video_uploaded",
        "entity_type": "video",
        "entity_id": title_key(ordinal[new]),
        "details": Json({"is_synthetic": True, "slug": Words(ordinal[new], shown["slug"])}),
        "created_at": at[new],
    }
    return {
        "videos": Rows(ordinal, columns, np.maximum(at, draw.origin_us)),
        "admin_activity_log": Rows(ordinal[new], log, at[new]),
    }


def title_key(ordinal: Ints) -> Key:
    """The key of a title, by its ordinal: the catalogue's, then the uploads in their order."""
    return Key("videos", ordinal)


def released_us(draw: Draw, ordinal: Ints) -> Ints:
    """When each title is released, µs, to the minute: the catalogue's so many days before the epoch, uploads after."""
    there = catalogue.titles()
    ago = np.array([t.released_days for t in there])[np.minimum(ordinal, len(there) - 1)]
    number, every = ordinal - len(there), UPLOADS_MONTH_DAYS * DAY_US // draw.values.whole("uploads_a_month")
    day = np.where(number < 0, -ago, (number * every + draw.below("title.wait", every // HOUR_US, ordinal) * HOUR_US)
                   // DAY_US)  # fmt: skip
    minute = draw.below("title.minute", _OPEN_US // MINUTE_US, ordinal)
    out: Ints = draw.epoch_us + day * DAY_US + _OPENS_US + minute * MINUTE_US
    return out


def duration_s(draw: Draw, ordinal: Ints) -> Ints:
    """How long each title is, s. An upload is about as long as some title of the catalogue."""
    known = np.array([t.duration for t in catalogue.titles()])
    like = known[draw.below("title.like", len(known), ordinal)]
    near = like * (90 + draw.below("title.longer", 21, ordinal)) // 100
    out: Ints = np.where(ordinal < len(known), known[np.minimum(ordinal, len(known) - 1)], np.maximum(near, 20))
    return out


def shelf(ordinal: Ints) -> Ints:
    """The category of each title: a position in `catalogue.SHELVES`, of which the first are people's genres."""
    out: Ints = _shelves()[ordinal]
    return out


@lru_cache(maxsize=1)
def _shelves() -> Ints:
    names = [*(t.category for t in catalogue.titles()), *(u.category for u in catalogue.uploads())]
    return np.array([catalogue.SHELVES.index(name) for name in names])


@lru_cache(maxsize=1)
def title_texts() -> dict[str, tuple[str | None, ...]]:
    """The words of all titles, by column."""
    there, later = catalogue.titles(), catalogue.uploads()
    texts: dict[str, tuple[str | None, ...]] = {
        name: tuple(getattr(t, name) for t in (*there, *later))
        for name in ("slug", "title", "description", "video_url", "thumbnail_url")
    }
    return {**texts, "ai_summary": (*(t.ai_summary for t in there), *(None for _ in later))}


def _founded(draw: Draw, ordinal: Ints) -> Ints:
    return np.full(len(ordinal), min(draw.origin_us, draw.epoch_us - CATALOGUE_AGE_US))


def _json_list(texts: tuple[str, ...]) -> str:
    return json.dumps(texts, ensure_ascii=False)
