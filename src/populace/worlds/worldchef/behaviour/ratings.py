"""How many stars people give: all alike, or by how kind somebody is, how good the recipe is and whether it suits them.

Either way each number of stars is as common as declared: what decides is normal, and is cut where the shares say.
"""

from __future__ import annotations

import numpy as np

from populace.spec import Draw, Ints
from populace.spec.kit.days import standard

_OWN_CUISINE, _ANOTHER = 1_300, -500
"""How well a recipe suits by its cuisine, in thousandths of a deviation; not far from 0 in the mean."""


def stars(draw: Draw, address: Ints, at: Ints, *, who: Ints, recipe: Ints, suits: Ints) -> Ints:
    """The stars of each rating, 1 to 5. suits: 1 where it is the cuisine that somebody likes best."""
    parts = draw.values.series("rating_parts")
    if not any(parts[:-1]):
        return 1 + draw.choose("rating.stars", address, at)
    of_who, of_recipe, of_taste, own = (int(part) for part in parts)
    score = of_who * standard(draw, "rating.person", who) + of_recipe * standard(draw, "rating.recipe", recipe)
    score += of_taste * np.where(suits > 0, _OWN_CUISINE, _ANOTHER) + own * standard(draw, "rating.own", address)
    cuts = np.array(draw.values.series("star_cuts"), dtype=np.int64)
    out: Ints = 1 + np.searchsorted(cuts, score // 1000, side="right")
    return out
