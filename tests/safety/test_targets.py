"""Which database is written to: the one that was opened, after it was looked at, and no copy of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from command import CLUB, adopt, answer, call
from hazards import CLUB_SMALL, JOURNEYS, execute, step
from populace.database import fulfilled, guard
from populace.database.binaries import psql_program
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.database.identity import Identity
from populace.database.target import redact
from urls import for_user

ROWS = "SELECT (SELECT count(*) FROM people) + (SELECT count(*) FROM steps)"


def number(url: str, query: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return int(row[0])


def named(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.fixture(scope="module")
def seeded(server: EmbeddedServer) -> str:
    """The name of a database with a small club."""
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as connection:
        connection.execute("CREATE DATABASE club_of_targets")
    url = server.url("club_of_targets")
    assert step(url, "init").code == 0
    assert step(url, *CLUB_SMALL.seed).code == 0
    return "club_of_targets"


# A copy


def cloned(server: EmbeddedServer, name: str, template: str) -> None:
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )


def renamed(server: EmbeddedServer, name: str, template: str) -> None:
    cloned(server, "before_" + name, template)
    adopt(server.url("before_" + name))
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier("before_" + name), sql.Identifier(name))
        )


def dump(server: EmbeddedServer, name: str, *words: str) -> str:
    program = Path(psql_program(None)).with_name("pg_dump")
    done = subprocess.run([program, *words, server.url(name)], capture_output=True, text=True, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith("\\"))


def restored(server: EmbeddedServer, name: str, template: str) -> None:
    text = dump(server, template, "--inserts")
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    execute(server.url(name), text)


def restored_over_itself(server: EmbeddedServer, name: str, template: str) -> None:
    cloned(server, name, template)
    adopt(server.url(name))
    text = dump(server, name, "--inserts", "--clean", "--if-exists")
    execute(server.url(name), text)


COPIES = [cloned, renamed, restored, restored_over_itself]
SAYS = {
    "cloned": "opened as the database", "renamed": "is called", "restored": "opened as the database",
    "restored_over_itself": "its tables have been made once more",
}  # fmt: skip


@pytest.mark.parametrize("copied", COPIES, ids=lambda copied: copied.__name__)
def test_a_copy_is_written_to_only_once_somebody_agrees(
    server: EmbeddedServer, seeded: str, copied: Callable[[EmbeddedServer, str, str], None]
) -> None:
    name = f"copy_{copied.__name__}"
    copied(server, name, seeded)
    url = server.url(name)
    before = number(url, ROWS)
    try:
        for words in (
            CLUB_SMALL.seed, ("run", CLUB, "--until", "2026-01-09T04:00:00Z", "--speed", "max"), ("tick", CLUB),
            ("cleanup", "--all", "--yes"), ("cleanup", "--all", "--dry-run"), ("pause",), ("resume",), ("init",),
            ("deliver",), ("settings", "arrivals_per_min=3"), ("run-now", "1"), ("outbox", "retry"),
        ):  # fmt: skip
            done = step(url, *words)
            assert done.code == 3, (words, done.out, done.err)
            assert SAYS[copied.__name__] in done.err, (words, done.err)
            assert f"populace init --target {redact(url)} --adopt-copy" in done.err
        assert before == number(url, ROWS)
        looked = step(url, "status", "--json")
        assert looked.code == 0
        assert "not the database that was opened" in looked.err
        assert looked.document["differs"]
        assert "not the database that was opened" in step(url, "doctor").out

        token = step(url, "init").err.rpartition("--i-know ")[2].split()[0]
        assert step(url, "init", "--adopt-copy", "--yes").code == 3
        assert step(url, "init", "--adopt-copy", "--yes", "--i-know", name).code == 2
        assert step(url, "init", "--adopt-copy", "--yes", "--i-know", token, "--json").document["adopted"] is True
        assert step(url, "run", CLUB, "--until", "2026-01-09T02:10:00Z", "--speed", "max", "-q").code == 0
        assert "differs" not in step(url, "status", "--json").document
        assert step(url, "init", "--adopt-copy", "--yes", "--i-know", token).code == 2
    finally:
        with connect(server.url("postgres"), application_name="tests", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


HERE = Identity(5, "staging", "7", 100, "app")


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (HERE, None),
        (replace(HERE, role="other"), None),
        (replace(HERE, system=None), None),
        (replace(HERE, system="8"), "on the server 7"),
        (replace(HERE, oid=6), "opened as the database staging (oid 5)"),
        (replace(HERE, name="prod"), "is called prod"),
        (replace(HERE, marker=101), "made once more"),
    ],
)
def test_what_counts_as_another_database(now: Identity, says: str | None) -> None:
    found = list(HERE.differing(now))
    assert (says is None) == (found == [])
    assert says is None or says in found[0]
    assert (HERE.token(now) == HERE.token(HERE)) == (says is None and now.system is not None)


def test_without_the_right_to_ask_for_the_server_the_rest_is_compared(server: EmbeddedServer, empty_url: str) -> None:
    name = named(empty_url)
    with connect(empty_url, application_name="tests", autocommit=True) as connection:
        connection.execute("CREATE ROLE hosted LOGIN PASSWORD 'geheim'")
        connection.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO hosted").format(sql.Identifier(name)))
        connection.execute("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC")
    try:
        with connect(for_user(empty_url, "hosted"), application_name="tests") as connection:
            guard.open_target(connection, 0, "tests")
            row = connection.execute("SELECT system_identifier, role_name FROM populace.target").fetchone()
            assert row == (None, "hosted")
            guard.require_open(connection, "here")
    finally:
        with connect(empty_url, application_name="tests", autocommit=True) as connection:
            connection.execute("DROP OWNED BY hosted")
            connection.execute("DROP ROLE hosted")


# Somebody's own schema populace

HOSTILE = {
    "a town": "CREATE SCHEMA populace; CREATE TABLE populace.citizens (id int);"
    " INSERT INTO populace.citizens VALUES (1)",
    "tables of our names": "CREATE SCHEMA populace; CREATE TABLE populace.target (id int); INSERT INTO populace.target"
    " VALUES (1); CREATE TABLE populace.plan (id int); CREATE TABLE populace.migration (id int, name text)",
    "a view": "CREATE SCHEMA populace; CREATE VIEW populace.target AS SELECT 1 AS only_row",
    "views of all marks": "CREATE SCHEMA populace; CREATE VIEW populace.migration AS SELECT 'x'::text AS name,"
    " 'y'::text AS sha256, now() AS applied_at; CREATE VIEW populace.layout AS SELECT 3 AS version;"
    " CREATE VIEW populace.target AS SELECT 1 AS only_row",
    "functions": "CREATE SCHEMA populace; CREATE FUNCTION populace.score() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a type": "CREATE SCHEMA populace; CREATE TYPE populace.mood AS ENUM ('good')",
}
AMONG_OURS = {
    "a table": "CREATE TABLE populace.citizens (id int)",
    "a view": "CREATE VIEW populace.summary AS SELECT count(*) FROM populace.plan",
    "a function": "CREATE FUNCTION populace.score() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "one of ours made a view": (
        "ALTER TABLE populace.call RENAME TO former_call; CREATE VIEW populace.call AS SELECT 1 AS id"
    ),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_an_apps_own_schema_populace_is_no_marker(empty_url: str, hostile: str) -> None:
    execute(empty_url, hostile)
    for words in (("init", "--yes", "--i-know", named(empty_url)), CLUB_SMALL.seed, ("cleanup", "--all", "--yes")):
        done = step(empty_url, *words)
        assert done.code == 3, done.err
        assert "not Populace's" in done.err
        assert "populace." in done.err
    assert number(empty_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


@pytest.mark.parametrize("foreign", AMONG_OURS.values(), ids=AMONG_OURS)
def test_what_somebody_put_among_our_tables_is_named(opened_url: str, foreign: str) -> None:
    execute(opened_url, foreign)
    for words in (CLUB_SMALL.seed, ("init",), ("cleanup", "--all", "--yes")):
        done = step(opened_url, *words)
        assert done.code == 3
        assert "the schema populace holds something that is not Populace's" in done.err


# What stands there already

LIVED_IN = {
    "rows": (
        "CREATE TABLE stock (id int); INSERT INTO stock VALUES (1)",
        "rows in 1 of 1 tables, such as public.stock",
    ),
    "rows in another schema": (
        "CREATE SCHEMA hr; CREATE TABLE hr.pay (id int); INSERT INTO hr.pay VALUES (1)",
        "hr.pay",
    ),
    "people": (
        "CREATE TABLE people (email text); INSERT INTO people VALUES ('ann@gmail.com'), ('synthetic@example.com')",
        "public.people.email: 1 of 2 addresses looked at are real ones (gmail.com)",
    ),
    "people by another name": (
        'CREATE TABLE "Customer" ("workEmail" text, e_mail varchar(80));'
        """ INSERT INTO "Customer" (e_mail) VALUES ('a@b.de')""",
        "real ones (b.de)",
    ),
    "accounts": (
        "CREATE SCHEMA auth; CREATE TABLE auth.users (email varchar, last_sign_in_at timestamptz);"
        " INSERT INTO auth.users VALUES ('ann@firm.co', now())",
        "auth.users.last_sign_in_at: 1 of 1 people looked at were here in the last 30 days",
    ),
    "rows that nobody may see": (
        "CREATE TABLE secrets (id int); INSERT INTO secrets VALUES (1); ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;"
        " ALTER TABLE secrets FORCE ROW LEVEL SECURITY",
        "public.secrets",
    ),
    "rows in a partition": (
        "CREATE TABLE log (at date) PARTITION BY RANGE (at);"
        " CREATE TABLE log_2026 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"
        " INSERT INTO log VALUES ('2026-02-02')",
        "public.log_2026",
    ),
}
EMPTY = {
    "nothing": "SELECT 1",
    "tables without rows": "CREATE TABLE stock (id int, email text); CREATE SCHEMA hr; CREATE TABLE hr.pay (id int)",
    "a fresh project of Supabase": "CREATE SCHEMA auth; CREATE TABLE auth.users (email text);"
    " CREATE TABLE auth.schema_migrations (version text); INSERT INTO auth.schema_migrations VALUES ('1')",
}


@pytest.mark.parametrize(("before", "says"), LIVED_IN.values(), ids=LIVED_IN)
def test_somebody_lives_there(empty_url: str, before: str, says: str) -> None:
    execute(empty_url, before)
    name = named(empty_url)
    for words in (("init",), ("init", "--yes")):
        done = step(empty_url, *words)
        assert done.code == 3
        assert says in done.err
        assert f"populace init --target {redact(empty_url)} --yes --i-know {name}" in done.err
    assert step(empty_url, "init", "--yes", "--i-know", "another").code == 2
    assert number(empty_url, "SELECT count(*) FROM pg_namespace WHERE nspname = 'populace'") == 0
    done = step(empty_url, "init", "--yes", "--i-know", name, "--json")
    assert done.code == 0
    assert any(sight["warns"] and says in sight["text"] for sight in done.document["saw"])
    assert step(empty_url, "init").code == 0


@pytest.mark.parametrize("before", EMPTY.values(), ids=EMPTY)
def test_nobody_lives_there(empty_url: str, before: str) -> None:
    execute(empty_url, before)
    done = answer("init", "--target", empty_url)
    assert not any(sight["warns"] for sight in done["saw"])
    assert {sight["kind"] for sight in done["saw"]} >= {"size"}
    assert any("schema populace" in one["what"] and not one["cluster_wide"] for one in done["makes"])


def test_a_name_that_says_production(server: EmbeddedServer) -> None:
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as connection:
        connection.execute('CREATE DATABASE "shop-prod"')
        try:
            done = step(server.url("shop-prod"), "init")
            assert done.code == 3
            assert "the name of the database, shop-prod, says production" in done.err
        finally:
            connection.execute('DROP DATABASE "shop-prod"')


def test_looking_ends_and_locks_nothing(empty_url: str) -> None:
    execute(empty_url, "CREATE TABLE busy (id int); INSERT INTO busy VALUES (1)")
    with psycopg.connect(empty_url) as other:
        other.execute("LOCK TABLE busy")
        done = step(empty_url, "init")
        assert done.code == 3
        assert "1 table could not be looked at, such as public.busy" in done.err


def test_triggers_and_rules_of_the_app_are_named(empty_url: str) -> None:
    execute(
        empty_url,
        """
        CREATE TABLE notes (id int PRIMARY KEY, of int REFERENCES notes);
        CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER on_note AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION noted();
        CREATE RULE kept AS ON DELETE TO notes DO INSTEAD NOTHING;
        CREATE VIEW seen AS SELECT * FROM notes;
        """,
    )
    done = step(empty_url, "init", "--yes")
    both = "2 triggers and rules of the app, which run on synthetic rows too: kept on public.notes, on_note on"
    assert done.code == 0
    assert both in done.err + done.out


def test_an_embedded_server_is_ours(tmp_path: Path) -> None:
    target = f"embedded:{tmp_path / 'own'}"
    try:
        done = call("init", "--target", target)
        assert "will be made" not in done.stderr
        assert answer("init", "--target", target)["saw"] == []
    finally:
        call("db", "stop", "--target", target)


# What is there already and says the same

WANTED = {
    "an index": ("CREATE INDEX seen ON app.users (id)", "CREATE INDEX seen ON app.users (email)"),
    "an index by its whole name": (
        'CREATE INDEX "Seen" ON app.users (id)',
        'CREATE INDEX "Seen" ON app.users (id DESC)',
    ),
    "a policy": ("CREATE POLICY own ON app.users USING (id > 0)", "CREATE POLICY own ON app.users USING (id > 1)"),
    "a trigger": (
        "CREATE TRIGGER t BEFORE INSERT ON app.users FOR EACH ROW EXECUTE FUNCTION app.f()",
        "CREATE TRIGGER t AFTER INSERT ON app.users FOR EACH ROW EXECUTE FUNCTION app.f()",
    ),
    "a type": ("CREATE TYPE app.mood AS ENUM ('a', 'b')", "CREATE TYPE app.mood AS ENUM ('b', 'a')"),
    "a schema": ("CREATE SCHEMA more", None),
    "an extension": ("CREATE EXTENSION plpgsql", None),
    "a table in a publication of all": ("ALTER PUBLICATION every ADD TABLE app.users", None),
}


@pytest.mark.parametrize(("wanted", "other"), WANTED.values(), ids=WANTED)
def test_what_says_the_same_is_no_obstacle(empty_url: str, wanted: str, other: str | None) -> None:
    execute(
        empty_url,
        "CREATE SCHEMA app; CREATE TABLE app.users (id int, email text); CREATE PUBLICATION every FOR ALL TABLES;"
        " CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    )
    first = not wanted.startswith(("ALTER", "CREATE EXTENSION"))
    for there, same in ((wanted, True), *(((other, False),) if other else ())):
        with connect(empty_url, application_name="tests") as connection, connection.transaction(force_rollback=True):
            if first:
                connection.execute(there.encode())
            try:
                with connection.transaction():
                    connection.execute(wanted.encode())
                pytest.fail("it was not there")
            except fulfilled.EXISTS:
                assert fulfilled.is_fulfilled(connection, wanted) is same
            left = connection.execute("SELECT count(*) FROM pg_class WHERE relname = 'populace_aside'").fetchone()
            assert left == (0,)


def test_a_publication_of_all_tables_is_what_a_world_wants(empty_url: str) -> None:
    execute(empty_url, "CREATE PUBLICATION supabase_realtime FOR ALL TABLES")
    assert step(empty_url, "init").code == 0
    done = step(empty_url, *JOURNEYS.seed)
    assert done.code == 0, done.err
    assert number(empty_url, "SELECT count(*) FROM populace.made WHERE kind = 'publication'") == 0
