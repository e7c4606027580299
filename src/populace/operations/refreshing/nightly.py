"""The one schedule there is: a refresh each day at a time of day, until somebody stops it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from populace import clock
from populace.errors import BadInput, PopulaceError
from populace.event import Event, Listener, unheard
from populace.operations.context import Context
from populace.operations.refreshing import RefreshRequest, refresh
from populace.operations.refreshing.report import Refreshed

LOOKS_S = 60.0
"""Real time may be set, so that it is looked at so often."""


def each_day(
    context: Context,
    request: RefreshRequest,
    at: str,
    waiting: Callable[[], AbstractContextManager[threading.Event]],
    *,
    on_event: Listener = unheard,
) -> Iterator[Refreshed | PopulaceError]:
    """Refresh each day at a time (`03:00`, UTC): each report, or why there was none. A refresh that fails is no end:
    the next night may be better. waiting: entered while nothing is done; it ends when its event is set.

    Raises BadInput for what is no time of day.
    """
    while True:
        next_us = next_at(at, clock.now_us())
        on_event(Event("note", f"the next refresh is at {clock.iso(next_us)}"))
        with waiting() as stop:
            while not stop.is_set() and (left_us := next_us - clock.now_us()) > 0:
                clock.sleep(min(LOOKS_S, left_us / clock.SECOND_US), stop)
            if stop.is_set():
                return
        try:
            yield refresh(context, request, on_event=on_event)
        except PopulaceError as error:
            yield error


def next_at(time: str, now_us: int) -> int:
    """When a time of day (`03:00`, UTC) comes next. Raises BadInput for what is none."""
    hours, colon, minutes = time.partition(":")
    if not (colon and len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal() and (hours + minutes).isascii()
            and int(hours) < 24 and int(minutes) < 60):  # fmt: skip
        raise BadInput("this is no time of day", where="refresh.at", given=time, allowed="such as 03:00, in UTC")
    at_us = clock.midnight_before(now_us) + int(hours) * clock.HOUR_US + int(minutes) * clock.MINUTE_US
    return at_us if at_us > now_us else at_us + clock.DAY_US
