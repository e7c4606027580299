"""People by the names that a setting lists, such as those who stay away."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from populace.engine.draws import EngineDraw
from populace.engine.tables import Block
from populace.spec import Bools, Cohort, Lifecycle
from populace.spec.lifecycle import NOBODY


def names_of(text: str) -> Set[str]:
    """The names that a text lists, with commas."""
    return frozenset() if text == NOBODY else {name.strip() for name in text.split(",")}


def is_named(draw: EngineDraw, flow: Lifecycle, names: Set[str], who: Cohort) -> Bools:
    """Who of some people has one of these names."""
    if not names or len(who.person) == 0:
        return np.zeros(len(who.person), dtype=np.bool_)
    called = flow.called(draw.unrecorded, who)
    text = Block(draw.plan.seed, np.arange(len(who.person))).text(called)
    return np.isin(np.array(text.to_pylist()), sorted(names))
