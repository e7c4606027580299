"""The tables, functions, triggers and policies of the campaign platform, on two small worlds: ours and another."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from populace.database import cleanup
from populace.database.connection import Connection, connect
from populace.database.embedded import EmbeddedServer
from populace.database.introspection import ExpectedColumn, ExpectedTable, mismatches
from populace.database.statements import split
from populace.errors import Refused
from populace.worlds.campaigns.tables import DOMAIN, TABLES

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


@pytest.fixture(scope="module")
def tables_only(server: EmbeddedServer, opened_template: str) -> str:
    """The name of a database with the tables and nothing in them, as it is during a load."""
    return _database(server, "campaigns_tables", opened_template, "1_tables.sql")


@pytest.fixture(scope="module")
def peopled(server: EmbeddedServer, tables_only: str) -> str:
    """The name of a database with the schema and the two worlds."""
    name = _database(server, "campaigns_template", tables_only, "2_constraints.sql")
    with connect(server.url(name), application_name="tests") as conn:
        for world in (OURS, THEIRS):
            populate(conn, world)
    return name


def _database(server: EmbeddedServer, name: str, template: str, script: str) -> str:
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    # Each statement commits alone, as a load that may be killed between any two of them needs it.
    with connect(server.url(name), application_name="tests", autocommit=True) as conn:
        for statement in split(SCHEMA.joinpath(script).read_text(encoding="utf-8")):
            conn.execute(statement.encode())
    return name


@pytest.fixture(scope="module")
def shared(server: EmbeddedServer, peopled: str) -> str:
    """The URL of a copy in which no test leaves anything."""
    name = "campaigns_shared"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(peopled)))
    return server.url(name)


@pytest.fixture
def conn(shared: str) -> Iterator[Connection]:
    """A session on the two worlds, whose transaction is taken back."""
    with connect(shared, application_name="tests") as connection:
        connection.execute("SELECT 1")
        yield connection
        connection.rollback()


@pytest.fixture
def loading(make_database: MakeDatabase, tables_only: str) -> Iterator[Connection]:
    """A session on tables without keys."""
    with connect(make_database(tables_only), application_name="tests") as connection:
        yield connection


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


# The contract with tables.py


def expected() -> list[ExpectedTable]:
    """What the world is about to write, as a seed asks for it."""
    return [
        ExpectedTable(
            t.schema,
            t.name,
            tuple(ExpectedColumn(c.name, c.enum or c.type, c.nullable) for c in t.columns),
            (t.key,) if t.mode == "merge" else (),
        )
        for t in TABLES
    ]


def test_what_the_world_writes_fits_the_tables(conn: Connection) -> None:
    assert mismatches(conn, expected()) == []
    made = {r[0] for r in rows(conn, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert made == {t.name for t in TABLES if t.schema == "public"}
    # What is not declared stays null or has a default that Populace's rows do not need.
    conn.execute("ALTER TABLE recipients DROP disposition, ADD parcel text NOT NULL DEFAULT '-'")
    conn.execute("ALTER TABLE recipients ALTER parcel DROP DEFAULT, ALTER token TYPE varchar(12)")
    conn.execute("ALTER TABLE campaigns ALTER mail_date TYPE timestamptz")
    assert [fault.split(":")[0] for fault in mismatches(conn, expected())] == [
        "public.campaigns.mail_date",
        "public.recipients.disposition",
        "public.recipients.parcel",
    ]


def test_parents_come_before_children() -> None:
    places = {t.full_name: place for place, t in enumerate(TABLES)}
    for table in TABLES:
        for column in table.columns:
            for reference in filter(None, (column.references, column.alternative)):
                assert places[reference.rsplit(".", 1)[0]] <= places[table.full_name], (table.name, column.name)
            if column.after:
                assert table.column(column.after)


def test_references_are_foreign_keys_and_each_has_an_index(conn: Connection) -> None:
    held = set(
        rows(
            conn,
            "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text FROM pg_constraint AS c"
            " JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'",
        )
    )
    # A client or an agency: the column beside it says which.
    either = {("gift_card_billing_ledger", "billed_entity_id"), ("credit_accounts", "entity_id")}
    for table in TABLES:
        for column in table.columns:
            if column.references and table.schema == "public" and (table.name, column.name) not in either:
                parent = column.references.rsplit(".", 1)[0].removeprefix("public.")
                assert (table.name, column.name, parent) in held
    assert (
        rows(
            conn,
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint AS c"
            " JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
            " WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace"
            " AND c.confrelid <> 'simulation_batches'::regclass AND a.attname <> 'created_by' AND NOT EXISTS ("
            " SELECT 1 FROM pg_index AS i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])",
        )
        == []
    )


def test_functions_are_pinned_and_closed_to_the_public(conn: Connection) -> None:
    ours = (
        "SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace AND NOT ({})"
    )
    assert rows(conn, ours.format("p.proconfig @> ARRAY['search_path=\"\"']")) == []
    assert rows(conn, ours.format("NOT has_function_privilege('anon', p.oid, 'EXECUTE')")) == []
    writers = ("claim_gift_card_from_inventory", "record_billing_transaction")
    for name in writers:
        oid = value(conn, "SELECT oid::bigint FROM pg_proc WHERE proname = %s", name)
        for role, allowed in (("authenticated", False), ("service_role", True)):
            assert value(conn, "SELECT has_function_privilege(%s, %s::oid, 'EXECUTE')", role, oid) is allowed


# What is known as synthetic


def test_marks_know_our_rows_from_those_of_others(conn: Connection) -> None:
    counted, skipped = cleanup.count(conn, TABLES)
    assert skipped == {}
    many = {"users": 5, "identities": 5, "profiles": 5, "user_roles": 4, "client_users": 2}
    assert counted == {t.full_name: many.get(t.name, 1) for t in TABLES}
    for table in TABLES:
        assert value(conn, f"SELECT count(*) FROM {table.full_name}") == 2 * many.get(table.name, 1), table.name
    # One mark of two is not enough.
    for statement in (
        f"UPDATE auth.users SET raw_user_meta_data = '{{}}' WHERE id = '{user('nobody', OURS)}'",
        f"UPDATE clients SET is_simulated = false WHERE id = '{key('clients', OURS)}'",
        f"UPDATE gift_card_brands SET is_demo_brand = false WHERE id = '{key('gift_card_brands', OURS)}'",
    ):
        conn.execute(statement.encode())
    counted = cleanup.count(conn, TABLES)[0]
    gone = {name for name, n in counted.items() if n < many.get(name.split(".")[1], 1)}
    assert gone == {f"public.{name}" for name in (
        "clients", "profiles", "gift_card_brands", "gift_card_denominations", "agency_client_assignments",
        "brand_kits", "client_available_gift_cards", "credit_accounts", "credit_transactions")} | {
        "auth.users", "auth.identities"}  # fmt: skip


def test_a_cleanup_takes_our_world_and_leaves_theirs(conn: Connection) -> None:
    theirs = {
        t.full_name: rows(conn, f"SELECT * FROM {t.full_name} AS t WHERE ({t.mark.condition}) IS NOT TRUE")
        for t in TABLES
    }
    report = cleanup.clean(conn, TABLES, shown="the test", keep_referenced=False, dry_run=False)
    assert (report.kept, report.references) == ({}, [])
    assert sum(report.deleted.values()) == sum(map(len, theirs.values()))
    for table in TABLES:
        assert rows(conn, f"SELECT * FROM {table.full_name}") == theirs[table.full_name], table.name


def test_a_cleanup_stops_where_somebody_works_for_our_client(conn: Connection) -> None:
    add(conn, "client_users", client_id=key("clients", OURS), user_id=user("nobody", THEIRS))
    with pytest.raises(Refused, match=r"client_users → public\.clients"):
        cleanup.clean(conn, TABLES, shown="the test", keep_referenced=False, dry_run=False)


# Participation


CONTACT, CAMPAIGN = key("contacts", OURS, 7), key("campaigns", OURS, 7)
PARTICIPATION = (
    "SELECT id, recipient_id, participation_status, redemption_code, participated_at, delivered_at, redeemed_at,"
    " gift_card_id FROM contact_campaign_participation WHERE contact_id = %s AND campaign_id = %s"
)


def recipient(number: int, **more: Any) -> dict[str, Any]:
    """A recipient who is the contact."""
    return {
        "id": key("recipients", OURS, number), "audience_id": key("audiences", OURS), "contact_id": CONTACT,
        "campaign_id": CAMPAIGN, "token": f"{number:012}", "created_at": AT(5), "redemption_code": f"ABC-{number:06}",
        **more,
    }  # fmt: skip


def test_participation_follows_a_load_without_keys(loading: Connection) -> None:
    held = [
        recipient(1, delivered_at=AT(9)),
        recipient(2, contact_id=key("contacts", OURS, 8)),
        recipient(3, contact_id=None),
        recipient(4, contact_id=key("contacts", OURS, 9), delivered_at=AT(9), redemption_completed_at=AT(12),
                  gift_card_assigned_id=key("gift_card_inventory", OURS)),
        recipient(5, campaign_id=None),
    ]  # fmt: skip
    columns = sorted({name for one in held for name in one})
    with (
        loading.cursor() as cursor,
        cursor.copy(
            sql.SQL("COPY recipients ({}) FROM STDIN").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
        ) as copy,
    ):
        for one in held:
            copy.write_row([one.get(name) for name in columns])
    found = rows(loading, "SELECT recipient_id::text, participation_status, delivered_at, redeemed_at, gift_card_id,"
                 " participated_at FROM contact_campaign_participation ORDER BY 1")  # fmt: skip
    assert [(r[0], r[1]) for r in found] == [
        (key("recipients", OURS, 1), "delivered"),
        (key("recipients", OURS, 2), "sent"),
        (key("recipients", OURS, 4), "redeemed"),
    ]
    assert [[x is not None for x in r[2:5]] for r in found] == [[True, False, False], [False] * 3, [True] * 3]
    assert {r[5].isoformat()[:10] for r in found} == {"2026-01-05"}
    assert {i[14] for (i,) in rows(loading, "SELECT id::text FROM contact_campaign_participation")} == {"8"}


def test_participation_is_the_same_in_whatever_order_it_comes(make_database: MakeDatabase, tables_only: str) -> None:
    last = recipient(1, delivered_at=AT(9), redemption_completed_at=AT(12))
    told = []
    for steps in (
        [last],
        [recipient(1), recipient(1, delivered_at=AT(9)), last],
        [recipient(1, contact_id=None), recipient(1, contact_id=None, delivered_at=AT(9)), last],
    ):
        with connect(make_database(tables_only), application_name="tests") as conn:
            for table in ("recipients", "contact_campaign_participation"):
                conn.execute(f"ALTER TABLE {table} ADD PRIMARY KEY (id)".encode())
            conn.execute("ALTER TABLE contact_campaign_participation ADD UNIQUE (contact_id, campaign_id)")
            for step in steps:
                conn.execute(
                    sql.SQL("INSERT INTO recipients AS t ({0}) VALUES ({1}) ON CONFLICT (id) DO UPDATE SET {2}").format(
                        sql.SQL(", ").join(map(sql.Identifier, step)),
                        sql.SQL(", ").join(sql.Placeholder() * len(step)),
                        sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(c)) for c in step),
                    ),
                    list(step.values()),
                )
            told.append(rows(conn, PARTICIPATION, CONTACT, CAMPAIGN))
    assert len(told[0]) == 1
    assert told[0] == told[1] == told[2]
    assert told[0][0][2] == "redeemed"


def test_participation_is_written_only_when_something_changed(conn: Connection) -> None:
    where = "SELECT ctid::text, participation_status, recipient_id FROM contact_campaign_participation WHERE contact_id = %s"  # fmt: skip # noqa: E501
    contact = key("contacts", OURS)
    before = rows(conn, where, contact)
    conn.execute("UPDATE recipients SET disposition = 'called'")
    assert rows(conn, where, contact) == before
    conn.execute("UPDATE recipients SET redemption_completed_at = NULL")
    (after,) = rows(conn, where, contact)
    assert after[0] != before[0][0]
    assert after[1] == "delivered"
    # The first of two recipients who are the same contact counts, and a second one changes nothing.
    add(conn, "recipients", **recipient(9, contact_id=contact, campaign_id=key("campaigns", OURS)))
    conn.execute("UPDATE recipients SET redemption_completed_at = now() WHERE token = '000000000009'")
    assert rows(conn, where, contact) == [after]
    conn.execute("DELETE FROM contacts WHERE id = %s", (contact,))
    assert rows(conn, where, contact) == []
    assert value(conn, "SELECT count(*) FROM recipients WHERE campaign_id = %s", key("campaigns", OURS)) == 2


# Gift cards


CLAIM = "SELECT card_code FROM claim_gift_card_from_inventory(%s, %s, %s, %s, '2026-02-01')"


def claim(conn: Connection, denomination: int = 50) -> str | None:
    """The code of the card that a recipient gets."""
    code = value(conn, CLAIM, key("gift_card_brands", OURS), denomination, key("recipients", OURS),
                 key("campaigns", OURS))  # fmt: skip
    return None if code is None else str(code)


def stock(conn: Connection) -> None:
    """Three cards, of which the oldest has expired."""
    cards = (("OLD", 1, "2026-02-01"), ("NEXT", 3, "2027-01-01"), ("LAST", 4, None), ("SOLD", 2, None))
    for code, day, expires in cards:
        add(conn, "gift_card_inventory", brand_id=key("gift_card_brands", OURS), denomination=50, card_code=code,
            uploaded_at=AT(day), expiration_date=expires, status="delivered" if code == "SOLD" else "available",
            assigned_at=AT(9) if code == "SOLD" else None)  # fmt: skip


def test_the_oldest_card_that_has_not_expired_is_claimed(conn: Connection) -> None:
    stock(conn)
    assert claim(conn) == "NEXT"
    assert rows(
        conn,
        "SELECT status, assigned_to_recipient_id::text, assigned_to_campaign_id::text, assigned_at::date::text"
        " FROM gift_card_inventory WHERE card_code = 'NEXT'",
    ) == [("assigned", key("recipients", OURS), key("campaigns", OURS), "2026-02-01")]
    assert [claim(conn), claim(conn), claim(conn, 75)] == ["LAST", None, None]
    assert value(conn, "SELECT count(*) FROM gift_card_inventory WHERE status = 'available'") == 1


def test_two_who_claim_at_once_get_different_cards(make_database: MakeDatabase, peopled: str) -> None:
    url = make_database(peopled)
    with connect(url, application_name="tests") as first, connect(url, application_name="tests") as second:
        stock(first)
        first.commit()
        # A wait for the other's lock would be an error here.
        second.execute("SET lock_timeout = '2s'")
        assert (claim(first), claim(second)) == ("NEXT", "LAST")
        # While both hold theirs, nothing is left, and nobody waits for them.
        with connect(url, application_name="tests") as third:
            assert claim(third) is None
            first.rollback()
            assert claim(third) == "NEXT"


def test_many_claim_at_once(make_database: MakeDatabase, peopled: str) -> None:
    url = make_database(peopled)
    got: list[str] = []
    with connect(url, application_name="tests") as conn:
        for number in range(40):
            add(conn, "gift_card_inventory", brand_id=key("gift_card_brands", OURS), denomination=50,
                card_code=f"C{number:02}", uploaded_at=AT(1))  # fmt: skip
        conn.commit()

    def take() -> None:
        with connect(url, application_name="tests", autocommit=True) as conn:
            got.extend(code for code in (claim(conn) for _ in range(10)) if code)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [f"C{number:02}" for number in range(40)]


@pytest.mark.parametrize(
    ("custom", "client", "agency", "prices"),
    [
        (False, None, None, (25, 25)),
        (False, 30, 20, (25, 25)),
        (True, 30, 20, (30, 20)),
        (True, 30, None, (30, 25)),
        (True, None, 20, (25, 20)),
    ],
)
def test_a_card_costs_its_value_or_what_was_agreed(
    conn: Connection, custom: bool, client: int | None, agency: int | None, prices: tuple[int, int]
) -> None:
    conn.execute(
        "UPDATE gift_card_denominations SET use_custom_pricing = %s, client_price = %s, agency_price = %s",
        (custom, client, agency),
    )
    brand = key("gift_card_brands", OURS)
    found = [value(conn, "SELECT get_denomination_price(%s, 25.00, %s)", brand, who) for who in (False, True)]
    assert tuple(found) == prices
    assert value(conn, "SELECT get_denomination_price(%s, 26)", brand) is None
    margin = value(conn, "SELECT profit_margin_percentage FROM gift_card_denominations WHERE brand_id = %s", brand)
    assert float(margin) == pytest.approx((prices[0] - 23.75) / prices[0] * 100, abs=0.005)


def test_who_pays_for_a_campaign(conn: Connection) -> None:
    pays = "SELECT entity_type, entity_id::text FROM get_billing_entity_for_campaign(%s)"
    campaign = key("campaigns", OURS)
    assert rows(conn, pays, campaign) == [("client", key("clients", OURS))]
    conn.execute("UPDATE clients SET agency_billing_enabled = true")
    assert rows(conn, pays, campaign) == [("agency", key("agencies", OURS))]
    conn.execute("UPDATE clients SET agency_id = NULL")
    assert rows(conn, pays, campaign) == [("client", key("clients", OURS))]
    assert rows(conn, pays, key("campaigns", OURS, 9)) == []


BILL = "SELECT record_billing_transaction(%s, %s, %s, %s, %s, NULL, 'order-1', '{\"card_code\": \"X\"}', '2026-02-01')"
ACCOUNT = "SELECT balance, total_purchased, total_used, total_remaining FROM credit_accounts WHERE entity_id = %s"
TOLD = (
    "SELECT transaction_type, amount, balance_after FROM credit_transactions WHERE created_at = '2026-02-01' ORDER BY 1"
)


def bill(conn: Connection, kind: str = "purchase_from_tillo", denomination: float = 25) -> str:
    """The id of the ledger's row for a card of our campaign."""
    return str(value(conn, BILL, kind, key("campaigns", OURS), key("recipients", OURS),
                     key("gift_card_brands", OURS), denomination))  # fmt: skip


