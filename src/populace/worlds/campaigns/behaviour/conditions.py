"""What campaigns count as an answer, and what they give for it.

Cards are given where there is a call centre, to those who were verified on the phone: a journey leads to them no other
way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from populace.spec import Bools, Columns, Draw, Ints, Items, Joined, Key, Optional, Rows, TableRows, Words
from populace.worlds.campaigns.behaviour import cards
from populace.worlds.campaigns.catalogue import gift_cards, words
from populace.worlds.campaigns.parameters import CARD_VALUES
from populace.worlds.campaigns.people.organisations import BATCH
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import CONDITION_BITS, VERIFIED


@dataclass(frozen=True, slots=True)
class Condition:
    """What a recipient may do that a campaign counts. percent: of the campaigns, have it."""

    name: str
    trigger: str
    event: str | None = None
    percent: int = 100


CALLED = (
    Condition("call_received", "manual_agent"),
    Condition("sms_opt_in", "crm_webhook", "sms.opted_in"),
    Condition("call_verification", "manual_agent"),
)
"""`RECEIVED`, `AGREED` and `VERIFIED`, where there is a call centre."""
UNCALLED = (
    Condition("form_submitted", "crm_webhook", "form.submitted"),
    Condition("qr_scan", "crm_webhook", "qr.scanned", 40),
    Condition("purl_visit", "crm_webhook", "purl.visited", 50),
)
"""Conditions 1, 2 and 3 where there is none."""


def gives_cards(draw: Draw) -> bool:
    """Whether campaigns reward anybody: cards are given to those who have been verified on the phone."""
    return draw.values.flag("gift_cards") and draw.values.flag("call_center")


def conditions(draw: Draw, items: Items, at: Ints) -> Rows:
    """The conditions of campaigns that begin at these moments."""
    said = CALLED if draw.values.flag("call_center") else UNCALLED
    each = len(said)
    of, which = np.repeat(np.arange(len(at)), each), np.tile(np.arange(each), len(at))
    percent = np.array([c.percent for c in said])[which]
    there = draw.below("condition.there", 100, items.number[of] << CONDITION_BITS | which + 1) < percent
    of, which = of[there], which[there]
    number, client = items.number[of], items.member[of]
    rewarded: Bools = (which + 1 == VERIFIED) & gives_cards(draw)
    denomination = _denomination(draw, items.of(of))
    columns = {
        "id": Key("campaign_conditions", number << CONDITION_BITS | which + 1),
        "campaign_id": layout.campaign_key(number),
        "condition_number": which + 1,
        "condition_name": Words(which, tuple(c.name for c in said)),
        "trigger_type": Words(which, tuple(c.trigger for c in said)),
        "crm_event_name": Words(which, tuple(c.event for c in said)),
        "is_active": True,
        "brand_id": Optional(rewarded, gift_cards.brand_key(gift_cards.brand_of(denomination))),
        "card_value": Optional(rewarded, gift_cards.face_cents(denomination)),
        "sms_template": Optional(rewarded, reward_message(denomination)),
        "created_at": at[of],
        **BATCH,
    }
    return Rows(client, columns, at[of])


def rewards(draw: Draw, items: Items, at: Ints) -> TableRows:
    """What is given for the condition that is rewarded, in the two tables that say so."""
    denomination = _denomination(draw, items)
    brand = gift_cards.brand_of(denomination)
    common: Columns = {"campaign_id": layout.campaign_key(items.number), "condition_number": VERIFIED, "created_at": at}
    configs: Columns = {
        "id": Key("campaign_reward_configs", items.number),
        "reward_description": _card(denomination),
        "sms_template": reward_message(denomination),
        **common,
        **BATCH,
    }
    given: Columns = {
        "id": Key("campaign_gift_card_config", items.number),
        "brand_id": gift_cards.brand_key(brand),
        "denomination": gift_cards.face_cents(denomination),
        **common,
    }
    return {
        "campaign_reward_configs": Rows(items.member, configs, at),
        "campaign_gift_card_config": Rows(items.member, given, at),
    }


def reward_message(denomination: Ints) -> Joined:
    """The message that brings a card of each denomination; the platform fills in the braces."""
    return Joined(("Thank you! Your ", _card(denomination), " is here: {card_link}"))


def _denomination(draw: Draw, items: Items) -> Ints:
    return cards.denomination_of(draw, items.member, cards.pool_of(draw, items.number))


def _card(denomination: Ints) -> Joined:
    """`$25 FakeRetail gift card`."""
    dollars = Words(denomination % len(_dollars()), _dollars())
    brand = Words(gift_cards.brand_of(denomination), tuple(b.name for b in words.brands()))
    return Joined((dollars, " ", brand, " gift card"))


@cache
def _dollars() -> tuple[str, ...]:
    return tuple(f"${value}" for value in CARD_VALUES)
