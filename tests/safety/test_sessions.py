"""A session is the same everywhere: whatever the database, the role and other people's objects in it are like."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import hostile
from command import call
from examples import part
from hazards import CLUB_SMALL, FILMS, JOURNEYS, Hazard, Small, execute, live_through, step
from populace.database import canaries, pins
from populace.database.connection import Connection, connect
from populace.database.embedded import EmbeddedServer
from populace.errors import Refused, TargetUnavailable
from populace.sinks.statements import Statements
from populace.spec import World
from populace.worlds import campaigns, hogflix, recoverlution

LEAVING = replace(FILMS, until="2026-01-11T09:00:00Z")
"""Two days begin, at which people leave with all their rows."""


@pytest.mark.parametrize(
    "small", part([CLUB_SMALL, JOURNEYS, LEAVING], every=2), ids=lambda small: Path(small.world).name
)
def test_somebodys_objects_stand_in_for_nothing(opened_url: str, small: Small) -> None:
    hostile.plant(opened_url)
    with psycopg.connect(opened_url) as connection, pytest.raises(psycopg.errors.RaiseException, match="hostile"):
        connection.execute("SELECT lower('X'::varchar) || 'y', count(*) FROM pg_class")
    live_through(Hazard(name="hostile objects", small=small), opened_url)


WORDS_OF_SQL = {"extract", "conflict", "filter", "stdin", "and", "where", "exists"}
WORLDS = (recoverlution.WORLD, hogflix.WORLD, campaigns.WORLD)


@pytest.mark.parametrize("world", part(WORLDS, every=3), ids=lambda world: world.name)
def test_what_lets_the_apps_names_in_qualifies_every_operator_and_function(empty: Connection, world: World) -> None:
    """These statements run while names are found as the app finds them."""
    for table in world.tables:
        says = Statements(table, world, empty, bulk=False, by_day=True, path=str)
        for statement in (text.decode() for text in (says.append, says.remove, says.remove_by_day)):
            bare = re.sub(r'"[^"]*"|OPERATOR\(pg_catalog\.\S+\)|pg_catalog\.\w+(\[\])?|\'[^\']*\'', " x ", statement)
            bare = re.sub(r"SET .* (?=RETURNING|$)|SET .*$", "", re.sub(r"x\s*=\s*EXCLUDED\s*\.\s*x", "", bare))
            assert not re.search(r"[=<>/+|~]|::\s*[a-wyz]", bare), statement
            called = set(re.findall(r"\b([a-z]\w*)\s*\(", bare.lower())) - WORDS_OF_SQL
            assert called <= {"as", "x", "t", "any"}, (called, statement)


AUDIT = """
CREATE TABLE public.audit (at timestamptz DEFAULT now(), what text);
CREATE FUNCTION public.audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit (what) VALUES (shout(TG_OP || ' ' || TG_TABLE_NAME));
    RETURN coalesce(NEW, OLD);
