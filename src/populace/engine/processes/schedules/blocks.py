"""Items of a schedule in blocks: how many are emitted together, and which.

What a block holds decides how much memory it takes and how soon a sink has something to store, and no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from populace.engine.processes.schedules.requests import NOTHING
from populace.spec import NEVER, Items

ITEMS_AT_ONCE = 8_192
"""Items that carry nothing, and their parts: a sink stores the first ones while the next are made."""

_COLUMNS = ("number", "member", "at", "stretch", "place", "many")


def apart(blocks: Iterator[Items], recurs_every: int = 0) -> Iterator[Items]:
    """The same items in blocks of `ITEMS_AT_ONCE` at most.

    recurs_every: items whose numbers leave the same remainder by it come together, so that what they share is made once
    and for all blocks as evenly as can be, in place of nearly all of it for the first; 0 where they share nothing.
    """
    if recurs_every:
        every = concatenated(list(blocks))
        order = np.argsort(every.number % recurs_every, kind="stable")
        for at in range(0, len(order), ITEMS_AT_ONCE):
            yield every.of(np.sort(order[at : at + ITEMS_AT_ONCE]))
        return
    for items in blocks:
        many = len(items.number)
        for at in range(0, many, ITEMS_AT_ONCE):
            yield items if many <= ITEMS_AT_ONCE else items.of(np.arange(at, min(at + ITEMS_AT_ONCE, many)))


def concatenated(pieces: Sequence[Items]) -> Items:
    """All of them as one."""
    pieces = pieces or [NOTHING]
    if len(pieces) == 1:
        return pieces[0]
    since = [np.full(len(p.number), NEVER) if p.requested_at is None else p.requested_at for p in pieces]
    columns = {name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in _COLUMNS}
    return Items(**columns, requested_at=np.concatenate(since))
