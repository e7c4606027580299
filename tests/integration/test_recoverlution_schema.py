"""The tables, functions, views and policies of Recoverlution, on a database of a few people written by hand."""

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
from populace.database.connection import Connection
from populace.database.embedded import EmbeddedServer
from populace.database.introspection import ExpectedColumn, ExpectedTable, mismatches
from populace.database.statements import split
from populace.worlds.recoverlution.parameters import PARAMETERS
from populace.worlds.recoverlution.tables import TABLES

MakeDatabase = Callable[..., str]
WORLD = files("populace.worlds.recoverlution")
SYNTHETIC, OTHER_SYNTHETIC, HUMAN, OTHER_HUMAN = (f"{n}0000000-0000-8000-8000-000000000001" for n in range(1, 5))
PEOPLE = (SYNTHETIC, OTHER_SYNTHETIC, HUMAN, OTHER_HUMAN)
SYNTHETICS = (SYNTHETIC, OTHER_SYNTHETIC)
ORGANIZATION = "70000000-0000-8000-8000-000000000001"
PILLAR, SCHEMA, FAMILY, MINDBLOCK, CUE = (f"8000000{n}-0000-8000-8000-000000000001" for n in range(5))
DRAFT = "80000009-0000-8000-8000-000000000001"
SYNTHETIC_MARK = {"synthetic": True, "cohort_label": "synthetics_v1"}

CONTENT = f"""
INSERT INTO organizations (id, name) VALUES ('{ORGANIZATION}', 'alpha');
INSERT INTO pillar_catalog (id, pillar_key, legacy_code, title, position) VALUES ('{PILLAR}', 'p', 'ER', 'P', 1);
INSERT INTO schema_catalog (id, schema_key, title, pillar_id) VALUES ('{SCHEMA}', 's', 'S', '{PILLAR}');
INSERT INTO family_catalog (id, family_key, schema_id, title) VALUES ('{FAMILY}', 'f', '{SCHEMA}', 'F');
INSERT INTO mindblock_library (id, mindblock_key, family_id, limiting_prediction, truth, heat, kbe_stage)
    VALUES ('{MINDBLOCK}', 'm', '{FAMILY}', 'no', 'yes', 'RED', 'Knowing');
INSERT INTO practice_template (id, title, status, total_scenes) VALUES ('daily_check_in', 'D', 'active', 2);
INSERT INTO journey_template (id, title, status, total_scenes) VALUES
    ('er-01', 'One', 'active', 2), ('er-02', 'Two', 'draft', 1);
INSERT INTO journey_template_scene (template_id, scene_number, scene_key, scene_type, phase_label, title, has_audio,
    requires_resistance_check, requires_real_world_trigger)
    VALUES ('er-01', 1, 'a', 'introduction', 'Arrive', 'A', true, false, true),
           ('er-01', 2, 'b', 'cue', 'Experience', 'B', false, true, false),
           ('er-02', 1, 'c', 'cue', 'Experience', 'C', false, false, false);
INSERT INTO scene_contracts (template_id, scene_number, expects_receipt, expects_checks)
    VALUES ('er-01', 1, true, false), ('er-01', 2, true, true), ('er-02', 5, false, true);
INSERT INTO navicues_v2 (id, code, status, kbe_layer, tier, primary_schema_id) VALUES
    ('{CUE}', 'NC-1', 'active', 'learn', 'hot', '{SCHEMA}'), ('{DRAFT}', 'NC-2', 'draft', 'live', 'cool', '{SCHEMA}');
INSERT INTO navicue_steps_v2 (id, navicue_id, step_index, component_type)
    SELECT overlay(id::text placing '1' from 1)::uuid, id, 0, 'card' FROM navicues_v2;
INSERT INTO navicue_variants_v2 (navicue_id, lens, copy)
    SELECT id, 'standard', '{{"headline": "Hello"}}' FROM navicues_v2;
INSERT INTO navicue_targets_v2 (navicue_id, scope_type, family_id) SELECT id, 'family', '{FAMILY}' FROM navicues_v2;
INSERT INTO synthetic_settings DEFAULT VALUES;
"""
READ_BY_ALL = {
    "pillar_catalog", "schema_catalog", "family_catalog", "mindblock_library", "practice_template", "journey_template",
    "journey_template_scene", "scene_contracts", "navicues_v2", "navicue_steps_v2", "navicue_variants_v2",
    "navicue_targets_v2",
}  # fmt: skip
OF_THE_POPULATION = {"sim_users", "synthetic_settings"}

