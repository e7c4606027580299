"""Uninstall: a database and its server are what they were, and nothing on which others depend is dropped."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from command import CLUB, adopt, answer
from examples import part
from hazards import CLUB_SMALL, FILMS, JOURNEYS, Said, Small, execute, step
from populace.database import compat
from populace.database.binaries import psql_program
from populace.database.embedded import EmbeddedServer
from servers import running

MAIL = Small("campaigns", words=("--scenario", "demo"), settings={
    "months": 1, "campaigns_per_client": 1, "call_center": False, "gift_cards": False, "analytics": False,
    "error_logs": False,
})  # fmt: skip
WORLDS = {"club": CLUB_SMALL, "recoverlution": JOURNEYS, "hogflix": FILMS, "campaigns": MAIL}

APP = """
CREATE SCHEMA shop;
CREATE TYPE shop.state AS ENUM ('open', 'paid');
CREATE TABLE shop.orders (id integer PRIMARY KEY, state shop.state NOT NULL DEFAULT 'open', buyer text);
CREATE INDEX orders_buyer ON shop.orders (buyer);
INSERT INTO shop.orders SELECT n, 'paid', 'buyer ' || n FROM generate_series(1, 9) AS n;
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON shop.orders USING (true);
CREATE FUNCTION public.total() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM shop.orders';
CREATE VIEW public.paid AS SELECT * FROM shop.orders WHERE state = 'paid';
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT SELECT ON public.paid TO PUBLIC;
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A server of its own: roles belong to all of a server's databases."""
    with running(tmp_path_factory.mktemp("alone")) as server:
        yield server


_numbers = itertools.count(1)


