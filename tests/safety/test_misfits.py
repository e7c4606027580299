"""In place: all that the app's tables would refuse is named at once, before the first row, and nothing is written."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from conftest import MakeDatabase
from examples import part
from hazards import CLUB_SMALL, FILMS, Hazard, Others, Small, execute, live_through, step
from populace.standins.supabase_auth import AuthServer
from referring import number

MISFITS = {
    "a length": (
        "ALTER TABLE public.visits ALTER status TYPE varchar(5)",
        "public.visits.status: value too long for type character varying(5)",
        "the longest has 9 characters",
    ),
    "a domain's length": (
        "CREATE DOMAIN public.short AS varchar(12); CREATE DOMAIN public.mail AS public.short;"
        "ALTER TABLE public.people ALTER mail TYPE public.mail",
        "public.people.mail: value too long for type character varying(12)",
        "the longest has 21 characters",
    ),
    "a domain's check": (
        "CREATE DOMAIN public.stars AS integer CHECK (VALUE > 3);"
        "ALTER TABLE public.notes ALTER stars TYPE public.stars",
        'public.notes.stars: value for domain stars violates check constraint "stars_check"',
    ),
    "a check": (
        "ALTER TABLE public.notes ADD CONSTRAINT good CHECK (stars > 3)",
        "public.notes: the check good, (stars > 3), refuses",
    ),
    "a check on what is not written": (
        "ALTER TABLE public.people ADD age integer DEFAULT 12, ADD CONSTRAINT adult CHECK (age >= 18 OR name = 'Ada')",
        "public.people: the check adult, ((age >= 18) OR (name = 'Ada'::text)), refuses",
    ),
    "a check by a function of the app": (
        "CREATE FUNCTION public.is_known(text) RETURNS boolean LANGUAGE sql AS $$ SELECT $1 <> 'Bo' $$;"
        "CREATE FUNCTION public.known(text) RETURNS boolean LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN is_known($1); END $$;"
        "ALTER TABLE public.people ADD CONSTRAINT known CHECK (public.known(name))",
        "public.people: the check known, public.known(name), refuses",
    ),
    "a unique key": (
        "CREATE UNIQUE INDEX one_name ON public.people (name)",
        "public.people: one_name (name) takes each value once; of 23 rows that were tried 3 values stand in several",
    ),
    "a unique index over an expression, of some rows": (
        "CREATE UNIQUE INDEX first ON public.people (lower(left(name, 1))) WHERE nth > 0",
        'public.people: first (lower("left"(name, 1))) takes each value once',
    ),
    "a trigger that refuses": (
        "CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF new.status = 'abandoned' THEN RAISE EXCEPTION 'nobody gives up'; END IF; RETURN new; END $$;"
        "CREATE TRIGGER no BEFORE INSERT OR UPDATE ON public.visits FOR EACH ROW EXECUTE FUNCTION public.no()",
        "public.visits: in a seed: rows were rejected: nobody gives up",
    ),
    "a trigger that refuses changes": (
        "CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it stays'; END $$;"
        "CREATE TRIGGER no BEFORE UPDATE ON public.visits FOR EACH ROW EXECUTE FUNCTION public.no()",
        "public.visits: in life, where it is merged: rows were rejected: it stays",
    ),
    "no partition": (
        "ALTER TABLE public.steps RENAME TO old_steps; CREATE TABLE public.steps (LIKE public.old_steps)"
        " PARTITION BY RANGE (created_at); CREATE TABLE public.steps_2020 PARTITION OF public.steps FOR VALUES FROM"
        " ('2020-01-01') TO ('2021-01-01')",
        'public.steps: in a seed: rows were rejected by public.steps: no partition of relation "steps" found for row',
    ),
}
"""What is done to the club's tables, and what a seed says then."""


def refused(url: str, small: Small, statements: str, **environment: str) -> str:
    """What a seed says that is refused, after which nothing has changed."""
    execute(url, small.tables() + statements)
    others = Others(url)
    said = step(url, *small.seed, **environment)
    assert said.code == 2, said.err
    assert not others.changed()
    assert not others.besides()
    assert number(url, "SELECT count(*) FROM populace.plan") == 0
    return said.err


@pytest.mark.parametrize("name", part(MISFITS, every=2))
def test_what_the_tables_refuse_is_found_before_the_first_row(opened_url: str, name: str) -> None:
    statements, *expected = MISFITS[name]
    said = refused(opened_url, CLUB_SMALL, statements)
    assert len(said.splitlines()) == 3, said
    for words in expected:
        assert words in said


def test_all_of_it_is_named_at_once(opened_url: str) -> None:
    together = ("a length", "a domain's check", "a check on what is not written", "a unique key")
    said = refused(opened_url, CLUB_SMALL, ";".join(MISFITS[name][0] for name in together))
    for name in together:
        for words in MISFITS[name][1:]:
            assert words in said


