"""The tables, functions, triggers and policies of HogFlix, on a database of a few people written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from app import connect
from populace.database import cleanup
from populace.database.connection import Connection
from populace.database.embedded import EmbeddedServer
from populace.database.introspection import ExpectedColumn, ExpectedTable, mismatches
from populace.database.statements import split
from populace.deliver.receipts import statements
from populace.errors import Refused
from populace.spec import Questions
from populace.worlds.hogflix.reporting.channels import FLIXBUDDY
from populace.worlds.hogflix.tables import DOMAIN, MEDIA, TABLES
from proofs import as_written

MakeDatabase = Callable[..., str]
WORLD = files("populace.worlds.hogflix")
PERSONA, OTHER_PERSONA, HUMAN, IMPOSTOR, ADMIN, MODERATOR = (
    f"{n}0000000-0000-4000-8000-000000000001" for n in range(1, 7)
)
"""The impostor is a human: an address at the synthetic domain, and no mark."""
MAILS = {
    PERSONA: f"p_00000_1730123456789@{DOMAIN}", OTHER_PERSONA: f"p_00001_1730123456789@{DOMAIN}",
    HUMAN: "ann@example.com", IMPOSTOR: f"ann@{DOMAIN}", ADMIN: "boss@example.com", MODERATOR: "desk@example.com",
}  # fmt: skip
PERSONAS = (PERSONA, OTHER_PERSONA)
PLAN, PREMIUM, CATEGORY, VIDEO, HIDDEN = (f"8000000{n}-0000-8000-8000-000000000001" for n in range(5))
CONTENT = f"""
INSERT INTO subscription_plans (id, name, display_name, price_monthly, is_default)
    VALUES ('{PLAN}', 'basic', 'Basic', 0, true), ('{PREMIUM}', 'premium', 'Premium', 19.99, false);
INSERT INTO categories (id, name) VALUES ('{CATEGORY}', 'Comedy');
INSERT INTO videos (id, title, thumbnail_url, video_url, category_id, slug, duration, is_public) VALUES
    ('{VIDEO}', 'One', '{MEDIA}one.webp', '{MEDIA}one.mp4', '{CATEGORY}', 'one', 40, true),
    ('{HIDDEN}', 'Two', '{MEDIA}two.webp', '{MEDIA}two.mp4', '{CATEGORY}', 'two', 40, false);
INSERT INTO subtitles (video_id, url) VALUES ('{VIDEO}', 'x'), ('{HIDDEN}', 'x');
INSERT INTO daily_metrics (pool, day, total_personas, active_today, new_signups, churned, churned_cleaned, reactivated,
    flixbuddy_calls, sessions, videos_watched, watchlist_added, ratings, tickets, binges_begun, binges_ended,
    state_distribution, pattern_distribution, score_by_state)
    VALUES (0, now() - interval '1 day', 400, 90, 3, 2, 2, 1, 9, 95, 300, 30, 60, 2, 1, 1, '{{}}', '{{}}', '{{}}');
"""
WRITES = {
    "watch_progress": "(user_id, profile_id, video_id, progress_seconds, progress_percentage, completed)"
    " VALUES (%(person)s, %(profile)s, %(video)s, 38, 95, true)",
    "video_ratings": "(user_id, profile_id, video_id, rating) VALUES (%(person)s, %(profile)s, %(video)s, 4)",
    "user_watchlist": "(user_id, profile_id, video_id) VALUES (%(person)s, %(profile)s, %(video)s)",
    "chat_conversations": "(id, user_id, profile_id)"
    " VALUES (coalesce(%(new)s, gen_random_uuid()), %(person)s, %(profile)s)",
    "chat_messages": "(conversation_id, role, content) VALUES (%(conversation)s, %(role)s, 'Hello')",
    "support_tickets": "(user_id, issue_category, description) VALUES (%(person)s, 'other', 'It hums')",
}
"""How each table of people gets a row."""
OF_PROFILES = ["watch_progress", "video_ratings", "user_watchlist", "chat_conversations"]
EMPTY = {
    "video_assets",
    "subtitles",
    "video_categories",
    "video_tags",
    "video_tag_assignments",
    "video_thumbnail_tests",
}
"""Tables that are there for the app's sake, and that Populace never writes."""


