"""The metrics and their bands as the page docs/concepts/realism.md has them; a test compares the two."""

from __future__ import annotations

from populace.checks.realism.bands import BANDS, DOMAINS, SOURCES, Band
from populace.checks.realism.finding import written
from populace.checks.realism.judging import METRICS
from populace.checks.realism.metric import Metric


def metrics() -> str:
    """A table of what is measured, and how."""
    rows = [f"| `{m.id}` | {m.title} | {m.meaning} | {m.formula} | {m.fewest:,} {m.counts} |" for m in METRICS]
    return "\n".join(["| Id | Metric | What it says | How it is computed | Takes |", "|---|---|---|---|---|", *rows])


def bands() -> str:
    """A table of the bands by domain, with their sources."""
    rows = [
        f"| `{m.id}` | {' | '.join(_band(m, BANDS[m.id].of(d)) for d in DOMAINS)} | {', '.join(BANDS[m.id].sources)} |"
        for m in METRICS
    ]
    head = f"| Id | {' | '.join(DOMAINS)} | Sources |"
    return "\n".join([head, "|---" * (len(DOMAINS) + 2) + "|", *rows])


def sources() -> str:
    """Where bands are known from."""
    return "\n".join(f"- `{name}`: {text}" for name, text in SOURCES.items())


def _band(metric: Metric, band: Band | None) -> str:
    return f"{written(band[0], metric.unit)} to {written(band[1], metric.unit)}" if band else "–"
