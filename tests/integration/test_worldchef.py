"""WorldChef in a database: seeded twice, judged, lived in, cut short, and seen by visitors."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from app import connect
from command import adopt, answer, call, contents
from populace.database.embedded import EmbeddedServer
from populace.worlds.worldchef import WORLD

EPOCH = "2026-01-09T00:00:00Z"
LATER = "2026-01-12T21:30:00Z"


@pytest.fixture(scope="module")
def staging(server: EmbeddedServer, opened_template: str) -> str:
    """The staging data, in a database in which no test leaves anything."""
    return _seeded(server, opened_template, "worldchef_staging", EPOCH)


@pytest.fixture(scope="module")
def lived(server: EmbeddedServer, opened_template: str) -> str:
    """The same, lived in for some days."""
    url = _seeded(server, opened_template, "worldchef_lived", EPOCH)
    call("run", "worldchef", "--speed", "max", "--until", LATER, "--target", url)
    return url


def _seeded(server: EmbeddedServer, template: str, name: str, now: str, *more: str) -> str:
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    adopt(server.url(name))
    call("seed", "worldchef", "--now", now, "--target", server.url(name), "--yes", *more)
    return server.url(name)


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def test_the_report_has_the_volumes_of_the_document(staging: str) -> None:
    before = contents(staging, WORLD)
    again = answer("seed", "worldchef", "--now", EPOCH, "--target", staging, "--yes")
    assert again["unchanged"] is True
    assert (again["users"], again["recipes"]) == (300, 600)
    assert 1_800 <= again["nutrition_records"] <= 2_200
    names = ("likes", "favorites", "ratings", "follows", "collections", "collection_items")
    assert 4_500 <= sum(again[name] for name in names) <= 5_500
    assert contents(staging, WORLD) == before


@pytest.mark.parametrize("where", ["staging", "lived"])
def test_every_check_holds(where: str, request: pytest.FixtureRequest) -> None:
    judged = answer("validate", "worldchef", "--all", "--target", request.getfixturevalue(where))
    assert (judged["failed"], judged["open"]) == (0, 0)
    assert {"D1", "D2", "D3", "D4", "D6", "D10", "D12"} <= {one["id"] for one in judged["verdicts"]}


def test_history_and_life_have_no_seam(server: EmbeddedServer, opened_template: str, lived: str) -> None:
    """K3, with the moment at which people were last active, which triggers keep."""
    at_once = _seeded(server, opened_template, "worldchef_at_once", LATER, "--epoch", EPOCH)
    assert contents(at_once, WORLD) == contents(lived, WORLD)


def test_visitors_see_what_is_published_and_owners_their_drafts(staging: str) -> None:
    with psycopg.connect(staging) as connection:
        author = connection.execute(
            "SELECT author_id FROM recipes WHERE status = 'draft' ORDER BY id LIMIT 1"
        ).fetchone()
        assert author is not None
        published = value(staging, "SELECT count(*) FROM recipes WHERE status = 'published'")
        connection.execute("SET ROLE anon")
        assert connection.execute("SELECT count(*) FROM recipes").fetchone() == (published,)
        for table in ("users", "recipe_favorites"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT FROM {table}".encode())
        connection.execute("RESET ROLE")
        connection.execute("SELECT set_config('request.jwt.claims', %s, true)", (f'{{"sub": "{author[0]}"}}',))
        connection.execute("SET ROLE authenticated")
        assert connection.execute("SELECT id FROM users").fetchall() == [(author[0],)]
        drafts = connection.execute("SELECT count(*) FROM recipes WHERE status = 'draft'").fetchone()
        assert drafts is not None
        assert drafts[0] > 0
        changed = connection.execute("UPDATE recipes SET name = name WHERE author_id <> auth.uid()")
        assert changed.rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("UPDATE users SET role = 'admin'")
        connection.rollback()


def test_what_the_app_adds_moves_last_active_at(staging: str) -> None:
    with psycopg.connect(staging) as connection:
        connection.execute(
            "WITH one AS (SELECT u.id AS user_id, r.id AS recipe_id FROM users AS u, recipes AS r"
            " WHERE NOT EXISTS (SELECT FROM recipe_likes AS l WHERE (l.user_id, l.recipe_id) = (u.id, r.id)) LIMIT 1)"
            " INSERT INTO recipe_likes (user_id, recipe_id, created_at)"
            " SELECT user_id, recipe_id, '2040-01-01T00:00Z' FROM one"
        )
        moved = connection.execute("SELECT count(*) FROM users WHERE last_active_at >= '2040-01-01'").fetchone()
        assert moved == (1,)
        connection.rollback()


def test_tables_that_are_there_are_filled_the_same_and_compared_first(opened_url: str) -> None:
    """With all their keys, to rows that come later too; arrays of an enum are compared as well."""
    call("seed", "worldchef", "--now", EPOCH, "--target", opened_url, "--yes")
    made = contents(opened_url, WORLD)
    call("cleanup", "--all", "--target", opened_url, "--yes")
    call("seed", "worldchef", "--now", EPOCH, "--target", opened_url, "--yes")
    assert contents(opened_url, WORLD) == made
    call("cleanup", "--all", "--target", opened_url, "--yes")
    with psycopg.connect(opened_url) as connection:
        connection.execute("ALTER TABLE recipes ALTER COLUMN dietary_tags DROP DEFAULT")
        connection.execute("ALTER TABLE recipes ALTER COLUMN dietary_tags TYPE text[] USING dietary_tags::text[]")
    said = call("seed", "worldchef", "--now", EPOCH, "--target", opened_url, "--yes", code=None)
    assert said.returncode != 0
    assert "dietary_tags" in said.stderr
