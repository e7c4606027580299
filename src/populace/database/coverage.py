"""Spans of simulated time whose rows have been queued, and the gaps between them.

Pure functions on spans, and two that keep them in the target. What is queued once need not be queued again, and what
lies in a gap was never queued.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from populace import clock
from populace.database.connection import Connection
from populace.database.named import named

SQL = named("populace.database", "coverage.sql")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Simulated time in µs, low included and high excluded."""

    low_us: int
    high_us: int


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few spans as can be, in order; empty ones are left out."""
    out: list[Span] = []
    for span in sorted(s for s in spans if s.high_us > s.low_us):
        if out and span.low_us <= out[-1].high_us:
            out[-1] = Span(out[-1].low_us, max(out[-1].high_us, span.high_us))
        else:
            out.append(span)
    return out


def gaps(spans: Iterable[Span], within: Span) -> list[Span]:
    """What of a span none of the others covers, in order."""
    out, at_us = [], within.low_us
    for span in merged(spans):
        if span.low_us > at_us:
            out.append(Span(at_us, min(span.low_us, within.high_us)))
        at_us = max(at_us, span.high_us)
    out.append(Span(at_us, within.high_us))
    return [gap for gap in out if gap.high_us > gap.low_us]


def add(connection: Connection, channel: str, span: Span) -> None:
    """Note, in the caller's transaction, that a span has been queued; it joins those that it touches. An empty one is
    nothing to note."""
    if span.high_us > span.low_us:
        bounds = {"low": clock.to_datetime(span.low_us), "high": clock.to_datetime(span.high_us)}
        connection.execute(SQL["cover"], {"channel": channel, **bounds})


def read(connection: Connection, channel: str) -> list[Span]:
    """What has been queued of a channel, in order and as few spans as can be."""
    rows = connection.execute(SQL["covered"], {"channel": channel})
    return merged(Span(clock.from_datetime(low), clock.from_datetime(high)) for low, high in rows)
