"""What rows of the campaign platform may say, what they need, and what goes with a client."""

from __future__ import annotations

import itertools

import pytest

from platforms import OF_CAMPAIGNS, OURS, WORKED_ON, add, key, named, refusal, rows, value
from populace.database.connection import Connection
from populace.worlds.campaigns.tables import TABLES


@pytest.mark.parametrize(
    ("table", "change", "sqlstate"),
    [
        ("organizations", "redemption_fee_percentage = 101", "23514"),
        ("clients", "industry = 'piracy'", "22P02"),
        ("brand_kits", "design_style = 'drab'", "23514"),
        ("contacts", "lifecycle_stage = 'friend'", "23514"),
        ("contacts", "lead_score = 101", "23514"),
        ("contacts", "customer_code = 'A1'", "23514"),
        ("contacts", "customer_code = 'A 1234'", "23514"),
        ("campaigns", "drop_date = '2026-01-04'", "23514"),
        ("campaigns", "reward_condition = 'luck'", "23514"),
        ("campaigns", "status = 'lost'", "22P02"),
        ("campaign_conditions", "condition_number = 4", "23514"),
        ("campaign_gift_card_config", "denomination = 0", "23514"),
        ("tracked_phone_numbers", "status = 'lost'", "23514"),
        ("recipients", "token = 'SHORT'", "23514"),
        ("recipients", "approval_status = 'perhaps'", "23514"),
        ("recipients", "sms_opt_in_status = 'perhaps'", "23514"),
        ("contact_campaign_participation", "participation_status = 'lost'", "23514"),
        ("events", "source = 'mobile'", "23514"),
        ("recipient_audit_log", "action = 'status_change'", "23514"),
        ("gift_card_inventory", "assigned_at = NULL", "23514"),
        ("gift_card_inventory", "status = 'stolen'", "23514"),
        ("call_sessions", "call_status = 'answered'", "23514"),
        ("call_conditions_met", "condition_number = 0", "23514"),
        ("call_dispositions", "disposition_type = 'rude'", "23514"),
        ("sms_opt_ins", "verification_code = '12345'", "23514"),
        ("sms_opt_in_log", "direction = 'sideways'", "23514"),
        ("sms_delivery_log", "provider_used = 'pigeon'", "23514"),
        ("gift_card_billing_ledger", "amount_billed = -1", "23514"),
        ("gift_card_billing_ledger", "inventory_card_id = NULL", "23514"),
        ("gift_card_billing_ledger", "profit = 1", "428C9"),
        ("gift_card_provisioning_trace", "error_code = 'GC-016'", "23514"),
        ("credit_accounts", "balance = -0.01", "23514"),
        ("credit_accounts", "entity_id = NULL", "23514"),
        ("performance_metrics", "metric_type = 'mood'", "23514"),
        ("error_logs", "severity = 'dire'", "23514"),
    ],
)
def test_what_a_row_may_say(conn: Connection, table: str, change: str, sqlstate: str) -> None:
    assert refusal(conn, f"UPDATE {table} SET {change}") == sqlstate
    assert refusal(conn, f"UPDATE {table} SET id = id") == ""


@pytest.mark.parametrize(
    ("table", "sqlstate"),
    [("clients", "23505"), ("contacts", "23505"), ("recipients", "23505"), ("contact_lists", "23505"),
     ("campaign_conditions", "23505"), ("call_conditions_met", "23505"), ("gift_card_inventory", "23505"),
     ("gift_card_brands", "23505"), ("credit_accounts", "23505"), ("user_roles", "23505")],
)  # fmt: skip
def test_what_is_unique(conn: Connection, table: str, sqlstate: str) -> None:
    columns = [r[0] for r in rows(conn, "SELECT column_name FROM information_schema.columns WHERE table_schema ="
               " 'public' AND table_name = %s AND column_name <> 'id' AND is_generated = 'NEVER'", table)]  # fmt: skip
    names = ", ".join(columns)
    assert refusal(conn, f"INSERT INTO {table} ({names}) SELECT {names} FROM {table}") == sqlstate


@pytest.mark.parametrize(
    ("status", "method", "page", "refused"),
    [("mailed", "ace_fulfillment", False, True), ("in_production", "ace_fulfillment", False, True),
     ("mailed", "ace_fulfillment", True, False), ("mailed", "self", False, False),
     ("draft", "ace_fulfillment", False, False)],
)  # fmt: skip
def test_what_is_mailed_by_others_needs_a_page(
    conn: Connection, status: str, method: str, page: bool, refused: bool
) -> None:
    assert refusal(
        conn,
        "INSERT INTO campaigns (client_id, name, size, status, mailing_method, landing_page_id)"
        " VALUES (%s, 'Storm', '4x6', %s::campaign_status, %s, %s)",
        key("clients", OURS),
        status,
        method,
        key("landing_pages", OURS) if page else None,
    ) == ("23514" if refused else "")


