"""The file of aggregates: read, checked with the line of each fault, and written with comments.

It holds aggregates only. What looks like rows of people is refused: nothing of a real person is needed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from populace import files
from populace.checks.realism.logs import Floats
from populace.errors import BadInput, PopulaceError, nearest, several
from populace.operations.calibrating.aggregates import AGGREGATES, DAYS, WEEK, Aggregate, Aggregates

MOST_BYTES = 256 << 10
MOST_DAYS = 366
MOST_PEOPLE = 1e9
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS, DECILES = 24, 9
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "retention": ("d1", "d7", "d30"),
    "activity": ("dau", "dau_mau"),
    "visits_per_person": ("days", "deciles"),
    "popularity": ("days", "top_hundredth", "top_tenth"),
    WEEK: WEEKDAYS,
}
ONLY = "it takes aggregates only, never rows of people"

EXAMPLE = """\
# Aggregates of a real product, to fit a scenario to. Fill in what you know, and take out what you do not.
# Never a row of a person: shares, means and tables only.

[retention]
# Of the people who signed up, the share who came on the day itself (not "on it or later").
d1 = 0.32    # on the day after they signed up
d7 = 0.21    # on an average day from 6 to 8
d30 = 0.13   # on an average day from 28 to 32

[activity]
dau = 420         # people on an average day of the last 28: decides how many people there are
dau_mau = 0.17    # people a day against people in 30 days

[visits_per_person]
# Of the people who came in the last so many days: visits below which 10 %, 20 %, ... 90 % of them lie.
# A visit is over after the world's own break (30 minutes in most).
days = 28
deciles = [1, 2, 3, 4, 6, 8, 10, 14, 21]

[popularity]
# The share of all choices (titles watched, recipes liked) in the last so many days that falls on the most popular
# of the items that were chosen in them.
days = 28
top_hundredth = 0.08
top_tenth = 0.45

