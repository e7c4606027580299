"""What others have that refers to our rows, or that acts when ours go."""

from __future__ import annotations

from dataclasses import replace

import psycopg

from hazards import CLUB_SMALL

ACTIONS = {
    "CASCADE": "would be deleted too",
    "SET NULL": "would be changed (ON DELETE SET NULL)",
    "SET DEFAULT": "would be changed (ON DELETE SET DEFAULT)",
    "RESTRICT": "by is_about",
    "NO ACTION": "by is_about",
}
LEAVES = replace(CLUB_SMALL, now="2026-01-09T21:30:00Z", until="2026-01-09T23:00:00Z")
"""Somebody leaves the club meanwhile, with all their rows."""
LIFE_AND_END = ("seed", "life", "all")
PEOPLE = "SELECT id FROM public.people"


def refers(
    action: str, *, table: str = "crm.note", to: str = "public.people", rows: str = PEOPLE, key: str = ""
) -> str:
    """A table of others with rows that refer to rows of ours."""
    return f"""
        CREATE SCHEMA IF NOT EXISTS {table.partition(".")[0]};
        CREATE TABLE {table} (n serial PRIMARY KEY, about uuid DEFAULT NULL, text text DEFAULT 'mine',
            CONSTRAINT is_about FOREIGN KEY (about) REFERENCES {to} (id) ON DELETE {action} {key});
        INSERT INTO {table} (about) {rows};
    """


def number(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return int(row[0])


def kept(url: str) -> int:
    """How many people stay although they have left, with the rows of theirs."""
    return number(url, "SELECT count(*) FROM populace.kept AS k JOIN public.people AS p ON p.id = k.key")


COUNTS = """
    CREATE SCHEMA crm;
    CREATE TABLE crm.total (name text PRIMARY KEY, n bigint);
    INSERT INTO crm.total VALUES ('people', 23), ('visits', 0);
    CREATE TABLE crm.log (n serial PRIMARY KEY, said text);
    INSERT INTO crm.log (said) VALUES ('the first line');
"""


def trigger(
    body: str, *, on: str = "public.people", when: str = "AFTER DELETE", each: str = "ROW", back: str = "OLD"
) -> str:
    """A trigger of others."""
    return f"""{COUNTS}
        CREATE FUNCTION crm.act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN {back}; END $$;
        CREATE TRIGGER mine {when} ON {on} FOR EACH {each} EXECUTE FUNCTION crm.act();
    """
