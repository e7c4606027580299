"""A plain PostgreSQL gets what a world needs of Supabase, once, and nothing that is there is touched."""

from __future__ import annotations

import threading

import psycopg
import pytest
from psycopg import sql

from populace.database import compat, guard, made
from populace.database.connection import Connection, connect
from populace.database.embedded import EmbeddedServer
from populace.errors import TargetUnavailable
from urls import for_user

USER = "11111111-2222-3333-4444-555555555555"


def value(conn: Connection, query: str) -> object:
    row = conn.execute(query.encode()).fetchone()
    return row[0] if row else None


@pytest.fixture
def bare(empty: Connection) -> Connection:
    """A database that is open, and has nothing of Supabase."""
    guard.open_target(empty, 0, "tests")
    return empty


def named(pieces: list[compat.Piece]) -> set[str]:
    return {str(piece) for piece in pieces}


def test_opening_makes_only_the_schema_populace(bare: Connection) -> None:
    others = "SELECT string_agg(nspname, ',') FROM pg_namespace WHERE oid >= 16384"
    assert value(bare, others) == "populace"
    assert value(bare, "SELECT count(*) FROM pg_publication") == 0
    assert value(bare, "SELECT count(*) FROM pg_default_acl") == 0


def test_everything_is_made_and_the_second_time_nothing(bare: Connection) -> None:
    done = named(compat.install(bare))
    # Roles belong to the server: another test's database may have made them.
    assert {str(piece) for piece in compat.PIECES if piece.kind != "role"} <= done
    assert compat.install(bare) == []
    for piece in ("'auth.users'::regclass, 'pg_class'", "'auth.uid()'::regprocedure, 'pg_proc'"):
        assert value(bare, f"SELECT obj_description({piece})") == "made by Populace"
    kinds = {(one.kind, one.name) for one in made.recorded(bare)}
    assert {("schema", "auth"), ("table", "auth.users"), ("function", "auth.uid()"), ("role", "anon"),
            ("publication", "supabase_realtime"), ("schema", "populace")} <= kinds  # fmt: skip


@pytest.mark.parametrize(
    ("needs", "schemas"),
    [((), ""), (("roles",), ""), (("uuids",), "extensions"), (("visitor",), "auth"), (("accounts", "roles"), "auth")],
)
def test_a_world_gets_what_it_needs(bare: Connection, needs: tuple[str, ...], schemas: str) -> None:
    done = named(compat.install(bare, needs))
    theirs = (
        "SELECT coalesce(string_agg(nspname, ','), '') FROM pg_namespace WHERE oid >= 16384 AND nspname <> 'populace'"
    )
    assert value(bare, theirs) == schemas
    assert ("table auth.users" in done) == ("accounts" in needs)
    assert ("function auth.uid" in done) == ("visitor" in needs)
    assert value(bare, "SELECT count(*) FROM pg_publication") == 0
    if "roles" not in needs:
        assert "privileges populace" not in done


def test_what_is_there_is_left_alone(bare: Connection) -> None:
    bare.execute("CREATE SCHEMA auth")
    bare.execute("CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS $$ SELECT NULL::uuid $$")
    bare.commit()
    done = named(compat.install(bare))
    assert not done & {"schema auth", "function auth.uid", "privileges auth"}
    assert "table auth.users" in done
    assert value(bare, "SELECT obj_description('auth.uid()'::regprocedure, 'pg_proc')") is None
    assert value(bare, "SELECT nspacl IS NULL FROM pg_namespace WHERE nspname = 'auth'") is True
    assert ("schema", "auth") not in {(one.kind, one.name) for one in made.recorded(bare)}


def test_what_others_make_later_is_closed_to_the_roles(opened: Connection) -> None:
    opened.execute("CREATE TABLE public.payroll (id integer)")
    opened.execute("CREATE SEQUENCE public.numbers")
    for role in ("anon", "authenticated", "service_role"):
        assert value(opened, f"SELECT has_table_privilege('{role}', 'public.payroll', 'SELECT, INSERT')") is False
        assert value(opened, f"SELECT has_sequence_privilege('{role}', 'public.numbers', 'USAGE')") is False


