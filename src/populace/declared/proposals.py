"""Values of several parts that conditions may want: JSON with members of the names that they speak of, and arrays."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

_VALUES: tuple[object, ...] = (1, "x", True, [], {})


def documents(constants: Sequence[Any], values: Sequence[Any]) -> Iterator[str]:
    """JSON texts: what a kind gives, then objects with members that are named, then lists. constants: literals of the
    conditions; values: samples of the kind."""
    named = [c for c in constants if isinstance(c, str) and re.fullmatch(r"[A-Za-z_]\w*", c)]
    yield from (str(value) for value in values[:2])
    for value in _VALUES:
        yield json.dumps({"synthetic": True, **dict.fromkeys(named, value)})
    for some in itertools.product(_VALUES, repeat=min(len(named), 3)):
        yield json.dumps({**dict.fromkeys(named, "x"), **dict(zip(named, some, strict=False))})
    yield from ("{}", '["synthetic"]', "[]", "[1, 2]")


def arrays(words: Sequence[str]) -> Iterator[str]:
    """Array literals of words: one, two, all of them, none."""
    quoted = ['"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words]
    yield from (f"{{{one}}}" for one in quoted)
    yield from (f"{{{','.join(pair)}}}" for pair in itertools.pairwise(quoted))
    yield from (f"{{{','.join(quoted)}}}", "{}")


def times(base: str) -> Iterator[str]:
    """Times of the day, from early to late."""
    yield from (f"{hour:02d}:00:00{'+00' if base == 'timetz' else ''}" for hour in (8, 9, 13, 17, 18, 20))
