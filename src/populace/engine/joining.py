"""Members who join one after another: when each does, and how many have joined by a moment.

`Root(joined=…)` says it, as a function of the ordinal alone. It is asked once a plan: a window looks only at those who
join in it, and a visit picks among those who have joined by then.
"""

from __future__ import annotations

import numpy as np

from populace.engine.draw_statistics import DrawStatistics
from populace.engine.draws import EMPTY, EngineDraw
from populace.engine.kept import Kept
from populace.plan import Plan
from populace.spec import Ints
from populace.spec.authors import Misuse

_KEPT = Kept[Ints](lambda when: when.nbytes)


def joined(plan: Plan, root: str) -> Ints | None:
    """When each member of a root joins (µs, ascending); None where all of them are there from the beginning.

    Raises Misuse where a member joins before another one with a lower ordinal.
    """
    function = plan.world.root(root).joined
    if function is None:
        return None

    def asked() -> Ints:
        draw = EngineDraw(plan, plan.eras[0], EMPTY, DrawStatistics())
        when = function(draw, np.arange(plan.sizes[root], dtype=np.int64))
        if when.shape != (plan.sizes[root],) or when.dtype.kind not in "iu":
            raise Misuse("`joined` gives no array of one moment a member", where=root, given=str(when.dtype))
        if (earlier := np.diff(when) < 0).any():
            given = f"member {int(np.argmax(earlier)) + 1} joins before the one before"
            raise Misuse("members join in the order of their ordinals", where=root, given=given)
        return when

    return _KEPT.get((function, plan.digest, root, plan.sizes[root]), asked)


def joined_by(plan: Plan, root: str, at_us: int) -> int:
    """How many members have joined before a moment."""
    when = joined(plan, root)
    return plan.sizes[root] if when is None else int(np.searchsorted(when, at_us))
