"""The values of a world by path: its parameters, and what it derives from them; read by kind.

Whoever needs a whole number asks for a whole number. So a value of another kind is one clear error, with its path, and
not a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import TypeGuard

from populace.errors import nearest
from populace.spec.authors import Misuse


class Values(Mapping[str, object]):
    """Values by path; they never change. The readings raise BadInput for a path or a kind that is not there."""

    __slots__ = ("_by_path", "_series", "_tables")

    def __init__(self, by_path: Mapping[str, object]) -> None:
        self._by_path = dict(by_path)
        # Long ones are looked through once: a window asks for the same ones again and again.
        self._series: dict[str, tuple[float, ...]] = {}
        self._tables: dict[str, tuple[tuple[float, ...], ...]] = {}

    def __getitem__(self, path: str) -> object:
        return self._by_path[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_path)

    def __len__(self) -> int:
        return len(self._by_path)

    def __repr__(self) -> str:
        return f"Values({self._by_path!r})"

    def whole(self, path: str) -> int:
        """A whole number."""
        value = self._read(path)
        if isinstance(value, Integral) and not isinstance(value, bool):
            return int(value)
        raise _wrong(path, value, "a whole number")

    def number(self, path: str) -> float:
        """A number, whole or not."""
        value = self._read(path)
        if isinstance(value, Real) and not isinstance(value, bool):
            return float(value)
        raise _wrong(path, value, "a number")

    def flag(self, path: str) -> bool:
        """True or false."""
        value = self._read(path)
        if isinstance(value, bool):
            return value
        raise _wrong(path, value, "true or false")

    def text(self, path: str) -> str:
        """A text."""
        value = self._read(path)
        if isinstance(value, str):
            return value
        raise _wrong(path, value, "a text")

    def series(self, path: str) -> tuple[float, ...]:
        """Numbers, in their order; those that are whole stay whole."""
        if path in self._series:
            return self._series[path]
        value = self._read(path)
        if _numbers(value):
            return self._series.setdefault(path, tuple(value))
        raise _wrong(path, value, "a list of numbers")

    def table(self, path: str) -> tuple[tuple[float, ...], ...]:
        """Series of numbers, in their order."""
        if path in self._tables:
            return self._tables[path]
        value = self._read(path)
        if isinstance(value, Sequence) and all(_numbers(row) for row in value):
            return self._tables.setdefault(path, tuple(tuple(row) for row in value))
        raise _wrong(path, value, "a list of lists of numbers")

    def _read(self, path: str) -> object:
        try:
            return self._by_path[path]
        except KeyError:
            raise Misuse("there is no such value", where=path, allowed=nearest(path, self._by_path)) from None


def _numbers(value: object) -> TypeGuard[Sequence[float]]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return False
    return all(isinstance(n, Real) and not isinstance(n, bool) for n in value)


def _wrong(path: str, value: object, wanted: str) -> Misuse:
    return Misuse("the value is of the wrong kind", where=path, given=value, allowed=wanted)