# How each table of people gets a row: of a person, with or without the mark, in a journey and a run of somebody's.
WRITES = {
    "journey_runs": "(id, user_id, template_id)"
    " VALUES (coalesce(%(new)s, gen_random_uuid()), %(person)s, 'onboarding')",
    "scene_runs": "(journey_run_id, template_id, scene_number) VALUES (%(run)s, 'onboarding', 1)",
    "content_engagements": "(individual_id, content_type, content_id, action, metadata)"
    " VALUES (%(person)s, 'mindblock', 'm', 'viewed', %(mark)s)",
    "journey_instances": "(id, user_id, template_id, metadata)"
    " VALUES (coalesce(%(new)s, gen_random_uuid()), %(person)s, 'er-01', %(mark)s)",
    "journey_scene_events": "(journey_instance_id, user_id, template_id, scene_number, event_type, event_payload)"
    " VALUES (%(journey)s, %(person)s, 'er-01', 1, 'scene_started', %(mark)s)",
    "mindblock_events": "(individual_id, mindblock_id, signal_type, evidence)"
    " VALUES (%(person)s, 'm', 'viewed', %(mark)s || jsonb_build_object('journey_instance_id', %(journey)s::text))",
    "journey_instance_scenes": "(journey_instance_id, scene_number)"
    " SELECT %(journey)s, 1 + (random() * 1000000000)::int",
    "journey_scene_captures": "(journey_instance_id, scene_number, capture_text) VALUES (%(journey)s, 1, 'words')",
    "journey_resistance_checks": "(journey_instance_id, scene_number, value_num) VALUES (%(journey)s, 1, 10)",
    "journey_real_world_triggers": "(journey_instance_id, scene_number, trigger_text) VALUES (%(journey)s, 1, 'rain')",
    "journey_audio_events": "(journey_instance_id, scene_number, event_type) VALUES (%(journey)s, 1, 'play')",
    "mindblock_realtime_signals": "(individual_id, mindblock_key, signal_strength, evidence)"
    " VALUES (%(person)s, 'm', 0.5, %(mark)s || jsonb_build_object('journey_instance_id', %(journey)s::text))",
    "navicue_responses_v2": "(individual_id, navicue_id, response_data)"
    f" VALUES (%(person)s, '{CUE}', %(mark)s || jsonb_build_object('journey_instance_id', %(journey)s::text))",
}
NOTIFICATION = "(recipient_profile_id, rendered_title, rendered_body, metadata) VALUES (%(person)s, 't', 'b', %(mark)s)"
OF_JOURNEYS = [
    "journey_scene_events", "journey_instance_scenes", "journey_scene_captures", "journey_resistance_checks",
    "journey_real_world_triggers", "journey_audio_events", "mindblock_events", "mindblock_realtime_signals",
    "navicue_responses_v2",
]  # fmt: skip
"""Tables whose rows hang on a journey or name one."""
NAMING = OF_JOURNEYS[-3:]
"""Those that name it in their evidence."""
NO_MARK = {"journey_runs", "scene_runs"} | {t for t in OF_JOURNEYS if t.startswith("journey_")} - {
    "journey_scene_events"
}
OF_PEOPLE = [*WRITES, "notifications_outbox", "profiles", "org_members", "organizations"]


def value(conn: Connection, query: str, *bound: Any) -> Any:
    """The first column of the first row."""
    row = conn.execute(query.encode(), bound or None).fetchone()
    return row[0] if row else None


def rows(conn: Connection, query: str, bound: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return conn.execute(query.encode(), bound).fetchall()


def mark_of(person: str) -> dict[str, Any]:
    """The mark that a person's rows rightly carry."""
    return SYNTHETIC_MARK if person in SYNTHETICS else {}


def journey_of(person: str) -> str:
    """The id of a person's first journey; their run has it too."""
    return person.replace("-8000-8000-", "-8001-8000-")


def write(conn: Connection, table: str, person: str, mark: Mapping[str, Any] | None = None, **bound: Any) -> None:
    """A row of a table: of this person, with their correct mark and in their first journey unless given otherwise."""
    values = {"person": person, "journey": journey_of(person), "run": journey_of(person), "new": None} | bound
    values["mark"] = Jsonb(mark_of(person) if mark is None else mark)
    statement = f"INSERT INTO public.{table} {WRITES.get(table, NOTIFICATION)}"
    conn.execute(statement.encode(), values)


@pytest.fixture(scope="module")
def peopled(server: EmbeddedServer, opened_template: str) -> str:
    """The name of a database with the schema of Recoverlution, two synthetic people and two humans."""
    name = "recoverlution_template"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(opened_template))
        )
    with connect(server.url(name), application_name="tests") as conn:
        for script in ("1_tables.sql", "2_constraints.sql"):
            for statement in split(WORLD.joinpath("schema", script).read_text(encoding="utf-8")):
                conn.execute(statement.encode())
        for table in OF_JOURNEYS:
            # Keys of ours have version 8, those that an app's default gives have version 4.
            default = "overlay(gen_random_uuid()::text PLACING '8' FROM 15)::uuid"
            conn.execute(f"ALTER TABLE {table} ALTER id SET DEFAULT {default}".encode())
        conn.execute(CONTENT.encode())
        for number, person in enumerate(PEOPLE):
            mail = f"person{number}@example.com"
            conn.execute("INSERT INTO auth.users (id, email) VALUES (%s, %s)", (person, mail))
            conn.execute("INSERT INTO profiles (id, email) VALUES (%s, %s)", (person, mail))
            conn.execute("INSERT INTO org_members (organization_id, user_id) VALUES (%s, %s)", (ORGANIZATION, person))
            if person in SYNTHETICS:
                conn.execute("INSERT INTO sim_users (profile_id, persona_key) VALUES (%s, 'early_recovery')", (person,))
                conn.execute("INSERT INTO populace.own_row VALUES ('auth.users', ARRAY[%s])", (person,))
            for table in ("journey_instances", "journey_runs"):
                write(conn, table, person, new=journey_of(person))
            for table in (*WRITES, "notifications_outbox"):
                if table not in {"journey_instances", "journey_runs"}:
                    write(conn, table, person)
        conn.execute("REFRESH MATERIALIZED VIEW mv_protocol_summary")
        conn.execute("REFRESH MATERIALIZED VIEW mv_protocol_step_summary")
        conn.execute("REFRESH MATERIALIZED VIEW navicues_v2_list")
    return name


