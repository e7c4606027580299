"""Local time: the UTC offset of IANA zones at moments, from the `tzdata` package and never from the system.

A machine's own zone files may be of any age, and the same plan must give the same rows everywhere. So the edition that
was read (`VERSION`) is part of the digest of every world that uses local times.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import numpy as np
import tzdata

from populace.clock import DAY_US, SECOND_US, to_datetime
from populace.errors import BadInput
from populace.spec.column import Ints

VERSION: str = tzdata.IANA_VERSION
"""The edition of the zone data, such as `2026a`."""

_TABLE = 65_536
"""Pairs of a zone and a day are looked up in a table of so many entries; of more only those that occur are known."""
_TABLES = 32
_AHEAD = 32
"""Tables begin and end with so many days, so that few are made."""
_KNOWN = 65_536
"""Offsets of so many (zone, day) pairs are remembered: ten zones for two years."""


def offset_us(zones: tuple[str, ...], zone: Ints, at: Ints) -> Ints:
    """How far local time is ahead of UTC, µs; negative west of Greenwich.

    zones: IANA names. zone: a position in `zones` for each moment. at: moments, µs. Exact to the second; of two changes
    of the clocks within one UTC day, which no zone has had since 1970, only one would be seen. Raises BadInput for a
    name that is no zone.
    """
    if len(at) == 0:
        return np.zeros(0, dtype=np.int64)
    day, of_day = np.divmod(at, DAY_US)
    first = int(day.min()) // _AHEAD * _AHEAD
    days = (int(day.max()) - first) // _AHEAD * _AHEAD + _AHEAD
    place = zone * days + (day - first)
    if len(zones) * days <= _TABLE:
        before, changes, after = _days(zones, first, days)
    else:
        pair, place = np.unique(place, return_inverse=True)
        before, changes, after = _rows([_day(zones[p // days], first + p % days) for p in pair.tolist()])
    local: Ints = np.where(of_day < changes[place], before[place], after[place])
    return local


@lru_cache(maxsize=_TABLES)
def _days(zones: tuple[str, ...], first: int, many: int) -> Ints:
    """The days from one on, as `_day` has them, zone by zone."""
    return _rows([_day(zone, day) for zone in zones for day in range(first, first + many)])


def _rows(days: list[tuple[int, int, int]]) -> Ints:
    columns: Ints = np.array(days, dtype=np.int64).reshape(-1, 3).T.copy()
    return columns


def local(zones: tuple[str, ...], zone: Ints, at: Ints) -> Ints:
    """Moments as a clock in their zone shows them, µs."""
    return at + offset_us(zones, zone, at)


def from_local(zones: tuple[str, ...], zone: Ints, shown: Ints) -> Ints:
    """The moments at which a clock in their zone shows these times, µs. Of times left out in spring, an hour later."""
    near = shown - offset_us(zones, zone, shown)
    found = shown - offset_us(zones, zone, near)
    return np.where(local(zones, zone, found) == shown, found, np.maximum(found, near))


def weekday(day: Ints) -> Ints:
    """Of days since 1970, which began on a Thursday: 0 for Monday."""
    return (day + 3) % 7


@lru_cache(maxsize=_KNOWN)
def _day(name: str, day: int) -> tuple[int, int, int]:
    """Of a UTC day: the offset at its start, when in it the clocks change (its end: they do not), the offset then."""
    zone, start = _zone(name), day * DAY_US
    before, after = _offset(zone, start), _offset(zone, start + DAY_US - SECOND_US)
    if before == after:
        return before, DAY_US, after
    low, high = 0, DAY_US // SECOND_US
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, start + middle * SECOND_US) == before else (low, middle)
    return before, high * SECOND_US, after


def _offset(zone: ZoneInfo, moment_us: int) -> int:
    offset = to_datetime(moment_us).astimezone(zone).utcoffset()
    assert offset is not None, zone.key
    return round(offset.total_seconds()) * SECOND_US


def require(name: str, where: str) -> None:
    """Raise BadInput, with the place it was named at, for a name that is no zone."""
    try:
        _zone(name)
    except BadInput as error:
        raise BadInput(error.what, where=where, given=name, allowed=error.allowed) from None


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    """A zone by its name, read from the package's own files."""
    path = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    # The name comes from a world's catalogue: it must not lead out of the package.
    if not set(name.split("/")) & {"", ".", ".."} and path.is_file():
        try:
            with path.open("rb") as file:
                return ZoneInfo.from_file(file, key=name)
        except ValueError:
            pass
    raise BadInput(
        "there is no such time zone", where="zones", given=name, allowed=f"a name of IANA {VERSION}, as Europe/Berlin"
    )
