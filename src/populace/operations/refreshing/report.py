"""What comes of a refresh: its steps, and the words in which a channel hears of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from populace import clock
from populace.errors import PopulaceError

State = Literal["done", "skipped", "failed", "planned", "not reached"]
NAMES = ("backup", "reset", "migrations", "seed", "images", "health")


@dataclass(slots=True)
class Step:
    """A step, and what came of it. seconds: of real time. said: in words."""

    name: str
    state: State
    seconds: float = 0.0
    said: str = ""


@dataclass(slots=True)
class Refreshed:
    """How a refresh went. fault: of the step that failed. restored: the old data is back. recovered: the old data of
    one that was killed before was put back first. rows: by table, that were seeded. warnings: what did not count.
    """

    target: str
    world: str
    began_us: int
    dry_run: bool
    steps: list[Step]
    backup: Path | None = None
    rows: dict[str, int] = field(default_factory=dict)
    fault: PopulaceError | None = None
    restored: bool = False
    recovered: bool = False
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether no step failed."""
        return self.fault is None

    @property
    def failed(self) -> Step | None:
        """The step that failed."""
        return next((step for step in self.steps if step.state == "failed"), None)

    def document(self) -> dict[str, Any]:
        """As `refresh --json` prints it."""
        return {
            "ok": self.ok,
            "target": self.target,
            "world": self.world,
            "began": clock.iso(self.began_us),
            "dry_run": self.dry_run,
            "seconds": round(self.seconds, 2),
            "steps": [
                {"name": s.name, "state": s.state, "seconds": round(s.seconds, 2), "said": s.said} for s in self.steps
            ],
            "backup": str(self.backup) if self.backup else None,
            "rows": self.rows,
            "fault": str(self.fault) if self.fault else None,
            "restored": self.restored,
            "recovered": self.recovered,
            "warnings": self.warnings,
        }


def message(report: Refreshed, how: str) -> str:
    """What a channel reads of a refresh. how: it `failed` or `was stopped`; "": it is done."""
    sign, head = (":x:", how) if how else (":white_check_mark:", "is done")
    lines = [f"{sign} The refresh of {report.world} in {report.target} {head}, after {report.seconds:.1f} s."]
    lines += [
        f"• {s.name}: {s.state}, {s.seconds:.1f} s; {s.said}" for s in report.steps if s.state in ("done", "failed")
    ]
    if report.rows:
        lines.append("Rows: " + ", ".join(f"{name} {number:,}" for name, number in report.rows.items()))
    if how:
        lines.append("The old data is in place." if _is_old(report) else "\n".join(report.warnings))
    return "\n".join(lines)


def _is_old(report: Refreshed) -> bool:
    return report.restored or not report.warnings
