"""What a world's app must do to count as healthy, beside having its rows: which checks, and functions that remember."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from populace.errors import BadInput, PopulaceError


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedFunction:
    """A function of the app that answers over HTTP, and remembers what it was asked before.

    id: of the requirement. name: the last part of its address. requests: the world's file in `health/`, a SELECT with
    one JSON document a row, each of which is sent as it is. hits, misses: where an answer counts what it had remembered
    and what not, such as `cache_performance.hits`. above: the share of hits when everything is asked for the second
    time. stand_in: who answers where no app is at hand, `module:class`; called with the URL of the database, it is
    entered as a context, has a `url`, and leaves nothing behind.
    """

    id: str
    name: str
    requests: str
    hits: str
    misses: str
    above: float
    stand_in: str


def function_faults(world: str, functions: tuple[CachedFunction, ...]) -> Iterator[PopulaceError]:
    """What is wrong with the declarations of a world."""
    for one in functions:
        where = f"{world}.functions.{one.name}"
        if not 0 < one.above < 1:
            yield BadInput("this is not a share of hits", where=f"{where}.above", given=one.above,
                           allowed="a number between 0 and 1")  # fmt: skip
        yield from name_faults(f"{where}.stand_in", one.stand_in, "module:class")


def name_faults(where: str, given: str, allowed: str) -> Iterator[PopulaceError]:
    """What is wrong with the name of something in a module. allowed: how it is written."""
    module, _, name = given.partition(":")
    if not (module and name.isidentifier()):
        what = allowed.partition(":")[2]
        yield BadInput(f"this names no {what}", where=where, given=given, allowed=allowed)
