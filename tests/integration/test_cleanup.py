"""cleanup and count on a database that people of flesh and blood use too: all that is ours goes, nothing of theirs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

import contexts
from command import CLUB, adopt, answer, call, start
from examples import part
from populace import clock
from populace.database import queries
from populace.database.connection import Connection
from populace.database.embedded import EmbeddedServer
from populace.errors import BadInput, CheckFailed, Interrupted, Refused
from populace.event import Event
from populace.operations import cleanups
from populace.operations.cleanups import CleanupRequest, CountRequest, RetainRequest
from populace.operations.plans.making import PlanRequest, make_plan
from populace.operations.seeds.seed import fill
from populace.runner import lease
from populace.spec import Table
from populace.worlds.recoverlution import WORLD
from urls import for_user

Row = dict[str, Any]
Link = tuple[str, tuple[str, ...], str, tuple[str, ...]]
"""Child, its columns, parent, the columns referred to."""

HUMANS = 50
SMALL = {"count_users": "60", "coverage_per_mindblock": "1", "days": "2"}
NOW, LATER = "2026-01-09T02:00:00Z", "2026-01-09T03:00:00Z"
SEED = ("seed", "recoverlution", "--now", NOW, *(word for k, v in SMALL.items() for word in ("--set", f"{k}={v}")))
SHARED = tuple(table for table in WORLD.tables if table.mark.condition != "true")
"""The tables that are not ours alone."""

OWN = {"public.sim_users", "public.synthetic_settings"}


def name_of(table: Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


def clean(url: str, **request: Any) -> cleanups.Cleaned:
    return cleanups.clean(contexts.at(url), CleanupRequest(world=WORLD.name, **request))


def ours(url: str) -> dict[str, str]:
    """How many synthetic rows each table has, and a hash of them."""
    return _hashes(url, "{mark}")


def theirs(url: str) -> dict[str, str]:
    """The same of all other rows, whole, the tables of the app that no world knows included."""
    return _hashes(url, "({mark}) IS NOT TRUE")


def _hashes(url: str, condition: str) -> dict[str, str]:
    tables = {table.full_name: (name_of(table), table.mark.condition) for table in WORLD.tables}
    if "IS NOT TRUE" in condition:
        tables |= {f"crm.{name}": (sql.Identifier("crm", name), "false") for name in ("note", "seat")}
    out = {}
    with psycopg.connect(url) as connection:
        for name, (identifier, mark) in tables.items():
            row = connection.execute(
                sql.SQL("SELECT count(*), md5(string_agg(h, '' ORDER BY h)) FROM (SELECT md5(to_jsonb(t)::text) AS h"
                        " FROM {} AS t WHERE {}) AS hashed").format(
                            identifier, sql.SQL(condition.format(mark=mark)))  # type: ignore[arg-type]
            ).fetchone()  # fmt: skip
            assert row is not None
            out[name] = f"{row[0]}:{row[1]}"
    return out


def everything(url: str) -> str:
    """A text of all that a refused command must leave as it was, Populace's own records included."""
    with psycopg.connect(url) as connection:
        records = connection.execute(
            "SELECT (SELECT md5(to_jsonb(p)::text) FROM populace.plan p), (SELECT count(*) FROM populace.ledger),"
            " (SELECT count(*) FROM populace.tally), (SELECT count(*) FROM populace.journal)"
        ).fetchone()
    return json.dumps([ours(url), theirs(url), records])


def references(connection: Connection) -> list[Link]:
    """What refers to the world's tables: by foreign key, or as the world declares."""
    wanted = {"schemas": [t.schema for t in WORLD.tables], "names": [t.name for t in WORLD.tables]}
    found = connection.execute(queries.load("queries/foreign_keys.sql"), wanted).fetchall()
    links = [(f"{row[1]}.{row[2]}", tuple(row[3]), f"{row[4]}.{row[5]}", tuple(row[6])) for row in found]
    return links + [(table.full_name, (column.name,), parent, (key,)) for table in WORLD.tables
                    for column in table.columns
                    for reference in (column.references, column.alternative) if reference
                    for parent, _, key in [reference.rpartition(".")]]  # fmt: skip