@pytest.fixture
def url(alone: EmbeddedServer) -> Iterator[str]:
    """An empty database of that server."""
    name = f"here_{next(_numbers)}"
    execute(alone.url("postgres"), f"CREATE DATABASE {name}")
    yield alone.url(name)
    execute(alone.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def left_by_club(alone: EmbeddedServer) -> str:
    """The name of a database of that server in which the club came and went."""
    name = "left_by_club"
    execute(alone.url("postgres"), f"CREATE DATABASE {name}")
    lived(alone.url(name), CLUB_SMALL)
    return name


@pytest.fixture
def left_url(alone: EmbeddedServer, left_by_club: str) -> Iterator[str]:
    """A copy of it."""
    name = f"here_{next(_numbers)}"
    execute(alone.url("postgres"), f"CREATE DATABASE {name} TEMPLATE {left_by_club}")
    adopt(alone.url(name))
    yield alone.url(name)
    execute(alone.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def dump(url: str) -> str:
    """The schema of a database and the roles of its server, as PostgreSQL writes them."""
    folder = Path(psql_program(None)).parent
    out = ""
    for words in ([folder / "pg_dump", "--schema-only", url], [folder / "pg_dumpall", "--roles-only", "-d", url]):
        out += subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in out.splitlines() if not line.startswith(("\\", "--")))


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return row[0] if row else None


def lived(url: str, small: Small) -> None:
    """A population that came and went."""
    for words in (("init", "--yes", "--i-know", url.rpartition("/")[2]), small.seed, ("cleanup", "--all", "--yes")):
        done = step(url, *words)
        assert done.code == 0, (words, done.err)


def uninstalled(url: str, *words: str, code: int = 0) -> Said:
    done = step(url, "uninstall", "--yes", *words)
    assert done.code == code, (done.out, done.err)
    return done


@pytest.mark.parametrize("world", part(WORLDS, every=4))
def test_a_database_is_what_it_was(url: str, world: str) -> None:
    small = WORLDS[world]
    execute(url, APP)
    before = dump(url)
    lived(url, small)
    assert dump(url) != before
    would = step(url, "uninstall", "--dry-run", "--json").document
    done = uninstalled(url, "--json").document
    assert {**would, "dry_run": False} == done
    assert dump(url) == before
    assert value(url, "SELECT count(*) FROM shop.orders") == 9
    needs_roles = small is not CLUB_SMALL
    assert ({"what": "role service_role", "cluster_wide": True} in done["removed"]) == needs_roles


def project(url: str) -> None:
    """What a project of Supabase has, made by somebody else."""
    for piece in compat.PIECES:
        if str(piece) != "privileges populace":
            execute(url, compat.script(f"{piece.kind}_{piece.name}").replace("made by Populace", "made by the app"))


def gone(url: str) -> None:
    """Take it away again: its roles belong to the whole server."""
    execute(url, "DROP PUBLICATION supabase_realtime; DROP OWNED BY anon, authenticated, service_role CASCADE")
    execute(url, "DROP ROLE anon, authenticated, service_role")


# The other worlds: each has its turn in one of the two.
@pytest.mark.parametrize("world", part(WORLDS, every=4, first=1))
def test_in_place_a_database_is_what_it_was(url: str, world: str, tmp_path: Path) -> None:
    """The app has the world's tables, by exported files, and accounts, roles and a publication; all of them stay."""
    small = WORLDS[world]
    project(url)
    try:
        if small is CLUB_SMALL:
            execute(url, small.tables())
        else:
            files = answer("export", small.world, "--format", "schema", "--out", str(tmp_path))["files"]
            execute(url, "".join((tmp_path / name).read_text() for name in files))
        execute(url, APP)
        before = dump(url)
        lived(url, small)
        assert uninstalled(url, "--json").document["left"] == []
        assert dump(url) == before
        assert "not been opened" in step(url, *small.seed).err
    finally:
        gone(url)


def test_opened_and_never_seeded(url: str) -> None:
    before = dump(url)
    assert step(url, "init").code == 0
    uninstalled(url)
    assert dump(url) == before
    assert "not been opened" in step(url, "uninstall", "--yes").err


def test_people_have_to_go_first(url: str) -> None:
    assert step(url, "init").code == 0
    assert step(url, *CLUB_SMALL.seed).code == 0
    before = dump(url)
    done = uninstalled(url, code=3)
    assert "populace cleanup --all" in done.err
    assert dump(url) == before


def test_it_is_asked_for(url: str) -> None:
    assert step(url, "init").code == 0
    before = dump(url)
    done = step(url, "uninstall")
    assert done.code == 3
    assert "--yes" in done.err
    assert "schema populace" in done.err
    assert dump(url) == before


USED = {
    "a row of theirs": (
        "INSERT INTO people (id, name, mail, nth, created_at) SELECT gen_random_uuid(), 'Ann', 'a@b.de', 1, now()",
        "table public.people",
    ),
    "a view": ("CREATE VIEW report AS SELECT count(*) FROM people", "report depends on it"),
    "a foreign key": ("CREATE TABLE orders (person uuid REFERENCES people (id))", "orders"),
    "an index": ("CREATE INDEX by_name ON people (name)", "by_name depends on it"),
    "a trigger": (
        "CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        " CREATE TRIGGER watch BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION watch()",
        "trigger watch",
    ),
    "a policy": ("CREATE POLICY mine ON people USING (true)", "policy mine"),
    "a column": ("ALTER TABLE people ADD COLUMN shoe_size integer", "its columns have been changed"),
    "a new name": ("ALTER TABLE people RENAME TO persons", "it was called public.people"),
    "a child": ("CREATE TABLE staff () INHERITS (people)", "staff depends on it"),
    "a default in another table": ("CREATE TABLE log (at timestamptz DEFAULT populace.now())", "depends on it"),
    "a function that calls it": (
        "CREATE FUNCTION later() RETURNS timestamptz LANGUAGE plpgsql AS 'BEGIN RETURN populace.now(); END'",
        "later() depends on it",
    ),
    "a view of Populace's records": (
        "CREATE VIEW plans AS SELECT world FROM populace.plan",
        "plans depends on it",
    ),
    "a column of its row's type": ("CREATE TABLE kept (was people)", "kept"),
    "a matview two steps away": (
        "CREATE VIEW report AS SELECT count(*) AS n FROM people; CREATE MATERIALIZED VIEW sums AS SELECT n FROM report",
        "report depends on it",
    ),
}


@pytest.mark.parametrize("name", part(USED, every=4))
def test_what_others_need_is_not_dropped(left_url: str, name: str) -> None:
    used, says = USED[name]
    url = left_url
    execute(url, used)
    before = dump(url)
    done = uninstalled(url, code=3)
    assert says in done.err
    assert "--leave-used" in done.err
    assert dump(url) == before
    left = uninstalled(url, "--leave-used", "--json").document["left"]
    assert any(says in f"{one['what']}: {one['why']}" for one in left)
    assert "not been opened" in step(url, *CLUB_SMALL.seed).err
    # What was made later is all there, and works.
    with psycopg.connect(url) as connection:
        for (relation,) in connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'v', 'm')"
        ).fetchall():
            connection.execute(f"SELECT * FROM {relation}")  # type: ignore[call-overload]


