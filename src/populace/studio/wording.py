"""How pages word numbers, times and names."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from populace import clock
from populace.errors import PopulaceError, Remedy

_BYTES = ("bytes", "kB", "MB", "GB", "TB")
_TITLE = re.compile(r"\*([^*]+)\*")


def number(value: Any) -> str:
    """A number for a reader: thousands apart, no more digits than say something."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if float(value) == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def figure(value: float, unit: str) -> str:
    """A figure with its unit: a share in percent, a ratio as so many times."""
    if unit == "share":
        return f"{value * 100:.1f} %"
    return f"{value:.2f}×" if unit == "times" else number(value)


def pace(speed: str) -> str:
    """The speed of a runner: so many times as fast as real time, or as fast as it goes."""
    return "as fast as it goes" if speed == "max" else f"at {number(float(speed))}×"


def size(held: float) -> str:
    """So many bytes."""
    for unit in _BYTES:
        if held < 1000 or unit == _BYTES[-1]:
            return f"{held:.0f} {unit}" if unit == "bytes" or held >= 100 else f"{held:.1f} {unit}"
        held /= 1000
    raise AssertionError


def seconds(value: float) -> str:
    """A length of time."""
    return clock.length(round(value * clock.SECOND_US))


def moment(iso: str | None) -> str:
    """A time, as `29 Nov 2026, 22:27`, in UTC."""
    return "" if not iso else f"{_read(iso):%-d %b %Y, %H:%M}"


def day(iso: str) -> str:
    """The day of a time, as `Sunday 29 November 2026`."""
    return f"{_read(iso):%A %-d %B %Y}"


def clock_time(iso: str) -> str:
    """The time of day, as `22:27:59`."""
    return f"{_read(iso):%H:%M:%S}"


def words(name: str) -> str:
    """A name of the program's as words."""
    return name.replace("_", " ").replace(".", ": ")


def capital(text: str) -> str:
    """A text with a capital letter first; the rest stays."""
    return text[:1].upper() + text[1:]


def titled(text: str, to: str = "") -> Markup:
    """A line of a feed; what stands between asterisks is a title. to: where it leads; "": nowhere."""
    link, end = (f'<a href="{escape(to)}">', "</a>") if to else ("", "")
    return Markup(_TITLE.sub(lambda found: f"{link}<em>{found[1]}</em>{end}", str(escape(text))))


def remedies(error: PopulaceError) -> list[str]:
    """What to do about an error. An operation is named as on a page."""
    return [capital(advice(one)) for one in error.remedies]


def advice(one: str | Remedy) -> str:
    """What to do, in words; an operation is named as on a page."""
    return one if isinstance(one, str) else one.worded(_action)


def _action(remedy: Remedy) -> str:
    return words(remedy.action) or "the same again"


def _read(iso: str) -> datetime:
    return datetime.fromisoformat(iso)