def test_no_trigger_makes_profiles(opened: Connection) -> None:
    assert value(opened, "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == 0


def test_accounts_and_identities(opened: Connection) -> None:
    opened.execute(
        "INSERT INTO auth.users (id, email, email_confirmed_at) VALUES (%s, 'a@example.com', now())", (USER,)
    )
    opened.execute(
        "INSERT INTO auth.identities (provider_id, user_id, identity_data, provider)"
        " VALUES (%s, %s, '{\"email\": \"A@Example.com\"}', 'email')",
        (USER, USER),
    )
    assert value(opened, "SELECT email FROM auth.identities") == "a@example.com"
    assert value(opened, "SELECT confirmed_at = email_confirmed_at FROM auth.users") is True
    with pytest.raises(psycopg.errors.UniqueViolation), opened.transaction():
        opened.execute("INSERT INTO auth.users (id, email) VALUES (gen_random_uuid(), 'a@example.com')")
    opened.execute("INSERT INTO auth.users (id, email, is_sso_user) VALUES (gen_random_uuid(), 'a@example.com', true)")
    opened.execute("DELETE FROM auth.users")
    assert value(opened, "SELECT count(*) FROM auth.identities") == 0


def test_row_level_security_sees_the_visitor(opened: Connection) -> None:
    opened.execute("CREATE TABLE public.notes (owner uuid, body text)")
    opened.execute("ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY")
    opened.execute("CREATE POLICY mine ON public.notes USING (owner = auth.uid())")
    opened.execute("GRANT SELECT ON public.notes TO anon, authenticated, service_role")
    opened.execute("INSERT INTO public.notes VALUES (%s, 'mine'), (gen_random_uuid(), 'theirs')", (USER,))
    opened.execute(
        "SELECT set_config('request.jwt.claims', %s, true)", (f'{{"sub": "{USER}", "role": "authenticated"}}',)
    )
    opened.execute("SET LOCAL ROLE authenticated")
    assert str(value(opened, "SELECT auth.uid()")) == USER
    assert value(opened, "SELECT auth.role()") == "authenticated"
    assert value(opened, "SELECT auth.jwt() ->> 'sub'") == USER
    assert value(opened, "SELECT string_agg(body, ',') FROM public.notes") == "mine"
    with pytest.raises(psycopg.errors.InsufficientPrivilege), opened.transaction():
        opened.execute("SELECT * FROM auth.users")
    opened.execute("SELECT set_config('request.jwt.claims', '', true)")
    opened.execute("SET LOCAL ROLE anon")
    assert value(opened, "SELECT auth.uid()") is None
    assert value(opened, "SELECT count(*) FROM public.notes") == 0
    opened.execute("SET LOCAL ROLE service_role")
    assert value(opened, "SELECT count(*) FROM public.notes") == 2
    assert value(opened, "SELECT extensions.uuid_generate_v4() IS NOT NULL") is True


def test_the_older_setting_counts_too(opened: Connection) -> None:
    opened.execute("SELECT set_config('request.jwt.claim.sub', %s, true)", (USER,))
    assert str(value(opened, "SELECT auth.uid()")) == USER


PROJECT = "CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid); CREATE TABLE auth.schema_migrations (version text)"
"""What shows that a database belongs to a Supabase project."""


def test_a_supabase_project_is_left_alone(bare: Connection) -> None:
    bare.execute(PROJECT)
    bare.commit()
    assert compat.is_supabase(bare)
    assert named(compat.install(bare)) <= {"privileges populace", "publication supabase_realtime"}
    assert value(bare, "SELECT to_regprocedure('auth.uid()')") is None


def test_a_role_of_the_server_makes_no_database_a_supabase_project(bare: Connection) -> None:
    with bare.transaction(force_rollback=True):
        bare.execute("CREATE ROLE supabase_auth_admin")
        assert not compat.is_supabase(bare)
        assert "table auth.users" in named(compat.install(bare))
    with bare.transaction(force_rollback=True):
        bare.execute("CREATE ROLE supabase_auth_admin")
        bare.execute("CREATE SCHEMA auth AUTHORIZATION supabase_auth_admin")
        assert compat.is_supabase(bare)


def test_missing_rights_are_named_and_nothing_is_made(server: EmbeddedServer, bare: Connection) -> None:
    name = bare.info.dbname
    bare.commit()
    with connect(server.url(name), application_name="tests", autocommit=True) as conn:
        conn.execute("CREATE ROLE visitor LOGIN PASSWORD 'geheim'")
        try:
            with connect(for_user(server.url(name), "visitor"), application_name="tests") as visitor:
                with pytest.raises(TargetUnavailable, match="CREATE on the database") as caught:
                    compat.install(visitor)
                assert "superuser" in str(caught.value)
        finally:
            conn.execute("DROP ROLE visitor")
        assert value(conn, "SELECT to_regnamespace('auth')") is None


def test_two_databases_of_one_server_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The roles belong to both; a server of its own, so that they are missing at first."""
    own = EmbeddedServer(tmp_path_factory.mktemp("own"))
    url = own.start().url
    failures: list[BaseException] = []

    def install(name: str) -> None:
        try:
            with connect(own.url(name), application_name="tests") as conn:
                guard.open_target(conn, 0, "tests")
                compat.install(conn)
        except BaseException as error:
            failures.append(error)

    try:
        with connect(url, application_name="tests", autocommit=True) as conn:
            for name in ("a", "b", "c"):
                conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        threads = [threading.Thread(target=install, args=(name,)) for name in ("a", "b", "c", "a")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        for name in ("a", "b", "c"):
            with connect(own.url(name), application_name="tests") as conn:
                assert compat.install(conn) == []
    finally:
        own.stop()
