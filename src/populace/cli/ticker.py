"""What a runner says while people live: windows summed up to a line every few seconds."""

from __future__ import annotations

from typing import Any

from populace import clock
from populace.cli.output import Output
from populace.runner.life import Tick

EVERY_S = 5.0


class Ticker:
    """Counts windows, arrivals and rows, and says a line now and then."""

    def __init__(self, out: Output, every_s: float = EVERY_S) -> None:
        self._out, self._every_s = out, every_s
        self._said_at = clock.monotonic()
        self.windows = self.rows = self.arrivals = 0
        self._lived_us = 0
        self._since = (0, 0, 0)

    def tick(self, tick: Tick) -> None:
        """A window was written."""
        self.windows += 1
        self.rows += tick.wrote.written
        self.arrivals += tick.arrivals
        self._lived_us += tick.window.end_us - tick.window.start_us
        if clock.monotonic() - self._said_at >= self._every_s:
            lived, arrivals, rows = (
                now - then for now, then in zip((self._lived_us, self.arrivals, self.rows), self._since, strict=True)
            )
            self._out.say(
                f"{clock.iso(tick.window.end_us - tick.window.end_us % clock.SECOND_US)}  "
                f"{arrivals} arrivals, {rows} rows  ({rows * clock.MINUTE_US / max(1, lived):.0f} rows a minute)",
                watermark=clock.iso(tick.window.end_us),
                arrivals=arrivals,
                rows=rows,
            )
            self._said_at = clock.monotonic()
            self._since = (self._lived_us, self.arrivals, self.rows)

    def document(self) -> dict[str, Any]:
        """The sums."""
        return {
            "windows": self.windows,
            "arrivals": self.arrivals,
            "rows_written": self.rows,
            "simulated_seconds": round(self._lived_us / clock.SECOND_US, 3),
        }

    def summary(self) -> str:
        """The sums in a sentence."""
        return (
            f"lived {self._lived_us / clock.MINUTE_US:,.1f} simulated minutes in {self.windows:,} windows: "
            f"{self.arrivals:,} arrivals, {self.rows:,} rows"
        )
