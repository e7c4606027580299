"""What the sessions that an intervention brings will leave: known once it is in effect, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from populace.clock import MINUTE_US
from populace.engine.processes import process_of
from populace.engine.snapshots import Snapshots
from populace.plan import Intervention, Plan
from populace.spec import NEVER, Ints


@dataclass(slots=True)
class Forecast:
    """Of the sessions of one intervention: how many come, when they begin and the last one ends (µs; None when nobody
    comes), and rows.

    goes_on: they go on for weeks, and nobody waits for their end. will_write, written: rows of append tables, in all
    and up to the watermark. will_change: rows of merged tables that are added or changed, each once. Of what goes on,
    no rows are known.
    """

    sessions: int = 0
    begins_us: int | None = None
    ends_us: int | None = None
    goes_on: bool = False
    will_write: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    will_change: dict[str, int] = field(default_factory=dict)

    @property
    def over_us(self) -> int | None:
        """When all that somebody waits for has been lived: the sessions, or the minute in which they begin."""
        return self.begins_us + MINUTE_US if self.goes_on and self.begins_us else self.ends_us


def forecast(plan: Plan, intervention: Intervention, watermark_us: int, snapshots: Snapshots | None = None) -> Forecast:
    """What the sessions of an intervention of this plan leave. Later interventions may still change it.

    snapshots: used while they are older than the intervention; otherwise the fold begins at the beginning.
    """
    out, versions = Forecast(), dict[str, list[Ints]]()
    flow = plan.world.answering
    if flow is None:
        return out
    mode = {t.name: t.mode for t in plan.world.tables if t.name in flow.tables}
    for brought in process_of(plan, flow, (0, plan.sizes[flow.root])).brought(intervention, snapshots):
        out.sessions += len(brought.ended_at)
        out.begins_us, out.goes_on = brought.from_us, brought.goes_on
        out.ends_us = max(out.ends_us or 0, int(brought.ended_at.max()))
        for name, rows in brought.rows.items():
            if rows.at is None:
                continue
            some = np.flatnonzero(rows.at < NEVER)
            if mode.get(name) == "append":
                out.will_write[name] = out.will_write.get(name, 0) + len(some)
                out.written[name] = out.written.get(name, 0) + int((rows.at[some] < watermark_us).sum())
            elif mode.get(name) == "merge" and rows.entity is not None:
                versions.setdefault(name, []).append(rows.entity[some])
    out.will_write, out.written = dict(sorted(out.will_write.items())), dict(sorted(out.written.items()))
    out.will_change = {name: len(np.unique(np.concatenate(parts))) for name, parts in sorted(versions.items())}
    return out