def test_a_card_is_billed_and_taken_from_the_credit(conn: Connection) -> None:
    ledger = (
        "SELECT transaction_type, billed_entity_type, amount_billed, cost_basis, profit, billed_at = '2026-02-01'"
        " FROM gift_card_billing_ledger WHERE id = %s"
    )
    first = bill(conn)
    assert [tuple(map(str, r)) for r in rows(conn, ledger, first)] == [
        ("purchase_from_tillo", "client", "25", "24.25", "0.75", "True")
    ]
    assert rows(conn, ACCOUNT, key("clients", OURS)) == [(125, 175, 50, 125)]
    assert rows(conn, TOLD) == [("usage", -25, 125)]
    bill(conn, "refund")
    assert rows(conn, ACCOUNT, key("clients", OURS)) == [(150, 175, 25, 150)]
    # Their client has paid nothing.
    assert rows(conn, ACCOUNT, key("clients", THEIRS)) == [(150, 175, 25, 150)]
    # An agency without an account gets an invoice.
    conn.execute("UPDATE clients SET agency_billing_enabled = true")
    assert rows(conn, ledger, bill(conn))[0][1] == "agency"
    assert rows(conn, ACCOUNT, key("clients", OURS)) == [(150, 175, 25, 150)]


def test_credit_that_runs_low_is_loaded_and_without_it_nothing_is_sold(conn: Connection) -> None:
    arguments = ("purchase_from_tillo", key("campaigns", OURS), key("recipients", OURS), key("gift_card_brands", OURS))
    conn.execute("UPDATE credit_accounts SET balance = 25, total_remaining = 25")
    assert refusal(conn, BILL, *arguments, 25) == ""
    conn.execute("UPDATE credit_accounts SET balance = 24, total_remaining = 24")
    assert refusal(conn, BILL, *arguments, 25) == "GC006"
    assert value(conn, "SELECT count(*) FROM gift_card_billing_ledger") == 2
    assert refusal(conn, BILL, *arguments, 26) == "GC002"
    assert refusal(conn, BILL, arguments[0], key("campaigns", OURS, 9), *arguments[2:], 25) == "GC008"
    conn.execute(
        "UPDATE credit_accounts SET auto_reload_enabled = true, auto_reload_threshold = 100, auto_reload_amount = 40"
    )
    bill(conn)
    # From 24 less 25 up to the threshold at least: three times 40.
    assert rows(conn, ACCOUNT, key("clients", OURS)) == [(119, 295, 50, 119)]
    assert rows(conn, TOLD) == [("purchase", 120, 119), ("usage", -25, -1)]