def move_in(connection: Connection) -> None:
    """Humans with rows of their own in every table that has both: copies of synthetic rows without what marks them."""
    parents = {(child, columns[0]): (parent, keys[0]) for child, columns, parent, keys in references(connection)
               if len(columns) == 1}  # fmt: skip
    made: dict[str, list[Row]] = {}
    for table in SHARED:
        wanted = {"schemas": [table.schema], "names": [table.name]}
        keys = connection.execute(queries.load("queries/unique_keys.sql"), wanted)
        unique = {column for row in keys for column in row[2]} | {"email"}
        columns = sql.SQL(", ").join(sql.Identifier(c.name) for c in table.columns)
        with connection.cursor(row_factory=dict_row) as cursor:
            models = cursor.execute(sql.SQL("SELECT {} FROM {} ORDER BY {} LIMIT 50").format(
                columns, name_of(table), sql.SQL(", ").join(map(sql.Identifier, table.key)))).fetchall()  # fmt: skip
        # A person here has a namesake of the same number in every table; of other things there are a few.
        for i in range(HUMANS if table.root == "person" else 4) if models else ():
            row = dict(models[i % len(models)])
            for column in table.columns:
                parent, key = parents.get((table.full_name, column.name), ("", ""))
                if parent in made:
                    row[column.name] = made[parent][i % len(made[parent])][key]
                elif column.type == "jsonb":
                    row[column.name] = {"human": i}
                elif column.name == "id" and column.type == "uuid":
                    row["id"] = connection.execute("SELECT gen_random_uuid()").fetchone()[0]  # type: ignore[index]
                elif column.type == "text" and f"t.{column.name} = " in table.mark.condition:
                    row[column.name] = "app"
                elif column.type == "text" and column.name in unique:
                    row[column.name] = f"human-{i}-{row[column.name]}"
            connection.execute(
                sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM jsonb_populate_record(NULL::{0}, %s)").format(
                    name_of(table), columns),
                [json.dumps(row, default=str)],
            )  # fmt: skip
            made.setdefault(table.full_name, []).append(row)
    connection.execute("CREATE SCHEMA crm")
    connection.execute("CREATE TABLE crm.note (id serial PRIMARY KEY, about uuid NOT NULL"
                       " REFERENCES public.profiles ON DELETE CASCADE)")  # fmt: skip
    connection.execute("CREATE TABLE crm.seat (org uuid, person uuid, number integer, CONSTRAINT seat_of_member"
                       " FOREIGN KEY (org, person) REFERENCES public.org_members ON DELETE SET NULL)")  # fmt: skip
    connection.execute("INSERT INTO crm.note (about) SELECT id FROM public.profiles AS p"
                       " WHERE id NOT IN (SELECT profile_id FROM public.sim_users)")  # fmt: skip


