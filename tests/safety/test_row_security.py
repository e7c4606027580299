"""Whoever logs in as a synthetic person, staff included, neither sees nor changes a human's rows or roles.

In each world every synthetic row gets a human twin: the same row under an id of version 4, without a mark. Then each
kind of synthetic account tries every table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg import sql

from command import adopt, call
from conftest import MakeDatabase
from hazards import FILMS, JOURNEYS, Small
from populace.database.connection import Connection, connect
from populace.database.embedded import EmbeddedServer
from populace.worlds import registry

PLATFORM = Small(
    "campaigns", now="2026-01-10T12:00:00Z", until="2026-01-10T13:00:00Z", words=("--scenario", "demo"),
    settings={"clients": 3, "organizations": 1, "recipients_per_campaign": 20, "campaigns_per_client": 4,
              "contacts_per_client": 22, "pools_per_client": 2, "inventory": 30, "purchase_failure_share": 0.9,
              "performance_metrics": 100, "usage_events": 100, "errors": 60, "analytics": True, "error_logs": True},
)  # fmt: skip
STAFF = """
SELECT DISTINCT ON (r.role) r.role::text, r.user_id::text
FROM public.user_roles AS r JOIN auth.users AS u ON u.id = r.user_id
WHERE substr(u.id::text, 15, 1) IN ('7', '8') ORDER BY r.role, r.user_id
"""


@dataclass(frozen=True)
class Case:
    """A world. accounts: one of each kind: name and id. shown: tables of which a human's rows are for all to see.

    prepares: before anybody tries. never_humans: tables in which a human has no rows.
    """

    small: Small
    accounts: str
    shown: frozenset[str]
    prepares: str = ""
    never_humans: frozenset[str] = frozenset()


CASES = {
    "hogflix": Case(
        FILMS,
        STAFF,
        # The shop window.
        frozenset({"profiles_public", "subscription_plans", "categories", "videos", "video_assets", "subtitles",
                   "video_categories", "video_tags", "video_tag_assignments", "video_thumbnail_tests"}),
        # Nobody is born a moderator; an admin made one.
        """UPDATE public.user_roles SET role = 'moderator'
           WHERE id = (SELECT min(id::text)::uuid FROM public.user_roles
                       WHERE role = 'user' AND substr(user_id::text, 15, 1) IN ('7', '8'));
           SELECT public.refresh_video_analytics()""",
        frozenset({"daily_metrics"}),
    ),
    "campaigns": Case(PLATFORM, STAFF, frozenset({"gift_card_brands", "gift_card_denominations"}),
                      never_humans=frozenset()),
    "recoverlution": Case(
        JOURNEYS,
        "SELECT 'person', min(profile_id::text) FROM public.sim_users",
        # What the app is about, the same for everybody.
        frozenset({"pillar_catalog", "schema_catalog", "family_catalog", "mindblock_library", "practice_template",
                   "journey_template", "journey_template_scene", "scene_contracts", "navicues_v2", "navicue_steps_v2",
                   "navicue_variants_v2", "navicue_targets_v2"}),
        # Nobody synthetic has these rows, and humans do.
        """INSERT INTO public.journey_runs (id, template_id, user_id)
               SELECT gen_random_uuid(), 't', id FROM public.profiles WHERE substr(id::text, 15, 1) = '4';
           INSERT INTO public.scene_runs (id, journey_run_id, template_id, scene_number)
               SELECT gen_random_uuid(), id, 't', 1 FROM public.journey_runs;
           INSERT INTO public.notifications_outbox (id, recipient_profile_id, rendered_title, rendered_body, metadata)
               SELECT gen_random_uuid(), id, 'Hello', 'You', '{"synthetic": true}' FROM public.profiles
               WHERE substr(id::text, 15, 1) = '4'""",
        never_humans=frozenset({"sim_users", "synthetic_settings"}),
    ),
}  # fmt: skip
NAMES = frozenset({"name", "slug", "token", "brand_code", "card_code", "code", "provider_id", "customer_code"})
"""Texts of which no two rows may have the same."""
MARKS = "'synthetic,is_synthetic,is_simulated,simulated,cohort_label'"


@dataclass
class Peopled:
    """A world's database with synthetic people and humans. humans: by table, the condition of their rows over t."""

    case: Case
    name: str
    accounts: Sequence[tuple[str, str]] = ()
    humans: dict[str, str] = field(default_factory=dict)


