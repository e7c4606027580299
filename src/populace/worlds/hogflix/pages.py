"""Pages beside titles that a visit looks at: a section of the home page, prices, product demos.

A section is on the homepage and on the pages of categories. They leave no row, only events; prices and demos belong to
the later names of events, and so do their draws.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from populace.spec import Draw, Ints, Visits
from populace.worlds.hogflix.visits_parameters import SECTIONED

PRICING_MS, DEMO_MS = 12_000, 15_000
"""From one step to the next on the pricing page, and in a demo."""


def looked_at(draw: Draw, visits: Visits) -> Mapping[str, Ints]:
    """How far each visit gets in `section`, `pricing` and `demo`: 0 for not at all, 1 for the first step …"""
    everywhere = np.full(len(visits.k), draw.values.text("event_names") == "object_action")
    entry = draw.unrecorded.choose("visit.entry", visits.address, visits.who.at)
    return {
        name: _depth(draw, visits, np.flatnonzero(there), points)
        for name, there, points in (
            ("section", np.isin(entry, SECTIONED), ("visit.section", "section.clicked")),
            ("pricing", everywhere, ("visit.pricing", "pricing.selected", "pricing.checkout")),
            ("demo", everywhere, ("visit.demo", "demo.played", "demo.progress", "demo.completed")),
        )
    }


def lasts_ms(depths: Mapping[str, Ints]) -> Ints:
    """How long prices and then a demo keep each visit from its titles; a section is passed on the way."""
    return depths["pricing"] * PRICING_MS + depths["demo"] * DEMO_MS


def _depth(draw: Draw, visits: Visits, some: Ints, points: tuple[str, ...]) -> Ints:
    depth = np.zeros(len(visits.k), dtype=np.int64)
    for point in points:
        some = some[draw.chance(point, visits.address[some], visits.who.at[some])]
        depth[some] += 1
    return depth
