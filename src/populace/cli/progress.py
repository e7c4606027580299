"""How far long work is: one bar at a terminal, with rate and time left; a line for each stage that took a while."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from populace import clock
from populace.cli import screen
from populace.cli.tables import duration
from populace.event import Event

STAGES: Mapping[str, str] = {
    "backfill": "queueing events",
    "backup": "writing the backup",
    "checks": "checking",
    "cleanup": "deleting rows",
    "deliver": "sending",
    "health": "health checks",
    "images": "writing images",
    "indexes": "building keys and indexes",
    "keys": "computing keys",
    "refresh": "refreshing",
    "restore": "restoring",
    "rows": "writing rows",
    "server": "PostgreSQL",
    "tables": "tables",
}
"""What stages of work are called at a terminal."""
BAR = 24
OFTEN_S = 0.08
WORTH_A_LINE_S = 1.0
SURE_S = 0.5
"""After so long the time that is left can be guessed."""
ALWAYS_SAID = ("rows", "indexes")
"""Stages that leave a line however short they were: what a seed is about."""


class Progress:
    """Draws one moving line on standard error, about the stage that is under way."""

    def __init__(self) -> None:
        self._stage, self._began_s, self._first = "", 0.0, 0.0
        self._drawn_s = 0.0
        self.is_drawn = False

    def hear(self, event: Event) -> None:
        """Draw how far a stage is; of one that is over only what it came to, if it took a while."""
        now_s = clock.monotonic()
        if event.stage != self._stage:
            self._stage, self._began_s, self._first, self._drawn_s = event.stage, now_s, event.done, 0.0
        spent_s = now_s - self._began_s
        if event.total is not None and event.done >= event.total:
            self.clear()
            if spent_s >= WORTH_A_LINE_S or event.stage in ALWAYS_SAID:
                sys.stderr.write(self._over(event, spent_s) + "\n")
            self._stage = ""
        elif now_s - self._drawn_s >= OFTEN_S:
            self._drawn_s = now_s
            self._draw(self._under_way(event, spent_s))

    def clear(self) -> None:
        """Take the moving line away."""
        if self.is_drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self.is_drawn = False

    def _draw(self, line: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{line}")
        sys.stderr.flush()
        self.is_drawn = True

    def _under_way(self, event: Event, spent_s: float) -> str:
        """The moving line: what there is room for, the most useful first."""
        name = STAGES.get(event.stage, event.stage)
        room = (screen.width(sys.stderr) or 80) - 1
        if not event.total or event.total <= 1:
            return _cut(f"{name}: {event.text}" if event.text else name, room)
        share = min(1.0, event.done / event.total)
        ended = f"{share:4.0%}"
        left = (
            f"  {duration(event.seconds_left or 0)} left"
            if (event.seconds_left or 0) >= 1 and spent_s >= SURE_S
            else ""
        )
        rate = self._rate(event, spent_s)
        bar = min(BAR, room - len(name) - len(ended) - len(left) - 4)
        line = f"{name}  {_bar(share, bar)}  {ended}{left}"
        used = len(name) + bar + len(ended) + len(left) + 4
        for more in (f"  {rate}" if rate else "", f"  {event.text}" if event.text else ""):
            if more and used + len(more) <= room:
                line, used = line + screen.paint(more, "faint", sys.stderr), used + len(more)
        return line

    def _rate(self, event: Event, spent_s: float) -> str:
        done = event.done - self._first
        return f"{done / spent_s:,.0f} {event.unit}/s" if event.unit == "rows" and done > 0 and spent_s > 0.2 else ""

    def _over(self, event: Event, spent_s: float) -> str:
        name = STAGES.get(event.stage, event.stage)
        rate = self._rate(event, spent_s)
        much = f"{event.done:,.0f} {event.unit} in " if event.done > 1 and event.unit else ""
        sign = screen.paint(screen.drawn("✓", sys.stderr), "good", sys.stderr)
        took = f"{much}{duration(spent_s)}" + (f", {rate}" if rate else "")
        return f"{sign} {name}  {screen.paint(took, 'faint', sys.stderr)}"


def in_a_line(event: Event) -> str:
    """How far something is, where no terminal is."""
    left = f", {event.seconds_left:,.0f} s left" if (event.seconds_left or 0) >= 1 else ""
    if event.unit == "rows":
        what = f" ({event.text})" if event.text else ""
        return f"{event.stage}: {event.done:,.0f} of about {event.total:,.0f}{what}{left}"
    return f"{event.stage}: {event.done:,.0f} of {event.total:,.0f} {event.text}".rstrip() + left


def _bar(share: float, width: int) -> str:
    """A bar of so many characters; the part that is done in the colour of what is good."""
    if width < 4:
        return ""
    full = round(share * width)
    done, rest = screen.drawn("━" * full, sys.stderr), screen.drawn("─" * (width - full), sys.stderr)
    return screen.paint(done, "good", sys.stderr) + screen.paint(rest, "faint", sys.stderr)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else screen.drawn(text[: room - 1] + "…", sys.stderr)