ENTANGLED = {
    "an event in a synthetic journey": (
        "UPDATE public.journey_scene_events SET journey_instance_id ="
        " (SELECT id FROM public.journey_instances WHERE metadata ->> 'synthetic' = 'true' ORDER BY id LIMIT 1)"
        " WHERE id = (SELECT id FROM public.journey_scene_events WHERE event_payload ? 'human' ORDER BY id LIMIT 1)",
        ("public.journey_scene_events → public.journey_instances", "journey_instance_id", "1 rows", "such as id "),
    ),
    "a member of a synthetic organisation": (
        "INSERT INTO public.org_members SELECT (SELECT id FROM public.organizations WHERE name = 'beta'), p.id"
        " FROM public.profiles AS p WHERE p.email LIKE 'human-%' ORDER BY p.id LIMIT 2",
        ("public.org_members → public.organizations by org_members_organization_id_fkey: 2 rows",
         "such as organization_id "),
    ),
    "a profile in a synthetic organisation": (
        "UPDATE public.profiles SET organization_id = (SELECT id FROM public.organizations WHERE name = 'alpha')"
        " WHERE email LIKE 'human-%'",
        ("public.profiles → public.organizations by profiles_organization_id_fkey: 50 rows",),
    ),
    "a table that no world knows, with ON DELETE CASCADE": (
        "INSERT INTO crm.note (about) SELECT profile_id FROM public.sim_users ORDER BY profile_id LIMIT 3",
        ("crm.note → public.profiles by note_about_fkey: 3 rows, such as id ",),
    ),
    "a key of two columns, without a primary key": (
        "INSERT INTO crm.seat (org, person) SELECT organization_id, user_id FROM public.org_members"
        " WHERE user_id = (SELECT max(profile_id::text)::uuid FROM public.sim_users)",
        ("crm.seat → public.org_members by seat_of_member: 1 rows, such as org ",),
    ),
    "a mindblock's id as text": (
        "UPDATE public.mindblock_events SET mindblock_id = (SELECT min(id::text) FROM public.mindblock_library"
        " WHERE substr(id::text, 15, 1) = '8') WHERE evidence ? 'human'",
        ("public.mindblock_events → public.mindblock_library by mindblock_id: 50 rows",),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A database to copy: seeded, and lived in by humans. first: what the seed wrote."""

    name: str
    first: Mapping[str, str]


@pytest.fixture(scope="module")
def populated(server: EmbeddedServer, opened_template: str) -> Template:
    name, url = "cleanup_template", server.url("cleanup_template")
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(opened_template))
        )
    adopt(url)
    answer(*SEED, "--target", url, "--yes")
    first = ours(url)
    with psycopg.connect(url) as connection:
        move_in(connection)
    assert ours(url) == first
    for table, found in theirs(url).items():
        assert not found.startswith("0:") or first.get(table, "0:").startswith("0:") or table in OWN, table
    return Template(name, first)


@pytest.fixture
def url(make_database: Callable[[str], str], populated: Template) -> str:
    """A database with a population and fifty humans, who have nothing to do with each other."""
    return make_database(populated.name)


@pytest.fixture
def entangled(url: str) -> str:
    """The same, and humans refer to synthetic rows in every way."""
    with psycopg.connect(url) as connection:
        for statement, _ in ENTANGLED.values():
            assert connection.execute(statement).rowcount > 0, statement  # type: ignore[call-overload]
    return url


def test_all_goes_and_comes_back(url: str, populated: Template) -> None:
    humans, before = theirs(url), everything(url)
    target = ("--target", url)
    counted = answer("count", *target)
    assert counted["total"] == sum(counted["rows"].values()) > 5000
    would = answer("cleanup", "--all", "--dry-run", *target)
    assert everything(url) == before
    assert would["deleted"] == counted["rows"]
    done = answer("cleanup", "--all", "--yes", *target)
    assert {**done, "dry_run": True} == would
    assert (done["kept"], done["references"], done["skipped"]) == ({}, [], {})
    assert theirs(url) == humans
    assert answer("count", *target)["total"] == 0
    assert answer("status", *target)["state"] == "empty"
    line = answer("logs", *target)[-1]
    assert (line["event"], line["detail"]["deleted"]) == ("cleanup", done["deleted"])
    # A population moves in beside the humans as it did into an empty database, and lives.
    assert answer(*SEED, *target, "--yes")["unchanged"] is False
    assert ours(url) == populated.first
    answer("run", "recoverlution", "--speed", "max", "--until", LATER, *target)
    assert ours(url) != populated.first
    assert theirs(url) == humans
    assert "0 synthetic rows" not in call("cleanup", "--all", "--yes", *target).stdout
    assert theirs(url) == humans
    assert "0 synthetic rows deleted" in call("cleanup", "--all", "--yes", *target).stdout


@pytest.mark.parametrize("way", part(ENTANGLED, every=2))
def test_one_reference_is_enough_to_refuse(url: str, way: str) -> None:
    statement, says = ENTANGLED[way]
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[call-overload]
    before = everything(url)
    with pytest.raises(Refused) as refused:
        clean(url)
    assert all(phrase in str(refused.value) for phrase in says), str(refused.value)
    assert str(refused.value).count("\n  - ") == 1
    assert everything(url) == before


def test_all_references_are_listed_by_command_and_dry_run(entangled: str) -> None:
    before = everything(entangled)
    for extra in ("--dry-run", "--yes"):
        for as_json in ([], ["--json"]):
            said = call("cleanup", "--all", extra, *as_json, "--target", entangled, code=3)
            assert said.stdout == ""
            assert said.stderr.count("\n  - ") == len(ENTANGLED)
            assert "--keep-referenced" in said.stderr
            for _, phrases in ENTANGLED.values():
                assert all(phrase in said.stderr for phrase in phrases)
    assert everything(entangled) == before


def closure(url: str) -> dict[str, set[str]]:
    """The keys of synthetic rows that --keep-referenced must keep, worked out row by row in Python."""
    rows: dict[str, list[Row]] = {}
    with psycopg.connect(url) as connection:
        for table in WORLD.tables:
            rows[table.full_name] = [
                {**row, "ours": mark}
                for row, mark in connection.execute(
                    sql.SQL("SELECT to_jsonb(t), ({}) FROM {} AS t").format(
                        sql.SQL(table.mark.condition), name_of(table))  # type: ignore[arg-type]
                )
            ]  # fmt: skip
        links = references(connection)
        for name in ("note", "seat"):
            query = sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(sql.Identifier("crm", name))
            rows[f"crm.{name}"] = [{**row, "ours": False} for (row,) in connection.execute(query)]
    while True:
        changed = False
        for child, columns, parent, keys in links:
            wanted = {tuple(row[c] for c in columns) for row in rows[child] if not row["ours"] or row.get("kept")}
            for row in rows[parent]:
                if row["ours"] and not row.get("kept") and tuple(row[k] for k in keys) in wanted:
                    row["kept"] = changed = True
        # A person who stays stays known as synthetic.
        people = {row["id"] for row in rows["public.profiles"] if row.get("kept")}
        for row in rows["public.sim_users"]:
            if row["profile_id"] in people and not row.get("kept"):
                row["kept"] = changed = True
        if not changed:
            break
    return {
        table.full_name: {str([row[k] for k in table.key]) for row in rows[table.full_name] if row.get("kept")}
        for table in WORLD.tables
    }


def synthetic(url: str) -> dict[str, set[str]]:
    """The keys of the synthetic rows there are."""
    out = {}
    with psycopg.connect(url) as connection:
        for table in WORLD.tables:
            found = connection.execute(
                sql.SQL("SELECT to_jsonb(t) FROM {} AS t WHERE {}").format(
                    name_of(table), sql.SQL(table.mark.condition))  # type: ignore[arg-type]
            )  # fmt: skip
            out[table.full_name] = {str([row[k] for k in table.key]) for (row,) in found}
    return out


def test_what_is_referred_to_stays(entangled: str) -> None:
    humans, expected, target = theirs(entangled), closure(entangled), ("--target", entangled)
    before = everything(entangled)
    would = answer("cleanup", "--all", "--keep-referenced", "--dry-run", *target)
    assert everything(entangled) == before
    done = answer("cleanup", "--all", "--keep-referenced", "--yes", *target)
    assert {**done, "dry_run": True} == would
    assert len(done["references"]) == len(ENTANGLED)
    assert done["kept"] == {name: len(keys) for name, keys in expected.items() if keys}
    assert {"public.journey_instances", "public.sim_users", "auth.users", "public.pillar_catalog"} <= set(done["kept"])
    assert synthetic(entangled) == expected
    assert theirs(entangled) == humans
    # They are in the way of the same people.
    assert answer("status", *target)["state"] == "empty"
    clash = call(*SEED, *target, "--yes", code=2)
    assert "organizations" in clash.stderr
    assert "already exists" in clash.stderr
    assert theirs(entangled) == humans
    with psycopg.connect(entangled) as connection:
        connection.execute("DROP SCHEMA crm CASCADE")
        connection.execute("DELETE FROM public.journey_scene_events WHERE event_payload ? 'human'")
        connection.execute("DELETE FROM public.mindblock_events WHERE evidence ? 'human'")
        connection.execute("DELETE FROM public.org_members WHERE user_id NOT IN (SELECT profile_id FROM sim_users)")
        connection.execute("UPDATE public.profiles SET organization_id = NULL WHERE email LIKE 'human-%'")
    clean(entangled)
    assert not any(synthetic(entangled).values())
    answer(*SEED, *target, "--yes")


def test_a_row_that_comes_meanwhile_is_seen(url: str) -> None:
    """A human's row that is not committed when the clean-up begins blocks it, and is not swept away by a cascade."""
    statement, _ = ENTANGLED["a table that no world knows, with ON DELETE CASCADE"]
    refusals: list[Refused] = []

    def try_to() -> None:
        try:
            clean(url)
        except Refused as error:
            refusals.append(error)

    with psycopg.connect(url) as human, psycopg.connect(url, autocommit=True) as looking:
        human.execute(statement)  # type: ignore[call-overload]
        cleaner = threading.Thread(target=try_to)
        cleaner.start()
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        deadline = clock.monotonic() + 120
        while looking.execute(waits).fetchone() == (0,) and clock.monotonic() < deadline:
            clock.sleep(0.02)
        human.commit()
        cleaner.join(20)
        assert human.execute("SELECT count(*) FROM crm.note").fetchone() == (HUMANS + 3,)
    assert "crm.note" in str(refusals[0])


def test_a_failure_changes_nothing(url: str) -> None:
    before = everything(url)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE FUNCTION crm.never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        connection.execute("CREATE TRIGGER never BEFORE DELETE ON public.organizations"
                           " FOR EACH ROW EXECUTE FUNCTION crm.never()")  # fmt: skip
    with pytest.raises(CheckFailed, match=r"public\.organizations: of 3 synthetic rows the server deleted 0"):
        clean(url)
    assert everything(url) == before


def test_rows_that_policies_hide_are_not_overlooked(url: str) -> None:
    """Whoever cleans up without seeing all rows of a table that refers to ours gets an error."""
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO crm.note (about) SELECT profile_id FROM public.sim_users LIMIT 1")
        connection.execute("ALTER TABLE crm.note ENABLE ROW LEVEL SECURITY")
        connection.execute("CREATE ROLE cleaner BYPASSRLS LOGIN PASSWORD 'geheim'")
        connection.execute("GRANT pg_read_all_data, pg_write_all_data TO cleaner")
        connection.execute("ALTER ROLE cleaner NOBYPASSRLS")
        connection.execute("ALTER TABLE crm.note FORCE ROW LEVEL SECURITY")
    try:
        with psycopg.connect(for_user(url, "cleaner")) as connection:
            assert connection.execute("SELECT count(*) FROM crm.note").fetchone() == (0,)
        before = everything(url)
        error = call("cleanup", "--all", "--yes", "--target", for_user(url, "cleaner"), code=4).stderr
        assert "row-level security" in error
        assert everything(url) == before
    finally:
        with psycopg.connect(url) as connection:
            connection.execute("DROP OWNED BY cleaner")
            connection.execute("DROP ROLE cleaner")


def test_refused_while_somebody_is_at_work(url: str) -> None:
    before = everything(url)
    runner = start("run", "recoverlution", "--speed", "1", "--target", url)
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            deadline = clock.monotonic() + 120
            while lease.leader(connection) is None and clock.monotonic() < deadline:
                clock.sleep(0.05)
        error = call("cleanup", "--all", "--yes", "--target", url, code=3).stderr
        assert "populace run recoverlution is at work on this target" in error
    finally:
        runner.kill()
        runner.communicate()
    assert json.loads(everything(url))[1] == json.loads(before)[1]


def test_refused_where_nothing_may_be_done(empty_url: str, url: str) -> None:
    for command in (["cleanup", "--all", "--yes"], ["cleanup", "--retain-days", "3"], ["count"]):
        assert "has not been opened" in call(*command, "--target", empty_url, code=3).stderr
    before = everything(url)
    for command in (["cleanup", "--all", "--yes"], ["count"]):
        error = call(*command, "--world", CLUB, "--target", url, code=3).stderr
        assert "holds the population of another world" in error
    assert "there is no terminal to confirm at" in call("cleanup", "--all", "--target", url, code=3).stderr
    for words in ([], ["--all", "--retain-days", "3"], ["--retain-days", "3", "--keep-referenced"]):
        call("cleanup", *words, "--yes", "--target", url, code=2)
    assert everything(url) == before


def test_without_a_record_nothing_is_known_to_be_ours(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("TRUNCATE populace.plan, populace.ledger, populace.clock")
    before = [ours(url), theirs(url)]
    done = clean(url).document()
    assert (done["rows_deleted"], done["deleted"]) == (0, {})
    assert answer("count", "--target", url)["total"] == 0
    said = call("cleanup", "--all", "--yes", "--target", url).stdout
    assert "0 synthetic rows deleted: no population is on record here" in said
    assert [ours(url), theirs(url)] == before


def test_a_mark_that_cannot_be_read(url: str, opened_url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE public.sim_users CASCADE")
    counted = answer("count", "--target", url)
    assert counted["skipped"]["public.sim_users"] == "there is no such table"
    assert 'relation "public.sim_users" does not exist' in counted["skipped"]["public.profiles"]
    assert counted["rows"]["auth.users"] == 60
    # Without it it is not known whose these profiles are, so they count as rows of others.
    with pytest.raises(Refused, match=r"public\.profiles → auth\.users"):
        clean(url, dry_run=True)
    assert (
        "public.profiles: its mark cannot be read"
        in call("cleanup", "--all", "--keep-referenced", "--dry-run", "--target", url).stdout
    )
    nothing = answer("cleanup", "--all", "--yes", "--target", opened_url)
    assert (nothing["rows_deleted"], nothing["skipped"]) == (0, {})


@pytest.mark.parametrize(("stage", "most"), part([("indexes", 20), ("rows", 3000), ("indexes", 1)], every=3))
def test_an_unfinished_seed(opened_url: str, populated: Template, stage: str, most: int) -> None:
    """Its tables lack keys; afterwards they have them all, and a seed begins again in them."""
    now_us = clock.parse(NOW, "now")
    plan = make_plan(contexts.at(opened_url), PlanRequest(WORLD.name, changes=SMALL), now_us)
    stop = threading.Event()

    def enough(event: Event) -> None:
        if event.stage == stage and event.done >= most:
            stop.set()

    with pytest.raises(Interrupted):
        fill(contexts.prepared(opened_url, plan, now_us, epoch_given=False), on_event=enough, stop=stop)
    there = cleanups.count(contexts.at(opened_url), CountRequest(WORLD.name)).rows
    done = clean(opened_url)
    assert done.report.deleted == there
    answer(*SEED, "--target", opened_url, "--yes")
    assert ours(opened_url) == populated.first
    with psycopg.connect(opened_url) as connection:
        assert connection.execute("SELECT in_place FROM populace.plan").fetchone() == (True,)
        keys = connection.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace ="
                                  " 'public'::regnamespace").fetchone()  # fmt: skip
        assert keys is not None
        assert keys[0] > 15


STAY = {"migration", "layout", "target", "made", "privilege", "journal", "call"} | {"own_row", "former_plan"}
STAY |= {"allowed_effect", "secret", "api_key"}


def test_every_record_goes_or_is_meant_to_stay(opened_url: str) -> None:
    """If this fails: add the new table to population_records.sql, or here when it outlives a population."""
    with psycopg.connect(opened_url) as connection:
        goes = {row[0] for row in connection.execute(queries.load("queries/population_records.sql"))}
        there = connection.execute("SELECT relname FROM pg_class WHERE relnamespace = 'populace'::regnamespace"
                                   " AND relkind IN ('r', 'p')").fetchall()  # fmt: skip
    assert {name for (name,) in there} == goes | STAY


def test_interventions_are_numbered_from_the_start(url: str) -> None:
    """Their numbers are addresses of draws: the next population begins with 1."""
    answer("pause", "--target", url)
    clean(url)
    answer(*SEED, "--target", url, "--yes")
    assert answer("pause", "--target", url)["intervention"] == 1


def test_retention(url: str, opened_url: str) -> None:
    answer("run", "recoverlution", "--speed", "max", "--until", "2026-01-11T03:00:00Z", "--target", url)
    humans, before = theirs(url), ours(url)
    would = answer("cleanup", "--retain-days", "1", "--dry-run", "--target", url)
    assert ours(url) == before
    with psycopg.connect(url) as connection:
        old = connection.execute(
            "SELECT count(*) FROM journey_instances WHERE status IN ('completed', 'abandoned')"
            " AND coalesce(completed_at, updated_at) < populace.now() - interval '1 day'"
            " AND metadata ->> 'synthetic' = 'true'"
        ).fetchone()
    assert old is not None
    assert would["deleted_journeys"] == old[0] > 0
    assert answer("cleanup", "--retain-days", "1", "--target", url) == {**would, "dry_run": False}
    assert theirs(url) == humans
    assert answer("cleanup", "--retain-days", "1", "--target", url)["deleted_journeys"] == 0
    call("cleanup", "--retain-days", "-1", "--target", url, code=2)
    with pytest.raises(BadInput, match="no rule for what is old"):
        cleanups.retain(contexts.at(url, replace(WORLD, package="club")), RetainRequest(3))
    with pytest.raises(Refused, match="no population here yet"):
        cleanups.retain(contexts.at(opened_url), RetainRequest(3))
