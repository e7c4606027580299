"""A persona as the document writes one down: identity, life, habit, what they did, and where their rows are.

Every field is computed from the plan; a file of personas can be made again, and so need not be kept.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from populace.clock import DAY_US
from populace.spec import Draw, Ints, Optional, Stamp, Walk, Words
from populace.spec.personas import People, Personas, PersonaValue
from populace.worlds.hogflix.catalogue import SOURCES
from populace.worlds.hogflix.parameters.people import EVENTS, PATTERNS, SEGMENTS, STATES
from populace.worlds.hogflix.people import traits

CHURN_REASON = "long_inactivity"
"""Nobody leaves for another reason."""


def described(draw: Draw, people: People) -> Mapping[str, PersonaValue]:
    """The fields of the document's persona, in its order."""
    who, sums, quiet = people.who, people.sums, draw.unrecorded
    videos = sums["videos"]
    left = people.left_at >= 0
    user = traits.user_key(draw, who)
    return {
        "distinct_id": traits.distinct_id(draw, who),
        "plan": Words(who.segment, SEGMENTS),
        "source": Words(traits.source(quiet, who), SOURCES),
        "email": traits.email(draw, who),
        "state": Words(who.state, STATES),
        "state_changed_at": Stamp(people.state_since),
        "days_since_signup": (who.at - who.joined_at) // DAY_US,
        "last_active": _moment(people.last_at),
        "created_at": Stamp(who.joined_at),
        "activity_pattern": Words(who.pattern, PATTERNS),
        "consecutive_active_days": people.streak,
        "consecutive_missed_days": people.missed,
        "total_sessions": sums["sessions"],
        "engagement_score": who.score,
        "videos_watched": videos,
        # Tenths of a percent, half up.
        "avg_watch_completion": (sums["percent"] * 20 + videos) // np.maximum(2 * videos, 1) / 10,
        "ratings_given": sums["ratings"],
        "watchlist_size": sums["wishes"],
        "flixbuddy_conversations": sums["chats"],
        "in_life_event": Optional(who.event > 0, Words(who.event, ("", *EVENTS))),
        "life_event_ends_at": _moment(people.event_ends),
        "binge_state": {
            "is_binging": people.binging,
            "binge_day": people.spell_day,
            "cooldown_until": _moment(people.rest_until),
        },
        "churned_at": _moment(people.left_at),
        "churn_reason": Optional(left, Words(np.zeros(len(left), dtype=np.int64), (CHURN_REASON,))),
        "db_initialized": True,
        "user_id": user,
        "profile_id": user,
    }


def counted(walk: Walk, many: int) -> Mapping[str, Ints]:
    """percent: completions of a visit's videos, added up."""
    percent = np.bincount(walk.columns["video_visit"], weights=walk.columns["video_percent"], minlength=many)
    return {"percent": percent.astype(np.int64)}


def once(walk: Walk) -> Mapping[str, tuple[Ints, Ints]]:
    """wishes: titles that visits put on the watchlist."""
    visit = np.flatnonzero(walk.columns["listed_at"] >= 0)
    return {"wishes": (visit, walk.columns["listed_title"][visit])}


def _moment(at: Ints) -> Optional:
    return Optional(at >= 0, Stamp(at))


PERSONAS = Personas(
    known_by="distinct_id",
    shown=("distinct_id", "plan", "state", "activity_pattern", "engagement_score", "consecutive_active_days",
           "consecutive_missed_days", "total_sessions", "videos_watched", "last_active"),
    described=described,
    counted=counted,
    once=once,
)  # fmt: skip