def test_a_partitioned_table_is_filled_and_lives(opened_url: str) -> None:
    """Rows of partitions do not show whether they are new."""
    hazard = Hazard(name="partitions", small=FILMS, in_place=True, before="""
        ALTER TABLE public.watch_progress RENAME TO plain;
        CREATE TABLE public.watch_progress (LIKE public.plain INCLUDING DEFAULTS) PARTITION BY HASH (user_id);
        DROP TABLE public.plain CASCADE;
        CREATE TABLE public.progress_0 PARTITION OF public.watch_progress FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE public.progress_1 PARTITION OF public.watch_progress FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        ALTER TABLE public.watch_progress ADD PRIMARY KEY (id, user_id), ADD UNIQUE (user_id, profile_id, video_id);
    """)  # fmt: skip
    live_through(hazard, opened_url)


TAKEN = {
    "a key": ("ALTER TABLE public.people ADD CONSTRAINT mails UNIQUE (mail)", "mails (mail)"),
    "an index": ("CREATE UNIQUE INDEX mails ON public.people (lower(mail))", "mails (lower(mail))"),
    "a partial index": (
        "ALTER TABLE public.people ADD is_sso boolean NOT NULL DEFAULT false;"
        "CREATE UNIQUE INDEX mails ON public.people (mail) WHERE is_sso = false",
        "mails (mail)",
    ),
}


@pytest.mark.parametrize("name", part(TAKEN, every=2))
def test_people_who_are_there_already_are_named(opened_url: str, name: str) -> None:
    statements, shown = TAKEN[name]
    said = refused(opened_url, CLUB_SMALL, statements + """;
        INSERT INTO public.people (id, name, mail, nth, created_at) VALUES
            (gen_random_uuid(), 'Una', 'person007@example.com', 1, now()),
            (gen_random_uuid(), 'Vic', 'person021@example.com', 1, now()),
            (gen_random_uuid(), 'Wim', 'wim@example.org', 1, now());
    """)  # fmt: skip
    assert (
        f"public.people: {shown}: 2 rows that are there have values of people and things that we would write, such as "
        "person007@example.com, person021@example.com"
    ) in said
    execute(opened_url, "DELETE FROM public.people WHERE name IN ('Una', 'Vic')")
    assert step(opened_url, *CLUB_SMALL.seed).code == 0


def test_it_is_not_the_sample_alone_that_is_compared(opened_url: str) -> None:
    """The last one of very many."""
    many = Small(CLUB_SMALL.world, words=("--set", "people=900", "--set", "notes_each=0"))
    said = refused(opened_url, many, """
        ALTER TABLE public.people ADD CONSTRAINT mails UNIQUE (mail);
        INSERT INTO public.people (id, name, mail, nth, created_at)
            VALUES (gen_random_uuid(), 'Una', 'person899@example.com', 1, now());
    """)  # fmt: skip
    assert "mails (mail): a row that is there has a value of people and things" in said
    assert "person899@example.com" in said


def test_accounts_that_exist_are_found_by_their_addresses(
    opened_url: str, make_database: MakeDatabase, opened_template: str
) -> None:
    model = make_database(opened_template)
    assert step(model, *FILMS.seed).code == 0
    with psycopg.connect(model) as connection:
        mails = [row[0] for row in connection.execute("SELECT email FROM auth.users ORDER BY email LIMIT 2")]
    rows = ", ".join(f"(gen_random_uuid(), '{mail}')" for mail in mails)
    said = refused(opened_url, FILMS, f"INSERT INTO auth.users (id, email) VALUES {rows}")
    assert "auth.users: users_email_partial_key (email): 2 rows that are there have values" in said
    assert ", ".join(mails) in said


def test_where_a_service_makes_the_accounts_all_that_can_be_rehearsed_is(opened_url: str) -> None:
    """Accounts are inserted for the rehearsal, and taken back; where that cannot be, one note says so."""
    refuses = (
        "CREATE FUNCTION public.{0}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF current_setting('application_name') ~ 'populace' THEN RAISE EXCEPTION 'no {0}'; END IF;"
        " RETURN new; END $$;"
        "CREATE TRIGGER {0} BEFORE INSERT ON {1} FOR EACH ROW EXECUTE FUNCTION public.{0}();"
    )
    through = replace(FILMS, words=("--set", "accounts_through=api"))
    with AuthServer(opened_url, "a-key") as service:
        known = {"SUPABASE_URL": service.url, "SUPABASE_SERVICE_ROLE_KEY": "a-key"}
        said = refused(opened_url, through, refuses.format("profile", "public.profiles"), **known)
        assert "public.profiles: in a seed: rows were rejected: no profile" in said
        assert "not rehearsed" not in said
        execute(opened_url, "DROP TRIGGER profile ON public.profiles;" + refuses.format("account", "auth.users"))
        execute(opened_url, refuses.format("video", "public.videos"))
        said = step(opened_url, *through.seed, **known)
        assert said.code == 2
        assert "public.videos: in a seed: rows were rejected: no video" in said.err
        assert said.err.count("were not rehearsed here: auth.users (rows were rejected: no account;") == 1
        assert not [one for one in service.calls if one.method == "POST"]
    assert number(opened_url, "SELECT count(*) FROM auth.users") == 0
