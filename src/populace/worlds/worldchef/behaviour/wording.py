"""What people write: about themselves, and about what they have cooked. The catalogue's own lines, or texts put
together for who writes, with what is in the recipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from populace.spec import Draw, Ints, Joined, Words
from populace.spec.kit.parameters import composed
from populace.spec.kit.places import drawn_within
from populace.spec.kit.sayings import Manner
from populace.spec.kit.words import Lazily
from populace.worlds.worldchef.catalogue import words
from populace.worlds.worldchef.catalogue.cookbook import CUISINES, Recipe

KINDS = ("main", "veg", "finish")
"""What of a recipe is mentioned."""
_LIGHT_MEALS = ("breakfast", "snack", "dessert")
_MOODS = ("bad", "middling", "fine", "good")
_MOOD_OF = np.array([0, 0, 0, 1, 2, 3])
"""By stars."""
_COMMENT = Manner(_MOODS, ("open",), "core", ("detail", "close"), "short", short_of=8, slips_of=18)
_BIO = Manner(words.ROLES, (), "begin", ("more",), slips_of=25)


def comments(draw: Draw, address: Ints, stars: Ints, recipes: Sequence[Recipe], which: Ints) -> Joined:
    """What each of some people says of what they have cooked. which: of the recipes."""
    once, place = np.unique(which, return_inverse=True)
    said = Lazily(lambda: [word for one in once.tolist() for word in recipes[one].said.mentioned])
    if composed(draw):
        light = np.array([recipes[one].said.meal_type in _LIGHT_MEALS for one in once.tolist()], dtype=np.int64)
        slots = _slots(draw, address, light[place])
        slots |= {kind: Words(place * len(KINDS) + n, said) for n, kind in enumerate(KINDS)}
        return words.sayings().composed(draw, "comment", _MOOD_OF[stars], address, slots, _COMMENT)
    every = words.comments()
    by_stars = np.bincount([one.stars for one in every], minlength=6)
    comment = drawn_within(draw, "rating.words", by_stars, stars, address)
    of = np.array([KINDS.index(one.word) for one in every])[comment]
    return Joined((
        Words(comment, tuple(one.before for one in every)), Words(place * len(KINDS) + of, said),
        Words(comment, tuple(one.after for one in every)),
    ))  # fmt: skip


def _slots(draw: Draw, address: Ints, light: Ints) -> dict[str, Words]:
    """What fills slots: what goes with a meal, and into it, by whether it is a light one (1) or not."""
    said = words.sayings()
    out = said.slots(draw, address)
    for name in ("side", "change", "tool"):
        out |= said.chosen(draw, name, ("hearty", "light"), light, address)
    return out


def bios(draw: Draw, number: Ints, role: Ints, taste: Ints) -> Words | Joined:
    """What each says of themselves."""
    if composed(draw):
        slots = _slots(draw, number, 0 * number)
        slots["cuisine"] = Words(taste, tuple(cuisine.title() for cuisine in CUISINES))
        return words.sayings().composed(draw, "bio", role, number, slots, _BIO)
    of_role = np.bincount([words.ROLES.index(bio.role) for bio in words.bios()], minlength=len(words.ROLES))
    bio = drawn_within(draw, "person.bio", of_role, role, number)
    said = tuple(f"{bio.before}{{}}{bio.after}" for bio in words.bios())
    return Words(bio * len(CUISINES) + taste, _in_every_cuisine(said))


@cache
def _in_every_cuisine(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Each text with each cuisine, in this order; at its beginning in the same way, for they are names."""
    return tuple(text.format(cuisine.title()) for text in texts for cuisine in CUISINES)
