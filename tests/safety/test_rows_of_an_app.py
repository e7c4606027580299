"""Rows that an app adds about synthetic people, under uuids of whatever version, stay: nobody takes them for ours."""

from __future__ import annotations

import itertools
from dataclasses import replace

import psycopg
import pytest

from conftest import MakeDatabase, SeededBy
from examples import part
from hazards import FILMS, Hazard, execute, live_through, step
from referring import LEAVES, kept, number

VERSIONS = (4, 7, 8)
"""Of uuids that apps make: by chance, by the clock, and as they like; ours are of the last two."""
KEY = """
    CREATE SCHEMA crm;
    CREATE FUNCTION crm.key(version integer) RETURNS uuid LANGUAGE sql AS
        $$ SELECT overlay(gen_random_uuid()::text PLACING version::text FROM 15)::uuid $$;
"""


# A club, of whom one leaves.


def joins(table: str, version: int, columns: str, values: str) -> Hazard:
    """The app adds a row about each member, and one of them leaves."""
    rows = f"INSERT INTO public.{table} (id, {columns}, created_at) SELECT crm.key({version}), {values}, now()"
    return Hazard(
        name=f"{table} of version {version}",
        small=LEAVES,
        after=f"{KEY} {rows} FROM public.people AS p",
        steps=("seed", "life"),
    )


MEMBERS = [
    joins(table, version, columns, values)
    for table, columns, values in (
        ("notes", "person_id, about_id, stars", "p.id, p.id, 1"),
        ("thanks", "person_id", "p.id"),
        ("visits", "person_id, nth, status, updated_at", "p.id, 99, 'done', now()"),
    )
    for version in VERSIONS
]


# Every second one has each table and each version.
@pytest.mark.parametrize("hazard", part(MEMBERS, every=2), ids=str)
def test_whoever_leaves_a_club_stays_with_the_apps_row(
    seeded: SeededBy, make_database: MakeDatabase, hazard: Hazard
) -> None:
    population = seeded(hazard.small)
    url = make_database(population.template)
    live_through(hazard, url, seeded=population)
    assert kept(url) == 1


# Films, which many leave: each of them has one row of the app's, in one of the tables.

WAITING = replace(
    FILMS,
    until="2026-01-11T12:00:00Z",
    settings={"persona_pool": 150, "days": 20, "kept": 0.0, "activity": 0.4, "dormant_idle_days": 2,
              "churn_idle_days": 2, "churn_basic": 0.0, "churn_standard": 0.0, "churn_premium": 0.0},
)  # fmt: skip
ALL_LEAVE = ("settings", "churn_basic=1", "churn_standard=1", "churn_premium=1")
"""Whoever has not come for two days."""
OF_PEOPLE = ("profiles", "user_roles", "watch_progress", "video_ratings", "user_watchlist",
             "chat_conversations", "chat_messages", "support_tickets")  # fmt: skip
WHO = f"""
    CREATE TABLE crm.who AS
    SELECT p.user_id, p.id AS profile_id, c.id AS conversation_id, crm.key(v.version) AS key, v.version,
        (ARRAY{list(OF_PEOPLE)})[1 + p.n / 3 % {len(OF_PEOPLE)}] AS name
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM public.profiles) AS p
    JOIN (VALUES (0, 4), (1, 7), (2, 8)) AS v (n, version) ON v.n = p.n % 3
    LEFT JOIN LATERAL (SELECT id FROM public.chat_conversations AS c WHERE c.user_id = p.user_id LIMIT 1) AS c ON true;
    INSERT INTO public.videos SELECT (jsonb_populate_record(v, jsonb_build_object('id', gen_random_uuid(),
        'slug', 'own', 'title', 'own', 'video_url', 'https://example.org/own'))).* FROM public.videos AS v LIMIT 1;
"""


REPLACED = """
    UPDATE crm.who SET name = 'user_subscriptions' WHERE name = 'chat_messages' AND conversation_id IS NULL;
    UPDATE public.user_subscriptions AS s SET id = w.key FROM crm.who AS w
    WHERE w.user_id = s.user_id AND w.name = 'user_subscriptions';
"""
"""Of what everybody has once, the app has replaced ours."""


