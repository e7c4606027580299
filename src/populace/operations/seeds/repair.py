"""repair: what a target lacks of its plan is inserted again, and on request what was changed is mended."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from populace import clock
from populace.event import Listener, unheard
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.population import place
from populace.runner import lease
from populace.runner import repair as rows
from populace.sinks.repair import Difference


@dataclass(frozen=True, slots=True)
class RepairRequest:
    """world: by name or path; None: that of the target. mend_changed: rows of ours that others have changed become what
    the plan says. dry_run: only count."""

    world: str | None = None
    mend_changed: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Repaired:
    """What differs from the plan by table, and what was done about it. target: without a password."""

    target: str
    world: str
    called: str
    plan: str
    watermark_us: int
    dry_run: bool
    mend_changed: bool
    tables: Mapping[str, Difference]
    seconds: float

    def total(self, of: str) -> int:
        """A figure over all tables, such as `missing`."""
        return sum(int(getattr(one, of)) for one in self.tables.values())

    @property
    def in_the_way(self) -> int:
        """How many rows could not be mended."""
        return sum(obstacle.rows for one in self.tables.values() for obstacle in one.obstacles)

    def document(self) -> dict[str, Any]:
        """As `seed --repair --json` prints it."""
        figures = ("missing", "inserted", "changed", "mended", "old")
        return {
            "target": self.target,
            "world": self.world,
            "plan": self.plan,
            "watermark": clock.iso(self.watermark_us),
            "dry_run": self.dry_run,
            "mend_changed": self.mend_changed,
            **{name: self.total(name) for name in figures},
            "in_the_way": self.in_the_way,
            "tables": {
                table: {
                    **{name: getattr(one, name) for name in figures},
                    "obstacles": [
                        {"rows": o.rows, "because": o.because, "example": o.example} for o in one.obstacles
                    ],
                }
                for table, one in self.tables.items()
            },
            "seconds": round(self.seconds, 3),
        }  # fmt: skip


def repair(
    context: Context, request: RepairRequest, *, on_event: Listener = unheard, stop: threading.Event | None = None
) -> Repaired:
    """Compare a population with its plan, up to the watermark, and write what is missing.

    A row of others is never changed: one that stands at a key of ours is counted as an obstacle. What is mended is no
    news: no event is queued, and nothing is counted a second time. The same request again finds nothing to do.
    Raises Refused without a finished seed, or while a runner is at work; Interrupted when `stop` is set: what is done
    stays.
    """
    began = clock.monotonic()
    with place(context, request.world, "repair") as there:
        lease.take_now(there.connection, there.shown)
        there.connection.commit()
        population = there.population()
        with closing(channels.integrations(population.plan, context.settings)) as integrations:
            there.connection.commit()
            tables = rows.repair(
                there.connection,
                population.plan,
                population.watermark_us,
                mend_changed=request.mend_changed,
                looking=request.dry_run,
                integrations=integrations,
                on_event=on_event,
                stop=stop or threading.Event(),
            )
    return Repaired(
        there.shown,
        population.world.name,
        there.called,
        population.plan.digest,
        population.watermark_us,
        request.dry_run,
        request.mend_changed,
        tables,
        clock.monotonic() - began,
    )
