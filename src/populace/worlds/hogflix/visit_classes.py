"""Which of the documents' classes a visit belongs to: one says how many videos it has, another how much is watched.

The documents' two tables disagree: a habit counts for more than a state, and a binge for more than both (C26).
"""

from __future__ import annotations

import numpy as np

from populace.spec import Ints, Visits
from populace.worlds.hogflix.parameters import EVENTS, PATTERNS
from populace.worlds.hogflix.people import STATES
from populace.worlds.hogflix.visits_parameters import COMPLETIONS, DEPTHS

_WEARY = tuple(1 + EVENTS.index(name) for name in ("SICK", "BUSY_WORK"))
_DEPTHS, _COMPLETIONS = tuple(DEPTHS), tuple(COMPLETIONS)


def depth_class(visits: Visits) -> Ints:
    """A position in `DEPTHS` for each visit."""
    by_state = _by_state(_DEPTHS)
    ordinary = _by_pattern(
        _DEPTHS,
        {"DAILY": "daily", "REGULAR": "regular", "WEEKEND": "weekend_off", "BINGE": "resting", "MONTHLY": "monthly"},
    )
    special = ordinary.copy()
    special[PATTERNS.index("WEEKEND")] = _DEPTHS.index("weekend_on")
    habit = np.where(visits.special, special[visits.who.pattern], ordinary[visits.who.pattern])
    return _settled(visits, by_state, habit, _DEPTHS, "low")


def completion_class(visits: Visits) -> Ints:
    """A position in `COMPLETIONS` for each visit."""
    by_pattern = _by_pattern(
        _COMPLETIONS, {name: name.lower() if name in ("DAILY", "REGULAR") else "active" for name in PATTERNS}
    )
    return _settled(visits, _by_state(_COMPLETIONS), by_pattern[visits.who.pattern], _COMPLETIONS, "casual")


def _settled(visits: Visits, by_state: Ints, habit: Ints, names: tuple[str, ...], weary: str) -> Ints:
    who = visits.who
    found = np.where(who.state == STATES.index("ACTIVE"), habit, by_state[who.state])
    found = np.where(np.isin(who.event, _WEARY), names.index(weary), found)
    return np.where(visits.binging, names.index("binging"), found)


def _by_state(names: tuple[str, ...]) -> Ints:
    said = {"CHURNED": "dormant"}
    return np.array([names.index(said.get(state, state.lower())) for state in STATES], dtype=np.int64)


def _by_pattern(names: tuple[str, ...], said: dict[str, str]) -> Ints:
    return np.array([names.index(said[pattern]) for pattern in PATTERNS], dtype=np.int64)
