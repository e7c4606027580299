"""How readily each recipient answers: by the campaign, its industry, theme, season and list, and by who they are.

The document has one funnel for everybody. Where campaigns and people differ, the odds of each step are multiplied, and
whoever answers in one way is likelier to answer in another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from populace.spec import Draw, Ints, Items
from populace.spec.heterogeneity import WHOLE
from populace.worlds.campaigns.catalogue import words
from populace.worlds.campaigns.people import traits
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import NO_CONTACT

SOURCES = ("import", "purchase", "manual")
"""Where an audience comes from."""
_LEAST, _MOST = 30, 30_000
_AMONG_READY = 500
"""So ready are in the mean those who answered at all, turned round: in thousandths."""


class Odds(NamedTuple):
    """What odds are multiplied by, of each recipient, in thousandths. answer: to answer the mail; person: what of that
    is the person's own."""

    answer: Ints
    person: Ints


def source_of(draw: Draw, number: Ints) -> Ints:
    """Where the audience of each campaign comes from, a position in `SOURCES`."""
    return draw.below("audience.source", len(SOURCES), number)


def odds(draw: Draw, items: Items, created: Ints, of: Ints, person: Ints) -> Odds | None:
    """The odds of each recipient. of: which campaign; person: as `traits` has them. None where all are alike."""
    if draw.values["alike"]:
        return None
    campaign = draw.measure("campaign.response", items.number, created)
    strength = draw.values.number("appeal_strength")
    theme, _ = traits.theme_of(draw, items)
    industry = theme // len(words.themes()[0])
    season = industry * 12 + traits.month_of(items)
    for kind, which in (("industry", industry), ("theme", theme), ("season", season),
                        ("source", source_of(draw, items.number))):  # fmt: skip
        campaign = campaign * words.appeal(kind, strength)[which] // WHOLE
    own = np.clip(traits.response(draw, person), _LEAST, _MOST)
    # Who comes as far as the later steps is readier than most already.
    later = np.sqrt(own * _AMONG_READY).astype(np.int64)
    return Odds(np.clip(campaign[of] * own // WHOLE, _LEAST, _MOST), later)


def person_of(client: Ints, contact: Ints, address: Ints) -> Ints:
    """Who each recipient is: the address of a contact of the client, or of somebody whom it knows from a list only."""
    return np.where(contact != NO_CONTACT, layout.contact_address(client, contact), traits.STRANGERS + address)
