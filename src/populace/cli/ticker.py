"""What a runner says while people live: windows summed up to a line every few seconds."""

from __future__ import annotations

from typing import Any

from populace import clock
from populace.cli.output import Output
from populace.runner.loop import Tick
from populace.sinks.sink import Tallies

EVERY_S = 5.0
SHOWN = 3
"""Tables that a line names, those with the most rows."""


def sessions(arrivals: int) -> str:
    """How many sessions began, before what they wrote; nothing where none did: not every world has any."""
    return f"{arrivals:,} session{'s' * (arrivals > 1)}, " if arrivals else ""


class Ticker:
    """Counts windows, arrivals and rows, and says a line now and then."""

    def __init__(self, out: Output, every_s: float = EVERY_S) -> None:
        self._out, self._every_s = out, every_s
        self._said_at = clock.monotonic()
        self._lately: list[Tick] = []
        self.windows = self.rows = self.arrivals = 0
        self.watermark: str | None = None
        self._lived_us = 0

    def tick(self, tick: Tick) -> None:
        """A window was written."""
        self._lately.append(tick)
        self.watermark = clock.iso(tick.window.end_us)
        if self._out.verbose or clock.monotonic() - self._said_at >= self._every_s:
            self._say()

    def document(self) -> dict[str, Any]:
        """The sums."""
        self._sum()
        return {
            "watermark": self.watermark,
            "windows": self.windows,
            "arrivals": self.arrivals,
            "rows_written": self.rows,
            "simulated_seconds": round(self._lived_us / clock.SECOND_US, 3),
        }

    def summary(self) -> str:
        """The sums in a sentence."""
        self._sum()
        minutes = self._lived_us / clock.MINUTE_US
        return (
            f"lived {minutes:,.1f} simulated minutes in {self.windows:,} windows: {sessions(self.arrivals)}"
            f"{self.rows:,} rows ({self.rows / max(minutes, 1e-9):,.0f} a minute)"
            + (f"; written up to {self.watermark}" if self.watermark else "")
        )

    def _say(self) -> None:
        """A line about the windows since the last one."""
        until = clock.iso(self._lately[-1].window.end_us // clock.SECOND_US * clock.SECOND_US)
        tables = Tallies()
        for tick in self._lately:
            tables.add(tick.wrote)
        minutes = sum(t.window.end_us - t.window.start_us for t in self._lately) / clock.MINUTE_US
        arrivals = sum(t.arrivals for t in self._lately)
        wrote = {name: t.written for name, t in tables.tables.items() if t.written}
        busiest = sorted(wrote.items(), key=lambda held: -held[1])
        named = ", ".join(f"{name} {count:,}" for name, count in busiest[:SHOWN])
        more = f" and {len(wrote) - SHOWN} more" if len(wrote) > SHOWN else ""
        shown = f": {named}{more}" if wrote else ""
        self._out.say(
            f"{until}  {sessions(arrivals)}rows {tables.written:,} ({tables.written / minutes:,.0f} a minute){shown}",
            watermark=until,
            arrivals=arrivals,
            rows=wrote,
        )
        self._said_at = clock.monotonic()
        self._sum()

    def _sum(self) -> None:
        """Add the windows since the last line to the sums."""
        for tick in self._lately:
            self.windows += 1
            self.rows += tick.wrote.written
            self.arrivals += tick.arrivals
            self._lived_us += tick.window.end_us - tick.window.start_us
        self._lately.clear()
