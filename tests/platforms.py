"""A campaign platform by hand: two small worlds in its tables, Populace's and somebody else's, and who acts in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from populace.database.connection import Connection
from populace.worlds.campaigns.tables import TABLES
from populace.worlds.campaigns.tables.columns import DOMAIN

MakeDatabase = Callable[..., str]
SCHEMA = files("populace.worlds.campaigns").joinpath("schema")
OURS, THEIRS = 1, 2
"""The two worlds. Theirs is simulated too, by somebody else."""
PEOPLE = ("owner", "company", "agent", "admin", "nobody")
PLACE = {table.name: place for place, table in enumerate(TABLES, 1)}
AT = "2026-01-{:02}T12:00:00Z".format
OF_CAMPAIGNS = (
    "recipients", "contact_campaign_participation", "events", "recipient_audit_log", "call_sessions",
    "call_conditions_met", "call_dispositions", "sms_opt_ins", "sms_opt_in_log", "sms_delivery_log",
)  # fmt: skip
WORKED_ON = (
    "brand_kits", "templates", "landing_pages", "contacts", "contact_lists", "contact_list_members", "contact_tags",
    "audiences", "campaigns", "campaign_conditions", "campaign_reward_configs", "campaign_gift_card_config",
    "client_available_gift_cards",
)  # fmt: skip
BILLED = ("gift_card_billing_ledger", "credit_accounts", "credit_transactions")
FOR_ADMINS = (
    "simulation_batches", "gift_card_inventory", "gift_card_provisioning_trace", "performance_metrics",
    "usage_analytics", "error_logs",
)  # fmt: skip
CLAIM = "SELECT card_code FROM claim_gift_card_from_inventory(%s, %s, %s, %s, '2026-02-01')"
BILL = "SELECT record_billing_transaction(%s, %s, %s, %s, %s, NULL, 'order-1', '{\"card_code\": \"X\"}', '2026-02-01')"
"""Calls of the platform's functions."""


def key(table: str, world: int, number: int = 0) -> str:
    """The id of a row: of version 8 in Populace's world, of version 4 in theirs."""
    return f"{PLACE[table]:08x}-{number:04x}-{8 if world == OURS else 4}000-8000-{world:012x}"


def user(role: str, world: int) -> str:
    """The account of a person."""
    return key("users", world, PEOPLE.index(role))


def value(conn: Connection, query: str, *bound: Any) -> Any:
    """The first column of the first row."""
    row = conn.execute(query.encode(), bound or None).fetchone()
    return row[0] if row else None


def rows(conn: Connection, query: str, *bound: Any) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return conn.execute(query.encode(), bound or None).fetchall()


def add(conn: Connection, table: str, **values: Any) -> None:
    """One row of a table; whatever is not given has its default."""
    conn.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier("auth" if table in ("users", "identities") else "public", table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(sql.Placeholder() * len(values)),
        ),
        [Jsonb(v) if isinstance(v, dict) else v for v in values.values()],
    )


def people(conn: Connection, world: int) -> None:
    """Accounts with their roles: the owner of the agency, the client's, an agent, an admin, and one who is nothing."""
    roles = {"owner": "agency_owner", "company": "company_owner", "agent": "call_center", "admin": "admin"}
    for number, role in enumerate(PEOPLE):
        person = user(role, world)
        mail = f"{role}{world}@{DOMAIN if world == OURS else 'example.com'}"
        add(conn, "users", id=person, email=mail, raw_user_meta_data={"is_simulated": "true"})
        add(conn, "identities", id=key("identities", world, number), provider_id=person, user_id=person,
            provider="email", identity_data={})  # fmt: skip
        add(conn, "profiles", id=person, email=mail)
        if role in roles:
            add(conn, "user_roles", id=key("user_roles", world, number), user_id=person, role=roles[role])


