"""Rows of others that refer to ours by foreign keys: by whatever way ours go, theirs stay."""

from __future__ import annotations

import psycopg
import pytest

import contexts
from conftest import MakeDatabase, SeededBy
from examples import part
from hazards import CLUB_SMALL, FILMS, Hazard, Small, execute, live_through, step
from populace.event import Event
from populace.operations.runs.run import RunRequest, run
from populace.runner.loop import Tick
from referring import ACTIONS, LEAVES, LIFE_AND_END, PEOPLE, kept, number, refers

MAILINGS = Small("campaigns", settings={"organizations": 1, "clients": 2, "contacts_per_client": 10,
    "recipients_per_campaign": 5, "inventory": 50})  # fmt: skip


def both(said: str) -> dict[str, str]:
    """A clean-up is refused, and so would be its dry run."""
    return {"look": said, "all": said}


# Each kind of key, in each kind of removal.

BY_KEY = [
    Hazard(
        small=LEAVES,
        name=f"{action} and {kind}",
        after=refers(action, **to),
        steps=("seed", "life", "look", "all"),
        refused=both(says),
    )
    for kind, to in {
        "people": {},
        "what they left": {"to": "public.visits", "rows": "SELECT id FROM public.visits"},
    }.items()
    for action, says in ACTIONS.items()
]  # fmt: skip

ELSEWHERE = [
    Hazard(
        small=LEAVES,
        name="a list of columns is set to null",
        after=refers("SET NULL", key="(about)"),
        steps=LIFE_AND_END,
        refused=both("ON DELETE SET NULL"),
    ),
    Hazard(
        small=LEAVES,
        name="a deferred key",
        after=refers("NO ACTION", key="DEFERRABLE INITIALLY DEFERRED"),
        steps=LIFE_AND_END,
        refused=both("by is_about"),
    ),
    Hazard(
        small=LEAVES,
        name="a deferred key that cascades",
        after=refers("CASCADE", key="DEFERRABLE INITIALLY DEFERRED"),
        steps=LIFE_AND_END,
        refused=both("would be deleted too"),
    ),
    Hazard(
        small=LEAVES,
        name="a key that is not validated",
        after=refers("CASCADE", key="NOT VALID", table="crm.lead"),
        steps=LIFE_AND_END,
        refused=both("crm.lead"),
    ),
    Hazard(
        small=LEAVES,
        name="two and three hops",
        after=refers("CASCADE") + """
            CREATE TABLE crm.line (n serial PRIMARY KEY, note integer REFERENCES crm.note ON DELETE CASCADE);
            INSERT INTO crm.line (note) SELECT n FROM crm.note;
            CREATE TABLE crm.word (n serial PRIMARY KEY, line integer REFERENCES crm.line ON DELETE SET NULL);
            INSERT INTO crm.word (line) SELECT n FROM crm.line;
        """,
        steps=LIFE_AND_END,
        refused=both("crm.word → crm.line"),
    ),
    Hazard(
        small=LEAVES,
        name="a circle of keys",
        after=refers("CASCADE") + """
            ALTER TABLE crm.note ADD before integer REFERENCES crm.note ON DELETE CASCADE;
            UPDATE crm.note SET before = n - 1 WHERE n > 1;
        """,
        steps=LIFE_AND_END,
        refused=both("crm.note"),
    ),
    Hazard(
        small=LEAVES,
        name="partitions of others",
        after=f"""
            CREATE SCHEMA crm;
            CREATE TABLE crm.note (n serial, about uuid REFERENCES public.people ON DELETE CASCADE)
                PARTITION BY RANGE (n);
            CREATE TABLE crm.note_1 PARTITION OF crm.note FOR VALUES FROM (0) TO (5);
            CREATE TABLE crm.note_2 PARTITION OF crm.note DEFAULT;
            INSERT INTO crm.note (about) {PEOPLE};
        """,
        steps=LIFE_AND_END,
        refused=both("crm.note → public.people"),
    ),
    Hazard(
        small=LEAVES,
        name="a key of one partition only",
        after=f"""
            CREATE SCHEMA crm;
            CREATE TABLE crm.note (n serial, about uuid) PARTITION BY RANGE (n);
            CREATE TABLE crm.note_1 PARTITION OF crm.note FOR VALUES FROM (0) TO (50);
            CREATE TABLE crm.note_2 PARTITION OF crm.note DEFAULT;
            ALTER TABLE crm.note_1 ADD FOREIGN KEY (about) REFERENCES public.people ON DELETE SET NULL;
            INSERT INTO crm.note (about) {PEOPLE};
        """,
        steps=LIFE_AND_END,
        refused=both("crm.note_1 → public.people"),
    ),
    Hazard(
        small=LEAVES,
        name="children by inheritance, of which only one has the key",
        after=refers("CASCADE") + """
            CREATE TABLE crm.old_note () INHERITS (crm.note);
            INSERT INTO crm.old_note (n, about) SELECT -n, about FROM crm.note;
        """,
        steps=LIFE_AND_END,
        refused=both("crm.note → public.people"),
    ),
    Hazard(
        small=LEAVES,
        name="a key of two columns",
        after="""
            ALTER TABLE public.visits ADD UNIQUE (person_id, id);
            CREATE SCHEMA crm;
            CREATE TABLE crm.seat (who uuid, "Visit" uuid, n serial PRIMARY KEY,
                FOREIGN KEY (who, "Visit") REFERENCES public.visits (person_id, id) ON DELETE SET NULL ("Visit"));
            INSERT INTO crm.seat (who, "Visit") SELECT person_id, id FROM public.visits;
        """,
        steps=LIFE_AND_END,
        refused=both("crm.seat → public.visits"),
    ),
    Hazard(
        small=LEAVES,
        name="a table in the schema auth",
        after=refers("CASCADE", table="auth.note"),
        steps=LIFE_AND_END,
        refused=both("auth.note → public.people"),
    ),
    Hazard(
        small=LEAVES,
        name="names that need quotes",
        after=f"""
            CREATE SCHEMA "C r.m";
            CREATE TABLE "C r.m"."No""te" (n serial PRIMARY KEY,
                "Ab out" uuid REFERENCES public.people ON DELETE CASCADE);
            INSERT INTO "C r.m"."No""te" ("Ab out") {PEOPLE};
        """,
        steps=("seed", "life"),
    ),
    Hazard(
        small=LEAVES,
        name="rows of others in a table of ours",
        after="""
            INSERT INTO public.notes (id, person_id, about_id, stars, created_at)
            SELECT gen_random_uuid(), id, id, 1, now() FROM public.people;
        """,
        steps=("seed", "life"),
    ),
]  # fmt: skip


