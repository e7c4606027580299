"""Moments, intervals and ranges as conditions compute with them: texts as the server reads them, and µs between."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

_DAY_US = 86_400_000_000
_UNITS_US = {
    "microsecond": 1, "millisecond": 1_000, "second": 1_000_000, "sec": 1_000_000, "minute": 60_000_000,
    "min": 60_000_000, "hour": 3_600_000_000, "day": _DAY_US, "week": 7 * _DAY_US, "mon": 30 * _DAY_US,
    "month": 30 * _DAY_US, "year": 365 * _DAY_US, "decade": 3_650 * _DAY_US,
}  # fmt: skip
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?")
_RANGE = re.compile(r'\s*([\[(])\s*"?([^",]*)"?\s*,\s*"?([^",]*)"?\s*([\])])\s*')


class Span(int):
    """An interval, in µs; months are of 30 days."""


def span(text: str) -> Span | None:
    """An interval of its text; None for what is none."""
    rest, found = text.strip().lower(), 0
    if not rest:
        return None
    for sign, hours, minutes, seconds in re.findall(r"([+-]?)(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?", rest):
        more = (int(hours) * 3_600 + int(minutes) * 60) * 1_000_000 + round(float(seconds or 0) * 1_000_000)
        found += -more if sign == "-" else more
    rest = re.sub(r"[+-]?\d+:\d\d(:\d\d(\.\d+)?)?", " ", rest)
    for number, unit in re.findall(r"([+-]?\d+(?:\.\d+)?)\s*([a-z]+)", rest):
        name = unit if unit in _UNITS_US else unit.rstrip("s")
        if name not in _UNITS_US:
            return None
        found += round(float(number) * _UNITS_US[name])
    left = re.sub(r"[+-]?\d+(?:\.\d+)?\s*[a-z]+|@|\bago\b", " ", rest).split()
    if left and not (len(left) == 1 and re.fullmatch(r"[+-]?\d+", left[0])):
        return None
    return Span(found + (int(left[0]) * 1_000_000 if left else 0))


def as_span(value: Any) -> Any:
    """A value as an interval, where it is the text of one."""
    return span(value) if isinstance(value, str) and not isinstance(value, Span) else value


def is_moment(value: Any) -> bool:
    """Whether a value is a moment or a day."""
    return isinstance(value, str) and _MOMENT.fullmatch(value) is not None


def moved(at: str, by: int) -> str:
    """A moment that lies so many µs later, in the same form; a day becomes a moment, unless it moves by whole days."""
    if len(at) == 10 and not by % _DAY_US:
        return (datetime.fromisoformat(at) + timedelta(microseconds=by)).date().isoformat()
    later = (_at(at) + timedelta(microseconds=by)).isoformat(timespec="milliseconds")
    return later.replace("+00:00", "Z")


def between(later: str, earlier: str) -> int:
    """What lies between two moments; of two days how many days."""
    if len(later) == len(earlier) == 10:
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).days
    return Span((_at(later) - _at(earlier)) // timedelta(microseconds=1))


def alike(one: str, other: str) -> tuple[str, str]:
    """Two texts as they are; of moments in different forms, a day and a moment of it, both in one form."""
    if len(one) == len(other) or not (is_moment(one) and is_moment(other)):
        return one, other
    first, second = (_at(text).isoformat(timespec="milliseconds") for text in (one, other))
    return first, second


def _at(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def extracted(field: str, value: Any) -> float | None:
    """A field of a moment, a time of day or an interval; None where it has no such field here."""
    if isinstance(value, Span):
        parts = {"epoch": value / 1_000_000, "day": value // _DAY_US, "hour": value // 3_600_000_000 % 24,
                 "minute": value // 60_000_000 % 60}  # fmt: skip
        return parts.get(field)
    if isinstance(value, str) and (clock := re.match(r"(\d\d):(\d\d)(?::(\d\d))?", value)):
        return {"hour": int(clock[1]), "minute": int(clock[2]), "second": int(clock[3] or 0)}.get(field)
    if not is_moment(value):
        return extracted(field, found) if (found := as_span(value)) is not None else None
    at = _at(value)
    known = {
        "year": at.year, "month": at.month, "day": at.day, "hour": at.hour, "minute": at.minute, "second": at.second,
        "dow": at.isoweekday() % 7, "isodow": at.isoweekday(), "doy": at.timetuple().tm_yday, "epoch": at.timestamp(),
        "quarter": (at.month + 2) // 3, "week": at.isocalendar()[1], "isoyear": at.isocalendar()[0],
    }  # fmt: skip
    return known.get(field)


def bound(value: Any, side: int) -> Any:
    """The lower (0) or upper (1) end of a range; None where it has none. Of a text that is no range, in lower or upper
    case."""
    match = _RANGE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None if value == "empty" else value.upper() if side else value.lower()
    text = match[3 if side else 2].strip()
    return None if not text else float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def is_empty(value: Any) -> bool:
    """Whether a range holds nothing."""
    if value == "empty":
        return True
    low, high = bound(value, 0), bound(value, 1)
    return low is not None and low == high and not (value.strip().startswith("[") and value.strip().endswith("]"))


def field_of(text: str, place: int) -> Any:
    """A part of a value of several as the server writes it, `(a,"b c",)`; a number where it looks like one."""
    parts = re.findall(r'(?:^\(|,)("(?:[^"\\]|""|\\.)*"|[^,)]*)', text)
    part = parts[place] if place < len(parts) else ""
    if not part:
        return None
    if part.startswith('"'):
        part = re.sub(r"\\(.)", r"\1", part[1:-1].replace('""', '"'))
    return float(part) if re.fullmatch(r"-?\d+(\.\d+)?", part) else part