@pytest.fixture
def conn(make_database: MakeDatabase, peopled: str) -> Iterator[Connection]:
    """A session of its own on a copy of that database."""
    with connect(make_database(peopled), application_name="tests") as connection:
        yield connection


@contextmanager
def acting(conn: Connection, person: str | None) -> Iterator[None]:
    """As the app's API acts for a signed-in person, or for nobody; nothing stays."""
    with conn.transaction(force_rollback=True):
        conn.execute("SELECT set_config('request.jwt.claims', %s, true)", (f'{{"sub": "{person}"}}' if person else "",))
        conn.execute("SET LOCAL ROLE authenticated" if person else "SET LOCAL ROLE anon")
        yield


def may(conn: Connection, table: str, person: str, mark: Mapping[str, Any] | None = None, **bound: Any) -> bool:
    """Whether the person whose claims are in force may write a row."""
    try:
        with conn.transaction():
            write(conn, table, person, mark, **bound)
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
    assert made == {t.name for t in TABLES if t.schema == "public"}
    assert made == {*READ_BY_ALL, *OF_THE_POPULATION, *OF_PEOPLE}


BY_TEXT = {
    ("mindblock_events", "mindblock_id"),
    ("content_engagements", "content_id"),
    ("journey_runs", "template_id"),
    ("scene_runs", "template_id"),
}
"""Ids that the app holds as text, so that there is no key to lean on."""


def test_references_are_foreign_keys_where_the_types_allow_it(conn: Connection) -> None:
    held = set(
        rows(
            conn,
            "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text FROM pg_constraint AS c"
            " JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'",
        )
    )
    for table in TABLES:
        for column in table.columns:
            by_text = (table.name, column.name) in BY_TEXT or column.alternative
            if column.references and table.schema == "public" and not by_text:
                parent = column.references.rsplit(".", 1)[0].removeprefix("public.")
                assert (table.name, column.name, parent) in held
    # Every foreign key has an index that begins with it, but those to the few organisations.
    bare = rows(
        conn,
        "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint AS c"
        " JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS ("
        " SELECT 1 FROM pg_index AS i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])",
    )
    assert {column for _, column in bare} == {"organization_id"}


def test_the_settings_have_the_bounds_of_the_parameters(conn: Connection) -> None:
    bounded = {p.path: (p.low, p.high) for p in PARAMETERS if p.live and p.low is not None}
    columns = {
        r[0] for r in rows(conn, "SELECT attname FROM pg_attribute WHERE attrelid = 'synthetic_settings'::regclass")
    }
    assert set(bounded) & columns == {"sessions_per_min", "max_per_run", "error_rate", "abandon_rate"}
    for path in set(bounded) & columns:
        low, high = bounded[path]
        assert low is not None
        assert high is not None
        change = sql.SQL("UPDATE synthetic_settings SET {} = %s").format(sql.Identifier(path))
        for allowed in (low, high):
            conn.execute(change, (allowed,))
        for outside in (low - 1, high + 1):
            with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
                conn.execute(change, (outside,))


# Who sees and writes what


def _owners(conn: Connection) -> dict[str, dict[str, str]]:
    """By table of people: the owner of each row, by the row's place."""
    of_journey = "(SELECT user_id FROM journey_instances AS j WHERE j.id = t.journey_instance_id)"
    found = {}
    for table in OF_PEOPLE:
        has = {
            r[0] for r in rows(conn, f"SELECT attname FROM pg_attribute WHERE attrelid = 'public.{table}'::regclass")
        }
        owner = next((c for c in ("user_id", "individual_id", "recipient_profile_id") if c in has), None)
        owner = owner or (of_journey if "journey_instance_id" in has else "id")
        if table == "scene_runs":
            owner = "(SELECT user_id FROM journey_runs AS r WHERE r.id = t.journey_run_id)"
        found[table] = dict(rows(conn, f"SELECT ctid::text, ({owner})::text FROM public.{table} AS t"))
    return found


def _seen(conn: Connection, table: str) -> set[str]:
    return {r[0] for r in rows(conn, f"SELECT ctid::text FROM public.{table}")}


def _mark_wrongly(conn: Connection) -> None:
    """A human's rows with the mark, and a synthetic person's without it."""
    for person, mark in ((OTHER_HUMAN, SYNTHETIC_MARK), (OTHER_SYNTHETIC, {})):
        journey = journey_of(person).replace("-8001-", "-8002-")
        write(conn, "journey_instances", person, mark, new=journey)
        for table in (*WRITES, "notifications_outbox"):
            if table not in {"journey_runs", "scene_runs", "journey_instances"}:
                write(conn, table, person, mark, journey=journey)


@pytest.mark.parametrize("reader", [SYNTHETIC, HUMAN])
def test_a_person_sees_their_own_rows_and_the_rightly_marked_ones(conn: Connection, reader: str) -> None:
    right = _owners(conn)
    _mark_wrongly(conn)
    owners = _owners(conn)
    with acting(conn, reader):
        for table in OF_PEOPLE:
            seen = _seen(conn, table)
            own = {place for place, owner in owners[table].items() if owner == reader}
            open_to_all = {place for place, owner in right[table].items() if owner in SYNTHETICS}
            if table in {"content_engagements", "profiles", "org_members"}:
                assert seen == own, table
            elif table == "organizations":
                assert len(seen) == 1
            else:
                assert seen == own | open_to_all, table
            assert own or table == "organizations", table
            if reader == SYNTHETIC:
                assert not {owners[table][place] for place in seen} & {HUMAN, OTHER_HUMAN}, table


