"""Real time, and the only module that reads it. Everywhere else a time is a parameter.

Instants are integers: microseconds since 1970-01-01T00:00:00Z (`int64` in arrays), written `_us`.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from populace.errors import BadInput

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_us() -> int:
    """The real time now, in µs."""
    return time.time_ns() // 1000


def processor_s() -> float:
    """Seconds of a processor that this thread has used, from an arbitrary start: what else the machine does is no part
    of it."""
    return time.thread_time()


def monotonic() -> float:
    """Seconds on a clock that never goes back; for measuring, never for data."""
    return time.perf_counter()


def sleep(seconds: float, wake: threading.Event | None = None) -> None:
    """Wait; `wake` ends the wait early."""
    if seconds <= 0:
        return
    if wake is None:
        time.sleep(seconds)
    else:
        wake.wait(seconds)


def after(seconds: float, wake: threading.Event) -> None:
    """Set an event when so much real time has passed; the process need not wait for it to end."""
    timer = threading.Timer(seconds, wake.set)
    timer.daemon = True
    timer.start()


def parse(text: str, where: str) -> int:
    """An ISO time with a zone, in µs.

    Raises BadInput when the text is no time, or carries no zone (which would mean another instant on every machine).
    """
    example = "an ISO time with a zone, such as 2026-01-09T18:30:00Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("this is not a time", where=where, given=text, allowed=example) from None
    if moment.tzinfo is None:
        raise BadInput(
            "the time has no zone",
            where=where,
            given=text,
            allowed=example,
            todo=f"write {moment.isoformat()}Z if you mean UTC",
        )
    moment_us = (moment - _EPOCH) // timedelta(microseconds=1)
    if not 0 <= moment_us < 4_102_444_800 * SECOND_US:
        raise BadInput("the time lies outside the supported years", where=where, given=text, allowed="1970 to 2099")
    return moment_us


def to_datetime(moment_us: int) -> datetime:
    """The instant as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=int(moment_us))


def from_datetime(moment: datetime) -> int:
    """An aware datetime in µs."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def iso(moment_us: int) -> str:
    """`2026-01-09T18:30:00Z`, with a fraction only where there is one."""
    return to_datetime(moment_us).isoformat().replace("+00:00", "Z")


def length(duration_us: int) -> str:
    """A length of time for a reader, in the unit that suits it: `40 seconds`, `3.5 hours`, `1,204 days`."""
    for name, unit_us in (("day", DAY_US), ("hour", HOUR_US), ("minute", MINUTE_US)):
        if duration_us >= 2 * unit_us:
            count = round(duration_us / unit_us, 1)
            return f"{count:,.0f} {name}s" if count >= 10 or count == int(count) else f"{count} {name}s"
    return f"{duration_us / SECOND_US:,.0f} seconds"


def midnight_before(moment_us: int) -> int:
    """The UTC midnight at or before the instant."""
    return moment_us - moment_us % DAY_US
