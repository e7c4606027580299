"""Who takes part in a campaign, as the database itself writes it down."""

from __future__ import annotations

from typing import Any

from psycopg import sql

from app import connect
from platforms import AT, OURS, MakeDatabase, add, key, rows, value
from populace.database.connection import Connection

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
    found = []
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
            found.append(rows(conn, PARTICIPATION, CONTACT, CAMPAIGN))
    assert len(found[0]) == 1
    assert found[0] == found[1] == found[2]
    assert found[0][0][2] == "redeemed"


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
