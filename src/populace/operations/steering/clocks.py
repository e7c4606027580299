"""set_clock: by which clock a population lives; and what is to be said of one that is ahead of real time.

A wall clock follows real time. A population is ahead of it after a run at a speed of its own, or when real time was set
back: then nobody lives until real time has caught up, which has to be said wherever somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from populace import clock
from populace.errors import BadInput, Refused, Remedy, nearest
from populace.event import Event, Listener
from populace.operations.context import Context
from populace.operations.population import Population, population
from populace.runner import lease, records
from populace.runner.records import ClockRecord

MODES = ("wall", "free")
LIKELY_US = clock.MINUTE_US
"""So far ahead a population is when one minute was written on request."""
SLOWEST, FASTEST = 0.001, 1e6


@dataclass(frozen=True, slots=True)
class ClockRequest:
    """mode: wall follows real time; free continues from what is written, while a runner works; None: only look.
    speed: of a free clock, simulated seconds a second; None: as it is."""

    mode: str | None = None
    speed: float | None = None
    world: str | None = None


@dataclass(frozen=True, slots=True)
class ClockState:
    """The clock of a target. ahead_us, behind_us: of real time, under a wall clock; at most one of them is not 0."""

    mode: Literal["wall", "free"]
    speed: float
    watermark_us: int
    ahead_us: int
    behind_us: int

    def document(self) -> dict[str, Any]:
        """As `clock --json` prints it."""
        return {
            "mode": self.mode,
            "speed": self.speed,
            "watermark": clock.iso(self.watermark_us),
            "ahead_seconds": round(self.ahead_us / clock.SECOND_US, 1),
            "behind_seconds": round(self.behind_us / clock.SECOND_US, 1),
        }


def set_clock(context: Context, request: ClockRequest | None = None) -> ClockState:
    """Let a population live by another clock from now on, or look at the one it has.

    Raises BadInput for a clock or a speed that there is not, Refused while a runner is at work, which lives by the
    clock as it found it, or where there is no finished seed.
    """
    request = request or ClockRequest()
    mode = _mode(request)
    with population(context, request.world, "clock") as there:
        now = records.read_clock(there.connection)
        assert now is not None
        if mode is not None:
            speed = 1.0 if mode == "wall" else request.speed or now.speed
            now = _write(there, ClockRecord(mode, speed, clock.now_us(), there.watermark_us))
        behind_us = clock.now_us() - there.watermark_us if now.mode == "wall" else 0
        return ClockState(now.mode, now.speed, there.watermark_us, max(0, -behind_us), max(0, behind_us))


def is_wall(there: Population) -> bool:
    """Whether a population follows real time."""
    now = records.read_clock(there.connection)
    return now is not None and now.mode == "wall"


def ahead_us(mark_us: int) -> int:
    """How far a population that follows real time is ahead of it; 0 where that is not worth a word."""
    ahead = mark_us - clock.now_us()
    return ahead if ahead > LIKELY_US else 0


def ahead_said(mark_us: int) -> Remedy:
    """What is to be said of a population ahead of real time, and what can be done."""
    at = clock.iso(mark_us // clock.SECOND_US * clock.SECOND_US)
    how_far = clock.length(ahead_us(mark_us))
    said = f"it is {at} here, {how_far} ahead of real time: nobody does anything until then; "
    return Remedy("set_clock", {"mode": "free"}, said + "{} lets it continue at once, on a clock of its own")


def say_ahead(mark_us: int, on_event: Listener) -> int:
    """Say how far ahead of real time a population is; 0, and nothing is said, when it is not."""
    ahead = ahead_us(mark_us)
    if ahead:
        on_event(Event("note", ahead_said(mark_us)))
    return ahead


def _mode(request: ClockRequest) -> Literal["wall", "free"] | None:
    if request.speed is not None and request.mode != "free":
        raise BadInput(
            "only a free clock has a speed of its own", where="set_clock.speed", given=request.speed, allowed="free"
        )
    if request.speed is not None and not SLOWEST <= request.speed <= FASTEST:
        raise BadInput(
            "this is not a speed",
            where="set_clock.speed",
            given=request.speed,
            allowed=f"simulated seconds a real second from {SLOWEST:g} to {FASTEST:,.0f}",
        )
    match request.mode:
        case None | "wall" | "free":
            return request.mode
        case other:
            raise BadInput("there is no such clock", where="set_clock.mode", given=other, allowed=nearest(other, MODES))


def _write(there: Population, wanted: ClockRecord) -> ClockRecord:
    """Set the clock, as the only one who may lead meanwhile."""
    if not lease.take(there.connection):
        raise Refused(
            f"{lease.leader(there.connection) or 'another session'} is at work here, by the clock as it was",
            where=there.opened.shown,
            todo=Remedy(text="stop it, then say {} again"),
        )
    records.set_clock(there.connection, wanted)
    records.journal(there.connection, "info", "clock", f"{wanted.mode}, speed {wanted.speed:g}")
    return wanted
