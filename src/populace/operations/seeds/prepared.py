"""A seed that can begin: its plan, the target that answers; and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from populace import clock
from populace.database.made import Made
from populace.database.rehearsal import Rehearsed
from populace.database.target import Target
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.opening import Opened
from populace.plan import Plan
from populace.runner.clusters import Address
from populace.sinks.sink import Tallies

if TYPE_CHECKING:
    from populace.runner.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan and where it goes. now_us: where its first window ends. wall: its clock follows real time. epoch_given,
    login_given: otherwise a target that has a plan keeps that plan's epoch, and its people's password. opened: the
    target as it answers; None: a folder of files. allow_effects: triggers of the app may change other rows then.
    workers: how many processes write, None for as many as pay. cluster: whose workers write instead, and how it is
    reached once it has been joined. refreshing: this is a step of a refresh, which has put
    the old data aside.
    """

    context: Context
    plan: Plan
    now_us: int
    target: Target
    opened: Opened | None
    wall: bool = True
    epoch_given: bool = False
    login_given: bool = True
    allow_effects: bool = False
    workers: int | None = None
    cluster: Address | None = None
    joined: Cluster | None = None
    refreshing: bool = False

    @property
    def shown(self) -> str:
        """The target as it was named, without a password."""
        return self.target.redacted()

    @property
    def remarks(self) -> Sequence[channels.Remark]:
        """What stays in the target, because its integration is not configured."""
        return () if self.opened is None else channels.remarks(self.plan, self.context.settings, self.plan.origin_us)

    @property
    def is_elsewhere(self) -> bool:
        """Whether somebody should have agreed before people move in: the database is not ours."""
        return self.target.kind == "postgresql"


@dataclass(frozen=True, slots=True)
class SeedResult:
    """What is there now, and what this call wrote. report: the document's keys, counted in the target. made: objects of
    the database and of its server that this call made. rehearsed: what others have put on the tables, and what that
    would change when rows go.
    """

    plan: Plan
    watermark_us: int
    unchanged: bool
    report: Mapping[str, Any]
    wrote: Tallies
    seconds: float
    made: Sequence[Made] = ()
    rehearsed: Rehearsed = field(default_factory=Rehearsed)

    def document(self) -> dict[str, Any]:
        """As `seed --json` prints it."""
        return {
            **self.report,
            "rows_created": self.wrote.written,
            "unchanged": self.unchanged,
            "tables": {
                name: {k: v for k, v in asdict(t).items() if k != "removed"}
                for name, t in sorted(self.wrote.tables.items())
            },
            "made": [{"kind": m.kind, "name": m.name, "cluster_wide": m.cluster_wide} for m in self.made],
            "world": self.plan.world.name,
            "scenario": self.plan.scenario,
            "seed": self.plan.seed,
            "epoch": clock.iso(self.plan.epoch_us),
            "watermark": clock.iso(self.watermark_us),
            "plan": self.plan.digest,
            "triggers": [str(one) for one in self.rehearsed.attached],
            "filled": [one.document() for one in self.rehearsed.filled],
            "removal_changes": [str(effect) for effect in self.rehearsed.effects],
            "seconds": round(self.seconds, 3),
        }
