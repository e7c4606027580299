"""Gift card brands and what their cards are worth, cost, and are sold at: the price list of the platform.

All brands are made up. Whoever bills a card asks here, so that the price that is listed is the one that is billed.
Amounts are whole cents.
"""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, MINUTE_US
from populace.spec import Bools, Columns, Draw, Ints, Key, Optional, Rows, TableRows, Words
from populace.worlds.campaigns.catalogue import words
from populace.worlds.campaigns.parameters import CARD_VALUES

BRANDS_AGE_US = 1_500 * DAY_US
"""The first brand was added so long before history; one follows a day."""
INVENTORY_PERCENT, TILLO_PERCENT = 95, 97
"""What a card costs the platform, in percent of its face value: from the inventory, or bought when needed (4.4)."""
CLIENT_PERCENT, AGENCY_PERCENT = 105, 103
"""What a card that has a price of its own is sold at, to a client and to an agency; all others at their face value."""
CUSTOM_ONE_IN = 5
"""One denomination in so many has a price of its own."""


def brand_of(denomination: Ints) -> Ints:
    """The brand of each denomination (ordinals)."""
    return denomination // len(CARD_VALUES)


def face_cents(denomination: Ints) -> Ints:
    """What each denomination is worth to who redeems it."""
    out: Ints = np.array(CARD_VALUES, dtype=np.int64)[denomination % len(CARD_VALUES)] * 100
    return out


def cost_cents(denomination: Ints, from_inventory: Bools) -> Ints:
    """What a card of each denomination costs the platform."""
    out: Ints = face_cents(denomination) * np.where(from_inventory, INVENTORY_PERCENT, TILLO_PERCENT) // 100
    return out


def price_cents(draw: Draw, denomination: Ints, by_agency: Bools) -> Ints:
    """What a card of each denomination is billed at, to an agency or to a client."""
    own = np.where(by_agency, AGENCY_PERCENT, CLIENT_PERCENT)
    out: Ints = face_cents(denomination) * np.where(has_price(draw, denomination), own, 100) // 100
    return out


def has_price(draw: Draw, denomination: Ints) -> Bools:
    """Which denominations have a price of their own."""
    out: Bools = draw.below("denomination.custom", CUSTOM_ONE_IN, denomination) == 0
    return out


def brand_key(brand: Ints) -> Key:
    """The key of each brand."""
    return Key("gift_card_brands", brand)


def created_at(draw: Draw, brand: Ints) -> Ints:
    """When each brand was added."""
    return draw.origin_us - BRANDS_AGE_US + brand * DAY_US


def brands(draw: Draw, brand: Ints) -> TableRows:
    """The brands: none of them exists, and each is marked so."""
    made_up = words.brands()
    columns: Columns = {
        "id": brand_key(brand),
        "brand_name": Words(brand, tuple(b.name for b in made_up)),
        "brand_code": Words(brand, tuple(f"DEMO-{b.code}" for b in made_up)),
        "provider": "tillo",
        "category": Words(brand, tuple(b.category for b in made_up)),
        "typical_denominations": "[" + ", ".join(map(str, CARD_VALUES)) + "]",
        "is_active": True,
        "is_demo_brand": True,
        "is_enabled_by_admin": True,
        "created_at": created_at(draw, brand),
    }
    return {"gift_card_brands": Rows(brand, columns)}


def denominations(draw: Draw, denomination: Ints) -> TableRows:
    """What a brand's cards are worth, what they cost, and what they are sold at where that is not their worth."""
    no = np.zeros(len(denomination), dtype=np.bool_)
    brand, own = brand_of(denomination), has_price(draw, denomination)
    stocked = cost_cents(denomination, ~no)
    columns: Columns = {
        "id": Key("gift_card_denominations", denomination),
        "brand_id": brand_key(brand),
        "denomination": face_cents(denomination),
        "is_enabled_by_admin": True,
        "admin_cost_per_card": stocked,
        "tillo_cost_per_card": cost_cents(denomination, no),
        "use_custom_pricing": own,
        "client_price": Optional(own, price_cents(draw, denomination, no)),
        "agency_price": Optional(own, price_cents(draw, denomination, ~no)),
        "cost_basis": stocked,
        "created_at": created_at(draw, brand) + (1 + denomination % len(CARD_VALUES)) * MINUTE_US,
    }
    return {"gift_card_denominations": Rows(denomination, columns)}