@pytest.mark.parametrize("writer", PEOPLE)
def test_a_person_writes_their_own_rows_only_and_with_their_own_mark(conn: Connection, writer: str) -> None:
    wrong = {} if writer in SYNTHETICS else SYNTHETIC_MARK
    wrongly_marked = journey_of(writer).replace("-8001-", "-8002-")
    write(conn, "journey_instances", writer, wrong, new=wrongly_marked)
    with acting(conn, writer):
        for table in WRITES:
            assert may(conn, table, writer), table
            assert may(conn, table, writer, wrong) is (table in NO_MARK), table
            for other in PEOPLE:
                if other != writer:
                    assert not may(conn, table, other), table
                    assert not may(conn, table, other, mark_of(writer)), table
                    if table in OF_JOURNEYS:
                        assert not may(conn, table, writer, journey=journey_of(other)), table
                    if table == "scene_runs":
                        assert not may(conn, table, writer, run=journey_of(other)), table
            if table in OF_JOURNEYS and table in NO_MARK:
                assert not may(conn, table, writer, journey=wrongly_marked), table
        assert not may(conn, "notifications_outbox", writer)


@pytest.mark.parametrize("person", [SYNTHETIC, HUMAN])
def test_nobody_changes_or_deletes_a_row(conn: Connection, person: str) -> None:
    with acting(conn, person):
        for table in (*OF_PEOPLE, *OF_THE_POPULATION, *READ_BY_ALL):
            for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"UPDATE {table} SET {_settable(table)}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                    conn.execute(statement.encode())
        assert conn.execute("UPDATE profiles SET full_name = 'me'").rowcount == 1


def _settable(table: str) -> str:
    column = {"org_members": "role", "profiles": "role", "synthetic_settings": "enabled"}.get(table, "id")
    return f"{column} = {column}"


