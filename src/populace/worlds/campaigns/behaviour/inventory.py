"""The stock of gift cards, as it is at the end of a span: what lies there, what is given to whom, what has arrived."""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US
from populace.spec import NEVER, Columns, Draw, EmitContext, Ints, Joined, Number, Optional, Rows, TableRows, Words
from populace.spec.kit.places import placed
from populace.worlds.campaigns.behaviour import cards
from populace.worlds.campaigns.behaviour.cards import HANDED_US, Claims
from populace.worlds.campaigns.catalogue import codes, gift_cards, words
from populace.worlds.campaigns.parameters.fixed import VALID_DAYS
from populace.worlds.campaigns.people.organisations import BATCH
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import RECIPIENT_BITS, SLOT_BITS

_LETTERS = f"{codes.LETTERS}23456789"
_PAIRS = tuple(a + b for a in _LETTERS for b in _LETTERS)
_PLACE_BITS, _CODE_BITS = 22, 40
"""Eight letters are 40 bits: 18 for the pool, 22 for the slot; what lies beyond is distinguished by the four digits."""


def emit(draw: Draw, context: EmitContext, claims: Claims) -> TableRows:
    """The cards that came or changed in the span; with the span that begins history, all of them."""
    if not draw.values.flag("gift_cards") or draw.values.whole("pool_lot") == 0:
        return {}
    pools, lot, end = draw.values.whole("pools_per_client"), draw.values.whole("pool_lot"), context.span.end_us
    group, number, uploaded, claim = _recent(draw, context, claims)
    parts, given = context.progress.parts, claim >= 0
    assigned, arrived = np.full(len(claim), NEVER), np.full(len(claim), NEVER)
    assigned[given] = claims.at[claim[given]]
    arrived[given] = parts["redeemed_at"][claims.part[claim[given]]]
    at = np.where(arrived < end, arrived, np.where(given, assigned, np.maximum(uploaded, draw.origin_us)))
    kept = np.flatnonzero(context.span.holds(at))
    group, number, uploaded, claim = group[kept], number[kept], uploaded[kept], claim[kept]
    given, assigned, arrived, at = given[kept], assigned[kept], arrived[kept], at[kept]
    slot = number // draw.values.whole("lot_claims") * lot + number % draw.values.whole("lot_claims")
    client, pool = context.members[group // pools], group % pools
    denomination = cards.denomination_of(draw, client, pool)
    address = (client * pools + pool) << SLOT_BITS | slot
    code, digits = _code(draw, address)
    to = np.zeros((2, len(claim)), dtype=np.int64)
    to[:, given] = claims.address[claim[given]], parts["uploaded_at"][claims.part[claim[given]]]
    brand = gift_cards.brand_of(denomination)
    columns: Columns = {
        "id": layout.card_key(address),
        "brand_id": gift_cards.brand_key(brand),
        "denomination": gift_cards.face_cents(denomination),
        "card_code": Joined((Words(brand, tuple(b.code for b in words.brands())), "-", *code, "-", Number(digits, 4))),
        "card_number": Joined(("990", Number(_number(draw, address), 13))),
        "expiration_date": np.where(given, assigned, uploaded) // DAY_US + VALID_DAYS,
        "status": Words(given.astype(np.int64) + (arrived < end), ("available", "assigned", "delivered")),
        "uploaded_at": uploaded,
        "assigned_to_recipient_id": Optional(given, layout.recipient_key(to[0], to[1])),
        "assigned_to_campaign_id": Optional(given, layout.campaign_key(to[0] >> RECIPIENT_BITS)),
        "assigned_at": Optional(given, assigned),
        "delivered_at": Optional(arrived < end, arrived),
        "current_balance": gift_cards.face_cents(denomination),
        "created_at": uploaded,
        **BATCH,
    }
    return {"gift_card_inventory": Rows(client, columns, at, entity=address)}


def _recent(draw: Draw, context: EmitContext, claims: Claims) -> tuple[Ints, Ints, Ints, Ints]:
    """The cards that may have changed since `HANDED_US` before the span: group, the k of the claim that each is for,
    when it was uploaded, and the claim, or −1."""
    lot, lot_claims = draw.values.whole("pool_lot"), draw.values.whole("lot_claims")
    groups = np.repeat(np.arange(len(claims.first)), claims.many)
    old = claims.at[claims.order] < context.span.start_us - HANDED_US
    since = claims.since + np.bincount(groups[old], minlength=len(claims.first))
    until = claims.since + claims.many
    lots = until // lot_claims - since // lot_claims + 1
    of, place = placed(lots)
    which = since[of] // lot_claims + place
    uploaded = np.repeat(cards.uploaded_at(draw, context, claims, of, which), lot)
    group, number = np.repeat(of, lot), np.repeat(which * lot_claims, lot) + np.tile(np.arange(lot), len(which))
    kept = np.flatnonzero(number >= since[group])
    group, number, uploaded = group[kept], number[kept], uploaded[kept]
    claim = np.full(len(group), -1)
    given = np.flatnonzero(number < until[group])
    claim[given] = claims.order[claims.first[group[given]] + number[given] - claims.since[group[given]]]
    return group, number, uploaded, claim


def _code(draw: Draw, address: Ints) -> tuple[tuple[Words, ...], Ints]:
    """The eight letters and the four digits of each card's code: no two cards have both in common."""
    place, beyond = _place(address)
    code = draw.shuffled("card.code", 1 << _CODE_BITS, np.zeros_like(place), place)
    letters = tuple(Words(code >> shift & 1023, _PAIRS) for shift in (30, 20, 10, 0))
    return letters, (draw.below("card.digits", 10_000, place) + beyond) % 10_000


def _number(draw: Draw, address: Ints) -> Ints:
    place, _ = _place(address)
    return draw.shuffled("card.number", 1 << _CODE_BITS, np.zeros_like(place), place)


def _place(address: Ints) -> tuple[Ints, Ints]:
    slot = address & ((1 << SLOT_BITS) - 1)
    return (address >> SLOT_BITS) << _PLACE_BITS | slot & ((1 << _PLACE_BITS) - 1), slot >> _PLACE_BITS
