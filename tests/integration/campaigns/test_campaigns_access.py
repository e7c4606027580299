"""Who sees and writes what on the campaign platform."""

from __future__ import annotations

import pytest

from platforms import (
    BILL,
    BILLED,
    CLAIM,
    FOR_ADMINS,
    OF_CAMPAIGNS,
    OURS,
    THEIRS,
    WORKED_ON,
    acting,
    key,
    may,
    named,
    refusal,
    rows,
    user,
    value,
)
from populace.database.connection import Connection
from populace.worlds.campaigns.tables import TABLES


def seen(conn: Connection, tables: tuple[str, ...]) -> dict[str, set[str]]:
    """Of which worlds the visitor sees rows, by table."""
    return {
        table: {r[0][-1] for r in rows(conn, f"SELECT {named(table)}::text FROM {table}")} for table in tables
    }  # fmt: skip


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
        # A synthetic admin looks after what Populace made, and gives nobody a role.
        assert not may(conn, "INSERT INTO user_roles (user_id, role) VALUES (%s, 'developer')", user("nobody", THEIRS))
        assert not may(conn, CLAIM, key("gift_card_brands", OURS), 50, None, None)
    with acting(conn, user("admin", THEIRS)):
        assert may(conn, "INSERT INTO user_roles (user_id, role) VALUES (%s, 'developer')", user("nobody", THEIRS))
    with acting(conn, None, "service_role"):
        assert may(conn, "UPDATE recipients SET approval_status = 'approved'")
        assert may(conn, BILL, "purchase_from_tillo", key("campaigns", OURS), key("recipients", OURS),
                   key("gift_card_brands", OURS), 25)  # fmt: skip
