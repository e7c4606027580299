"""What a metric found in a target: its value, the band of real products, and whether it lies in it; and all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from populace.checks.chart import Chart
from populace.checks.realism.metric import Metric

Standing = Literal["in", "red", "open", "left out"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One metric of one population.

    value: None where it could not be measured. band: None where there is none. error: the standard error, where it
    decided; None: the value lies in the band anyway. drivers: parameters that move it. why: it is left out or open.
    because: which numbers of the documents make it red. note: what stands beside the value.
    """

    metric: Metric
    standing: Standing
    value: float | None = None
    band: tuple[float, float] | None = None
    error: float | None = None
    n: int = 0
    drivers: tuple[str, ...] = ()
    why: str = ""
    because: tuple[str, ...] = ()
    note: str = ""
    chart: Chart | None = None

    @property
    def measured(self) -> str:
        """The value, in the metric's unit; with its error where that counted."""
        if self.value is None:
            return "–"
        shown = written(self.value, self.metric.unit)
        if self.error is None or not math.isfinite(self.error):
            return shown
        return f"{shown} ± {written(self.error, self.metric.unit)}"

    @property
    def expected(self) -> str:
        """The band, in the metric's unit."""
        if self.band is None:
            return "–"
        return f"{written(self.band[0], self.metric.unit)} to {written(self.band[1], self.metric.unit)}"

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        m = self.metric
        return {
            "id": m.id, "title": m.title, "meaning": m.meaning, "formula": m.formula, "family": m.family,
            "unit": m.unit,
            "verdict": self.standing, "value": self.value, "band": list(self.band) if self.band else None,
            "error": self.error if self.error is not None and math.isfinite(self.error) else None,
            "n": self.n, "counts": m.counts, "drivers": list(self.drivers), "why": self.why,
            "because": list(self.because), "note": self.note,
            "measured": self.measured, "expected": self.expected,
            **({"chart": asdict(self.chart)} if self.chart else {}),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Comparison:
    """How real a population looks. claimed: its scenario says that it looks real, so that a red metric is a failure.

    removed: how many of those who signed up the app has deleted since, and of how many; None: nothing counts that.
    """

    world: str
    scenario: str
    domain: str
    target: str
    claimed: bool
    sampled: int
    findings: Sequence[Finding]
    removed: tuple[int, int] | None = None

    def standing(self, standing: Standing) -> list[Finding]:
        """The findings of one verdict."""
        return [f for f in self.findings if f.standing == standing]

    @property
    def red(self) -> list[Finding]:
        """What no real product shows."""
        return self.standing("red")

    @property
    def measured(self) -> int:
        """How many metrics have a verdict."""
        return len(self.standing("in")) + len(self.red)

    @property
    def ok(self) -> bool:
        """Whether nothing is red that the scenario claims to be real."""
        return not (self.claimed and self.red)

    @property
    def survivorship(self) -> str:
        """What the app's deleting of people does to everything that is counted in its tables."""
        if self.removed is None or not self.removed[0]:
            return ""
        gone, all_of_them = self.removed
        return (
            f"the app deleted {gone:,} of the {all_of_them:,} people who signed up in this history: its tables show "
            "those "
            "who stayed, and look more loyal than the people were; daily statistics count everybody"
        )

    def document(self) -> Mapping[str, Any]:
        """As `validate --realism --json` prints it."""
        return {
            "ok": self.ok, "world": self.world, "scenario": self.scenario, "domain": self.domain,
            "claimed": self.claimed,
            "sampled": self.sampled, "measured": self.measured, "in": len(self.standing("in")), "red": len(self.red),
            "open": len(self.standing("open")), "left_out": len(self.standing("left out")),
            "removed": list(self.removed) if self.removed else None, "survivorship": self.survivorship,
            "metrics": [f.document() for f in self.findings],
        }  # fmt: skip


def written(value: float, unit: str) -> str:
    """A value for a reader."""
    if unit == "share":
        return f"{100 * value:.3g} %"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
