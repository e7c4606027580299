"""The words in which damage is done to the data of campaigns: statements, and which rows they are about."""

from __future__ import annotations

Damage = tuple[str | tuple[str, ...], tuple[str, ...]]


def one(table: str, where: str = "true", order: str = "id", column: str = "id") -> str:
    """A row of a table, as a subquery."""
    return f"(SELECT {column} FROM {table} WHERE {where} ORDER BY {order} LIMIT 1)"


def event(kind: str, where: str = "true") -> str:
    """The latest event of a kind of last year."""
    return one("events", f"event_type = '{kind}' AND occurred_at < '2026-01-01' AND {where}", "id DESC")


def change(table: str, what: str, where: str) -> str:
    return f"UPDATE {table} SET {what} WHERE {where}"


def some(of_256: int) -> str:
    """So many rows in 256, picked by their keys."""
    return f"get_byte(uuid_send(id), 15) < {of_256}"


IDLE = "recipient_id NOT IN (SELECT recipient_id FROM events WHERE event_type NOT IN ('imb_injected', 'imb_delivered'))"
UNQUALIFIED = "recipient_id NOT IN (SELECT recipient_id FROM events WHERE event_type = 'lead_captured')"
SUBMITTED = "SELECT recipient_id FROM events WHERE event_type = 'form_submitted'"
CALLER = "recipient_id IN (SELECT recipient_id FROM call_sessions)"
COMPLETED = one("campaigns", "status = 'completed'", "mail_date DESC, id")
DRAFT = one("campaigns", "status = 'draft'")
FIRST = one("campaigns", order="mail_date, id")
LATER = "mail_date BETWEEN '2025-11-12' AND '2025-12-20'"
CARD = one("gift_card_inventory", "status = 'delivered'")
OTHER_CARD = one("gift_card_inventory", "status = 'delivered'", "id DESC", "assigned_to_recipient_id")
STOCKED = "billed_entity_type = 'client' AND inventory_card_id IS NOT NULL"
SOLD = one("gift_card_billing_ledger", STOCKED)
SOLD_CARD = one("gift_card_billing_ledger", STOCKED, "id DESC", "inventory_card_id")
BOUGHT = "billed_entity_type = 'agency' AND inventory_card_id IS NULL"
AGENCYS = one(
    "gift_card_billing_ledger",
    f"{BOUGHT} AND recipient_id NOT IN (SELECT recipient_id FROM gift_card_provisioning_trace)",
)
AGENCY = one("agencies", order="id DESC")
AGENCYS_OTHER = one("gift_card_billing_ledger", BOUGHT, "id DESC", "recipient_id")
REDEEMED = one("recipients", "approval_status = 'redeemed' AND gift_card_assigned_id IS NOT NULL")
ACCOUNT = one("credit_accounts", "total_used > 0")
LOCAL_NOON = "(date_trunc('day', e.occurred_at AT TIME ZONE k.timezone) + interval '12:30') AT TIME ZONE k.timezone"
INCIDENT = "timestamptz '2025-10-10 00:00Z' + interval '45 days'"
BEFORE = "E13 recipients with an effect before its cause: "