[week]
# What happens in each hour of each weekday, from 00:00 on, by people's own clocks. In any unit: only shares count.
monday = [8, 5, 3, 2, 2, 2, 4, 7, 8, 7, 7, 8, 10, 10, 9, 10, 12, 16, 21, 27, 32, 31, 22, 13]
tuesday = [8, 5, 3, 2, 2, 2, 4, 7, 8, 7, 7, 8, 10, 10, 9, 10, 12, 16, 21, 27, 32, 31, 22, 13]
wednesday = [8, 5, 3, 2, 2, 2, 4, 7, 8, 7, 7, 8, 10, 10, 9, 10, 12, 16, 21, 27, 32, 31, 22, 13]
thursday = [8, 5, 3, 2, 2, 2, 4, 7, 8, 7, 7, 8, 10, 10, 9, 10, 12, 16, 21, 28, 34, 33, 24, 14]
friday = [9, 5, 3, 2, 2, 2, 4, 6, 7, 7, 7, 8, 10, 11, 11, 12, 14, 18, 24, 30, 36, 36, 29, 20]
saturday = [14, 9, 6, 4, 2, 2, 3, 5, 9, 13, 15, 16, 18, 19, 20, 21, 22, 24, 27, 31, 35, 35, 29, 21]
sunday = [14, 9, 6, 4, 2, 2, 3, 5, 9, 13, 16, 17, 19, 21, 22, 23, 24, 26, 29, 32, 34, 31, 22, 13]
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file says. values: aggregates by id. days: by part of the file, over how many days it counts."""

    values: Aggregates
    days: Mapping[str, int] = field(default_factory=dict)

    def days_of(self, section: str) -> int:
        """Over how many days a part of the file counts."""
        return self.days.get(section, DAYS)


def read(path: Path) -> Wanted:
    """The aggregates in a file. Raises BadInput for one that cannot be read, and for whatever is wrong in it: all
    faults at once, each with its line."""
    try:
        held = files.content(path, MOST_BYTES)
        content = files.toml_of(held)
    except files.Unreadable as error:
        raise BadInput(
            f"the aggregates cannot be read: {error}", where="calibrate.aggregates", given=str(path),
            allowed=f"a TOML file; {ONLY}",
        ) from None  # fmt: skip

    def place(*names: str) -> str:
        line = files.line_of(held, *names) if names else None
        return str(path) if line is None else f"{path}:{line}"

    return of_document(content, place)


def of_document(content: Mapping[str, Any], place: Callable[..., str] = lambda *names: ".".join(names)) -> Wanted:
    """The aggregates that a document holds. place: words where something stands in it. Raises BadInput."""
    faults = list(_misplaced(content, place))
    values: dict[str, Floats] = {}
    days: dict[str, int] = {}
    for name, keys in SECTIONS.items():
        part = content.get(name)
        if "days" in keys and isinstance(part, Mapping) and "days" in part:
            given = part["days"]
            if type(given) is int and 1 <= given <= MOST_DAYS:
                days[name] = given
                continue
            faults.append(BadInput("this is no number of days", where=f"{place(name, 'days')}: days", given=given,
                                   allowed=f"a whole number from 1 to {MOST_DAYS}"))  # fmt: skip
    for one in AGGREGATES:
        section = content.get(one.section)
        if not isinstance(section, Mapping) or not (one.id == WEEK or one.key in section):
            continue
        try:
            values[one.id] = (
                _week(section, place) if one.id == WEEK else _value(one, section, days.get(one.section, DAYS), place)
            )
        except BadInput as error:
            faults.append(error)
    if not faults:
        faults += _together(values, place)
    if not faults and not values:
        faults.append(BadInput("there are no aggregates in it", where=place(), allowed=", ".join(SECTIONS)))
    if faults:
        raise several(faults)
    return Wanted(values, days)


def written(wanted: Wanted, about: str) -> str:
    """The text of a file. about: its first comment."""
    lines = [*(f"# {line}" for line in about.splitlines())]
    for section, keys in SECTIONS.items():
        found: list[str] = []
        for one in AGGREGATES:
            if one.section != section or one.id not in wanted.values:
                continue
            value = wanted.values[one.id]
            if one.id == WEEK:
                found += [
                    f"{d} = [{', '.join(map(_number, row))}]" for d, row in zip(keys, value.tolist(), strict=True)
                ]
            elif len(value) > 1:
                found += [
                    f"days = {wanted.days_of(section)}",
                    f"{one.key} = [{', '.join(map(_number, value.tolist()))}]",
                ]
            else:
                found += [f"days = {wanted.days_of(section)}"] if "days" in keys and not found else []
                found.append(f"{one.key} = {_number(float(value[0]))}")
        if found:
            lines += ["", f"[{section}]", *found]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:.6g}" if value != int(value) else str(int(value))


def _misplaced(content: Mapping[str, Any], place: Callable[..., str]) -> Iterator[PopulaceError]:
    for name, section in content.items():
        if _rows(section):
            yield BadInput("these are rows", where=place(name), given=name, allowed=ONLY)
        elif name not in SECTIONS:
            yield BadInput("there is no such part", where=place(name), given=name,
                           allowed=nearest(name, SECTIONS))  # fmt: skip
        elif not isinstance(section, Mapping):
            yield BadInput("this is no part of a file", where=f"{place(name)}: {name}", given=section,
                           allowed=f"[{name}] with lines below it")  # fmt: skip
        else:
            for key, value in section.items():
                if _rows(value):
                    yield BadInput("these are rows", where=f"{place(name, key)}: {key}", given=key, allowed=ONLY)
                elif key not in SECTIONS[name]:
                    yield BadInput("there is no such aggregate", where=f"{place(name, key)}: {name}", given=key,
                                   allowed=nearest(key, SECTIONS[name]))  # fmt: skip


def _rows(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)


def _value(one: Aggregate, section: Mapping[str, Any], days: int, place: Callable[..., str]) -> Floats:
    given = section[one.key]
    where = f"{place(one.section, one.key)}: {one.key}"
    if one.key == "deciles":
        return _deciles(given, days, where)
    low, high = (0.0, 1.0) if one.share else (0.0, MOST_PEOPLE)
    percent = one.share and _is_number(given) and 1 < given <= 100
    if not _is_number(given) or not low <= given <= high or (one.section != "retention" and given == 0):
        raise BadInput(
            f"this is no {'share' if one.share else 'number of people'}", where=where, given=given,
            allowed="a number from 0 to 1" if one.share else f"a number above 0, up to {MOST_PEOPLE:,.0f}",
            todo=f"write {given / 100:g} for {given:g} %" if percent else None,
        )  # fmt: skip
    return np.array([float(given)])


def _deciles(given: Any, days: int, where: str) -> Floats:
    allowed = f"{DECILES} numbers from 0.5 on, none below the one before it"
    most = 1_000 * days
    if not isinstance(given, list) or len(given) != DECILES or not all(map(_is_number, given)):
        raise BadInput("these are no deciles", where=where, given=given, allowed=allowed)
    if min(given) < 0.5 or max(given) > most or any(b < a for a, b in pairwise(given)):
        raise BadInput("these are no deciles of visits", where=where, given=given, allowed=f"{allowed}, up to {most:,}",
                       todo="count only people with a visit in these days")  # fmt: skip
    return np.array(given, dtype=np.float64)


def _week(section: Mapping[str, Any], place: Callable[..., str]) -> Floats:
    faults: list[PopulaceError] = []
    for name in WEEKDAYS:
        day = section.get(name)
        if day is None:
            faults.append(BadInput("a weekday is missing", where=place(WEEK), given=name, allowed="all seven days"))
        elif not isinstance(day, list) or len(day) != HOURS:
            many = len(day) if isinstance(day, list) else day
            faults.append(BadInput("a day has 24 hours", where=f"{place(WEEK, name)}: {name}", given=many,
                                   allowed="24 numbers, from 00:00 on"))  # fmt: skip
        elif bad := [hour for hour in day if not _is_number(hour) or not 0 <= hour <= 1e15]:
            faults.append(BadInput("an hour is no count or weight", where=f"{place(WEEK, name)}: {name}", given=bad[0],
                                   allowed="numbers from 0 on"))  # fmt: skip
    if faults:
        raise several(faults)
    table = np.array([section[name] for name in WEEKDAYS], dtype=np.float64)
    if not table.sum() > 0:
        raise BadInput("in this week nothing happens", where=place(WEEK), given="168 times 0",
                       allowed="a number above 0 at some hour")  # fmt: skip
    return table


def _together(values: Aggregates, place: Callable[..., str]) -> Iterator[PopulaceError]:
    """What no population could have."""
    one, ten = (float(values[id][0]) if id in values else None for id in ("top_hundredth", "top_tenth"))
    if one is not None and ten is not None and one > ten:
        yield BadInput("the top 1 % cannot have more than the top 10 %", where=place("popularity", "top_hundredth"),
                       given=one, allowed=f"at most top_tenth = {ten:g}")  # fmt: skip
    for key, share, least in (("top_hundredth", one, 0.01), ("top_tenth", ten, 0.1)):
        if share is not None and share < least:
            yield BadInput("the most popular items cannot have less than their part", where=place("popularity", key),
                           given=share, allowed=f"from {least:g} (all items are equally popular) to 1")  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
