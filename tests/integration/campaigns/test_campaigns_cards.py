"""Gift cards: claims, prices, bills and credit, and how engaged a contact is, by the functions of the database."""

from __future__ import annotations

import threading

import pytest

from app import connect
from platforms import AT, BILL, CLAIM, OURS, THEIRS, MakeDatabase, add, key, refusal, rows, value
from populace.database.connection import Connection


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


ACCOUNT = "SELECT balance, total_purchased, total_used, total_remaining FROM credit_accounts WHERE entity_id = %s"
LEDGER = (
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
    assert rows(conn, LEDGER) == [("usage", -25, 125)]
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
    assert rows(conn, LEDGER) == [("purchase", 120, 119), ("usage", -25, -1)]


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