END $$;
CREATE FUNCTION public.shout(text) RETURNS text LANGUAGE sql AS 'SELECT upper($1)';
CREATE FUNCTION public.is_kind(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN shout($1) <> 'RUDE'; END $$;
"""
"""An app's own functions, which find each other by the search path, as those of most apps do."""


@pytest.mark.parametrize("when", part(["BEFORE", "AFTER"], every=2))
def test_triggers_and_checks_of_an_app_find_what_they_name(opened_url: str, when: str) -> None:
    tables = {"profiles": "role", "journey_instances": "status"}
    after = AUDIT + "".join(
        f"CREATE TRIGGER audit {when} INSERT OR UPDATE OR DELETE ON public.{name}"
        f" FOR EACH ROW EXECUTE FUNCTION public.audit();"
        f"ALTER TABLE public.{name} ADD CONSTRAINT kind CHECK (public.is_kind({column}));"
        for name, column in tables.items()
    )
    small = replace(JOURNEYS, until="2026-01-09T04:00:00Z")
    for name, words in small.steps().items():
        if name in ("seed", "life", "all"):
            done = step(opened_url, *words)
            assert done.code == 0, done
        if name == "seed":
            execute(opened_url, after)
    with psycopg.connect(opened_url) as connection:
        said = dict(connection.execute("SELECT what, count(*) FROM public.audit GROUP BY what").fetchall())
    assert said["INSERT JOURNEY_INSTANCES"] > 0
    assert said["DELETE PROFILES"] == 60


def test_a_key_compares_as_its_own_type_does(opened_url: str) -> None:
    """A row of others refers by citext, in other letters, to a synthetic row: it stands in the way of the clean-up."""
    after = """
    CREATE SCHEMA extensions_of_theirs;
    CREATE EXTENSION citext SCHEMA extensions_of_theirs;
    ALTER TABLE public.profiles ALTER COLUMN email TYPE extensions_of_theirs.citext;
    ALTER TABLE public.profiles ADD UNIQUE (email);
    CREATE TABLE public.letters (id int PRIMARY KEY, mail extensions_of_theirs.citext
        REFERENCES public.profiles (email) ON DELETE CASCADE);
    INSERT INTO public.letters SELECT 1, pg_catalog.upper(email::text)::extensions_of_theirs.citext
        FROM public.profiles LIMIT 1;
    """
    refused = {"all": "public.letters"}
    hazard = Hazard(name="citext", small=JOURNEYS, after=after, steps=("seed", "life", "all"), refused=refused)
    live_through(hazard, opened_url)


UNUSUAL = {
    "search_path": "nowhere",
    "client_encoding": "LATIN1",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Asia/Kathmandu",
    "timezone_abbreviations": "India",
    "bytea_output": "escape",
    "standard_conforming_strings": "off",
    "backslash_quote": "off",
    "escape_string_warning": "on",
    "extra_float_digits": "-10",
    "xmloption": "document",
    "xmlbinary": "hex",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
    "lc_messages": "C",
    "lc_monetary": "C",
    "lc_numeric": "C",
    "lc_time": "C",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "row_security": "off",
    "session_replication_role": "replica",
    "gin_fuzzy_search_limit": "1",
    "check_function_bodies": "off",
    "plpgsql.extra_errors": "all",
    "plpgsql.extra_warnings": "all",
    "restrict_nonsystem_relation_kind": "view",
    "statement_timeout": "500",
    "lock_timeout": "500",
    "idle_in_transaction_session_timeout": "500",
    "idle_session_timeout": "500",
    "transaction_timeout": "500",
    "exit_on_error": "on",
    "tcp_user_timeout": "1",
    "default_tablespace": "",
    "temp_tablespaces": "",
    "default_toast_compression": "pglz",
    "synchronous_commit": "off",
    "enable_seqscan": "off",
    "jit": "on",
    "work_mem": "64kB",
}
"""Settings as no session of ours needs them, each of which a role, a database or the environment may have."""


def settings(connection: Connection) -> dict[str, str]:
    """The settings that are pinned, as a session has them."""
    names = [*pins.MEANING, *pins.LIFETIME, *pins.NETWORK]
    rows = connection.execute(
        "SELECT n, pg_catalog.current_setting(n, true) FROM unnest(%s::text[]) AS w (n)", (names,)
    ).fetchall()
    return {name: value for name, value in rows if value is not None}


def _alter(url: str, whom: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in UNUSUAL.items():
            statement = sql.SQL("ALTER {} SET {} = {}").format(
                sql.SQL(whom), sql.SQL(name), sql.SQL(value) if "search_path" in name else sql.Literal(value)
            )
            connection.execute(statement)


@pytest.mark.parametrize("where", ["database", "role", "url", "environment"])
def test_every_setting_that_matters_is_the_same_in_every_session(
    opened_url: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(opened_url, application_name="tests") as connection:
        usual = settings(connection)
    theirs = str(opened_url)
    name = theirs.rpartition("/")[2].partition("?")[0]
    options = " ".join(f"-c {n}={v.replace(' ', chr(92) + ' ')}" for n, v in UNUSUAL.items() if v)
    match where:
        case "database":
            _alter(theirs, f"DATABASE {name}")
        case "role":
            _alter(theirs, f"ROLE postgres IN DATABASE {name}")
        case "url":
            theirs = psycopg.conninfo.make_conninfo(theirs, options=options, client_encoding="LATIN1")
        case "environment":
            monkeypatch.setenv("PGOPTIONS", options)
            for variable, value in {"PGTZ": "Asia/Kathmandu", "PGDATESTYLE": "SQL, DMY", "PGCLIENTENCODING": "LATIN1",
                                    "PGGEQO": "off"}.items():  # fmt: skip
                monkeypatch.setenv(variable, value)
    with connect(theirs, application_name="tests") as connection:
        assert settings(connection) == usual | {"plpgsql.extra_errors": "none", "plpgsql.extra_warnings": "none"}
        canaries.verify(connection, lambda: "é‘’", "tests")


def test_a_population_lives_where_every_setting_is_unusual(opened_url: str) -> None:
    with psycopg.connect(opened_url) as connection:
        name = connection.info.dbname
    _alter(opened_url, f"ROLE postgres IN DATABASE {name}")
    for small in (JOURNEYS,):
        live_through(Hazard(name="unusual settings", small=small), opened_url)


def test_a_setting_that_cannot_be_changed_back_is_named(opened_url: str) -> None:
    with psycopg.connect(opened_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE replica_only LOGIN PASSWORD 'x'")
        connection.execute("ALTER ROLE replica_only SET session_replication_role = replica")
    url = psycopg.conninfo.make_conninfo(opened_url, user="replica_only", password="x")
    try:
        with pytest.raises(TargetUnavailable, match="session_replication_role"):
            connect(url, application_name="tests")
    finally:
        with psycopg.connect(opened_url, autocommit=True) as connection:
            connection.execute("DROP ROLE replica_only")


def in_encoding(server: EmbeddedServer, name: str) -> str:
    """A new database in an encoding; its URL."""
    database = f"in_{name.lower()}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} ENCODING {} LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
            .format(sql.Identifier(database), sql.Literal(name))
        )  # fmt: skip
    return server.url(database)


ENDS = {"WIN1252": 0, "EUC_JP": 0, "LATIN1": 3, "SQL_ASCII": 3, "MULE_INTERNAL": 4}
"""Encodings of a server, and how the seed of a world with typographic quotes ends there."""


@pytest.mark.parametrize("name", part(ENDS, every=4))
def test_an_encoding_holds_the_worlds_texts_or_is_refused_by_name(server: EmbeddedServer, name: str) -> None:
    url = in_encoding(server, name)
    opened = step(url, "init")
    done = step(url, *JOURNEYS.seed) if opened.code == 0 else opened
    assert done.code == ENDS[name], done.err
    if done.code == 0:
        for words in (("validate", "recoverlution"), ("cleanup", "--all", "--yes")):
            said = step(url, *words)
            assert said.code == 0, said
    else:
        assert name in done.err
        assert "ENCODING 'UTF8'" in done.err
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE in_{name.lower()} WITH (FORCE)".encode())


@pytest.mark.parametrize(
    "name", part(["LATIN2", "LATIN9", "KOI8R", "ISO_8859_5", "EUC_KR", "EUC_CN", "WIN1250", "WIN1251"], every=4)
)
def test_the_characters_that_an_encoding_lacks_are_named(server: EmbeddedServer, name: str) -> None:
    """What the server stores in an encoding is what Python knows of it, character by character."""
    codec = {"EUC_CN": "gb2312", "ISO_8859_5": "iso8859_5", "KOI8R": "koi8_r", "LATIN9": "iso8859_15"}.get(name, name)
    text = "é’Łß±Жя中한"
    lost = [c for c in text if not c.encode(codec.lower().replace("win", "cp"), "ignore")]
    with connect(in_encoding(server, name), application_name="tests") as connection:
        with pytest.raises(Refused, match=f"{len(lost)} characters") as caught:
            canaries.verify(connection, lambda: text, "here")
        assert set(lost) <= set(str(caught.value))
        canaries.verify(connection, lambda: "".join(c for c in text if c not in lost), "here")


LIBPQ = {
    "PGSSLMODE": "require", "PGHOSTADDR": "192.0.2.1", "PGHOST": "192.0.2.1", "PGPORT": "1", "PGSERVICE": "theirs",
    "PGSERVICEFILE": "/nowhere", "PGTARGETSESSIONATTRS": "standby", "PGCHANNELBINDING": "require",
    "PGREQUIREAUTH": "none", "PGGSSENCMODE": "require", "PGOPTIONS": "-c no_such=1", "PGPASSFILE": "/nowhere",
    "PGUSER": "nobody", "PGPASSWORD": "wrong", "PGDATABASE": "nowhere", "PGTZ": "Nowhere/Atall", "PGDATESTYLE": "none",
    "PGCLIENTENCODING": "MULE_INTERNAL", "PGGEQO": "perhaps", "PGSSLROOTCERT": "/nowhere", "PGSSLCERT": "/nowhere",
    "PGCONNECT_TIMEOUT": "soon", "PGLOADBALANCEHOSTS": "random", "PGREQUIREPEER": "nobody", "PGSYSCONFDIR": "/nowhere",
    "PGSSLNEGOTIATION": "direct", "PGMINPROTOCOLVERSION": "3.2", "PGMAXPROTOCOLVERSION": "3.0", "PGDATA": "/nowhere",
}  # fmt: skip


def test_the_environment_does_not_reach_our_own_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variable would break or redirect the session; so would any of them in psql."""
    for name, value in LIBPQ.items():
        monkeypatch.setenv(name, value)
    target = f"embedded:{tmp_path / 'own'}"
    server = EmbeddedServer(tmp_path / "own")
    try:
        assert step(target, "seed", *CLUB_SMALL.seed[1:], **LIBPQ).code == 0
        assert step(target, "run", CLUB_SMALL.world, "--once", "-q", **LIBPQ).code == 0
        asked = call("db", "psql", "--target", target, "-c", "SELECT 'plans', count(*) FROM populace.plan", **LIBPQ)
        assert "plans" in asked.stdout
        assert {name: os.environ[name] for name in LIBPQ} == LIBPQ
        # A URL takes them, as libpq does.
        with pytest.raises(TargetUnavailable):
            connect(str(server.url("populace")), application_name="tests")
    finally:
        server.stop()