# Every second one has each action, and each of the two kinds of rows.
@pytest.mark.parametrize("hazard", [*part(BY_KEY, every=2), *part(ELSEWHERE, every=2)], ids=str)
def test_rows_that_refer_to_ours(seeded: SeededBy, make_database: MakeDatabase, hazard: Hazard) -> None:
    population = seeded(hazard.small)
    url = make_database(population.template)
    live_through(hazard, url, seeded=population)
    assert kept(url) == 1


def test_the_part_that_always_runs_holds_each_kind() -> None:
    names = {hazard.name for hazard in part(BY_KEY, every=2)}
    assert {action for action in ACTIONS if any(name.startswith(f"{action} and") for name in names)} == set(ACTIONS)
    assert {name.partition(" and ")[2] for name in names} == {"people", "what they left"}
    names = {hazard.name for hazard in part(ELSEWHERE, every=2)}
    assert {"two and three hops", "partitions of others", "a deferred key that cascades"} <= names


# In time.


def test_a_key_that_comes_while_a_runner_lives_counts_from_then_on(
    seeded: SeededBy, make_database: MakeDatabase
) -> None:
    url = make_database(seeded(LEAVES).template)
    came: list[Tick] = []

    def between(event: Event) -> None:
        if isinstance(event, Tick) and not came:
            execute(url, refers("CASCADE"))
            came.append(event)

    request = RunRequest(CLUB_SMALL.world, speed="max", until=LEAVES.until, every="30m")
    run(contexts.at(url), request, on_event=between)
    assert number(url, "SELECT count(about) FROM crm.note") == 23
    assert kept(url) == 1