def test_no_card_is_sold_twice(conn: Connection) -> None:
    again = (
        "INSERT INTO gift_card_billing_ledger (transaction_type, billed_entity_type, billed_entity_id, brand_id,"
        " denomination, amount_billed, inventory_card_id)"
        " SELECT %s, billed_entity_type, billed_entity_id, brand_id, denomination, amount_billed, inventory_card_id"
        " FROM gift_card_billing_ledger"
    )
    assert refusal(conn, again, "purchase_from_inventory") == "23505"
    assert refusal(conn, again, "refund") == ""


@pytest.mark.parametrize(
    ("days", "interactions", "redemptions", "opens", "score"),
    [
        (None, 0, 0, 0, 0),
        (6.9, 0, 0, 0, 40),
        (7, 0, 0, 0, 30),
        (29, 9, 0, 0, 40),
        (30, 0, 0, 0, 15),
        (90, 0, 0, 0, 5),
        (180, 0, 0, 0, 0),
        (1, 4, 1, 1, 59),
        (1, 5_000, 2, 20, 100),
    ],
)
def test_how_engaged_a_contact_is(
    conn: Connection, days: float | None, interactions: int, redemptions: int, opens: int, score: int
) -> None:
    contact = key("contacts", OURS)
    conn.execute(
        "UPDATE contacts SET last_activity_date = timestamptz '2026-03-01' - %s * interval '1 day',"
        " total_interactions = %s, redemptions_count = %s, email_opens_count = %s",
        (days, interactions, redemptions, opens),
    )
    assert value(conn, "SELECT calculate_engagement_score(%s, '2026-03-01')", contact) == score
    assert value(conn, "SELECT calculate_engagement_score(%s)", key("contacts", OURS, 9)) is None