def twins(connection: Connection, schema: str, table: str) -> str:
    """Copy every row of a table for humans; the condition that knows theirs. Empty for a table without such keys."""
    columns = connection.execute(
        """SELECT a.attname, t.typname, EXISTS (
               SELECT 1 FROM pg_index AS i
               WHERE i.indrelid = a.attrelid AND i.indisunique AND a.attnum = ANY (i.indkey))
           FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
           WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
           ORDER BY a.attnum""",
        (f"{schema}.{table}",),
    ).fetchall()
    values: list[sql.Composable] = []
    for name, kind, unique in columns:
        column = sql.Identifier(name)
        if name == "simulation_batch_id":
            values.append(sql.SQL("NULL"))
        elif kind == "uuid" and name != "instance_id":
            values.append(sql.SQL("overlay({}::text PLACING '4' FROM 15)::uuid").format(column))
        elif name == "email":
            values.append(sql.SQL("split_part({}, '@', 1) || '@humans.example.org'").format(column))
        elif name in ("is_simulated", "is_default"):
            values.append(sql.SQL("false"))
        elif kind in ("text", "varchar") and unique and name in NAMES:
            values.append(sql.SQL("overlay({0} PLACING 'h' FROM length({0}) FOR 1)").format(column))
        elif kind == "jsonb":
            values.append(
                sql.SQL(
                    "CASE jsonb_typeof({0}) WHEN 'object' THEN {0} - string_to_array({1}, ',') ELSE {0} END"
                ).format(column, sql.SQL(MARKS))
            )
        else:
            values.append(column)
    keys = [name for name, kind, _ in columns if kind == "uuid"]
    key = "id" if "id" in keys else next(iter(keys), None)
    if key is None:
        return ""
    place = sql.Identifier(schema, table)
    connection.execute(
        sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM {} WHERE substr({}::text, 15, 1) IN ('7', '8') ON CONFLICT DO NOTHING"
        ).format(
            place,
            sql.SQL(", ").join(sql.Identifier(name) for name, _, _ in columns),
            sql.SQL(", ").join(values),
            place,
            sql.Identifier(key),
        )
    )
    return f"substr(t.{key}::text, 15, 1) = '4'"


@pytest.fixture(scope="module", params=CASES)
def peopled(request: pytest.FixtureRequest, server: EmbeddedServer, opened_template: str) -> Peopled:
    """Synthetic people with their human twins."""
    case, name = CASES[request.param], f"rows_{request.param}"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(opened_template))
        )
    url = server.url(name)
    adopt(url)
    call(*case.small.seed, "-q", "--target", url)
    made = Peopled(case, name)
    with connect(url, application_name="tests", autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        for table in registry.find(case.small.world).tables:
            condition = "" if table.name in case.never_humans else twins(conn, table.schema, table.name)
            if condition:
                made.humans[table.full_name] = condition
        conn.execute(case.prepares.encode() or b"SELECT 1")
        made.accounts = [(kind, person) for kind, person in conn.execute(case.accounts.encode()).fetchall()]
        for table_name, condition in list(made.humans.items()):
            row = conn.execute(f"SELECT count(*) FROM {table_name} AS t WHERE {condition}".encode()).fetchone()
            if not row or not row[0]:
                made.humans.pop(table_name)
    return made


@pytest.fixture
def conn(peopled: Peopled, make_database: MakeDatabase) -> Iterator[Connection]:
    with connect(make_database(peopled.name), application_name="tests") as connection:
        yield connection


@contextmanager
def acting(conn: Connection, person: str) -> Iterator[None]:
    """As the app's API acts for a signed-in person; nothing stays."""
    with conn.transaction(force_rollback=True):
        conn.execute("SELECT set_config('request.jwt.claims', %s, true)", (f'{{"sub": "{person}"}}',))
        conn.execute("SET LOCAL ROLE authenticated")
        yield


def tried(conn: Connection, statement: str) -> int:
    """How many rows a statement touches; 0 when it is refused."""
    try:
        with conn.transaction():
            return max(0, conn.execute(statement.encode()).rowcount)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityError, psycopg.errors.RaiseException):
        return 0


def of_humans(conn: Connection, peopled: Peopled) -> dict[str, str | None]:
    """A hash of all humans' rows, by table, as the owner sees them."""
    out = {}
    for table, condition in peopled.humans.items():
        row = conn.execute(
            f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} AS t WHERE {condition}".encode()
        ).fetchone()
        out[table] = row[0] if row else None
    return out


def columns_to_write(conn: Connection, table: str) -> list[str]:
    """What a visitor may write in a table, as far as grants go."""
    return [
        name
        for (name,) in conn.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND has_column_privilege('authenticated', attrelid, attnum, 'UPDATE')",
            (table,),
        )
    ]