def populate(conn: Connection, world: int) -> None:
    """One row of each table, each referring to all that it can refer to."""
    people(conn, world)

    def k(table: str) -> str:
        return key(table, world)

    batch = {"is_simulated": True, "simulation_batch_id": k("simulation_batches")}
    client, campaign = {"client_id": k("clients")}, {"campaign_id": k("campaigns")}
    mailed = {**campaign, "recipient_id": k("recipients")}
    brand = {"brand_id": k("gift_card_brands")}
    card = {**brand, "denomination": 25}
    contents: Mapping[str, Mapping[str, Any]] = {
        "simulation_batches": {},
        "organizations": {"name": "Org", **batch},
        "agencies": {"org_id": k("organizations"), "name": "Agency", "slug": f"agency-{world}", **batch},
        "clients": {"org_id": k("organizations"), "name": "A Roof", "industry": "roofing", "slug": f"roof-{world}",
                    "agency_id": k("agencies"), **batch},
        "agency_client_assignments": {"agency_org_id": k("organizations"), **client},
        "org_members": {"org_id": k("organizations"), "user_id": user("owner", world)},
        "client_users": {"user_id": user("company", world), **client},
        "brand_kits": {"name": "Kit", **client},
        "templates": {"name": "Card", "size": "6x9", **client, **batch},
        "landing_pages": {"name": "Page", "slug": "page", **client, **batch},
        "gift_card_brands": {"brand_name": f"Demo {world}", "brand_code": f"DEMO-{world}", "is_demo_brand": True},
        "gift_card_denominations": {**card, "admin_cost_per_card": 23.75, "tillo_cost_per_card": 24.25,
                                    "cost_basis": 23.75},
        "client_available_gift_cards": {**client, **card},
        "contacts": {"customer_code": "AAA-0001", "email": "ann@example.com", **client, **batch},
        "contact_lists": {"name": "All", **client, **batch},
        "contact_list_members": {"contact_id": k("contacts"), "list_id": k("contact_lists"), **batch},
        "contact_tags": {"contact_id": k("contacts"), "tag": "hot", **batch},
        "audiences": {"name": "Audience", **client, **batch},
        "campaigns": {"audience_id": k("audiences"), "template_id": k("templates"),
                      "landing_page_id": k("landing_pages"), "contact_list_id": k("contact_lists"),
                      "name": "Storm", "size": "6x9", "status": "mailed", "mail_date": "2026-01-05",
                      "drop_date": "2026-01-08", "created_by_user_id": user("company", world), **client, **batch},
        "campaign_conditions": {"condition_number": 1, "condition_name": "call_received", **campaign, **brand,
                                **batch},
        "campaign_reward_configs": {"condition_number": 1, **campaign, **batch},
        "campaign_gift_card_config": {"condition_number": 1, **campaign, **card},
        "tracked_phone_numbers": {"phone_number": "+12125550100", **client, **campaign, **batch},
        "recipients": {"audience_id": k("audiences"), "contact_id": k("contacts"), "token": f"TOKEN000000{world}",
                       "redemption_code": "ABC-123456", "gift_card_assigned_id": k("gift_card_inventory"),
                       "approved_call_session_id": k("call_sessions"), "delivered_at": AT(10),
                       "redemption_completed_at": AT(12), "created_at": AT(5), **campaign, **batch,
                       "approved_by_user_id": user("company", world)},
        "events": {"event_type": "qr_scan", "source": "qr", **mailed},
        "recipient_audit_log": {"recipient_id": k("recipients"), "action": "uploaded",
                                "performed_by_user_id": user("company", world)},
        "gift_card_inventory": {"card_code": f"DEM-{world}", "status": "assigned", "assigned_at": AT(11),
                                "assigned_to_recipient_id": k("recipients"), **card, **batch,
                                "assigned_to_campaign_id": k("campaigns")},
        "call_sessions": {"tracked_number_id": k("tracked_phone_numbers"), "caller_phone": "+12125550101",
                          "agent_user_id": user("agent", world), **mailed, **batch},
        "call_conditions_met": {"call_session_id": k("call_sessions"), "condition_number": 1,
                                "met_by_agent_id": user("agent", world), **mailed, **batch,
                                "gift_card_id": k("gift_card_inventory")},
        "call_dispositions": {"call_session_id": k("call_sessions"), "disposition_type": "completed",
                              "recipient_id": k("recipients"), "agent_user_id": user("agent", world)},
        "sms_opt_ins": {"phone": "+12125550101", "verification_code": "012345", **mailed},
        "sms_opt_in_log": {"phone": "+12125550101", "direction": "outbound", **mailed,
                           "call_session_id": k("call_sessions")},
        "sms_delivery_log": {"phone_number": "+12125550101", "message_body": "Here", **mailed, **batch,
                             "gift_card_id": k("gift_card_inventory")},
        "gift_card_billing_ledger": {"transaction_type": "purchase_from_inventory", "billed_entity_type": "client",
                                     "billed_entity_id": k("clients"), "amount_billed": 25, "cost_basis": 23.75,
                                     "inventory_card_id": k("gift_card_inventory"), **mailed, **card},
        "gift_card_provisioning_trace": {"request_id": k("events"), "step_number": 1, "step_name": "validate",
                                         "status": "completed", **mailed},
        "credit_accounts": {"entity_type": "client", "entity_id": k("clients"), "balance": 150,
                            "total_purchased": 175, "total_used": 25, "total_remaining": 150},
        "credit_transactions": {"account_id": k("credit_accounts"), "transaction_type": "usage", "amount": -25,
                                "balance_after": 150, "reference_id": k("gift_card_billing_ledger")},
    }  # fmt: skip
    for table, values in contents.items():
        add(conn, table, id=k(table), **values)
    add(conn, "client_users", client_id=k("clients"), user_id=user("agent", world))
    said = {"simulated": world == OURS}
    add(conn, "performance_metrics", id=k("performance_metrics"), user_id=user("company", world),
        metric_type="page_load", metric_name="dashboard", duration_ms=90, metadata=said, **client)  # fmt: skip
    add(conn, "usage_analytics", id=k("usage_analytics"), user_id=user("company", world), event_type="page_view",
        feature_name="campaign.create", metadata=said, **client)  # fmt: skip
    add(conn, "error_logs", id=k("error_logs"), user_id=user("company", world), error_type="api_error",
        error_message="No answer", resolved_by=user("admin", world), metadata=said, **client)  # fmt: skip


@contextmanager
def acting(conn: Connection, person: str | None, role: str | None = None) -> Iterator[None]:
    """As the app's API acts for a signed-in person, for nobody, or with the service key; nothing stays."""
    with conn.transaction(force_rollback=True):
        conn.execute("SELECT set_config('request.jwt.claims', %s, true)", (f'{{"sub": "{person}"}}' if person else "",))
        conn.execute(f"SET LOCAL ROLE {role or ('authenticated' if person else 'anon')}".encode())
        yield


def may(conn: Connection, statement: str, *bound: Any) -> bool:
    """Whether the visitor may do this, and anything came of it."""
    try:
        with conn.transaction():
            return conn.execute(statement.encode(), bound or None).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False


def refusal(conn: Connection, statement: str, *bound: Any) -> str:
    """The SQLSTATE with which a statement is refused; empty when it is not."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(statement.encode(), bound or None)
    except psycopg.Error as error:
        return error.sqlstate or "?"
    return ""


def named(table: str) -> str:
    """A column whose value ends with the number of the world."""
    return "campaign_id" if table == "contact_campaign_participation" else "id"