ROLES = {
    "a grant elsewhere": ("other", "CREATE TABLE t (id int); GRANT SELECT ON t TO anon", "the database other"),
    "a grant in this one": ("here", "CREATE TABLE t (id int); GRANT SELECT ON t TO anon", "the database here"),
    "a policy that names it": (
        "here", "CREATE TABLE t (id int); CREATE POLICY p ON t TO anon USING (true)", "the database here",
    ),
    "a member": ("here", "CREATE ROLE authenticator LOGIN; GRANT anon TO authenticator", "of it: authenticator"),
    "a setting": ("here", "ALTER ROLE anon SET statement_timeout = '3s'", "settings of its own"),
    "a log-in": ("here", "ALTER ROLE anon LOGIN", "changed since"),
    "an owner": ("here", "CREATE TABLE t (id int); ALTER TABLE t OWNER TO anon", "the database here"),
    "a right on another database": ("other", "GRANT CREATE ON DATABASE other TO anon", "the database other"),
}  # fmt: skip


@pytest.mark.parametrize("case", part(ROLES, every=4))
def test_a_role_that_somebody_needs_stays(alone: EmbeddedServer, case: str) -> None:
    where, used, says = ROLES[case]
    for name in ("here", "other"):
        execute(alone.url("postgres"), f"CREATE DATABASE {name}")
    try:
        assert step(alone.url("here"), "init").code == 0
        with psycopg.connect(alone.url("here")) as connection:
            compat.install(connection, ("roles",))
        execute(alone.url(where), used)
        done = uninstalled(alone.url("here"), "--json").document
        assert any(one["what"] == "role anon" and says in one["why"] for one in done["left"])
        assert {"role authenticated", "role service_role"} <= {one["what"] for one in done["removed"]}
        assert value(alone.url("postgres"), "SELECT count(*) FROM pg_roles WHERE rolname = 'anon'") == 1
    finally:
        for name in ("here", "other"):
            execute(alone.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")
        execute(alone.url("postgres"), "DROP ROLE anon; DROP ROLE IF EXISTS authenticator")


def test_the_last_database_takes_the_roles_away(alone: EmbeddedServer) -> None:
    urls = {name: alone.url(name) for name in ("first", "second")}
    for name, url in urls.items():
        execute(alone.url("postgres"), f"CREATE DATABASE {name}")
        assert step(url, "init").code == 0
        with psycopg.connect(url) as connection:
            compat.install(connection, ("roles",))
    try:
        kept = uninstalled(urls["first"], "--json").document["left"]
        assert {one["what"] for one in kept} == {"role anon", "role authenticated", "role service_role"}
        assert all("the database second" in one["why"] for one in kept)
        gone = {one["what"] for one in uninstalled(urls["second"], "--json").document["removed"]}
        assert gone == {"schema populace", "role anon", "role authenticated", "role service_role"}
    finally:
        for name in urls:
            execute(alone.url("postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def test_a_role_that_was_there_is_not_changed(alone: EmbeddedServer, url: str) -> None:
    execute(url, "CREATE ROLE anon LOGIN CREATEDB CONNECTION LIMIT 7")
    before = dump(url)
    try:
        assert step(url, "init").code == 0
        with psycopg.connect(url) as connection:
            assert "role anon" not in {str(piece) for piece in compat.install(connection, ("roles", "visitor"))}
        uninstalled(url)
        assert dump(url) == before
    finally:
        execute(url, "DROP ROLE anon")


def test_privileges_that_a_world_changes_are_put_back(url: str, tmp_path: Path) -> None:
    """A world by path may grant what it likes; on what it has not made that is undone."""
    world = tmp_path / "club"
    shutil.copytree(CLUB, world)
    constraints = world / "schema" / "2_constraints.sql"
    grants = "; ".join((
        "GRANT USAGE ON SCHEMA shop TO PUBLIC", "GRANT SELECT ON shop.orders TO PUBLIC",
        "REVOKE SELECT ON public.paid FROM PUBLIC", "REVOKE EXECUTE ON FUNCTION public.total() FROM PUBLIC",
        "GRANT SELECT ON public.people TO PUBLIC", "GRANT CREATE ON SCHEMA public TO PUBLIC",
    ))  # fmt: skip
    constraints.write_text(f"{constraints.read_text()}\n{grants};\n")
    execute(url, APP)
    before = dump(url)
    lived(url, replace(CLUB_SMALL, world=str(world)))
    changed = value(url, "SELECT count(*) FROM populace.privilege")
    assert changed == 5, rows_of(url)
    assert value(url, "SELECT has_schema_privilege('public', 'shop', 'USAGE')") is True
    uninstalled(url)
    assert dump(url) == before


@pytest.mark.parametrize("own", ["nothing", "an empty schema populace"])
def test_a_schema_that_was_there_stays(url: str, own: str) -> None:
    if own != "nothing":
        execute(url, "CREATE SCHEMA populace")
    before = dump(url)
    lived(url, CLUB_SMALL)
    uninstalled(url)
    assert dump(url) == before


def rows_of(url: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT * FROM populace.privilege").fetchall()
