"""The agenda of a day: what happens in it, and to which items, so that a window looks at no others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from populace.engine.draws import Window
from populace.engine.processes.schedules.blocks import concatenated
from populace.spec import Ints, Items


@dataclass(frozen=True, slots=True)
class Agenda:
    """What happens in a window. at: moments, ascending; item: to which of `items` (a position)."""

    at: Ints
    item: Ints
    items: Items

    @classmethod
    def of(cls, window: Window, items: Items, moments: Sequence[tuple[str, Ints, Ints]]) -> Agenda:
        """Those of some items: only such as something happens to are kept."""
        inside = [window.holds(at) for _, at, _ in moments]
        at = np.concatenate([at[here] for (_, at, _), here in zip(moments, inside, strict=True)])
        item = np.concatenate([of[here] for (_, _, of), here in zip(moments, inside, strict=True)])
        kept, place = np.unique(item, return_inverse=True)
        return cls(at, place, items.of(kept))

    @classmethod
    def joined(cls, parts: Sequence[Agenda]) -> Agenda:
        """All of them as one."""
        first = np.cumsum([0, *(len(part.items.number) for part in parts[:-1])])
        at = np.concatenate([part.at for part in parts])
        item = np.concatenate([part.item + start for part, start in zip(parts, first, strict=True)])
        order = np.argsort(at, kind="stable")
        return cls(at[order], item[order], concatenated([part.items for part in parts]))
