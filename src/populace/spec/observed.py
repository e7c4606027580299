"""What a world's people did, read from rows in memory: the twin of its SQL in `realism/`, for those in no database.

A world gives a function of `Recorded`; the SQL and it must say the same, which a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from populace.spec.column import Ints

Floats = NDArray[np.float64]

MISSING = -(2**63)
"""A moment that is NULL."""
NO_CODE = 0
"""The code of a value that is NULL."""


class Recorded(Protocol):
    """Rows of tables, by column. Rows of a table have one order."""

    def codes(self, table: str, column: str) -> Ints:
        """Keys as whole numbers: equal where keys of a kind are, in all tables; `NO_CODE` for none."""

    def moments(self, table: str, column: str) -> Ints:
        """µs; `MISSING` for none."""

    def numbers(self, table: str, column: str) -> Floats:
        """Numbers, and 1 or 0 for true and false; NaN for none."""

    def texts(self, table: str, column: str) -> NDArray[np.object_]:
        """Texts; None for none."""

    def documents(self, table: str, column: str) -> Sequence[Mapping[str, Any]]:
        """Objects of JSON; an empty one for none."""


@dataclass(frozen=True, eq=False)
class Acts:
    """What people did, in no order: the columns of `realism/actions.sql`.

    person: codes. at, until: µs (UTC). item: codes; `NO_CODE` for none. size: NaN for none. local: what a clock showed
    where they were; placed: whether that is known, else local is UTC.
    """

    person: Ints
    at: Ints
    until: Ints
    item: Ints
    size: Floats
    local: Ints
    placed: Ints

    def of(self, rows: Ints | NDArray[np.bool_]) -> Acts:
        """Some of them."""
        return Acts(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def on_clocks(self, local: Ints, known: NDArray[np.bool_] | None = None) -> Acts:
        """With the time on their own clocks. known: for whom; None: for all."""
        known = np.ones(len(self.at), dtype=np.bool_) if known is None else known
        return replace(self, local=np.where(known, local, self.at), placed=known.astype(np.int64))


def acts(
    person: Ints, at: Ints, *, until: Ints | None = None, item: Ints | None = None, size: Floats | None = None
) -> Acts:
    """Acts by UTC. until: None where nothing says; size: 0 is none."""
    many = len(person)
    found = np.full(many, np.nan) if size is None else np.where(size == 0, np.nan, size)
    nothing = np.full(many, NO_CODE, dtype=np.int64)
    return Acts(person, at, at if until is None else until, nothing if item is None else item, found, at, nothing)


def together(*parts: Acts) -> Acts:
    """All of several kinds of acts."""
    return Acts(*(np.concatenate([getattr(p, name) for p in parts]) for name in Acts.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Observed:
    """person, joined: who signed up when, by their own clocks (µs); None where nothing is read of that."""

    acts: Acts
    person: Ints | None = None
    joined: Ints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observing:
    """How people are read from rows. read: does it. columns: by table, those that it reads."""

    read: Callable[[Recorded], Observed]
    columns: Mapping[str, tuple[str, ...]]


def found(keys: Ints, wanted: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Where each wanted code stands among keys, each of which stands there once; and which of them do at all."""
    order = np.argsort(keys, kind="stable")
    place = np.searchsorted(keys[order], wanted)
    place[place >= len(keys)] = 0
    if not len(keys):
        return place, np.zeros(len(wanted), dtype=np.bool_)
    at: Ints = order[place]
    return at, keys[at] == wanted
