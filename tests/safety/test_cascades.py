"""Rows of others that refer to ours, and what others have put on our tables: by whatever way ours go, theirs stay."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

import contexts
from hazards import CLUB_SMALL, FILMS, JOURNEYS, Hazard, Others, Small, execute, live_through, step
from populace.event import Event
from populace.operations.runs.run import RunRequest, run
from populace.runner.loop import Tick

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
MAILINGS = Small("campaigns", settings={"organizations": 1, "clients": 2, "contacts_per_client": 10,
    "recipients_per_campaign": 5, "inventory": 50})  # fmt: skip
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


def both(said: str) -> dict[str, str]:
    """A clean-up is refused, and so would be its dry run."""
    return {"look": said, "all": said}


def number(url: str, query: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return int(row[0])


def kept(url: str) -> int:
    """How many people stay although they have left, with the rows of theirs."""
    return number(url, "SELECT count(*) FROM populace.kept AS k JOIN public.people AS p ON p.id = k.key")


# Each kind of key, in each kind of removal.

BY_KEY = [
    Hazard(
        small=LEAVES,
        name=f"{action} and {kind}",
        after=refers(action, **to),
        steps=("seed", "life", "look", "all"),
        refused=both(says),
    )
    for action, says in ACTIONS.items()
    for kind, to in {
        "people": {},
        "what they left": {"to": "public.visits", "rows": "SELECT id FROM public.visits"},
    }.items()
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
        name="a table in the schema auth",
        after=refers("CASCADE", table="auth.note"),
        steps=LIFE_AND_END,
        refused=both("auth.note → public.people"),
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


@pytest.mark.parametrize("hazard", [*BY_KEY, *ELSEWHERE], ids=str)
def test_rows_that_refer_to_ours(opened_url: str, hazard: Hazard) -> None:
    live_through(hazard, opened_url)
    assert kept(opened_url) == 1


# What others have put on our tables: triggers and rules.

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


ATTACHED = [
    Hazard(
        small=LEAVES,
        name="a trigger changes a total",
        after=trigger("UPDATE crm.total SET n = n - 1 WHERE name = 'people'"),
        steps=LIFE_AND_END,
        refused={"all": "crm.total: 23 rows changed"},
    ),
    Hazard(
        small=LEAVES,
        name="a trigger deletes rows",
        after=trigger("DELETE FROM crm.log", on="public.visits"),
        steps=LIFE_AND_END,
        refused={"all": "crm.log: 1 rows deleted"},
    ),
    Hazard(
        small=LEAVES,
        name="a statement's trigger empties a table",
        after=trigger("TRUNCATE crm.log", each="STATEMENT", back="NULL"),
        steps=LIFE_AND_END,
        refused={"all": "crm.log: it was emptied"},
    ),
    Hazard(
        small=LEAVES,
        name="a rule changes a total",
        after=f"{COUNTS} CREATE RULE mine AS ON DELETE TO public.thanks DO ALSO UPDATE crm.total SET n = n + 1;",
        steps=LIFE_AND_END,
        refused={"all": "crm.total"},
    ),
    Hazard(
        small=LEAVES,
        name="a constraint trigger waits for the end",
        after=trigger("UPDATE crm.total SET n = n - 1 WHERE name = 'people'").replace(
            "CREATE TRIGGER mine AFTER DELETE ON public.people",
            "CREATE CONSTRAINT TRIGGER mine AFTER DELETE ON public.people DEFERRABLE INITIALLY DEFERRED",
        ),
        steps=LIFE_AND_END,
        refused={"all": "crm.total: 23 rows changed"},
    ),
]  # fmt: skip

OBJECTING = {
    "a trigger keeps rows": trigger("NULL", when="BEFORE DELETE", back="NULL"),
    "a rule keeps rows": f"{COUNTS} CREATE RULE mine AS ON DELETE TO public.people DO INSTEAD NOTHING;",
    "a rule deletes others instead": f"{COUNTS} CREATE RULE mine AS ON DELETE TO public.people DO INSTEAD"
    " DELETE FROM crm.log;",
    "a trigger forbids it": trigger("RAISE EXCEPTION 'nobody leaves'", when="BEFORE DELETE"),
}


@pytest.mark.parametrize("hazard", ATTACHED, ids=str)
def test_triggers_and_rules_that_change_rows_of_others(opened_url: str, hazard: Hazard) -> None:
    live_through(hazard, opened_url)
    assert kept(opened_url) == 1
    done = step(opened_url, "cleanup", "--all", "--allow-effects", "--yes")
    assert done.code == 0, done.err
    assert "changed other tables" in done.out


@pytest.mark.parametrize("name", OBJECTING)
def test_triggers_and_rules_that_keep_rows(opened_url: str, name: str) -> None:
    hazard = Hazard(name=name, small=LEAVES, after=OBJECTING[name], steps=("seed", "life"))
    live_through(hazard, opened_url)
    assert kept(opened_url) == 1
    others = Others(opened_url)
    done = step(opened_url, "cleanup", "--all", "--yes")
    assert done.code == 1, done.err
    assert not others.changed()
    assert not others.besides()


def test_a_trigger_that_only_adds_rows_is_reported(opened_url: str) -> None:
    adds = trigger("INSERT INTO crm.log (said) VALUES ('gone')")
    said = live_through(Hazard(name="adds", small=LEAVES, after=adds, steps=("seed", "life")), opened_url)
    assert kept(opened_url) == 0
    assert number(opened_url, "SELECT count(*) FROM crm.log") == 2
    done = step(opened_url, "cleanup", "--all", "--yes", "--json")
    assert done.code == 0
    (effect,) = done.document["effects"]
    assert (effect["table"], effect["deleted"], effect["updated"]) == ("crm.log", 0, 0)
    assert said["seed"].code == 0


def test_a_seed_in_place_lists_what_is_there_and_rehearses_a_removal(opened_url: str) -> None:
    execute(opened_url, LEAVES.tables() + trigger("UPDATE crm.total SET n = n - 1 WHERE name = 'people'"))
    seeded = step(opened_url, *LEAVES.seed, "--json").document
    (line,) = seeded["triggers"]
    assert line.startswith("trigger mine AFTER DELETE ON public.people")
    assert seeded["removal_changes"] == ["crm.total: 1 rows changed"]
    assert number(opened_url, "SELECT n FROM crm.total WHERE name = 'people'") == 23
    assert number(opened_url, "SELECT count(*) FROM public.people") == 23
    # Allowed once, people may leave.
    assert step(opened_url, *LEAVES.seed, "--allow-effects").code == 0
    assert step(opened_url, *LEAVES.steps()["life"]).code == 0
    assert kept(opened_url) == 0
    assert number(opened_url, "SELECT n FROM crm.total WHERE name = 'people'") == 22


# In time.


def test_a_key_that_comes_while_a_runner_lives_counts_from_then_on(opened_url: str) -> None:
    assert step(opened_url, *LEAVES.seed).code == 0
    came: list[Tick] = []

    def between(event: Event) -> None:
        if isinstance(event, Tick) and not came:
            execute(opened_url, refers("CASCADE"))
            came.append(event)

    request = RunRequest(CLUB_SMALL.world, speed="max", until=LEAVES.until, every="30m")
    run(contexts.at(opened_url), request, on_event=between)
    assert number(opened_url, "SELECT count(about) FROM crm.note") == 23
    assert kept(opened_url) == 1


def test_who_was_kept_goes_once_nobody_refers_to_them(opened_url: str) -> None:
    hazard = Hazard(name="kept", small=LEAVES, after=refers("CASCADE"), steps=("seed", "life"))
    live_through(hazard, opened_url)
    assert kept(opened_url) == 1
    examined = {f["title"]: f for f in step(opened_url, "doctor", "--json").document["findings"]}
    assert examined["kept for others"]["state"] == "attention"
    assert "crm.note" in examined["kept for others"]["measured"]
    lines = step(opened_url, "logs", "--json").document
    assert any(line["event"] == "stays" and line["level"] == "warning" for line in lines)
    execute(opened_url, "DELETE FROM crm.note")
    assert (
        step(opened_url, "run", CLUB_SMALL.world, "--until", "2026-01-10T07:00:00Z", "--speed", "max", "-q").code == 0
    )
    assert number(opened_url, "SELECT count(*) FROM populace.kept") == 0
    assert number(opened_url, "SELECT count(*) FROM public.people") == 21
    assert step(opened_url, "validate", CLUB_SMALL.world).code == 0
    assert step(opened_url, "cleanup", "--all", "--yes").code == 0


# Retention, by a world that has it.

OLD = replace(JOURNEYS, now="2026-01-09T03:00:00Z", until="2026-01-09T05:00:00Z")
"""Retention by the day falls into it."""
EVENTS = "SELECT id FROM public.journey_scene_events"
JOURNEY_IDS = "SELECT id FROM public.journey_instances"
AGED = """
    UPDATE public.journey_instances SET completed_at = completed_at - interval '3 days',
        updated_at = updated_at - interval '3 days' WHERE status IN ('completed', 'abandoned');