def value(conn: Connection, query: str, *bound: Any) -> Any:
    """The first column of the first row."""
    row = conn.execute(query.encode(), bound or None).fetchone()
    return row[0] if row else None


def rows(conn: Connection, query: str, bound: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return conn.execute(query.encode(), bound).fetchall()


def conversation_of(person: str) -> str:
    """The id of a person's conversation."""
    return person.replace("-4000-", "-4001-")


def write(conn: Connection, table: str, person: str, **bound: Any) -> None:
    """A row of a table: of this person and their own profile unless given otherwise."""
    values = {"person": person, "profile": person, "video": VIDEO, "conversation": conversation_of(person),
              "role": "user", "new": None} | bound  # fmt: skip
    conn.execute(f"INSERT INTO public.{table} {WRITES[table]}".encode(), values)


def add_account(conn: Connection, person: str, mail: str, *, synthetic: bool) -> None:
    """An account without a profile."""
    conn.execute(
        "INSERT INTO auth.users (id, email, raw_user_meta_data) VALUES (%s, %s, %s)",
        (person, mail, Jsonb({"is_synthetic": True} if synthetic else {})),
    )
    conn.execute(
        "INSERT INTO auth.identities (provider_id, user_id, provider, identity_data) VALUES (%s, %s, 'email', '{}')",
        (person, person),
    )
    if synthetic:
        conn.execute("INSERT INTO populace.own_row VALUES ('auth.users', ARRAY[%s])", (person,))


@pytest.fixture(scope="module")
def peopled(server: EmbeddedServer, opened_template: str) -> str:
    """The name of a database with the schema of HogFlix, two synthetic people and four humans."""
    name = "hogflix_template"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(opened_template))
        )
    with connect(server.url(name), application_name="tests") as conn:
        for script in ("1_tables.sql", "2_constraints.sql"):
            for statement in split(WORLD.joinpath("schema", script).read_text(encoding="utf-8")):
                conn.execute(statement.encode())
        conn.execute(CONTENT.encode())
        as_written(conn, TABLES)
        for person, mail in MAILS.items():
            add_account(conn, person, mail, synthetic=person in PERSONAS)
            conn.execute("INSERT INTO profiles (id, user_id, email) VALUES (%s, %s, %s)", (person, person, mail))
            write(conn, "chat_conversations", person, new=conversation_of(person))
            for table in WRITES:
                if table != "chat_conversations":
                    write(conn, table, person)
        conn.execute("DELETE FROM user_roles")
        for person, role in ((ADMIN, "admin"), (MODERATOR, "moderator"), (PERSONA, "user"), (HUMAN, "user")):
            conn.execute("INSERT INTO user_roles (user_id, role) VALUES (%s, %s)", (person, role))
        for person in (ADMIN, PERSONA):
            conn.execute(
                "INSERT INTO admin_activity_log (user_id, action, entity_type) VALUES (%s, 'upload', 'video')",
                (person,),
            )
        # As if these rows of theirs were Populace's.
        for table in (*WRITES, "profiles", "user_subscriptions", "user_roles", "admin_activity_log"):
            owner = "conversation_id" if table == "chat_messages" else "user_id"
            conn.execute(
                f"INSERT INTO populace.own_row SELECT 'public.{table}'::regclass, ARRAY[id::text] FROM public.{table}"
                f" WHERE {owner} = ANY (%s::uuid[])".encode(),
                ([*PERSONAS, *map(conversation_of, PERSONAS)],),
            )
    return name


@pytest.fixture
def conn(make_database: MakeDatabase, peopled: str) -> Iterator[Connection]:
    """A session of its own on a copy of that database."""
    with connect(make_database(peopled), application_name="tests") as connection:
        yield connection


@contextmanager
def acting(conn: Connection, person: str | None, role: str | None = None) -> Iterator[None]:
    """As the app's API acts for a signed-in person, for nobody, or with the service key; nothing stays."""
    with conn.transaction(force_rollback=True):
        conn.execute("SELECT set_config('request.jwt.claims', %s, true)", (f'{{"sub": "{person}"}}' if person else "",))
        conn.execute(f"SET LOCAL ROLE {role or ('authenticated' if person else 'anon')}".encode())
        yield