# Who sees and writes what


def seen(conn: Connection, tables: tuple[str, ...]) -> dict[str, set[str]]:
    """Of which worlds the visitor sees rows, by table."""
    return {
        table: {r[0][-1] for r in rows(conn, f"SELECT {_named(table)}::text FROM {table}")} for table in tables
    }  # fmt: skip


def _named(table: str) -> str:
    """A column whose value ends with the number of the world."""
    return "campaign_id" if table == "contact_campaign_participation" else "id"


@pytest.mark.parametrize(("world", "other"), [(OURS, THEIRS), (THEIRS, OURS)])
def test_people_see_the_clients_they_work_for(conn: Connection, world: int, other: int) -> None:
    mine = {str(world)}
    for role in ("owner", "company", "agent"):
        with acting(conn, user(role, world)):
            assert seen(conn, OF_CAMPAIGNS) == dict.fromkeys(OF_CAMPAIGNS, mine), role
            assert seen(conn, WORKED_ON) == dict.fromkeys(WORKED_ON, mine), role
            assert seen(conn, ("clients", "tracked_phone_numbers")) == {"clients": mine, "tracked_phone_numbers": mine}
            assert seen(conn, BILLED) == dict.fromkeys(BILLED, mine if role != "agent" else set()), role
            assert seen(conn, FOR_ADMINS) == {table: set() for table in FOR_ADMINS}, role
            assert value(conn, "SELECT count(*) FROM gift_card_brands") == 2
            for one, sees in ((world, True), (other, False)):
                assert value(conn, "SELECT user_can_access_client(%s)", key("clients", one)) is sees
                assert value(conn, "SELECT count(*) FROM profiles WHERE id = %s", user(role, one)) == int(sees)
            members = value(conn, "SELECT count(*) FROM client_users")
            assert members == (2 if role == "owner" else 1)


