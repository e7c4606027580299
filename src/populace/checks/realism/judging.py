"""Every metric on what was read of a target: measured, compared with its domain's band, and said why it is as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from populace.checks.chart import Chart
from populace.checks.realism import (
    activity,
    campaigns,
    clustering,
    cooccurrence,
    dailies,
    gaps,
    interchange,
    machine,
    popularity,
    ratings,
    retention,
    rhythm,
    sizes,
    texts,
)
from populace.checks.realism.bands import BANDS, DOMAINS
from populace.checks.realism.finding import Finding, Standing
from populace.checks.realism.logs import NO_ITEM, Logs
from populace.checks.realism.metric import SURE, Metric, sampling_error
from populace.checks.shipped import unheard
from populace.errors import BadInput, PopulaceError, nearest, no_such_name, several
from populace.spec import Realism

METRICS: tuple[Metric, ...] = (
    *activity.METRICS,
    *gaps.METRICS,
    *rhythm.METRICS,
    *dailies.METRICS,
    *retention.METRICS,
    *popularity.METRICS,
    *sizes.METRICS,
    *ratings.METRICS,
    *campaigns.METRICS,
    *clustering.METRICS,
    *cooccurrence.METRICS,
    *texts.METRICS,
    *machine.METRICS,
    *interchange.METRICS,
)
NEEDED = {
    "actions": "nothing is read of what people do",
    "people": "nothing is read of when people signed up",
    "ratings": "people give no stars here",
    "campaigns": "there are no campaigns",
    "texts": "people write nothing here",
    "followed": "nothing is read of what follows what",
    "sizes": "visits have no size",
    "items": "people choose nothing here",
}
"""What a metric needs, and what is said where it is missing."""


def require(declared: Realism, where: str) -> None:
    """Raise BadInput for a declaration that names a domain or metrics that there are not: all faults at once."""
    known = {m.id for m in METRICS}
    faults: list[PopulaceError] = []
    if declared.domain not in DOMAINS:
        given, allowed = declared.domain, nearest(declared.domain, list(DOMAINS))
        faults.append(BadInput("there is no such domain", where=f"{where}.domain", given=given, allowed=allowed))
    for part, names in (
        ("drivers", declared.drivers),
        ("left_out", declared.left_out),
        ("because", [m for b in declared.because for m in b.metrics]),
    ):
        faults += [no_such_name(f"{where}.{part}", name, known) for name in names if name not in known]
    if faults:
        raise several(faults)


def judge(
    logs: Logs, declared: Realism, scenario: str, *, charts: bool = False, begin: Callable[[str], None] = unheard
) -> Iterator[Finding]:
    """Every metric, in order. charts: with what each of them draws. begin: hears each metric's title before it."""
    for metric in METRICS:
        begin(metric.title)
        yield _finding(metric, logs, declared, scenario, charts)


def _finding(metric: Metric, logs: Logs, declared: Realism, scenario: str, charts: bool) -> Finding:
    drivers = declared.drivers.get(metric.id, ())
    band = BANDS[metric.id].of(declared.domain)
    if reason := declared.left_out.get(metric.id):
        return Finding(metric, "left out", why=reason)
    if band is None:
        return Finding(metric, "left out", why=f"it says nothing of {DOMAINS[declared.domain]}")
    if lacking := [NEEDED[name] for name in metric.needs if not _has(logs, name)]:
        return Finding(metric, "left out", why="; ".join(lacking))
    measured = metric.measure(logs)
    value, n = measured.value, measured.n
    if n < metric.fewest or not math.isfinite(value):
        why = (
            f"{n:,} {metric.counts}; it takes {metric.fewest:,}" if n < metric.fewest else "there is nothing to compare"
        )
        return Finding(
            metric, "open", band=band, n=n, drivers=drivers, why="; ".join(filter(None, (why, measured.note)))
        )
    low, high = band
    error: float | None = None
    standing: Standing = "in"
    if not low <= value <= high:
        error = sampling_error(metric, logs, value, up=value < low) if measured.error is None else measured.error
        standing = "red" if value + SURE * error < low or value - SURE * error > high else "in"
    return Finding(
        metric,
        standing,
        value,
        band,
        error,
        n,
        drivers,
        because=declared.reasons(metric.id, scenario) if standing == "red" else (),
        note=measured.note,
        chart=chart_of(metric, logs) if charts else None,
    )


def chart_of(metric: Metric, logs: Logs) -> Chart:
    """What a metric draws."""
    rows = [(label, value) for label, value in metric.curve(logs) if math.isfinite(value)]
    return Chart(metric.id, metric.kind, metric.title, metric.axes, ("label", "value"), rows)


def _has(logs: Logs, name: str) -> bool:
    if name == "sizes":
        return logs.actions is not None and len(logs.sizes) > 0
    if name == "items":
        return logs.actions is not None and bool((logs.actions.item != NO_ITEM).any())
    return getattr(logs, name) is not None