"""


def old(name: str, after: str) -> Hazard:
    """A population whose journeys are older than it, and what others have beside it."""
    small = replace(OLD, settings={**OLD.settings, "retention_days": 1})
    return Hazard(name=name, small=small, after=after, unseen=AGED, steps=("seed", "life", "retain"))


RETAINED = [
    *(old(action, refers(action, to="public.journey_scene_events", rows=EVENTS)) for action in ACTIONS),
    old("journeys themselves", refers("CASCADE", to="public.journey_instances", rows=JOURNEY_IDS)),
    old("a key of two columns", """
        ALTER TABLE public.journey_instance_scenes ADD UNIQUE (id, journey_instance_id);
        CREATE SCHEMA crm;
        CREATE TABLE crm.scene (n serial PRIMARY KEY, scene uuid, journey uuid, FOREIGN KEY (scene, journey)
            REFERENCES public.journey_instance_scenes (id, journey_instance_id) ON DELETE CASCADE);
        INSERT INTO crm.scene (scene, journey) SELECT id, journey_instance_id FROM public.journey_instance_scenes;
    """),
    old("rows of others in a table of journeys", """
        INSERT INTO public.journey_audio_events SELECT (jsonb_populate_record(e,
            jsonb_build_object('id', gen_random_uuid()))).* FROM public.journey_audio_events AS e;
    """),
]  # fmt: skip


@pytest.mark.parametrize("hazard", RETAINED, ids=str)
def test_retention_leaves_what_rows_of_others_refer_to(opened_url: str, hazard: Hazard) -> None:
    live_through(hazard, opened_url)
    assert number(opened_url, "SELECT count(*) FROM populace.kept") > 0
    assert number(opened_url, "SELECT count(*) FROM populace.journal WHERE event = 'stays'") > 0
    assert number(opened_url, "SELECT count(*) FROM populace.journal WHERE level = 'error'") == 0


def test_retention_that_changes_rows_of_others_by_a_trigger_is_taken_back(opened_url: str) -> None:
    act = trigger("UPDATE crm.total SET n = n + 1", on="public.journey_instances")
    live_through(replace(old("a trigger", act), refused={"retain": "crm.total"}), opened_url)
    assert number(opened_url, "SELECT count(*) FROM populace.journal WHERE level = 'error' AND event = 'cleanup'") == 1
    assert step(opened_url, "cleanup", "--retain-days", "1", "--allow-effects").code == 0


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
def test_accounts(opened_url: str, hazard: Hazard) -> None:
    live_through(hazard, opened_url)


def test_the_parts_of_an_account_go_with_it_and_the_function_of_the_app_asks_too(opened_url: str) -> None:
    assert step(opened_url, *FILMS.seed).code == 0
    execute(opened_url, ACCOUNTS)
    execute(opened_url, refers("SET NULL", to="public.profiles", rows="SELECT id FROM public.profiles LIMIT 3"))
    with pytest.raises(psycopg.errors.RestrictViolation, match=r"3 rows of crm.note by is_about \(ON DELETE SET NULL"):
        execute(opened_url, "SELECT public.cleanup_synthetic_data()")
    assert number(opened_url, "SELECT count(about) FROM crm.note") == 3
    execute(opened_url, "DELETE FROM crm.note")
    done = step(opened_url, "cleanup", "--all", "--yes")
    assert done.code == 0, done.err
    assert number(opened_url, "SELECT count(*) FROM auth.sessions") == 0


# One batch of several.


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_a_batch(opened_url: str, action: str) -> None:
    assert step(opened_url, *MAILINGS.seed).code == 0
    execute(opened_url, refers(action, to="public.contacts", rows="SELECT id FROM public.contacts LIMIT 7"))
    others = number(opened_url, "SELECT count(about) FROM crm.note")
    with psycopg.connect(opened_url) as connection:
        (batch,) = connection.execute("SELECT id::text FROM public.simulation_batches").fetchone() or ("",)
    done = step(opened_url, "cleanup", "--batch", batch, "--yes")
    assert done.code == 3
    assert ACTIONS[action] in done.err
    assert number(opened_url, "SELECT count(about) FROM crm.note") == others == 7
    assert step(opened_url, "cleanup", "--batch", batch, "--keep-referenced", "--yes").code == 0
    assert number(opened_url, "SELECT count(about) FROM crm.note") == 7