def test_who_was_kept_goes_once_nobody_refers_to_them(seeded: SeededBy, make_database: MakeDatabase) -> None:
    hazard = Hazard(name="kept", small=LEAVES, after=refers("CASCADE"), steps=("seed", "life"))
    population = seeded(LEAVES)
    url = make_database(population.template)
    live_through(hazard, url, seeded=population)
    assert kept(url) == 1
    examined = {f["title"]: f for f in step(url, "doctor", "--json").document["findings"]}
    assert examined["kept for others"]["state"] == "attention"
    assert "crm.note" in examined["kept for others"]["measured"]
    lines = step(url, "logs", "--json").document
    assert any(line["event"] == "stays" and line["level"] == "warning" for line in lines)
    execute(url, "DELETE FROM crm.note")
    assert step(url, "run", CLUB_SMALL.world, "--until", "2026-01-10T07:00:00Z", "--speed", "max", "-q").code == 0
    assert number(url, "SELECT count(*) FROM populace.kept") == 0
    assert number(url, "SELECT count(*) FROM public.people") == 21
    assert step(url, "validate", CLUB_SMALL.world).code == 0
    assert step(url, "cleanup", "--all", "--yes").code == 0


# Accounts, whose parts Supabase keeps in the schema auth.

ACCOUNTS = """
    CREATE TABLE auth.sessions (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL
        REFERENCES auth.users ON DELETE CASCADE);
    INSERT INTO auth.sessions (user_id) SELECT id FROM auth.users;
"""
OF_SESSIONS = """
    CREATE TABLE auth.seen (n serial PRIMARY KEY, session_id uuid REFERENCES auth.sessions ON DELETE CASCADE);
    INSERT INTO auth.seen (session_id) SELECT id FROM auth.sessions;
"""


@pytest.mark.parametrize("hazard", [
    Hazard(name="a table of the app in auth", small=FILMS, after=refers("CASCADE", table="auth.note", to="auth.users",
           rows="SELECT id FROM auth.users"), steps=LIFE_AND_END, refused=both("auth.note → auth.users")),
    Hazard(name="what refers to the sessions of accounts", small=FILMS, after=ACCOUNTS + OF_SESSIONS,
           steps=LIFE_AND_END, refused=both("auth.seen → auth.sessions")),
], ids=str)  # fmt: skip
def test_accounts(seeded: SeededBy, make_database: MakeDatabase, hazard: Hazard) -> None:
    population = seeded(FILMS)
    live_through(hazard, make_database(population.template), seeded=population)


def test_the_parts_of_an_account_go_with_it_and_the_function_of_the_app_asks_too(
    seeded: SeededBy, make_database: MakeDatabase
) -> None:
    url = make_database(seeded(FILMS).template)
    execute(url, ACCOUNTS)
    execute(url, refers("SET NULL", to="public.profiles", rows="SELECT id FROM public.profiles LIMIT 3"))
    with pytest.raises(psycopg.errors.RestrictViolation, match=r"3 rows of crm.note by is_about \(ON DELETE SET NULL"):
        execute(url, "SELECT public.cleanup_synthetic_data()")
    assert number(url, "SELECT count(about) FROM crm.note") == 3
    execute(url, "DELETE FROM crm.note")
    done = step(url, "cleanup", "--all", "--yes")
    assert done.code == 0, done.err
    assert number(url, "SELECT count(*) FROM auth.sessions") == 0


# One batch of several.


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_a_batch(seeded: SeededBy, make_database: MakeDatabase, action: str) -> None:
    url = make_database(seeded(MAILINGS).template)
    execute(url, refers(action, to="public.contacts", rows="SELECT id FROM public.contacts LIMIT 7"))
    others = number(url, "SELECT count(about) FROM crm.note")
    with psycopg.connect(url) as connection:
        (batch,) = connection.execute("SELECT id::text FROM public.simulation_batches").fetchone() or ("",)
    done = step(url, "cleanup", "--batch", batch, "--yes")
    assert done.code == 3
    assert ACTIONS[action] in done.err
    assert number(url, "SELECT count(about) FROM crm.note") == others == 7
    assert step(url, "cleanup", "--batch", batch, "--keep-referenced", "--yes").code == 0
    assert number(url, "SELECT count(about) FROM crm.note") == 7
