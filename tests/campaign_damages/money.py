"""Gift cards, bills and credit that do not add up."""

from __future__ import annotations

from campaign_damages.statements import (
    ACCOUNT,
    AGENCY,
    AGENCYS,
    AGENCYS_OTHER,
    BEFORE,
    BOUGHT,
    CARD,
    OTHER_CARD,
    REDEEMED,
    SOLD,
    SOLD_CARD,
    Damage,
    change,
    one,
)

MONEY: dict[str, Damage] = {
    "a card that is assigned twice": (
        change("gift_card_inventory", f"assigned_to_recipient_id = {OTHER_CARD}", f"id = {CARD}"),
        ("money recipients to whom more than one card", "money cards from the stock"),
    ),
    "a card that is billed twice": (
        (
            "DROP INDEX gift_card_billing_ledger_sold_key",
            change("gift_card_billing_ledger", f"inventory_card_id = {SOLD_CARD}", f"id = {SOLD}"),
        ),
        (
            "money cards that are billed more than once",
            "money cards from the stock",
            "causes public.gift_card_billing_ledger",
        ),
    ),
    "a recipient who is billed twice": (
        change("gift_card_billing_ledger", f"recipient_id = {AGENCYS_OTHER}", f"id = {AGENCYS}"),
        (
            "money recipients who are billed for more than one",
            "money redeemed recipients without a",
            "E13 events, calls, opt-ins or cards",
            f"{BEFORE}redemptions",
            f"{BEFORE}cards",
            "causes public.gift_card_billing_ledger",
        ),
    ),
    "a wrong amount": (
        change("gift_card_billing_ledger", "amount_billed = amount_billed + 1", f"id = {AGENCYS}"),
        ("money ledger rows whose amount", "money sum of the ledger"),
    ),
    "a wrong amount to a client": (
        change("gift_card_billing_ledger", "amount_billed = amount_billed + 1", f"id = {SOLD}"),
        (
            "money ledger rows whose amount",
            "money sum of the ledger",
            "money credit accounts whose use",
            "money uses of credit",
        ),
    ),
    "a wrong cost": (
        change("gift_card_billing_ledger", "cost_basis = cost_basis - 1", f"id = {SOLD}"),
        ("money ledger rows whose cost",),
    ),
    "another kind of card than promised": (
        change(
            "campaign_gift_card_config",
            "denomination = 7",
            f"campaign_id = {one('gift_card_billing_ledger', column='campaign_id')}",
        ),
        ("money ledger rows of another kind", "money sum of the ledger"),
    ),
    "the wrong payer": (
        change(
            "gift_card_billing_ledger",
            f"billed_entity_id = {AGENCY}",
            f"id = {one('gift_card_billing_ledger', f'billed_entity_id <> {AGENCY} AND {BOUGHT}')}",
        ),
        ("money ledger rows billed to another",),
    ),
    "a card bought without an order": (
        change("gift_card_billing_ledger", "tillo_order_reference = NULL", f"id = {AGENCYS}"),
        ("money cards bought one by one",),
    ),
    "a stock below nothing": (
        change(
            "gift_card_inventory",
            "uploaded_at = '2026-01-09', created_at = '2026-01-09'",
            f"(brand_id, denomination) IN (SELECT brand_id, denomination FROM gift_card_inventory WHERE id = {CARD})",
        ),
        (
            "money times that the stock",
            "causes public.gift_card_inventory.assigned_at",
            "causes public.call_conditions_met.created_at",
            "causes public.gift_card_billing_ledger.created_at",
            "causes public.sms_delivery_log.created_at",
        ),
    ),
    "a card whose status is wrong": (
        change("gift_card_inventory", "status = 'assigned'", f"id = {CARD}"),
        ("money cards whose status",),
    ),
    "a card that is nobody's": (
        change("recipients", "gift_card_assigned_id = NULL", f"id = {REDEEMED}"),
        ("money cards from the stock",),
    ),
    "no audit of a redemption": (
        f"DELETE FROM recipient_audit_log WHERE recipient_id = {REDEEMED} AND action = 'redeemed'",
        ("money redeemed recipients without a whole audit", "rows public.recipient_audit_log"),
    ),
    "no audit of a card": (
        f"DELETE FROM recipient_audit_log WHERE recipient_id = {REDEEMED} AND action = 'gift_card_assigned'",
        (
            "money redeemed recipients without a whole audit",
            "money sum of the ledger",
            "rows public.recipient_audit_log",
        ),
    ),
    "a redemption that nobody approved": (
        change("recipients", "approved_at = NULL", f"id = {REDEEMED}"),
        ("money redeemed recipients who are not approved", "recount recipients who were approved"),
    ),
    "a card that was never billed": (
        f"DELETE FROM gift_card_billing_ledger WHERE id = {AGENCYS}",
        (
            "money redeemed recipients without a",
            "money sum of the ledger",
            f"{BEFORE}redemptions",
            "rows public.gift_card_billing_ledger",
        ),
    ),
    "a balance that does not add up": (
        change("credit_accounts", "balance = balance + 1", f"id = {ACCOUNT}"),
        ("money credit accounts whose balance",),
    ),
    "an account opened with more": (
        change(
            "credit_accounts",
            "total_purchased = total_purchased + 1, balance = balance + 1, total_remaining = total_remaining + 1",
            f"id = {ACCOUNT}",
        ),
        ("money credit accounts that opened", "money credit accounts whose balance"),
    ),
    "a client without credit": (
        (
            f"DELETE FROM credit_transactions WHERE account_id = {ACCOUNT}",
            f"DELETE FROM credit_accounts WHERE id = {ACCOUNT}",
        ),
        ("money clients billed themselves", "rows public.credit_transactions"),
    ),
    "a transaction that does not go on": (
        change("credit_transactions", "balance_after = balance_after + 1", f"id = {one('credit_transactions')}"),
        ("money credit transactions that do not go on",),
    ),
    "a use of credit without a card": (
        change(
            "credit_transactions",
            "reference_id = NULL",
            f"id = {one('credit_transactions', 'reference_id IS NOT NULL')}",
        ),
        ("money uses of credit",),
    ),
    "a failure without a code": (
        change(
            "gift_card_provisioning_trace",
            "error_code = NULL",
            f"id = {one('gift_card_provisioning_trace', 'status = $$failed$$')}",
        ),
        ("money failed purchases",),
    ),
}