def test_a_visitor_sees_content_and_nothing_of_people(conn: Connection) -> None:
    with acting(conn, None):
        for table in (*OF_PEOPLE, *OF_THE_POPULATION):
            for statement in (f"SELECT 1 FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                    conn.execute(statement.encode())
        for table in READ_BY_ALL:
            assert value(conn, f"SELECT count(*) FROM {table}") > 0, table
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(f"INSERT INTO {table} DEFAULT VALUES".encode())
        for table, column in [("navicues_v2", "id")] + [
            (f"navicue_{part}_v2", "navicue_id") for part in ("steps", "variants", "targets")
        ]:
            assert rows(conn, f"SELECT {column}::text FROM {table}") == [(CUE,)]
        assert value(conn, "SELECT count(*) FROM protocols_active") == 1


def test_functions_and_views_are_open_to_those_who_need_them(conn: Connection) -> None:
    servers = [
        "cleanup_old_synthetic_data(30)", "cleanup_synthetic_data_before(now())", "refresh_protocol_analytics()",
        "refresh_navicues_v2_list_matview(true)", "navicue_v2_save('{}')", f"navicue_v2_archive('{CUE}')",
        f"navicue_v2_clone('{CUE}', 'x')", "populace.ask('{}', 'me')", "populace.count_removed('{}')",
    ]  # fmt: skip
    for person in (None, HUMAN, SYNTHETIC):
        with acting(conn, person):
            for call in servers:
                with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                    conn.execute(f"SELECT {call}".encode())
            for view in ("navicues_v2_list", *(() if person else ("mv_protocol_summary", "protocol_integrity_issues"))):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                    conn.execute(f"SELECT 1 FROM {view}".encode())
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL ROLE service_role")
        for call in servers[:4]:
            conn.execute(f"SELECT {call}".encode())
        assert value(conn, "SELECT count(*) FROM navicues_v2_list") == 2


# The documents' SQL, and the indexes it leans on

SNIPPETS = {
    "SELECT * FROM synthetic_settings;": (),
    "SELECT COUNT(*) FROM sim_users;": (),
    "SELECT get_synthetics_activity_summary(24);": (),
    "SELECT cleanup_old_synthetic_data(30);": (),
    """
-- Recent scene events
SELECT
  event_type,
  COUNT(*) as count
FROM journey_scene_events
WHERE created_at > NOW() - INTERVAL '1 hour'
  AND event_payload->>'synthetic' = 'true'
GROUP BY event_type;
""": ("journey_scene_events_synthetic_idx",),
    """
-- Active synthetic journeys
SELECT
  template_id,
  status,
  COUNT(*) as count
FROM journey_instances
WHERE metadata->>'synthetic' = 'true'
  AND status = 'active'
GROUP BY template_id, status;
""": ("journey_instances_synthetic_idx",),
    "SELECT COUNT(*) FROM journey_scene_events WHERE event_payload->>'synthetic' = 'true';": (
        "journey_scene_events_synthetic_idx",
    ),
    "SELECT COUNT(*) FROM mindblock_events WHERE evidence->>'synthetic' = 'true';": ("mindblock_events_synthetic_idx",),
    """
SELECT COUNT(*) FROM journey_instances
WHERE metadata->>'synthetic' = 'true' AND status = 'active';
""": ("journey_instances_synthetic_idx",),
    """
-- Check recent activity
SELECT COUNT(*)
FROM journey_scene_events
WHERE created_at > NOW() - INTERVAL '5 minutes'
  AND event_payload->>'synthetic' = 'true';
""": ("journey_scene_events_synthetic_idx",),
}  # fmt: skip
"""As they stand in the documents, each with the indexes that its plan must read."""

MANY = f"""
INSERT INTO journey_instances (user_id, template_id, status, metadata, started_at, completed_at)
SELECT '{SYNTHETIC}', 'er-01', CASE WHEN n % 20 = 0 THEN 'active' WHEN n % 31 = 0 THEN 'paused' ELSE 'completed' END,
    '{{"synthetic": true}}', now() - n * interval '1 minute',
    CASE WHEN n % 20 <> 0 AND n % 31 <> 0 THEN now() - n * interval '1 minute' END
FROM generate_series(1, 20000) AS n;
INSERT INTO journey_instances (user_id, template_id, status) SELECT '{HUMAN}', 'er-01', 'active'
FROM generate_series(1, 2000) AS n;
INSERT INTO journey_scene_events (user_id, template_id, scene_number, event_type, event_payload, created_at)
SELECT CASE WHEN n % 10 = 0 THEN '{HUMAN}' ELSE '{SYNTHETIC}' END::uuid, 'er-01', 1,
    CASE WHEN n % 3 = 0 THEN 'scene_completed' ELSE 'scene_started' END,
    CASE WHEN n % 10 = 0 THEN '{{}}' WHEN n % 97 = 0 THEN '{{"synthetic": true, "error": true}}'
        ELSE '{{"synthetic": true, "persona_key": "early_recovery", "timestamp": "2026-01-09T18:30:00Z"}}' END::jsonb,
    now() - n * interval '30 seconds'
FROM generate_series(1, 60000) AS n;
INSERT INTO mindblock_events (individual_id, mindblock_id, signal_type, evidence, created_at)
SELECT CASE WHEN n % 10 = 0 THEN '{HUMAN}' ELSE '{SYNTHETIC}' END::uuid, 'm', 'viewed',
    CASE WHEN n % 10 = 0 THEN '{{}}' ELSE '{{"synthetic": true, "context": "journey_scene"}}' END::jsonb,
    now() - n * interval '1 minute'
FROM generate_series(1, 40000) AS n;
"""


@pytest.fixture
def crowded(conn: Connection) -> Connection:
    """Tens of thousands of rows, one in ten a human's, with statistics."""
    conn.execute(MANY.encode())
    conn.commit()
    conn.execute("ANALYZE")
    conn.commit()
    return conn


def plan_of(conn: Connection, query: str, bound: Mapping[str, Any] | None = None) -> str:
    return "\n".join(r[0] for r in rows(conn, "EXPLAIN " + query, bound))


def test_the_documents_queries_run_and_read_partial_indexes(crowded: Connection) -> None:
    for query, indexes in SNIPPETS.items():
        with crowded.transaction(force_rollback=True):
            assert rows(crowded, query), query
        for index in indexes:
            plan = plan_of(crowded, query)
            assert index in plan, plan
            assert "Seq Scan" not in plan, plan


def test_status_and_activity_read_partial_indexes_and_count_right(crowded: Connection) -> None:
    of = {name: WORLD.joinpath(f"{name}.sql").read_text(encoding="utf-8") for name in ("status", "activity")}
    hours = {"hours": 24}
    for name, indexes in (
        ("status", ["scene_events_synthetic_idx", "scene_events_synthetic_error_idx", "mindblock_events_synthetic_idx",
                    "journey_instances_synthetic_idx", "journey_instances_synthetic_started_idx"]),
        ("activity", ["scene_events_synthetic_idx", "mindblock_events_synthetic_idx",
                      "journey_instances_synthetic_completed_idx"]),
    ):  # fmt: skip
        plan = plan_of(crowded, of[name], hours)
        assert [i for i in indexes if i not in plan] == [], plan
        assert "Seq Scan" not in plan, plan

    # Within one transaction now() stands still, and so does simulated time.
    def scene_events(span: str, more: str = "") -> int:
        return int(
            value(
                crowded,
                "SELECT count(*) FROM journey_scene_events WHERE event_payload->>'synthetic' = 'true'"
                f" AND created_at >= now() - interval '{span}' {more}",
            )
        )

    status = value(crowded, of["status"])
    assert status["last_5_min"]["scene_events"] == scene_events("5 minutes")
    assert status["last_5_min"]["mindblock_events"] > 0
    assert status["active_journeys"] == 1002
    assert status["paused_journeys"] == 20_000 // 31 - 20_000 // 620
    assert status["errors_24h"] == scene_events("24 hours", "AND event_payload->>'error' = 'true'") > 0
    assert [set(j) for j in status["recent_journeys"]] == 10 * [
        {"id", "user_id", "template_id", "current_scene_number", "total_scenes", "status", "started_at"}
    ]
    begun = [j["started_at"] for j in status["recent_journeys"]]
    assert begun == sorted(begun, reverse=True)
    assert {j["user_id"] for j in status["recent_journeys"]} <= set(SYNTHETICS)

    activity = rows(crowded, of["activity"], hours)[0][0]
    assert set(activity) == {
        "period_hours", "since", "scene_events_by_type", "mindblock_events_by_type", "journeys_completed",
        "scenes_completed", "errors", "total_events",
    }  # fmt: skip
    by_type, signals = activity["scene_events_by_type"], activity["mindblock_events_by_type"]
    assert sum(by_type.values()) == scene_events("24 hours")
    assert activity["scenes_completed"] == by_type["scene_completed"] > 0
    assert activity["errors"] == status["errors_24h"]
    assert activity["total_events"] == sum(by_type.values()) + sum(signals.values())
    summary = value(crowded, "SELECT get_synthetics_activity_summary(24)")
    assert summary["journeys_completed"] == activity["journeys_completed"] > 0
    assert summary["scene_events"] == sum(by_type.values())
    assert summary["mindblock_events"] == sum(signals.values())


def test_status_and_activity_of_nobody(conn: Connection) -> None:
    for table in [*OF_JOURNEYS, "journey_instances"]:
        conn.execute(f"DELETE FROM {table}".encode())
    status = value(conn, WORLD.joinpath("status.sql").read_text(encoding="utf-8"))
    assert status["recent_journeys"] == []
    activity = rows(conn, WORLD.joinpath("activity.sql").read_text(encoding="utf-8"), {"hours": 1})[0][0]
    assert (activity["scene_events_by_type"], activity["total_events"], activity["errors"]) == ({}, 0, 0)


# Clean-up


def _journey(conn: Connection, number: int, status: str, ended_days_ago: int, person: str = SYNTHETIC) -> str:
    """A journey with a row in every table that hangs on one, all of them 90 days old."""
    journey = f"9{number:07}-0000-8000-8000-000000000001"
    write(conn, "journey_instances", person, new=journey)
    for table in OF_JOURNEYS:
        write(conn, table, person, journey=journey)
        at = "created_at = now() - interval '90 days'"
        if table.startswith("journey_"):
            conn.execute(f"UPDATE {table} SET {at} WHERE journey_instance_id = %s".encode(), (journey,))
    conn.execute(
        "UPDATE journey_instances SET status = %s, completed_at = CASE WHEN %s = 'completed' THEN %s END,"
        " created_at = now() - interval '90 days', updated_at = %s WHERE id = %s",
        (status, status, *2 * (value(conn, "SELECT now() - make_interval(days => %s)", ended_days_ago),), journey),
    )
    return journey


def _contents(conn: Connection, condition: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables of journeys for which a condition over the row's text holds."""
    return {
        table: rows(conn, f"SELECT t::text FROM {table} AS t WHERE {condition} ORDER BY 1")
        for table in [*OF_JOURNEYS, "journey_instances", "content_engagements", "journey_runs", "scene_runs"]
    }


def test_cleanup_takes_closed_journeys_whole_and_leaves_the_rest(conn: Connection) -> None:
    gone = [_journey(conn, 1, "completed", 50), _journey(conn, 2, "abandoned", 50)]
    kept = [
        _journey(conn, 3, "completed", 40),
        _journey(conn, 4, "abandoned", 40),
        _journey(conn, 5, "active", 80),
        _journey(conn, 6, "paused", 80),
        _journey(conn, 7, "completed", 50, HUMAN),
    ]
    # A human's journey with the mark is a human's; and a human's row keeps the journey it hangs on, or names.
    for number in (8, 9):
        wrong = _journey(conn, number, "completed", 50, OTHER_HUMAN)
        conn.execute("UPDATE journey_instances SET metadata = '{\"synthetic\": true}' WHERE id = %s", (wrong,))
        kept.append(wrong)
    for table in ("journey_scene_events", *NAMING):
        condition = "journey_instance_id = %s" if table == "journey_scene_events" else "t::text LIKE '%%' || %s || '%%'"
        conn.execute(f"DELETE FROM {table} AS t WHERE {condition}".encode(), (kept[-1],))
    for number, table in enumerate(("journey_scene_events", *NAMING)):
        for place, mark in enumerate(({}, SYNTHETIC_MARK)):
            kept.append(_journey(conn, 10 + 2 * number + place, "completed", 50))
            write(conn, table, HUMAN, mark, journey=kept[-1])
    # So does a row of a table that the app has added.
    kept.append(_journey(conn, 30, "completed", 50))
    conn.execute('CREATE TABLE "My notes" ("of" uuid REFERENCES journey_instances ON DELETE CASCADE)')
    conn.execute('INSERT INTO "My notes" VALUES (%s)', (kept[-1],))
    # Rows without a journey go by their own age; a name that is no uuid names no journey.
    for person in (SYNTHETIC, HUMAN):
        for journey in (None, "not a uuid", "99999999-0000-8000-8000-00000000000f"):
            for table in NAMING:
                write(conn, table, person, journey=journey)
        write(conn, "journey_scene_events", person, journey=None)
    for table in ("journey_scene_events", *NAMING):
        write(conn, table, OTHER_HUMAN, SYNTHETIC_MARK, journey=None)
    for table in OF_JOURNEYS:
        if not table.startswith("journey_"):
            conn.execute(f"UPDATE {table} SET created_at = now() - interval '90 days'".encode())
    conn.execute("UPDATE journey_scene_events SET created_at = now() - interval '90 days'")
    write(conn, "journey_scene_events", SYNTHETIC, journey=None)
    write(conn, "mindblock_events", SYNTHETIC, journey=None)

    kept_rows = f"t::text LIKE ANY ('{{{','.join(f'%{j}%' for j in [*kept, HUMAN, OTHER_HUMAN])}}}')"
    before, total = _contents(conn, kept_rows), _contents(conn, "true")
    answer = value(conn, "SELECT cleanup_old_synthetic_data(45)")
    after = _contents(conn, "true")
    assert _contents(conn, kept_rows) == before
    assert not [t for t in after for row in after[t] if any(journey in row[0] for journey in gone)]
    removed = {table: len(total[table]) - len(after[table]) for table in after if len(total[table]) > len(after[table])}
    assert removed == {
        **dict.fromkeys(OF_JOURNEYS, 2),
        "journey_scene_events": 3,
        "journey_instances": 2,
    } | dict.fromkeys(NAMING, 5)
    assert {t: n for t, n in answer["tables"].items() if n} == removed
    assert set(answer["tables"]) == {*OF_JOURNEYS, "journey_instances"}
    assert (answer["deleted_events"], answer["deleted_journeys"]) == (3, 2)
    assert answer["cutoff_date"].startswith(value(conn, "SELECT (now() - interval '45 days')::date::text"))
    assert dict(rows(conn, "SELECT table_name, removed FROM populace.tally")) == removed
    again = value(conn, "SELECT cleanup_old_synthetic_data(45)")
    assert set(again["tables"].values()) == {0}


def test_cleanup_up_to_now_leaves_no_trace_of_closed_journeys_and_every_human_row(conn: Connection) -> None:
    conn.execute("UPDATE journey_instances SET status = 'completed', completed_at = now() - interval '1 minute'")
    humans = f"t::text LIKE ANY ('{{%{HUMAN}%,%{OTHER_HUMAN}%,%{journey_of(HUMAN)}%,%{journey_of(OTHER_HUMAN)}%}}')"
    before = _contents(conn, humans)
    value(conn, "SELECT cleanup_synthetic_data_before(now())")
    after = _contents(conn, "true")
    assert {t: after[t] for t in OF_JOURNEYS} == {t: before[t] for t in OF_JOURNEYS}
    assert all(before[table] for table in before)
    assert _contents(conn, humans) == before
    # What was asked for as history is not activity.
    assert len(after["content_engagements"]) == len(PEOPLE)


@pytest.mark.parametrize("days", [None, -1, 36_501])
def test_cleanup_refuses_what_is_no_number_of_days(conn: Connection, days: int | None) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="from 0 to 36500"):
        value(conn, "SELECT cleanup_old_synthetic_data(%s)", days)


# Settings


def _ready(conn: Connection) -> None:
    conn.execute(
        "INSERT INTO populace.plan (world, digest, document, state, in_place, seeded_to, wall)"
        " VALUES ('recoverlution', '', '{}', 'ready', false, now(), false)"
    )


def _asked(conn: Connection) -> list[tuple[Any, ...]]:
    return rows(conn, "SELECT changes, asked_by FROM populace.intervention ORDER BY number")


def test_an_update_of_the_settings_asks_for_what_has_changed(conn: Connection) -> None:
    conn.execute("UPDATE synthetic_settings SET sessions_per_min = 9")
    assert _asked(conn) == []  # there is no population
    _ready(conn)
    conn.execute("UPDATE synthetic_settings SET sessions_per_min = 9, max_per_run = max_per_run")
    conn.execute("UPDATE synthetic_settings SET bias = '{}', updated_at = now()")
    assert _asked(conn) == []  # nothing of ours is new
    conn.execute("UPDATE synthetic_settings SET sessions_per_min = 3, max_per_run = 10, enabled = true")
    conn.execute("UPDATE synthetic_settings SET enabled = false, error_rate = 0.08, abandon_rate = 0.2")
    by = "UPDATE on synthetic_settings"
    asked = [
        ({"max_per_run": 10}, by),
        ({"sessions_per_min": 3}, by),
        ({"abandon_rate": 0.2}, by),
        ({"enabled": False}, by),
        ({"error_rate": 0.08}, by),
    ]
    assert _asked(conn) == asked
    conn.commit()  # SET LOCAL outlives a savepoint
    with conn.transaction():
        conn.execute("SET LOCAL populace.writing = 'on'")
        conn.execute("UPDATE synthetic_settings SET sessions_per_min = 4")
    assert _asked(conn) == asked
    conn.commit()
    with conn.transaction():
        conn.execute("SET LOCAL ROLE service_role")
        conn.execute("UPDATE synthetic_settings SET sessions_per_min = 5")
    assert _asked(conn)[len(asked) :] == [({"sessions_per_min": 5}, by)]


def test_the_settings_stay(conn: Connection) -> None:
    for statement in (b"DELETE FROM synthetic_settings", b"TRUNCATE synthetic_settings"):
        with pytest.raises(psycopg.errors.RestrictViolation, match="cannot be deleted"), conn.transaction():
            conn.execute(statement)
        with conn.transaction(force_rollback=True):
            conn.execute("SET LOCAL populace.writing = 'on'")
            conn.execute(statement)
            assert value(conn, "SELECT count(*) FROM synthetic_settings") == 0
    with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
        conn.execute("INSERT INTO synthetic_settings (id) VALUES (2)")


# Protocols and cues


def test_protocols_are_counted_and_their_faults_listed(conn: Connection) -> None:
    columns = (
        "protocol_id, slug, title, status, scene_count, contract_count, missing_contracts, contracts_expect_receipt,"
        " contracts_expect_checks, scenes_require_trigger, scenes_require_resistance"
    )
    assert rows(conn, f"SELECT {columns} FROM mv_protocol_summary ORDER BY 1") == [
        ("er-01", "er-01", "One", "active", 2, 2, 0, 2, 1, 1, 1),
        ("er-02", "er-02", "Two", "draft", 1, 1, 1, 0, 1, 0, 0),
    ]
    assert rows(conn, "SELECT * FROM mv_protocol_step_summary ORDER BY 1, 2, 3") == [
        ("er-01", "Arrive", "introduction", 1, 1, 1, 0, 1, 0),
        ("er-01", "Experience", "cue", 1, 0, 1, 1, 0, 1),
        ("er-02", "Experience", "cue", 1, 0, 0, 0, 0, 0),
    ]
    assert rows(conn, "SELECT * FROM protocol_integrity_issues ORDER BY 2") == [
        ("er-02", 1, "scene_without_contract"),
        ("er-02", 5, "contract_without_scene"),
    ]
    assert rows(conn, "SELECT slug, status FROM protocols_by_slug ORDER BY 1") == [
        ("er-01", "active"),
        ("er-02", "draft"),
    ]
    assert rows(conn, "SELECT slug FROM protocols_active") == [("er-01",)]
    conn.execute("UPDATE scene_contracts SET scene_number = 1 WHERE template_id = 'er-02'")
    conn.execute("SELECT refresh_protocol_analytics()")
    assert rows(conn, "SELECT missing_contracts FROM mv_protocol_summary") == [(0,), (0,)]
    assert value(conn, "SELECT sum(contracts_expect_checks) FROM mv_protocol_step_summary") == 2
    assert rows(conn, "SELECT 1 FROM protocol_integrity_issues") == []


def _of_cue(conn: Connection, cue: str) -> list[int]:
    return [
        value(conn, f"SELECT count(*) FROM navicue_{part}_v2 WHERE navicue_id = %s", cue)
        for part in ("steps", "variants", "targets")
    ]


def test_cues_are_saved_cloned_and_archived_and_are_nobodys_mark(conn: Connection) -> None:
    marked = next(t.mark.condition for t in TABLES if t.name == "navicues_v2")
    copy = value(conn, "SELECT navicue_v2_clone(%s, 'NC-1-copy')", CUE)
    assert _of_cue(conn, copy) == [1, 1, 1]
    assert rows(conn, "SELECT status, tier FROM navicues_v2 WHERE code = 'NC-1-copy'") == [("draft", "hot")]

    new = {"code": "MINE", "kbe_layer": "live", "tier": "cool", "tags": ["a", "b"], "config": {"k": 1},
           "steps": [{"step_index": i, "component_type": "card"} for i in range(3)],
           "variants": [{"lens": "short", "copy": {"headline": "Mine"}, "is_default": True}],
           "targets": [{"scope_type": "concept"}, {"scope_type": "schema", "schema_id": SCHEMA}]}  # fmt: skip
    saved = value(conn, "SELECT navicue_v2_save(%s)", Jsonb(new))
    assert _of_cue(conn, saved) == [3, 1, 2]
    assert rows(conn, "SELECT status, tags, config FROM navicues_v2 WHERE code = 'MINE'") == [
        ("draft", ["a", "b"], {"k": 1})
    ]
    # By its code or its id the same cue, and only in what the payload names.
    assert value(conn, "SELECT navicue_v2_save(%s)", Jsonb({"code": "MINE", "status": "active", "steps": []})) == saved
    assert value(conn, "SELECT navicue_v2_save(%s)", Jsonb({"id": str(saved), "code": "OURS"})) == saved
    assert _of_cue(conn, saved) == [0, 1, 2]
    assert rows(conn, "SELECT code, status, tier FROM navicues_v2 WHERE id = %(id)s", {"id": saved}) == [
        ("OURS", "active", "cool")
    ]
    conn.execute("SELECT navicue_v2_archive(%s)", (saved,))
    assert value(conn, "SELECT status FROM navicues_v2 WHERE code = 'OURS'") == "archived"
    assert value(conn, f"SELECT count(*) FROM navicues_v2 AS t WHERE {marked}") == 2

    # A step of Populace's that is replaced is counted as removed.
    conn.execute("SELECT navicue_v2_save(%s)", (Jsonb({"id": CUE, "steps": new["steps"], "variants": []}),))
    assert rows(conn, "SELECT table_name, removed FROM populace.tally") == [("navicue_steps_v2", 1)]
    steps = f"SELECT count(*) FROM navicue_steps_v2 AS t WHERE {marked} AND navicue_id = %s"
    assert value(conn, steps, CUE) == 0
    assert _of_cue(conn, CUE) == [3, 0, 1]

    for concurrently in (True, False):
        conn.execute("SELECT refresh_navicues_v2_list_matview(%s)", (concurrently,))
        assert rows(conn, "SELECT headline, steps, targets, status FROM navicues_v2_list WHERE code = 'OURS'") == [
            ("Mine", 0, 2, "archived")
        ]
    assert value(conn, "SELECT count(*) FROM navicues_v2_list") == 4


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("navicue_v2_archive('00000000-0000-8000-8000-000000000000')", "there is no cue"),
        ("navicue_v2_clone('00000000-0000-8000-8000-000000000000', 'x')", "there is no cue"),
        (f"navicue_v2_clone('{CUE}', '')", "a code of its own"),
        (f"navicue_v2_clone('{CUE}', 'NC-2')", "navicues_v2_code_key"),
        ("navicue_v2_save('[]')", "must be a JSON object"),
        ('navicue_v2_save(\'{"code": "x", "colour": "red"}\')', "colour"),
        ('navicue_v2_save(\'{"id": "00000000-0000-8000-8000-000000000000"}\')', "there is no cue"),
        ('navicue_v2_save(\'{"code": "x", "kbe_layer": "learn", "tier": "tepid"}\')', "navicues_v2_tier_check"),
    ],
)
def test_a_cue_that_cannot_be_is_refused(conn: Connection, call: str, says: str) -> None:
    with pytest.raises(psycopg.Error, match=says):
        conn.execute(f"SELECT {call}".encode())


def test_three_tables_are_sent_to_browsers(conn: Connection) -> None:
    assert {r[0] for r in rows(conn, "SELECT tablename FROM pg_publication_tables")} == {
        "journey_scene_events", "mindblock_events", "journey_instances",
    }  # fmt: skip
