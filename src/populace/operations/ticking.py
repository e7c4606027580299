"""tick: the time since the watermark, lived at once, and gone: for whoever has a scheduler of his own, such as cron.

What it writes is what a resident runner would have written, since windows are pure. Never two at once: it takes the
lease without waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from populace import clock
from populace.database import guard
from populace.errors import BadInput, PopulaceError
from populace.event import Event
from populace.operations import living
from populace.operations.integrations import channels
from populace.operations.integrations.deliver import Delivered, drain, known
from populace.operations.opening import Opened, session
from populace.runner import ledger, records
from populace.runner.loop import Pace, Tick
from populace.settings import Settings
from populace.spec import World

DRAIN_S = 5.0
"""So long, at most, what was queued is sent before the command ends; the rest waits for the next."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """What one tick did. behind_us: where it began; mark_us: up to where is written now."""

    behind_us: int
    mark_us: int
    delivered: Delivered

    def document(self) -> dict[str, Any]:
        """What is known beside the ticker's sums."""
        return {
            "watermark": clock.iso(self.mark_us),
            "since": clock.iso(self.behind_us),
            **{what: self.delivered.total(what) for what in ("delivered", "rejected", "waiting")},
        }


def tick(
    opened: Opened,
    world: World,
    chosen: Settings,
    *,
    until_us: int | None,
    on_tick: Callable[[Tick], None],
    say: Callable[[str], None],
    stop: threading.Event,
) -> Ticked:
    """Live from the watermark to now, or to a moment, then send what may go for a few seconds.

    until_us: needed where the clock stands still without a runner. Raises Refused while a runner lives, or when there
    is no finished seed; BadInput for a moment that has not come yet by a wall clock.
    """
    with session(opened, "tick") as connection:
        guard.require_open(connection, opened.shown)
        records.finished(connection, world)
        now, began_us = records.read_clock(connection), ledger.watermark(connection)
    assert now is not None
    assert began_us is not None
    real_us = clock.now_us()
    if until_us is None and now.mode != "wall":
        raise BadInput(
            "time stands still here while nobody runs it",
            where="tick",
            given=clock.iso(began_us),
            todo="say up to when: --until T",
        )
    if now.mode == "wall" and until_us is not None and until_us > real_us:
        raise BadInput("this time has not come yet", where="--until", given=clock.iso(until_us), todo="leave it out")
    end_us = real_us if until_us is None else until_us
    outside = channels.integrations(channels.lives(opened, world), chosen)
    # Also with nothing to write: whoever asks while a runner lives is told so.
    living.run(
        opened, world, Pace(0, end_us, keep_clock=True), on_tick=on_tick, on_wait=say, stop=stop, wait=False,
        outside=outside,
    )  # fmt: skip
    delivered = _drained(opened, world, chosen, say, stop)
    return Ticked(began_us, living.watermark_us(opened, world), delivered)


def _drained(
    opened: Opened, world: World, chosen: Settings, say: Callable[[str], None], stop: threading.Event
) -> Delivered:
    """What was sent; whatever goes wrong there is said, and what waits stays."""
    if stop.is_set():
        return Delivered(opened.shown)
    end = threading.Event()
    clock.after(DRAIN_S, end)
    try:
        setup = channels.read_setup(opened, world, chosen)
        return drain(setup, known(setup), lambda event: _said(event, say), end)
    except PopulaceError as error:
        say(str(error))
        return Delivered(opened.shown)


def _said(event: Event, say: Callable[[str], None]) -> None:
    if event.stage == "note":
        say(event.text)
