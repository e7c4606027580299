"""What is computed once a plan and asked again and again: kept in memory, the oldest goes when there is too much."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_BYTES = 256 << 20
"""So much is kept: a world may have hundreds of roots."""
FEWEST = 8


class Kept(Generic[T]):
    """Values by key. size: of a value, in bytes."""

    def __init__(self, size: Callable[[T], int]) -> None:
        self._size = size
        self._known: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made where it is not there."""
        value = self._known.get(key)
        if value is None:
            value = self._known[key] = make()
            while len(self._known) > FEWEST and sum(map(self._size, [*self._known.values()])) > MOST_BYTES:
                self._known.popitem(last=False)
        return value
