"""Names of people: a given name and a family name of one region, in its own script and order.

The lists are ours and short: common names, put together by chance, belong to nobody in particular. What makes a person
known as synthetic is the mark and the reserved address, never the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from populace.spec.column import Ints, Words
from populace.spec.draw import Address, Draw
from populace.spec.kit import catalogue

_UNSPACED = ("chinese", "japanese", "korean")
"""Regions that write a whole name as one word."""


@dataclass(frozen=True, slots=True)
class Region:
    """Names of one region. weight: how many of a hundred people have one of them."""

    name: str
    weight: int
    full: tuple[str, ...]


@cache
def regions() -> tuple[Region, ...]:
    """All regions, each with every full name that its lists give."""
    return tuple(
        Region(row["region"], int(row["weight"]), _full(row)) for row in catalogue.reader("populace.spec.kit")("names")
    )


@cache
def digest() -> str:
    """Of all names: belongs to the digest of a world that uses them."""
    return catalogue.digest(regions())


def full_name(draw: Draw, stream: str, entity: Address) -> Words:
    """The full name of each person, of a region by its weight."""
    weights = np.cumsum([0, *(region.weight for region in regions())])
    lengths = np.array([len(region.full) for region in regions()], dtype=np.int64)
    begins = np.cumsum([0, *lengths[:-1]])
    region: Ints = np.searchsorted(weights, draw.below(f"{stream}.region", int(weights[-1]), entity), side="right") - 1
    return Words(begins[region] + draw.below(stream, lengths[region], entity), _every())


@cache
def _every() -> tuple[str, ...]:
    return tuple(name for region in regions() for name in region.full)


def _full(row: catalogue.Row) -> tuple[str, ...]:
    between = "" if row["region"] in _UNSPACED else " "
    pairs = ((given, family) for given in row["given"].split(";") for family in row["family"].split(";"))
    if row["order"] == "family":
        return tuple(f"{family}{between}{given}" for given, family in pairs)
    return tuple(f"{given} {family}" for given, family in pairs)