def test_there_is_somebody_to_try_and_something_to_see(peopled: Peopled) -> None:
    expected = {"hogflix": 3, "campaigns": 5, "recoverlution": 1}
    assert len(peopled.accounts) == expected[peopled.case.small.world]
    world = registry.find(peopled.case.small.world)
    public = {t.full_name for t in world.tables} - {f"public.{name}" for name in peopled.case.never_humans}
    private = public - {f"public.{name}" for name in peopled.case.shown}
    assert private <= set(peopled.humans), private - set(peopled.humans)


def test_no_synthetic_account_sees_a_humans_row(conn: Connection, peopled: Peopled) -> None:
    for kind, person in peopled.accounts:
        with acting(conn, person):
            seen = {}
            for table, condition in peopled.humans.items():
                if table.startswith("public.") and table.removeprefix("public.") not in peopled.case.shown:
                    seen[table] = tried(conn, f"SELECT 1 FROM {table} AS t WHERE {condition}")
                elif not table.startswith("public."):
                    assert not tried(conn, f"SELECT 1 FROM {table}"), (kind, table)
            assert {table: many for table, many in seen.items() if many} == {}, kind


def test_no_synthetic_account_changes_or_removes_a_humans_row(conn: Connection, peopled: Peopled) -> None:
    before = of_humans(conn, peopled)
    for kind, person in peopled.accounts:
        for table in peopled.humans:
            statements = [f"DELETE FROM {table}"]
            statements += [f"UPDATE {table} SET {column} = {column}" for column in columns_to_write(conn, table)[:1]]
            others = [column for column in columns_to_write(conn, table) if column not in ("id", "user_id")]
            statements += [f"UPDATE {table} SET {column} = DEFAULT" for column in others[:3]]
            for statement in statements:
                with acting(conn, person):
                    if tried(conn, statement):
                        conn.execute("RESET ROLE")
                        assert of_humans(conn, peopled) == before, (kind, statement)


def test_no_synthetic_account_gives_or_takes_a_humans_role(conn: Connection, peopled: Peopled) -> None:
    if "public.user_roles" not in peopled.humans:
        pytest.skip("this world has no roles")
    row = conn.execute(
        "SELECT user_id::text, role::text FROM public.user_roles"
        " WHERE substr(user_id::text, 15, 1) = '4' ORDER BY role LIMIT 1"
    ).fetchone()
    assert row is not None
    human, role = row
    other = {"hogflix": "moderator", "campaigns": "developer"}[peopled.case.small.world]
    for kind, person in peopled.accounts:
        with acting(conn, person):
            for statement in (
                f"INSERT INTO public.user_roles (user_id, role) VALUES ('{human}', '{other}')",
                f"UPDATE public.user_roles SET role = '{other}' WHERE user_id = '{human}'",
                f"UPDATE public.user_roles SET user_id = '{human}', role = '{other}' WHERE user_id = '{person}'",
                f"DELETE FROM public.user_roles WHERE user_id = '{human}'",
            ):
                assert tried(conn, statement) == 0, (kind, statement)
            asked = conn.execute(f"SELECT public.has_role('{human}', '{role}')".encode()).fetchone()
            assert asked == (False,), kind
            own = "user" if kind == "user" else kind
            assert conn.execute(f"SELECT public.has_role('{person}', '{own}')".encode()).fetchone() == (True,), kind


def test_who_edits_the_marks_of_their_account_gains_nothing(conn: Connection, peopled: Peopled) -> None:
    """Metadata and e-mail are a user's own to edit."""
    conn.execute("UPDATE auth.users SET raw_user_meta_data = '{}', email = id || '@example.org'")
    test_no_synthetic_account_sees_a_humans_row(conn, peopled)
    if "public.user_roles" in peopled.humans:
        test_no_synthetic_account_gives_or_takes_a_humans_role(conn, peopled)


def test_human_staff_still_do_their_work(conn: Connection, peopled: Peopled) -> None:
    if "public.user_roles" not in peopled.humans:
        pytest.skip("this world has no roles")
    row = conn.execute("SELECT user_id::text FROM public.user_roles WHERE substr(user_id::text, 15, 1) = '4'"
                       " AND role = 'admin' LIMIT 1").fetchone()  # fmt: skip
    assert row is not None
    table, state = {
        "hogflix": ("public.support_tickets", "status"),
        "campaigns": ("public.recipients", "approval_status"),
    }[peopled.case.small.world]
    everybody = conn.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    with acting(conn, row[0]):
        assert conn.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == everybody
        assert tried(conn, "UPDATE public.user_roles SET role = role") > 1
        assert tried(conn, f"UPDATE {table} SET {state} = {state}") > 1
