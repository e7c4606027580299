"""The tables of the campaign platform: what the world writes fits them, and what is ours is known by its marks."""

from __future__ import annotations

import pytest

from platforms import OURS, THEIRS, add, key, rows, user, value
from populace.database import cleanup
from populace.database.connection import Connection
from populace.database.introspection import ExpectedColumn, ExpectedTable, mismatches
from populace.errors import Refused
from populace.worlds.campaigns.tables import TABLES
from proofs import as_written

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
        "public.recipients.parcel",
        "public.recipients.disposition",
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
    assert rows(conn, ours.format("p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp']")) == []
    assert rows(conn, ours.format("NOT has_function_privilege('anon', p.oid, 'EXECUTE')")) == []
    writers = ("claim_gift_card_from_inventory", "record_billing_transaction")
    for name in writers:
        oid = value(conn, "SELECT oid::bigint FROM pg_proc WHERE proname = %s", name)
        for role, allowed in (("authenticated", False), ("service_role", True)):
            assert value(conn, "SELECT has_function_privilege(%s, %s::oid, 'EXECUTE')", role, oid) is allowed


# What is known as synthetic


def test_marks_know_our_rows_from_those_of_others(conn: Connection) -> None:
    staged = as_written(conn, TABLES)
    report = cleanup.count(conn, TABLES, staged)
    counted = report.deleted
    assert report.skipped == {}
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
    counted = cleanup.count(conn, TABLES, staged).deleted
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
    report = cleanup.clean(
        conn, TABLES, as_written(conn, TABLES), shown="the test", keep_referenced=False, dry_run=False
    )
    assert (report.kept, report.references) == ({}, [])
    assert sum(report.deleted.values()) == sum(map(len, theirs.values()))
    for table in TABLES:
        assert rows(conn, f"SELECT * FROM {table.full_name}") == theirs[table.full_name], table.name


def test_a_cleanup_stops_where_somebody_works_for_our_client(conn: Connection) -> None:
    add(conn, "client_users", client_id=key("clients", OURS), user_id=user("nobody", THEIRS))
    with pytest.raises(Refused, match=r"client_users → public\.clients"):
        cleanup.clean(conn, TABLES, as_written(conn, TABLES), shown="the test", keep_referenced=False, dry_run=False)