def test_an_active_campaign_needs_credit(conn: Connection) -> None:
    start = "UPDATE campaigns SET status = 'active' WHERE client_id = %s"
    client = key("clients", OURS)
    assert refusal(conn, start, client) == ""
    for balance, sqlstate in ((100, ""), (99.99, "23514")):
        conn.execute("UPDATE credit_accounts SET balance = %s WHERE entity_id = %s", (balance, client))
        assert refusal(conn, start, client) == sqlstate
        assert refusal(conn, start.replace("active", "paused"), client) == ""
    # One that is active already goes on; a new one does not begin.
    conn.execute("UPDATE credit_accounts SET balance = 100")
    conn.execute(start.encode(), (client,))
    conn.execute("UPDATE credit_accounts SET balance = 0")
    assert refusal(conn, start, client) == ""
    new = "INSERT INTO campaigns (client_id, name, size, status) VALUES (%s, 'New', '4x6', 'active')"
    assert refusal(conn, new, client) == "23514"
    conn.execute("UPDATE clients SET agency_billing_enabled = true")
    add(conn, "credit_accounts", entity_type="agency", entity_id=key("agencies", OURS), balance=500)
    assert refusal(conn, new, client) == ""


def test_a_contact_gets_a_code(conn: Connection) -> None:
    client = key("clients", OURS)
    for _ in range(3):
        add(conn, "contacts", client_id=client)
    made = [r[0] for r in rows(conn, "SELECT customer_code FROM contacts WHERE client_id = %s ORDER BY 1", client)]
    assert made[0] == "AAA-0001"
    assert len(set(made)) == 4
    assert all(code.startswith("ARO-") and code[4:].isdigit() and len(code) == 8 for code in made[1:])
    add(conn, "contacts", client_id=client, customer_code="mine_1")
    assert value(conn, "SELECT count(*) FROM contacts WHERE customer_code = 'mine_1'") == 1


def test_a_change_is_dated_unless_it_brings_its_date(conn: Connection) -> None:
    dated = [t.name for t in TABLES if t.schema == "public" and any(c.name == "updated_at" for c in t.columns)]
    assert len(dated) == 7
    other = {"profiles": "timezone", "credit_accounts": "total_used", "campaigns": "name", "agencies": "name",
             "clients": "name", "brand_kits": "name", "contacts": "city"}  # fmt: skip
    for table in dated:
        conn.execute(f"UPDATE {table} SET updated_at = '2020-01-01'".encode())
        assert value(conn, f"SELECT max(updated_at)::date::text FROM {table}") == "2020-01-01"
        column = other[table]
        conn.execute(f"UPDATE {table} SET {column} = {column}".encode())
        assert value(conn, f"SELECT max(updated_at)::date::text FROM {table}") == "2020-01-01"
        changed = "-1" if column == "total_used" else "id::text"
        with conn.transaction(force_rollback=True):
            conn.execute("SET LOCAL populace.writing = 'on'")
            conn.execute(f"UPDATE {table} SET {column} = {changed}".encode())
            assert value(conn, f"SELECT max(updated_at)::date::text FROM {table}") == "2020-01-01"
        conn.execute(f"UPDATE {table} SET {column} = {changed}".encode())
        assert value(conn, f"SELECT min(updated_at) = now() FROM {table}") is True


def test_with_a_client_goes_what_is_the_clients(conn: Connection) -> None:
    conn.execute("DELETE FROM clients WHERE id = %s", (key("clients", OURS),))
    for table in itertools.chain(OF_CAMPAIGNS, WORKED_ON, ("tracked_phone_numbers", "client_users")):
        left = {r[0][-1] for r in rows(conn, f"SELECT {named(table)}::text FROM {table}")}
        assert left <= {"2"} or table == "client_users", table
    ours = key("gift_card_billing_ledger", OURS)
    assert rows(conn, "SELECT campaign_id, amount_billed FROM gift_card_billing_ledger WHERE id = %s", ours) == [
        (None, 25)
    ]
    assert value(conn, "SELECT count(*) FROM gift_card_inventory WHERE assigned_to_recipient_id IS NULL") == 1
    assert refusal(conn, "DELETE FROM gift_card_brands") == "23503"
