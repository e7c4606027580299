"""What a runner prints while it runs: windows summed up to a line every few seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from populace import clock
from populace.cli.output import Output
from populace.event import Event
from populace.operations.runs.run import RunResult
from populace.runner.loop import Tick
from populace.sinks.sink import Tallies

EVERY_S = 5.0
SHOWN = 3
"""Tables that a line names, those with the most rows; and lines of the feed."""


def sessions(arrivals: int) -> str:
    """How many sessions began, to be printed before the rows; empty where none did: not every world has sessions."""
    return f"{arrivals:,} session{'s' * (arrivals > 1)}, " if arrivals else ""


def rate(rows: int, simulated_us: int) -> str:
    """So many a minute, or of a longer time where there is less than one."""
    units = {"minute": clock.MINUTE_US, "hour": clock.HOUR_US, "day": clock.DAY_US}
    each = {named: rows * unit / max(simulated_us, 1) for named, unit in units.items()}
    named = next((named for named, many in each.items() if many >= 1), "day" if rows else "minute")
    return f"{each[named]:,.0f} {'an' if named == 'hour' else 'a'} {named}"


def summary(done: RunResult) -> str:
    """What was lived, in a sentence."""
    minutes = done.simulated_us / clock.MINUTE_US
    return (
        f"ran {minutes:,.1f} simulated minutes in {done.windows:,} windows: {sessions(done.arrivals)}"
        f"{done.rows_written:,} rows ({rate(done.rows_written, done.simulated_us)})"
        + (f"; written up to {clock.iso(done.watermark_us)}" if done.watermark_us is not None else "")
    )


def happened(arrivals: int, wrote: Mapping[str, int]) -> str:
    """What people did, in words: how many began a session, and what was written of all that are under way."""
    began = (
        f"{arrivals:,} {'people begin a session' if arrivals > 1 else 'person begins a session'}" if arrivals else ""
    )
    busiest = sorted(wrote.items(), key=lambda held: -held[1])
    named = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in busiest[:SHOWN])
    if len(wrote) > SHOWN:
        rest = sum(count for _, count in busiest[SHOWN:])
        named += f" and {rest:,} more"
    return "; ".join(part for part in (began, f"written: {named}" if named else "") if part) or "nobody does anything"


class Ticker:
    """Hears a runner, and says a line about its windows now and then.

    feed: what people did since a simulated time, in words, of which the last lines are said too.
    """

    def __init__(
        self, out: Output, every_s: float = EVERY_S, feed: Callable[[int], Sequence[str]] | None = None
    ) -> None:
        self._out, self._every_s, self._feed = out, every_s, feed
        self._said_at = clock.monotonic()
        self._lately: list[Tick] = []

    def hear(self, event: Event) -> None:
        """A window was written, or something else is to be said."""
        if not isinstance(event, Tick):
            self._out.hear(event)
            return
        self._lately.append(event)
        if self._out.verbose or clock.monotonic() - self._said_at >= self._every_s:
            self._say()

    def _say(self) -> None:
        """A line about the windows since the last one."""
        until = clock.iso(self._lately[-1].window.end_us // clock.SECOND_US * clock.SECOND_US)
        tables = Tallies()
        for tick in self._lately:
            tables.add(tick.wrote)
        arrivals = sum(t.arrivals for t in self._lately)
        wrote = {name: t.written for name, t in tables.tables.items() if t.written}
        self._out.say(f"{until}  {happened(arrivals, wrote)}", watermark=until, arrivals=arrivals, rows=wrote)
        for line in self._feed(self._lately[0].window.start_us)[-SHOWN:] if self._feed else ():
            self._out.say(f"{'':22}{line}")
        self._said_at = clock.monotonic()
        self._lately.clear()
