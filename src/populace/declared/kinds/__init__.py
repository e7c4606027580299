"""The kinds of columns, by the name that `world.toml` gives them: a small module for kinds that belong together."""

from __future__ import annotations

from collections.abc import Mapping

from populace.declared.kinds import keys, moments, numbers, people, places, texts, typed, web, words
from populace.declared.kinds.cell import Cell, Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for module in (keys, numbers, moments, words, people, places, texts, web, typed)
    for kind in module.KINDS
}
"""Every kind; a reference to another table is none of them, since it is no column of its own."""

__all__ = ["KINDS", "Cell", "Kind"]