def may(conn: Connection, statement: str, bound: Mapping[str, Any] | None = None) -> bool:
    """Whether the visitor whose claims are in force may do this, and anything came of it."""
    try:
        with conn.transaction():
            return conn.execute(statement.encode(), bound).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False


def may_write(conn: Connection, table: str, person: str, **bound: Any) -> bool:
    """Whether the visitor may add a row of a person's."""
    try:
        with conn.transaction():
            write(conn, table, person, **bound)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


# The contract with tables.py


def test_what_the_world_writes_fits_the_tables(conn: Connection) -> None:
    expected = [
        ExpectedTable(
            t.schema,
            t.name,
            tuple(ExpectedColumn(c.name, c.type, c.nullable) for c in t.columns),
            (t.key,) if t.mode == "merge" else (),
        )
        for t in TABLES
    ]
    assert mismatches(conn, expected) == []
    made = {r[0] for r in rows(conn, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert made == {t.name for t in TABLES if t.schema == "public"} | EMPTY


def test_owners_lead_to_the_person(conn: Connection) -> None:
    for table in TABLES:
        if table.through:
            parent = next(t for t in TABLES if t.name == table.through)
            assert table.column(str(table.owner)).references == f"{parent.full_name}.id"
            assert parent.owner == "user_id"
    people = {t.name for t in TABLES if t.root == "pool"} - {"daily_metrics"}
    assert {t.name for t in TABLES if t.owner} == people


def test_references_are_foreign_keys_and_each_has_an_index(conn: Connection) -> None:
    held = set(
        rows(
            conn,
            "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text FROM pg_constraint AS c"
            " JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'",
        )
    )
    for table in TABLES:
        for column in table.columns:
            if column.references and table.schema == "public":
                parent = column.references.rsplit(".", 1)[0].removeprefix("public.")
                assert (table.name, column.name, parent) in held
    assert (
        rows(
            conn,
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint AS c"
            " JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
            " WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS ("
            " SELECT 1 FROM pg_index AS i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])",
        )
        == []
    )


def test_marks_know_synthetic_rows_from_human_ones(conn: Connection) -> None:
    conn.execute("SELECT refresh_video_analytics()")
    staged = as_written(conn, TABLES)
    report = cleanup.count(conn, TABLES, staged)
    counted = report.deleted
    assert (report.skipped, report.others) == ({}, {})
    for table in TABLES:
        if table.root == "pool" and table.name not in ("user_roles", "daily_metrics"):
            assert counted[table.full_name] == len(PERSONAS), table.full_name
    assert (counted["public.videos"], counted["public.video_analytics"], counted["public.user_roles"]) == (2, 2, 1)
    conn.execute("INSERT INTO categories (name) VALUES ('Western')")
    conn.execute("INSERT INTO categories (id, name) VALUES ('0b0b0b0b-0b0b-8b0b-8b0b-0b0b0b0b0b0b', 'Noir')")
    report = cleanup.count(conn, TABLES, staged)
    assert (report.deleted["public.categories"], report.others) == (1, {"public.categories": 1})


# Who sees and writes what


def test_people_see_their_own_rows_only(conn: Connection) -> None:
    tables = [*WRITES, "profiles", "user_subscriptions", "user_roles"]
    of_conversation = "(SELECT user_id FROM chat_conversations AS c WHERE c.id = t.conversation_id)"
    for person in (HUMAN, PERSONA):
        with acting(conn, person):
            for table in tables:
                owner = of_conversation if table == "chat_messages" else "user_id"
                assert {str(r[0]) for r in rows(conn, f"SELECT {owner} FROM {table} AS t")} == {person}, table
    for table in tables:
        with acting(conn, None):
            assert not may(conn, f"SELECT 1 FROM {table}"), table
    with acting(conn, None, "service_role"):
        assert all(value(conn, f"SELECT count(*) FROM {table}") >= 4 for table in tables)


def test_the_shop_window_is_open(conn: Connection) -> None:
    for person in (None, HUMAN):
        with acting(conn, person):
            assert value(conn, "SELECT count(*) FROM subscription_plans") == 2
            assert rows(conn, "SELECT slug FROM videos") == [("one",)]
            assert value(conn, "SELECT count(*) FROM subtitles") == 1
            assert value(conn, "SELECT count(*) FROM profiles_public") == len(MAILS)
            assert may(conn, "SELECT 1 FROM categories") is (person is not None)
            assert not may(conn, f"INSERT INTO categories (id, name) VALUES ('{HUMAN}', 'Mine')")


def test_staff_see_what_they_look_after(conn: Connection) -> None:
    sees = {
        ADMIN: {
            "support_tickets": 6,
            "user_subscriptions": 6,
            "daily_metrics": 1,
            "admin_activity_log": 2,
            "videos": 2,
        },
        MODERATOR: {"support_tickets": 6, "user_subscriptions": 1, "daily_metrics": 0, "admin_activity_log": 0},
        HUMAN: {"support_tickets": 1, "user_subscriptions": 1, "daily_metrics": 0, "admin_activity_log": 0},
    }
    for person, counts in sees.items():
        with acting(conn, person):
            assert {t: value(conn, f"SELECT count(*) FROM {t}") for t in counts} == counts
            assert may(conn, f"UPDATE support_tickets SET status = 'closed' WHERE user_id = '{PERSONA}'") is (
                person != HUMAN
            )
            assert may(conn, "UPDATE videos SET title = 'Three'") is (person == ADMIN)
            assert may(conn, f"INSERT INTO user_roles (user_id, role) VALUES ('{HUMAN}', 'admin')") is (person == ADMIN)
            # Nobody reads over anybody's shoulder.
            assert value(conn, "SELECT count(*) FROM watch_progress") == 1


def test_people_write_their_own_rows_only(conn: Connection) -> None:
    for table in ("watch_progress", "video_ratings", "user_watchlist"):
        conn.execute(f"DELETE FROM {table}".encode())
    for table in WRITES:
        with acting(conn, HUMAN):
            assert may_write(conn, table, HUMAN), table
            assert not may_write(conn, table, PERSONA), table
            if table in OF_PROFILES:
                assert not may_write(conn, table, HUMAN, profile=PERSONA), table
                assert may(conn, f"DELETE FROM {table} WHERE user_id = '{HUMAN}'"), table
        with acting(conn, None):
            assert not may_write(conn, table, HUMAN), table
    with acting(conn, HUMAN):
        assert not may_write(conn, "chat_messages", HUMAN, role="assistant")


# Triggers


def test_a_new_profile_is_completed_and_the_first_human_is_the_admin(conn: Connection) -> None:
    conn.execute("DELETE FROM user_roles")
    people = [f"9000000{n}-0000-4000-8000-000000000001" for n in range(3)]
    for person, synthetic in zip(people, (True, False, False), strict=True):
        add_account(conn, person, f"{person}@{DOMAIN if synthetic else 'example.com'}", synthetic=synthetic)
        conn.execute("INSERT INTO profiles (user_id, display_name) VALUES (%s, 'Ann')", (person,))
    assert rows(conn, "SELECT user_id::text, role FROM user_roles ORDER BY 1") == list(
        zip(people, ("user", "admin", "user"), strict=True)
    )
    conn.execute("INSERT INTO profiles (user_id, display_name) VALUES (%s, 'Kids')", (people[1],))
    conn.execute("UPDATE profiles SET display_name = 'Bob' WHERE display_name = 'Kids'")
    shown = (
        "SELECT p.display_name FROM profiles_public AS p JOIN profiles AS o USING (id) WHERE o.user_id = %s ORDER BY 1"
    )
    assert [r[0] for r in conn.execute(shown, (people[1],)).fetchall()] == ["Ann", "Bob"]
    assert value(conn, "SELECT count(*) FROM user_subscriptions WHERE user_id = %s", people[1]) == 1
    assert conn.execute("SELECT plan_name, status FROM get_user_subscription(%s)", (people[1],)).fetchall() == [
        ("basic", "active")
    ]


def test_triggers_stay_out_of_the_way_of_populace(conn: Connection) -> None:
    person = "90000000-0000-4000-8000-000000000001"
    with conn.transaction():
        conn.execute("SET LOCAL populace.writing = 'on'")
        add_account(conn, person, f"x@{DOMAIN}", synthetic=True)
        conn.execute("INSERT INTO profiles (id, user_id) VALUES (%s, %s)", (person, person))
        then = "2020-01-01T00:00:00Z"
        conn.execute("UPDATE profiles SET display_name = 'y', updated_at = %s WHERE id = %s", (then, person))
        conn.execute("UPDATE profiles SET display_name = 'z' WHERE id = %s", (person,))
    for table, column in (("profiles_public", "id"), ("user_subscriptions", "user_id"), ("user_roles", "user_id")):
        assert value(conn, f"SELECT count(*) FROM {table} WHERE {column} = %s", person) == 0
    assert value(conn, "SELECT updated_at = %s FROM profiles WHERE id = %s", then, person)
    conn.execute("UPDATE profiles SET display_name = 'w' WHERE id = %s", (person,))
    assert not value(conn, "SELECT updated_at = %s FROM profiles WHERE id = %s", then, person)


TICKET = (
    "INSERT INTO support_tickets (user_id, issue_category, description, created_at)"
    " VALUES (%s, 'other', 'x', %s::timestamptz + make_interval(mins => %s))"
)
MORNING = "2026-01-01T08:00:00Z"


def test_the_sixth_ticket_in_an_hour_is_refused(conn: Connection) -> None:
    for writing in ("on", "off"):
        conn.execute("SELECT set_config('populace.writing', %s, false)", (writing,))
        for minutes, refused in (
            ((0, 10, 20, 30, 40), None),
            ((0, 10, 20, 30, 40, 50), 50),
            ((0, 10, 20, 30, 40, 60), None),
            ((50, 40, 30, 20, 10, 0), 0),
            ((5, 10, 50, 60, 62, 30), 30),
            ((0, 1, 2, 118, 119, 60), None),
        ):
            with conn.transaction(force_rollback=True):
                for minute in minutes:
                    conn.execute(TICKET, (PERSONA, MORNING, minute * 100))  # of others, no notice is taken
                    if minute != refused:
                        conn.execute(TICKET, (HUMAN, MORNING, minute))
                        continue
                    with pytest.raises(psycopg.errors.CheckViolation, match="more than 5"), conn.transaction():
                        conn.execute(TICKET, (HUMAN, MORNING, minute))


def test_six_tickets_at_once_are_refused_too(conn: Connection) -> None:
    many = (
        "INSERT INTO support_tickets (user_id, issue_category, description, created_at)"
        " SELECT %s, 'other', 'x', %s::timestamptz FROM generate_series(1, %s)"
    )
    conn.execute(many, (HUMAN, MORNING, 5))
    with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
        conn.execute(many, (ADMIN, MORNING, 6))


# Functions


def test_ratings_lists_and_figures(conn: Connection) -> None:
    conn.execute("UPDATE video_ratings SET rating = 1 WHERE user_id = %s", (HUMAN,))
    assert rows(conn, "SELECT rating_count, avg_rating::text, rating_1_count, rating_4_count, rating_5_count"
                      " FROM video_ratings_aggregate") == [(6, "3.50", 1, 5, 0)]  # fmt: skip
    with acting(conn, None):
        assert str(value(conn, "SELECT get_video_average_rating(%s)", VIDEO)) == "3.50"
        assert value(conn, "SELECT rating_count FROM video_ratings_aggregate") == 6
    with acting(conn, HUMAN):
        assert value(conn, "SELECT get_user_video_rating(%s, %s)", VIDEO, HUMAN) == 1
        assert value(conn, "SELECT get_user_video_rating(%s, %s)", VIDEO, PERSONA) is None
        assert value(conn, "SELECT is_video_in_watchlist(%s, %s)", VIDEO, HUMAN) is True
        assert value(conn, "SELECT is_video_in_watchlist(%s, %s)", HIDDEN, HUMAN) is False
        assert rows(conn, "SELECT plan_name, status FROM get_user_subscription()") == [("basic", "active")]
        assert rows(conn, f"SELECT plan_name FROM get_user_subscription('{PERSONA}')") == []
        assert value(conn, "SELECT has_role(%s, 'admin')", ADMIN) is True
        assert value(conn, "SELECT has_role(%s, 'moderator')", ADMIN) is False
        assert not may(conn, "SELECT refresh_video_analytics()")
    for _ in range(2):
        conn.execute("SELECT refresh_video_analytics()")
    figures = "SELECT viewers, completions, average_percentage, seconds_watched, rating_count, average_rating FROM {}"
    assert rows(conn, figures.format(f"video_analytics WHERE video_id = '{VIDEO}'")) == [(6, 6, 95.0, 228, 6, 3.5)]
    assert rows(conn, figures.format(f"video_analytics WHERE video_id = '{HIDDEN}'")) == [(0, 0, 0.0, 0, 0, None)]
    with acting(conn, ADMIN):
        assert may(conn, "SELECT refresh_video_analytics()")


COUNTED = {
    "profiles": 2, "subscriptions": 2, "watch_progress": 2, "video_ratings": 2, "watchlist": 2, "support_tickets": 2,
    "chat_conversations": 2, "chat_messages": 2, "auth_users": 2,
}  # fmt: skip
REMOVED = {
    "watch_progress": 2, "video_ratings": 2, "user_watchlist": 2, "support_tickets": 2, "user_subscriptions": 2,
    "profiles": 2, "chat_conversations": 2, "chat_messages": 2, "auth_users": 2,
}  # fmt: skip


def _of_humans(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that are not synthetic people's."""
    query = "SELECT to_jsonb(t)::text FROM {} AS t WHERE NOT ({}) ORDER BY 1"
    return {t.full_name: rows(conn, query.format(t.full_name, t.mark.condition)) for t in TABLES}


def _clean(conn: Connection) -> dict[str, Any]:
    found: dict[str, Any] = value(conn, "SELECT cleanup_synthetic_data()")
    assert "stays until a clean-up of everything" in found.pop("note")
    return found


@pytest.mark.parametrize("ends_population", [False, True])
def test_cleanup_takes_synthetic_people_alone(conn: Connection, ends_population: bool) -> None:
    if ends_population:
        conn.execute("CREATE TABLE populace.ended (at timestamptz)")
        conn.execute(
            "CREATE OR REPLACE FUNCTION populace.end_population() RETURNS void LANGUAGE sql"
            " AS 'INSERT INTO populace.ended SELECT now()'"
        )
    else:
        conn.execute("DROP FUNCTION IF EXISTS populace.end_population()")
    before = _of_humans(conn)
    assert value(conn, "SELECT count_synthetic_data()") == COUNTED
    assert _clean(conn) == REMOVED
    assert value(conn, "SELECT count_synthetic_data()") == dict.fromkeys(COUNTED, 0)
    assert _of_humans(conn) == before
    left = {
        t.name for t in TABLES if value(conn, f"SELECT count(*) FROM {t.full_name} AS t WHERE {t.mark.condition}") > 0
    }
    assert left == {"subscription_plans", "categories", "videos"}
    if ends_population:
        assert value(conn, "SELECT count(*) FROM populace.ended") == 1
    else:
        tally = dict(rows(conn, "SELECT table_name, removed FROM populace.tally"))
        assert (tally["users"], tally["chat_messages"], tally["daily_metrics"]) == (2, 2, 1)
    assert _clean(conn) == dict.fromkeys(REMOVED, 0)


def test_who_may_clean_up(conn: Connection) -> None:
    conn.execute("DROP FUNCTION IF EXISTS populace.end_population()")
    with acting(conn, ADMIN):
        assert _clean(conn) == REMOVED
    with acting(conn, None, "service_role"):
        assert _clean(conn) == REMOVED
    for person in (HUMAN, MODERATOR, PERSONA, None):
        with acting(conn, person):
            assert not may(conn, "SELECT cleanup_synthetic_data()")
    with acting(conn, None, "authenticated"):
        assert not may(conn, "SELECT cleanup_synthetic_data()")
    # The claims of an admin are worth nothing to a visitor who is not signed in.
    with acting(conn, ADMIN, "anon"):
        assert not may(conn, "SELECT cleanup_synthetic_data()")
        assert not may(conn, "SELECT count_synthetic_data()")
    assert value(conn, "SELECT count_synthetic_data()") == COUNTED


def test_a_humans_row_on_a_synthetic_profile_stops_the_cleanup(conn: Connection) -> None:
    conn.execute("UPDATE user_watchlist SET profile_id = %s WHERE user_id = %s", (PERSONA, HUMAN))
    conn.execute("DROP FUNCTION IF EXISTS populace.end_population()")
    with pytest.raises(psycopg.errors.RestrictViolation, match="1 rows of user_watchlist"), conn.transaction():
        conn.execute("SELECT cleanup_synthetic_data()")
    assert value(conn, "SELECT count_synthetic_data()") == COUNTED


@pytest.mark.parametrize("version", [4, 7, 8])
def test_a_row_of_the_app_about_a_synthetic_person_stops_the_cleanup(conn: Connection, version: int) -> None:
    conn.execute("INSERT INTO populace.day_tally VALUES ('support_tickets', now(), 1, 0)")
    conn.execute("DELETE FROM populace.own_row WHERE relation = 'public.support_tickets'::regclass")
    conn.execute(
        "UPDATE support_tickets SET id = overlay(id::text PLACING %s FROM 15)::uuid WHERE user_id = ANY (%s::uuid[])",
        (str(version), [*PERSONAS]),
    )
    with pytest.raises(psycopg.errors.RestrictViolation, match="rows of support_tickets about"), conn.transaction():
        conn.execute("SELECT cleanup_synthetic_data()")
    assert value(conn, "SELECT count_synthetic_data()") == COUNTED


def test_populace_cleanup_takes_the_rest_and_keeps_what_humans_watch(conn: Connection) -> None:
    conn.execute("SELECT refresh_video_analytics()")
    before, staged = _of_humans(conn), as_written(conn, TABLES)
    with conn.transaction():
        with pytest.raises(Refused, match=r"watch_progress → public\.videos"), conn.transaction():
            cleanup.clean(conn, TABLES, staged, shown="here", keep_referenced=False, dry_run=False)
        cleanup.clean(conn, TABLES, staged, shown="here", keep_referenced=True, dry_run=False)
    assert _of_humans(conn) == before
    left = {name: n for name, n in cleanup.count(conn, TABLES, staged).deleted.items() if n}
    assert left == {"public.subscription_plans": 1, "public.categories": 1, "public.videos": 2}


# The world's own queries


def test_what_the_world_asks_of_a_target(conn: Connection) -> None:
    def text(name: str) -> str:
        return WORLD.joinpath(name).read_text(encoding="utf-8")

    report = conn.execute(text("report.sql").encode())
    assert report.description is not None
    assert report.description[0].name == "personas"
    assert report.fetchone() == (2, 2, 2, 2, 2, 2, 2, 2, 2)
    activity = conn.execute(text("activity.sql").encode(), {"hours": 24}).fetchone()
    assert activity is not None
    assert (activity[0]["titles_completed"], activity[0]["titles_watched_by_category"]) == (2, {"Comedy": 2})
    assert (activity[0]["total_events"], activity[0]["ratings_by_stars"]) == (12, {"4": 2})
    status = value(conn, text("status.sql"))
    assert (status["last_5_min"], status["last_day"]["active_today"]) == ({"titles_watched": 2, "chat_messages": 2}, 90)
    assert {r["user_id"] for r in status["recent_titles"]} == set(PERSONAS)
    watermark = value(conn, "SELECT now()")
    found = {title: ok for title, _, ok, _ in rows(conn, text("doctor.sql"), {"now": watermark, "persona_pool": 400})}
    assert found == {
        "the plans": False,  # standard is missing
        "the catalogue": None,  # one video is hidden
        "accounts without a profile": True,
        "the pool": True,
        "the last 24 simulated hours": True,
    }


def test_a_reply_is_written_once_and_not_into_nothing(conn: Connection) -> None:
    assert isinstance(FLIXBUDDY.peer, Questions)
    (table,) = (t for t in TABLES if t.name == "chat_messages")
    reply = statements(FLIXBUDDY.peer.receipts, table).write
    bound = {"id": "a0000000-0000-4000-8000-000000000001", "conversation_id": conversation_of(PERSONA),
             "role": "assistant", "content": "Try One.", "metadata": Jsonb({"model": "local"}),
             "created_at": MORNING}  # fmt: skip
    assert [conn.execute(reply, bound).rowcount for _ in range(2)] == [1, 0]
    assert rows(conn, "SELECT role, content, metadata FROM chat_messages WHERE role = 'assistant'") == [
        ("assistant", "Try One.", {"model": "local"})
    ]
    gone = bound | {"id": HUMAN, "conversation_id": HUMAN}
    assert conn.execute(reply, gone).rowcount == 0
