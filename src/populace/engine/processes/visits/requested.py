"""The rows that an intervention's visits will leave: known as soon as it is in effect, before they are written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from populace.clock import MINUTE_US
from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import Window
from populace.engine.processes.visits.arrivals import asked_for
from populace.engine.processes.visits.sessions import courses, only
from populace.engine.snapshots import Snapshots
from populace.plan import Intervention, Plan


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of the visits of one intervention: how many come, when the last one ends (µs; None when nobody comes), and rows.

    will_write, written: rows of append tables, in all and up to the watermark.
    """

    sessions: int
    ends_us: int | None
    will_write: dict[str, int]
    written: dict[str, int]


def forecast(plan: Plan, intervention: Intervention, watermark_us: int, snapshots: Snapshots | None = None) -> Forecast:
    """What the visits of an intervention of this plan leave. Later interventions may still change it.

    snapshots: used while they are older than the intervention; otherwise the fold begins at the first arrival.
    """
    flow = plan.world.sessions[0]
    members = (0, plan.sizes[flow.root])
    window = Window(intervention.at_us, intervention.at_us + MINUTE_US + plan.world.horizon_us)
    addresses = asked_for(intervention)
    append = {t.name for t in plan.world.tables if t.mode == "append"}
    sessions, ends_us = 0, 0
    will, written = dict.fromkeys(sorted(append & set(flow.tables)), 0), dict[str, int]()
    # Whoever arrives later than the last of them can change nothing for them.
    span = Window(window.start_us, intervention.at_us + MINUTE_US + 1000)
    for draw, course in courses(plan, flow, members, span, DrawStatistics(), snapshots):
        chosen = np.isin(course.visits.address, addresses)
        if not chosen.any():
            continue
        mine = only(course, chosen)
        sessions += len(mine.ended_at)
        ends_us = max(ends_us, int(mine.ended_at.max()))
        for name, rows in flow.emit(draw, mine).items():
            if name in append and rows.at is not None:
                emitted = rows.at[(rows.at >= window.start_us) & (rows.at < window.end_us)]
                will[name] += len(emitted)
                written[name] = written.get(name, 0) + int((emitted < watermark_us).sum())
    return Forecast(sessions, ends_us or None, will, {name: written.get(name, 0) for name in will})
