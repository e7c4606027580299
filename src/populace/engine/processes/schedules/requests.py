"""Items that a user requested: their lives begin within a minute, beside those that the calendar places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from populace.clock import MINUTE_US
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EMPTY, EngineDraw
from populace.plan import Intervention, Plan
from populace.spec import Items, Schedule
from populace.spec.schedule import REQUESTED_BITS, REQUESTED_NUMBER

NOTHING = Items(*[np.zeros(0, dtype=np.int64)] * 6)
"""No item."""


def requested_items(plan: Plan, flow: Schedule, requests: Sequence[Intervention], before_us: int) -> Items:
    """The items that interventions let begin, of all members: by number, these take turns here too.

    Raises ValueError for a world whose functions let one begin at another moment than they were given.
    """
    answer = flow.on_request
    if answer is None or flow is not plan.world.answering or not requests:
        return NOTHING
    many = [one.sessions for one in requests]
    first = [REQUESTED_NUMBER | one.number << REQUESTED_BITS for one in requests]
    number = np.concatenate([start + np.arange(n) for start, n in zip(first, many, strict=True)])
    draw = EngineDraw(plan, plan.eras[0], EMPTY, DrawStatistics())
    since = np.repeat([whole_ms(one.at_us) for one in requests], many)
    since += draw.below(f"{flow.name}.moment", MINUTE_US // 1000, number) * 1000
    alone = np.full(len(number), -1), np.zeros(len(number), dtype=np.int64), np.ones(len(number), dtype=np.int64)
    items = Items(number, number % plan.sizes[flow.root], since, *alone, since)
    items = replace(items, at=answer.at(draw, items))
    begins = flow.begins(draw, items) if flow.begins else since
    if ((begins != since) | (items.at < since) | (items.at > since + before_us)).any():
        raise ValueError(f"{plan.world.name}.flows.{flow.name}: a requested item does not begin when it is to")
    return items


def whole_ms(at_us: int) -> int:
    """The first whole millisecond from a moment on: the moments of items are such."""
    return -(-at_us // 1000) * 1000