def rows_of_the_app(table: str) -> str:
    """A row of the app's about some people, like one that is there but for its keys."""
    return f"""
        INSERT INTO public.{table}
        SELECT (jsonb_populate_record(NULL::public.{table}, to_jsonb(t) || jsonb_build_object('id', w.key,
            'user_id', w.user_id, 'profile_id', w.profile_id, 'video_id', v.id) || CASE '{table}'
            WHEN 'user_roles' THEN '{{"role": "moderator"}}'
            WHEN 'chat_messages' THEN jsonb_build_object('conversation_id', w.conversation_id) ELSE '{{}}' END)).*
        FROM crm.who AS w CROSS JOIN (SELECT * FROM public.{table} LIMIT 1) AS t
        JOIN public.videos AS v ON v.slug = 'own'
        WHERE w.name = '{table}' AND ('{table}' <> 'chat_messages' OR w.conversation_id IS NOT NULL);
    """


@pytest.mark.parametrize("in_place", part([True, False], every=2))
def test_whoever_leaves_hogflix_stays_with_the_apps_row(opened_url: str, in_place: bool) -> None:
    after = KEY + WHO + "".join(map(rows_of_the_app, OF_PEOPLE)) + REPLACED
    hazard = Hazard(name="rows", small=WAITING, in_place=in_place, after=after, steps=("seed", "life"))

    def leave(name: str, url: str) -> None:
        if name == "life":
            assert step(url, *ALL_LEAVE).code == 0

    live_through(hazard, opened_url, meanwhile=leave)
    with psycopg.connect(opened_url, autocommit=True) as connection:
        stayed = connection.execute("SELECT DISTINCT w.name, w.version FROM populace.kept AS k"
                                    " JOIN crm.who AS w ON w.user_id = k.key").fetchall()  # fmt: skip
        assert set(stayed) >= set(itertools.product({*OF_PEOPLE, "user_subscriptions"} - {"chat_messages"}, VERSIONS))
        assert "chat_messages" in {name for name, _ in stayed}
        connection.execute("CREATE TABLE crm.stayed AS SELECT key FROM populace.kept")
        for table in (*OF_PEOPLE, "user_subscriptions"):
            connection.execute(f"DELETE FROM public.{table} WHERE id IN (SELECT key FROM crm.who)".encode())
    # With the app's rows gone theirs go too, although they are not computed again.
    assert step(opened_url, "run", "hogflix", "--until", "2026-01-13T12:00:00Z", "--speed", "max", "-q").code == 0
    assert number(opened_url, "SELECT count(*) FROM populace.kept") == 0
    left = "SELECT count(*) FROM auth.users AS u JOIN crm.stayed AS s ON s.key = u.id"
    assert number(opened_url, left) == 0


# The function by which the app itself removes synthetic people: it cannot compute keys, and counts.


@pytest.mark.parametrize("version", VERSIONS)
def test_the_apps_function_takes_no_row_of_the_apps(
    seeded: SeededBy, make_database: MakeDatabase, version: int
) -> None:
    url = make_database(seeded(FILMS).template)
    execute(
        url,
        f"""{KEY}
        INSERT INTO public.support_tickets (id, user_id, issue_category, description)
        SELECT crm.key({version}), user_id, 'other', 'It hums' FROM public.profiles LIMIT 1;
    """,
    )
    others = number(url, "SELECT count(*) FROM auth.users")
    with pytest.raises(psycopg.errors.RestrictViolation, match="1 rows of support_tickets"):
        execute(url, "SELECT public.cleanup_synthetic_data()")
    assert number(url, "SELECT count(*) FROM auth.users") == others > 0
    execute(url, "DELETE FROM public.support_tickets WHERE description = 'It hums'")
    execute(url, "SELECT public.cleanup_synthetic_data()")
    assert number(url, "SELECT count(*) FROM auth.users") == 0
