"""Who pays for a gift card, and how a client's credit is topped up: rules on arrays, without rows.

Whoever emits clients, agencies or ledgers asks here, so that they agree.
"""

from __future__ import annotations

import numpy as np

from populace.spec import Bools, Draw, Ints, Key
from populace.worlds.campaigns import layout

AGENCY_BILLED_OF = 4
"""One of so many clients is billed through the agency of its organisation; of fewer clients, one."""
CREDIT_INITIAL, CREDIT_THRESHOLD, CREDIT_RELOAD = 100_000, 20_000, 50_000
"""Cents: what an account opens with, what it is not left below, and how much it is topped up by."""


def billed_by_agency(draw: Draw, client: Ints) -> Bools:
    """Whether each client is billed through its agency: the same share of them in every population."""
    place = draw.shuffled("client.agency_billing", draw.size("client"), np.zeros(len(client), dtype=np.int64), client)
    return place * AGENCY_BILLED_OF < draw.size("client")


def has_account(draw: Draw, client: Ints) -> Bools:
    """Whether each client has a credit account of its own: those who are billed themselves, where cards are given."""
    return ~billed_by_agency(draw, client) & draw.values.flag("gift_cards")


def billed_key(draw: Draw, client: Ints, by_agency: Bools) -> Key:
    """The key of who pays for each client's cards: the agency of its organisation, or the client."""
    agency = layout.agency_address(layout.organization_of(draw, client))
    return layout.client_key(np.where(by_agency, agency, client))


def reloads(spent: Ints) -> Ints:
    """How often an account has been topped up when so many cents have been spent: as often as it takes not to be left
    below the threshold. A function of the sum alone, so that it does not matter when one looks."""
    return np.maximum(0, -((CREDIT_INITIAL - CREDIT_THRESHOLD - spent) // CREDIT_RELOAD))


def balance(spent: Ints) -> Ints:
    """Cents on an account when so many have been spent."""
    return CREDIT_INITIAL + CREDIT_RELOAD * reloads(spent) - spent
