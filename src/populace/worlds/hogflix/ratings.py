"""Stars: a plan's mean and spread, of which a part is the title's and a part the person's own.

A sum of three normals is a normal, so the plan keeps its mean and deviation however the variance is divided. The three
are quantiles in whole thousandths, so that no logarithm stands between a plan and a row.
"""

from __future__ import annotations

import numpy as np

from populace.spec import Bits, Draw, Ints, Visits
from populace.worlds.hogflix.visits_parameters import NORMAL_STEPS

MOST_STARS = 5


def stars(draw: Draw, visits: Visits, visit: Ints, video: Bits, title: Ints) -> Ints:
    """The rating each started video gets, 1 to 5; 0 for none. Plans count as they are on the day.

    visit: which of the visits; video: the address of its step; title: what is watched. All have one length.
    """
    who = visits.who
    rated = np.flatnonzero(draw.chance("watch.rated", video, who.at[visit]))
    out = np.zeros(len(visit), dtype=np.int64)
    by, plan = who.person[visit[rated]], who.segment[visit[rated]]
    mean, deviation, parts, normal = (
        np.array(draw.values.series(path), dtype=np.int64)
        for path in ("rating_means", "rating_deviations", "rating_parts", "normal")
    )
    of_title, of_person, own = (
        part * normal[draw.below(f"rating.{of}", NORMAL_STEPS, entity.astype(np.uint64))]
        for of, part, entity in zip(("title", "person", "own"), parts, (title[rated], by, video[rated]), strict=True)
    )
    score = of_title + of_person + own
    thousandths = mean[plan] + deviation[plan] * score // 1_000_000
    out[rated] = np.clip((thousandths + 500) // 1000, 1, MOST_STARS)
    return out
