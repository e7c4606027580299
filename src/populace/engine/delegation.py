"""Visits that another actor plays, such as a browser: nothing of them is emitted, and they count as visits.

A visit is delegated before it begins, by an intervention that names its address; a later one has no effect, for rows of
the visit may have been written by then.
"""

from __future__ import annotations

import numpy as np

from populace.plan import Plan
from populace.spec import Bits, Bools, Ints
from populace.spec.cohort import DAY_BITS, VISIT_BITS


def sign_up_address(person: Ints) -> Bits:
    """By which address a sign-up is delegated: that of a visit on the first day of 1970, when nobody comes.

    The account's rows are emitted all the same, since everything else refers to them: who signs up in a browser does it
    at the moment of the plan, and a sink completes what the app wrote. Only the events of the sign-up are not ours.
    """
    out: Bits = (person << (DAY_BITS + VISIT_BITS)).astype(np.uint64)
    return out


def delegated(plan: Plan, address: Bits, begins_us: Ints) -> Bools:
    """Which visits are not ours to emit. address: of each; begins_us: when it does."""
    if not plan.delegations:
        return np.zeros(len(address), dtype=np.bool_)
    known = np.array(sorted(plan.delegations), dtype=np.uint64)
    since = np.array([plan.delegations[int(one)] for one in known])
    place = np.minimum(np.searchsorted(known, address), len(known) - 1)
    out: Bools = (known[place] == address) & (since[place] <= begins_us)
    return out
