"""What gift cards cost: the ledger, clients' credit, and the purchases that failed at first."""

from __future__ import annotations

import numpy as np

from populace.clock import HOUR_US
from populace.spec import Columns, Draw, EmitContext, Ints, Joined, Json, Key, Number, Optional, Rows, TableRows, Words
from populace.worlds.campaigns.behaviour import cards
from populace.worlds.campaigns.behaviour.cards import Claims
from populace.worlds.campaigns.catalogue import gift_cards
from populace.worlds.campaigns.parameters.fixed import CREDIT_RELOAD, CREDIT_THRESHOLD, PURCHASE_STEP
from populace.worlds.campaigns.people.organisations import client_created_at
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import STEP_BITS

_OPENED_US = HOUR_US


def emit(draw: Draw, context: EmitContext, claims: Claims, beyond: Claims) -> TableRows:
    """The ledger of the cards given in the span, the accounts that paid for them, and steps of provisioning.

    beyond: the claims until `HANDED_US` after the span.
    """
    if not draw.values.flag("gift_cards"):
        return {}
    return {
        "gift_card_billing_ledger": _ledger(draw, context, claims),
        "credit_accounts": _accounts(draw, context, claims),
        "credit_transactions": _transactions(context, claims),
        "gift_card_provisioning_trace": _trace(draw, context, beyond),
    }


def _ledger(draw: Draw, context: EmitContext, claims: Claims) -> Rows:
    some = np.flatnonzero(claims.inside)
    client, address, at, bought = claims.client[some], claims.address[some], claims.at[some], claims.bought[some]
    denomination, by_agency, part = claims.denomination[some], claims.by_agency[some], claims.part[some]
    halves = (Number(draw.below("card.bought", 10**6, address, half), 6) for half in (0, 1))
    code = Joined(("TLO-", *halves))
    columns: Columns = {
        "id": _ledger_key(address, at),
        "transaction_type": Words(bought.astype(np.int64), ("purchase_from_inventory", "purchase_from_tillo")),
        "billed_entity_type": Words(by_agency.astype(np.int64), ("client", "agency")),
        "billed_entity_id": cards.billed_key(draw, client, by_agency),
        "campaign_id": layout.campaign_key(claims.number[some]),
        "recipient_id": layout.recipient_key(address, context.progress.parts["uploaded_at"][part]),
        "brand_id": gift_cards.brand_key(gift_cards.brand_of(denomination)),
        "denomination": gift_cards.face_cents(denomination),
        "amount_billed": claims.price[some],
        "cost_basis": claims.cost[some],
        "inventory_card_id": Optional(~bought, layout.card_key(claims.card[some])),
        "tillo_order_reference": Optional(bought, Joined((code, "-", Number(claims.number[some], 5)))),
        "billed_at": at,
        "metadata": Json(
            {
                "simulated": True,
                "source": Words(bought.astype(np.int64), ("inventory", "tillo")),
                "card_code": Optional(bought, code),
            }
        ),
        "created_at": at,
    }
    return Rows(client, columns, at)


def _accounts(draw: Draw, context: EmitContext, claims: Claims) -> Rows:
    """The accounts that changed; with the span that begins history, all of them."""
    own = np.flatnonzero(claims.inside & ~claims.by_agency)
    spent, last = context.carried["spend"][:, 0].copy(), np.zeros(len(context.members), dtype=np.int64)
    np.add.at(spent, claims.member[own], claims.price[own])
    np.maximum.at(last, claims.member[own], claims.at[own])
    begins = context.span.start_us <= draw.origin_us
    some = np.flatnonzero(cards.has_account(draw, context.members) & (begins | (last > 0)))
    client, spent, last = context.members[some], spent[some], last[some]
    opened, balance = client_created_at(draw, client) + _OPENED_US, cards.balance(spent)
    columns: Columns = {
        "id": Key("credit_accounts", client),
        "entity_type": "client",
        "entity_id": layout.client_key(client),
        "balance": balance,
        "total_purchased": balance + spent,
        "total_used": spent,
        "total_remaining": balance,
        "auto_reload_enabled": True,
        "auto_reload_threshold": np.full(len(client), CREDIT_THRESHOLD),
        "auto_reload_amount": np.full(len(client), CREDIT_RELOAD),
        "created_at": opened,
        "updated_at": np.where(last > 0, last, opened),
    }
    return Rows(client, columns, np.where(last > 0, last, draw.origin_us), entity=client)


def _transactions(context: EmitContext, claims: Claims) -> Rows:
    """What was used, card by card, and right after it what was topped up because of it."""
    some = np.flatnonzero(claims.inside & ~claims.by_agency)
    some = some[np.lexsort((claims.address[some], claims.at[some], claims.member[some]))]
    member, price = claims.member[some], claims.price[some]
    sums = np.cumsum(price)
    begins = np.searchsorted(member, member)
    after = context.carried["spend"][member, 0] + sums - (sums[begins] - price[begins])
    before = cards.balance(after - price)
    topped = np.flatnonzero(cards.reloads(after) > cards.reloads(after - price))
    rows, kind = np.r_[np.arange(len(some)), topped], np.repeat([0, 1], [len(some), len(topped)])
    claim = some[rows]
    used = before[rows] - price[rows]
    address, at, client = claims.address[claim], claims.at[claim], claims.client[claim]
    columns: Columns = {
        "id": Key("credit_transactions", address * 2 + kind, at),
        "account_id": Key("credit_accounts", client),
        "transaction_type": Words(kind, ("usage", "purchase")),
        "amount": np.where(kind == 0, -price[rows], CREDIT_RELOAD),
        "balance_after": np.where(kind == 0, used, used + CREDIT_RELOAD),
        "reference_id": Optional(kind == 0, _ledger_key(address, at)),
        "description": Words(kind, ("Gift card for a verified caller", "Automatic reload")),
        "created_at": at,
    }
    return Rows(client, columns, at)


def _trace(draw: Draw, context: EmitContext, claims: Claims) -> Rows:
    """Of cards whose first purchase failed: that attempt, and the one that got the card."""
    failed = context.progress.parts["purchase_failed_at"][claims.part]
    late = claims.bought & (failed < claims.at) & (claims.at >= context.span.start_us)
    some = np.tile(np.flatnonzero(late), 2)
    attempt = np.repeat([0, 1], len(some) // 2)
    at = np.where(attempt == 0, failed[some], claims.at[some])
    address, failure = claims.address[some], attempt == 0
    uploaded = context.progress.parts["uploaded_at"][claims.part[some]]
    columns: Columns = {
        "id": Key("gift_card_provisioning_trace", address << STEP_BITS | attempt, at),
        "request_id": Key("provisioning_requests", address << STEP_BITS | attempt),
        "campaign_id": layout.campaign_key(claims.number[some]),
        "recipient_id": layout.recipient_key(address, uploaded),
        "step_number": np.full(len(some), PURCHASE_STEP),
        "step_name": "purchase_from_tillo",
        "status": Words(attempt, ("failed", "completed")),
        "duration_ms": _milliseconds(draw, address, attempt),
        "error_code": Optional(failure, "GC-005"),
        "error_message": Optional(failure, "the provider did not issue the card in time"),
        "created_at": at,
    }
    return Rows(claims.client[some], columns, at)


def _milliseconds(draw: Draw, address: Ints, attempt: Ints) -> Ints:
    quick = 400 + draw.below("provisioning.took", 1_600, address, attempt)
    return np.where(attempt == 0, 30_000 + quick % 100, quick)


def _ledger_key(address: Ints, at: Ints) -> Key:
    return Key("gift_card_billing_ledger", address, at)
