"""Who has left by a window's end: known from the start for members of a root, by the fold for people of pools."""

from __future__ import annotations

import numpy as np

from populace.engine.draws import EngineDraw
from populace.engine.process import Removed
from populace.spec import Bools, Ints, Table


def by_root(draw: EngineDraw) -> Removed | None:
    """Members of roots that say when each of theirs leaves. None where no root does."""
    world, end_us, quiet = draw.plan.world, draw.window.end_us, draw.unrecorded
    moments = {root.name: root.removed for root in world.roots if root.removed}
    if not moments:
        return None

    def removed(table: Table, owner: Ints) -> Bools:
        moment = moments.get(table.root)
        return np.zeros(len(owner), dtype=np.bool_) if moment is None else moment(quiet, owner) < end_us

    return removed


def listed(address: Ints) -> Removed | None:
    """Those with an address among some, which are ascending."""
    if len(address) == 0:
        return None

    def removed(table: Table, owner: Ints) -> Bools:
        near = address[np.searchsorted(address, owner.min()) : np.searchsorted(address, owner.max(), side="right")]
        if len(near) == 0:
            return np.zeros(len(owner), dtype=np.bool_)
        out: Bools = near.take(np.searchsorted(near, owner), mode="clip") == owner
        return out

    return removed
