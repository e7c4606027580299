"""Progress of long work: one type for a seed, a run, a wait, a delivery, a clean-up.

A listener gets an `Event` for each step; the work does not depend on what it does with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from populace import clock
from populace.errors import Remedy


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    stage: what is going on (`tables`, `rows`, `indexes`, `window`, `wait`, `note`, …). text: it in words, for a reader;
    with something that can be done, as an action.
    done, total: how far it is, in `unit`; total: None where nobody knows. seconds_left: at the rate so far; None: not
    known.
    """

    stage: str
    text: str | Remedy = ""
    done: float = 0
    total: float | None = None
    unit: str = ""
    seconds_left: float | None = None


Listener = Callable[[Event], None]


def unheard(_event: Event) -> None:
    """A listener that ignores every event."""


@dataclass(slots=True)
class Stage:
    """Work of known size, reported to a listener, with the time that is left."""

    listener: Listener
    name: str
    unit: str
    total: float
    _began_s: float = field(default_factory=clock.monotonic)
    _first: float | None = None

    def at(self, done: float, text: str = "") -> None:
        """So much is done now. What was done before the first call took no time of ours. Where more is done than was
        expected, how much it will be is not known; only `over` ends a stage."""
        if self._first is None:
            self._first = done
        since, left = done - self._first, max(0.0, self.total - done)
        spent_s = clock.monotonic() - self._began_s
        seconds_left = spent_s / since * left if since > 0 else 0.0 if not left else None
        total = self.total if done < self.total else None
        self.listener(Event(self.name, text, done, total, self.unit, seconds_left if total else None))

    def over(self, done: float, text: str = "") -> None:
        """It has ended; so much it was."""
        self.listener(Event(self.name, text, done, done, self.unit, 0.0))
