"""The moments at which something happens to the items of a schedule, and whether its world declares all of them.

A window looks at the items whose lives may touch it, and a tick at those to which something happens on its day. Both go
by what the world declares: a moment beyond that would be a row that is lost in some cuttings and not in others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from populace.clock import DAY_US, iso
from populace.errors import nearest
from populace.spec import NEVER, Ints, Items, Progress, Schedule, Span, TableRows
from populace.spec.authors import Misuse


def happening(flow: Schedule, items: Items, progress: Progress) -> Iterator[tuple[str, Ints, Ints]]:
    """Every kind of moment: its name, when each is, and which item (a position) it belongs to. Its own comes first."""
    every = np.arange(len(items.number))
    yield "", items.at, every
    for name in flow.moments:
        if name in progress.items:
            yield name, progress.items[name], every
        if name in progress.parts:
            yield name, progress.parts[name], progress.of


def require_reach(flow: Schedule, items: Items, progress: Progress, before_us: int, lasts_us: int) -> None:
    """Raise Misuse for a moment that lies further from its item's than the schedule declares, or that is misspelt."""
    for name in flow.moments if len(items.number) else ():
        if name not in progress.items and name not in progress.parts:
            columns = {*progress.items, *progress.parts}
            raise Misuse("`moments` names no column of its course", given=name, allowed=nearest(name, columns))
    for name, at, of in happening(flow, items, progress):
        comes = at != NEVER
        after = (at - items.at[of])[comes]
        for beyond, many_us, path in ((after, lasts_us, "lasts_days"), (-after, before_us, "before_days")):
            if len(beyond) and (most := int(beyond.max())) > many_us:
                raise Misuse(
                    f"`{name}` lies further from the item's moment than the schedule declares",
                    where=path,
                    given=many_us // DAY_US,
                    allowed=f"at least {-(-most // DAY_US)}",
                )


def require_declared(
    flow: Schedule, items: Items, progress: Progress, span: Span, emitted: TableRows, origin_us: int
) -> None:
    """Raise Misuse for a row in the span at a moment that the schedule does not name."""
    # Sorted once for all tables: `np.isin` would hash all of them for each.
    inside = (at[span.holds(at)] for _, at, _ in happening(flow, items, progress))
    known = np.sort(np.concatenate([[NEVER], *inside]))
    for table, rows in emitted.items():
        if rows.at is None:
            continue
        # What history begins with belongs to its beginning.
        at = rows.at[span.holds(rows.at) & (rows.at != origin_us)]
        if (odd := at[known[np.minimum(np.searchsorted(known, at), len(known) - 1)] != at]).size:
            columns = {**progress.items, **progress.parts}
            holding = sorted(name for name, column in columns.items() if np.isin(odd[0], column))
            raise Misuse(
                "a row lies at a moment that the schedule does not name in `moments`",
                where=table,
                given=iso(int(odd[0])),
                allowed=f"the item's own, and those named; this one stands in {', '.join(holding) or 'no column'}",
            )