def test_admins_and_the_server_see_everything_and_strangers_nothing(conn: Connection) -> None:
    of_people = ("profiles", "user_roles", "client_users")
    public = tuple(t.name for t in TABLES if t.schema == "public" and t.name not in of_people)
    both = {"1", "2"}
    with acting(conn, user("admin", THEIRS)):
        assert seen(conn, public) == dict.fromkeys(public, both)
        assert value(conn, "SELECT user_can_access_client(%s)", key("clients", OURS)) is True
    with acting(conn, None, "service_role"):
        assert seen(conn, public) == dict.fromkeys(public, both)
    with acting(conn, user("nobody", OURS)):
        sold = ("gift_card_brands", "gift_card_denominations")
        assert seen(conn, public) == {table: both if table in sold else set() for table in public}
        assert value(conn, "SELECT count(*) FROM profiles") == 1
        assert not value(conn, "SELECT user_can_access_client(%s)", key("clients", OURS))
    with acting(conn, None):
        for table in (*public, *of_people):
            assert refusal(conn, f"SELECT 1 FROM {table}") == "42501", table


def test_owners_write_what_they_work_on_and_nobody_else(conn: Connection) -> None:
    for role, writes in (("owner", True), ("company", True), ("agent", False), ("nobody", False)):
        with acting(conn, user(role, OURS)):
            for world, mine in ((OURS, True), (THEIRS, False)):
                client, campaign = key("clients", world), key("campaigns", world)
                may_write = writes and mine
                assert may(conn, "UPDATE campaigns SET name = 'New' WHERE client_id = %s", client) is may_write
                assert may(conn, "INSERT INTO templates (client_id, name, size) VALUES (%s, 'New', '4x6')",
                           client) is may_write  # fmt: skip
                assert may(conn, "INSERT INTO contacts (client_id) VALUES (%s)", client) is may_write
                assert may(conn, "INSERT INTO contact_tags (contact_id, tag) VALUES (%s, 'new')",
                           key("contacts", world)) is may_write  # fmt: skip
                assert may(conn, "INSERT INTO campaign_reward_configs (campaign_id, condition_number) VALUES (%s, 2)",
                           campaign) is may_write  # fmt: skip
                assert may(conn, "UPDATE recipients SET approval_status = 'approved' WHERE campaign_id = %s",
                           campaign) is False  # fmt: skip
                assert may(conn, "INSERT INTO events (campaign_id, recipient_id, event_type, source)"
                           " VALUES (%s, %s, 'x', 'qr')", campaign, key("recipients", world)) is False  # fmt: skip
                assert may(conn, "UPDATE credit_accounts SET balance = 1000000") is False
                assert may(conn, "UPDATE clients SET tagline = 'x' WHERE id = %s", client) is (mine and role == "owner")
                assert may(conn, "INSERT INTO client_users (client_id, user_id) VALUES (%s, %s)", client,
                           user("nobody", OURS)) is (mine and role == "owner")  # fmt: skip
            assert may(conn, "INSERT INTO user_roles (user_id, role) VALUES (%s, 'admin')", user(role, OURS)) is False
            assert may(conn, "UPDATE profiles SET full_name = 'Me'") is True
            # A client or a contact is not handed over to somebody else's.
            if writes:
                assert may(conn, "UPDATE contacts SET client_id = %s", key("clients", THEIRS)) is False
                assert may(conn, "INSERT INTO contact_list_members (contact_id, list_id) VALUES (%s, %s)",
                           key("contacts", THEIRS), key("contact_lists", OURS)) is False  # fmt: skip
    with acting(conn, user("admin", OURS)):
        assert may(conn, "UPDATE credit_accounts SET balance = 1000")
        assert may(conn, "INSERT INTO user_roles (user_id, role) VALUES (%s, 'developer')", user("nobody", THEIRS))
        assert not may(conn, CLAIM, key("gift_card_brands", OURS), 50, None, None)
    with acting(conn, None, "service_role"):
        assert may(conn, "UPDATE recipients SET approval_status = 'approved'")
        assert may(conn, BILL, "purchase_from_tillo", key("campaigns", OURS), key("recipients", OURS),
                   key("gift_card_brands", OURS), 25)  # fmt: skip


# Rules


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
        left = {r[0][-1] for r in rows(conn, f"SELECT {_named(table)}::text FROM {table}")}
        assert left <= {"2"} or table == "client_users", table
    ours = key("gift_card_billing_ledger", OURS)
    assert rows(conn, "SELECT campaign_id, amount_billed FROM gift_card_billing_ledger WHERE id = %s", ours) == [
        (None, 25)
    ]
    assert value(conn, "SELECT count(*) FROM gift_card_inventory WHERE assigned_to_recipient_id IS NULL") == 1
    assert refusal(conn, "DELETE FROM gift_card_brands") == "23503"
