"""A plain PostgreSQL gets what our worlds use of Supabase, once, and nothing that is there is touched."""

from __future__ import annotations

import threading

import psycopg
import pytest
from psycopg import sql

from populace.database import compat
from populace.database.connection import Connection, connect
from populace.database.embedded import EmbeddedServer
from populace.errors import TargetUnavailable

USER = "11111111-2222-3333-4444-555555555555"


def value(conn: Connection, query: str) -> object:
    row = conn.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_everything_is_made_and_the_second_time_nothing(empty: Connection) -> None:
    made = compat.install(empty)
    # Roles belong to the server: another test's database may have made them.
    assert {str(piece) for piece in compat.PIECES if piece.kind != "role"} <= set(made)
    assert compat.install(empty) == []
    for piece in ("'auth.users'::regclass, 'pg_class'", "'auth.uid()'::regprocedure, 'pg_proc'"):
        assert value(empty, f"SELECT obj_description({piece})") == "made by Populace"


def test_what_is_there_is_left_alone(empty: Connection) -> None:
    empty.execute("CREATE SCHEMA auth")
    empty.execute("CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql AS $$ SELECT NULL::uuid $$")
    empty.commit()
    made = compat.install(empty)
    assert "schema auth" not in made
    assert "function auth.uid" not in made
    assert "table auth.users" in made
    assert value(empty, "SELECT obj_description('auth.uid()'::regprocedure, 'pg_proc')") is None


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


def test_a_supabase_project_is_left_alone(empty: Connection) -> None:
    empty.execute("CREATE SCHEMA auth")
    empty.execute("CREATE TABLE auth.users (id uuid)")
    empty.execute("CREATE TABLE auth.schema_migrations (version text)")
    empty.commit()
    assert compat.install(empty) == [compat.SUPABASE]
    assert value(empty, "SELECT to_regprocedure('auth.uid()')") is None
    assert value(empty, "SELECT count(*) FROM pg_publication") == 0


def test_a_supabase_server_is_known_by_its_role(empty: Connection) -> None:
    with empty.transaction(force_rollback=True):
        empty.execute("CREATE ROLE supabase_auth_admin")
        assert compat.install(empty) == [compat.SUPABASE]
    assert not compat.is_supabase(empty)


def test_missing_rights_are_named_and_nothing_is_made(server: EmbeddedServer, empty: Connection) -> None:
    name = empty.info.dbname
    with connect(server.url(name), application_name="tests", autocommit=True) as conn:
        conn.execute("CREATE ROLE visitor LOGIN")
        try:
            with connect(server.url(name).replace("postgres@", "visitor@"), application_name="tests") as visitor:
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
