"""The wizard as somebody at a terminal meets it: wrong answers on the way, refusals, and what it never touches."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from command import CLUB, answer, call, contents, refusal
from examples import where_all_run
from populace.database.scratch import MARK, PREFIX
from populace.errors import BadInput
from populace.operations.seeds import wizard
from populace.spec.questions import Question
from populace.worlds import registry
from terminal import CTRL_C, ENTER, Terminal
from urls import for_user, password_of

SMALL = {"count_users": "60", "coverage_per_mindblock": "1", "days": "2"}
WORLD = registry.find("recoverlution")
BEGIN = ("Continue?", "y")
SECRET = "geheim"
THEIRS = ("crm.note", "auth.users", "public.profiles", "public.organizations")
HUMANS = """
CREATE SCHEMA crm;
INSERT INTO auth.users (id, email) SELECT md5(n::text)::uuid, 'human-' || n FROM generate_series(1, 20) AS n;
INSERT INTO public.organizations (name) SELECT 'clinic ' || n FROM generate_series(1, 3) AS n;
INSERT INTO public.profiles (id, email, full_name, organization_id) SELECT id, email, 'Human',
    (SELECT min(id::text)::uuid FROM public.organizations WHERE name LIKE 'clinic%') FROM auth.users
    WHERE email LIKE 'human-%';
CREATE TABLE crm.note (id serial PRIMARY KEY, about uuid REFERENCES public.profiles ON DELETE CASCADE);
INSERT INTO crm.note (about) SELECT id FROM public.profiles WHERE email LIKE 'human-%';
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded target with nobody in it."""
    target = f"embedded:{tmp_path_factory.mktemp('wizard')}"
    call("db", "start", "--target", target)
    yield target
    call("db", "stop", "--target", target)


@pytest.fixture(scope="module")
def here(target: str) -> str:
    """The URL of its database."""
    return call("db", "url", "--target", target).stdout.strip()


@pytest.fixture
def url(here: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that is not embedded: its target is a URL. Closed at first."""
    name = re.sub(r"\W", "_", request.node.name)[:50].lower()
    with psycopg.connect(here, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))  # type: ignore[arg-type]
    yield here.rpartition("/")[0] + "/" + name
    with psycopg.connect(here, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))  # type: ignore[arg-type]
        left = "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)"
        assert connection.execute(left, (PREFIX,)).fetchone() == (0,), "timing a seed left its database"


def do(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]


def theirs(url: str) -> list[list[tuple[Any, ...]]]:
    """Everything that belongs to humans."""
    return [
        rows(url, "SELECT * FROM crm.note ORDER BY id"),
        rows(url, "SELECT id, email FROM auth.users WHERE email LIKE 'human-%' ORDER BY id"),
        rows(url, "SELECT * FROM public.profiles WHERE email LIKE 'human-%' ORDER BY id"),
        rows(url, "SELECT * FROM public.organizations WHERE name LIKE 'clinic%' ORDER BY id"),
    ]


def number(names: list[str], name: str) -> str:
    """The key for an entry of a menu, and Enter."""
    return f"{names.index(name) + 1}{ENTER}"


SCENARIOS = [*(s.name for s in WORLD.scenarios), "a configuration of your own"]
OWN = ("Which scenario?", number(SCENARIOS, SCENARIOS[-1]))
CUSTOM = (
    ("Synthetic people", f"60{ENTER}"),
    ("engage with each mindblock", f"1{ENTER}"),
    ("Length of history", f"2{ENTER}"),
    ("Days of sessions", ENTER),
    ("People belong to alpha", "y"),
    ("legacy journey run", "n"),
    ("welcome notification", ENTER),
    ("People have a name", ENTER),
    ("Engagements go on", ENTER),
    ("People sign up day by day", ENTER),
    ("Anything else?", ENTER),
)


def commands(screen: str) -> list[list[str]]:
    """The plain commands that were shown before it began, as a shell splits them."""
    shown = re.findall(r"^  \S+ -m populace (.+)$", screen, flags=re.MULTILINE)
    return [shlex.split(line) for line in dict.fromkeys(shown)]


def test_from_the_first_question_to_people_with_wrong_answers_on_the_way(target: str, here: str) -> None:
    with Terminal("wizard") as terminal:
        terminal.answers(
            BEGIN,
            ("Is it the right one?", "n"),
            ("Target (", f"mysql://localhost/app{ENTER}"),
            ("this is not a target", ""),
            ("Target (", f"{target}{ENTER}"),
            ("Which world?", number(registry.names(), "recoverlution")),
            ("Which scenario?", f"7{number(SCENARIOS, SCENARIOS[-1])}"),
            ("Synthetic people", f"many{ENTER}"),
            ("'many' is not possible; allowed: a whole number from 1 to 2,000,000 people", ""),
            ("Synthetic people", f"0{ENTER}"),
            ("'0' is not possible; allowed: a whole number from 1 to 2,000,000 people", ""),
            *CUSTOM[:2],
            ("Length of history", f"2.5{ENTER}"),
            ("'2.5' is not possible; allowed: a whole number from 1 to 3,650 days", ""),
            *CUSTOM[2:4],
            ("People belong to alpha", "xy"),
            *CUSTOM[5:-1],
            ("Anything else?", f"signup_day=3{ENTER}"),
            ("did you mean 'signup_days'?", ""),
            ("Anything else?", f"cohort_label=a b's{ENTER}"),
            CUSTOM[-1],
            ("all together", ""),
            ("measured with a sample", ""),
            ("the same as plain commands:", ""),
            ("Seed it into", "y"),
            ("tables: created", ""),
            ("writing rows  ", ""),
            ("building keys and indexes", ""),
            ("rows/s; plan", ""),
            ("Check it now?", "n"),
        )
        screen = terminal.ends(0)
    (command,) = commands(screen)
    assert command[:2] == ["seed", "recoverlution"]
    assert "cohort_label=a b's" in command
    again = answer(*command)
    assert again["unchanged"] is True, "the command shown is not what was done"
    assert again["users_created"] == 60
    assert rows(here, "SELECT count(*) FROM public.sim_users") == [(60,)]

    before = contents(here, WORLD)
    with Terminal("wizard", "--target", target, "--world", "recoverlution") as terminal:
        terminal.answers(BEGIN, OWN, *CUSTOM[:-1], ("Anything else?", f"cohort_label=a b's{ENTER}"), CUSTOM[-1])
        terminal.reads("this population is here already")
        terminal.answers(("Run it now?", ENTER))
        assert "Seed it" not in terminal.ends(0)
    assert contents(here, WORLD) == before


@where_all_run
def test_no_word_no_deletion_and_the_right_word_takes_nothing_of_others(url: str) -> None:
    """In a database that is not embedded: the word is its name."""
    named = url.replace("//", "//", 1)
    database = url.rpartition("/")[2]
    answer("init", "--target", named)
    sets = [f"--set={path}={value}" for path, value in SMALL.items()]
    answer("seed", "recoverlution", "--target", named, "--yes", "--seed", "9", *sets)
    do(url, HUMANS)
    before, people = contents(url, WORLD), theirs(url)
    ask = (BEGIN, OWN, *CUSTOM)
    with Terminal("wizard", "--target", named, "--world", "recoverlution") as terminal:
        terminal.answers(*ask, ("ANOTHER POPULATION LIVES HERE", ""), ("seed: 9 there, 1 here", ""),
                         ("will be DELETED", ""), ("public.profiles", ""))  # fmt: skip
        terminal.answers((f"Type {database} to delete", f"yes{ENTER}"))
        terminal.reads("not confirmed; nothing was changed")
        terminal.ends(3)
    assert contents(url, WORLD) == before
    assert theirs(url) == people
    with Terminal("wizard", "--target", named, "--world", "recoverlution") as terminal:
        terminal.answers(*ask, (f"Type {database} to delete", f"{database}{ENTER}"), ("synthetic rows deleted", ""))
        terminal.answers(("tables: found", ""), ("rows/s; plan", ""), ("Check it", CTRL_C))
        screen = terminal.ends(0)
    assert theirs(url) == people
    assert [command[0] for command in commands(screen)] == ["cleanup", "seed"]
    assert answer(*commands(screen)[1], PGPASSWORD=password_of(url))["unchanged"] is True
    assert rows(url, "SELECT count(*) FROM public.sim_users") == [(60,)]
    do(url, "INSERT INTO crm.note (about) SELECT profile_id FROM public.sim_users LIMIT 2")
    before = contents(url, WORLD)
    with Terminal("wizard", "--target", named, "--world", "recoverlution") as terminal:
        terminal.answers(BEGIN, OWN, ("Synthetic people", f"61{ENTER}"), *CUSTOM[1:])
        terminal.reads("crm.note → public.profiles by note_about_fkey: 2 rows")
        terminal.ends(3)
    assert contents(url, WORLD) == before


def test_a_target_that_is_not_open_is_refused_and_no_password_is_shown(url: str) -> None:
    with Terminal("wizard", "--world", CLUB, POPULACE_TARGET=url) as terminal:
        terminal.answers(BEGIN, ("Is it the right one?", "y"), ("Which scenario?", ENTER))
        terminal.reads("has not been opened for synthetic data")
        screen = terminal.ends(3)
    assert rows(url, "SELECT to_regnamespace('populace') IS NULL") == [(True,)]
    answer("init", "--target", url)
    # As a killed wizard would leave it; the fixture makes sure that it is dropped.
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {PREFIX}1")  # type: ignore[call-overload]
        connection.execute(f"COMMENT ON DATABASE {PREFIX}1 IS '{MARK}'")  # type: ignore[call-overload]
    with Terminal("wizard", "--world", CLUB, POPULACE_TARGET=url) as terminal:
        terminal.answers(BEGIN, ("Is it the right one?", "y"), ("Which scenario?", ENTER))
        terminal.answers(("without the password: put it into PGPASSWORD", ""), ("Seed it into", "n"))
        terminal.reads("not confirmed; nothing was changed")
        screen += terminal.ends(3)
    assert password_of(url) not in screen
    assert rows(url, "SELECT to_regclass('public.people') IS NULL") == [(True,)]


def test_who_may_make_no_database_gets_a_rough_time_and_can_seed(url: str) -> None:
    answer("init", "--target", url)
    do(url, "CREATE ROLE wizard_guest LOGIN PASSWORD 'geheim'; GRANT ALL ON SCHEMA public, populace TO wizard_guest;"
            "GRANT ALL ON ALL TABLES IN SCHEMA populace TO wizard_guest;"
            "GRANT ALL ON ALL SEQUENCES IN SCHEMA populace TO wizard_guest")  # fmt: skip
    guest = for_user(url, "wizard_guest")
    with Terminal("wizard", "--world", CLUB, "--target", guest) as terminal:
        terminal.answers(BEGIN, ("Which scenario?", ENTER), ("could not be measured here (permission denied", ""))
        terminal.answers(("Seed it into", "n"))
        terminal.ends(3)
    do(url, "DROP OWNED BY wizard_guest; DROP ROLE wizard_guest")


@pytest.mark.parametrize("answered", [0, 3])
def test_ctrl_c_at_any_question_changes_nothing(url: str, answered: int) -> None:
    answer("init", "--target", url)
    steps = [BEGIN, ("Which scenario?", number(["default", "busy", "own"], "own")), ("How many", f"12{ENTER}")]
    with Terminal("wizard", "--world", CLUB, "--target", url) as terminal:
        terminal.answers(*steps[:answered], ((*steps, ("History", ""))[answered][0], CTRL_C))
        terminal.reads("stopped; nothing was changed")
        terminal.ends(130)
    assert rows(url, "SELECT to_regclass('public.people') IS NULL") == [(True,)]


def test_ctrl_c_while_it_measures_changes_nothing(url: str) -> None:
    """The fixture sees to it that no database is left."""
    answer("init", "--target", url)
    with Terminal("wizard", "--world", "hogflix", "--target", url) as terminal:
        terminal.answers(BEGIN, ("Which scenario?", ENTER), ("measuring this machine", ""))
        made = f"SELECT count(*) FROM pg_database WHERE starts_with(datname, '{PREFIX}')"
        while rows(url, made) == [(0,)]:
            pass
        terminal.stopped()
        terminal.reads("stopped; nothing was changed")
        terminal.ends(130)
    assert rows(url, "SELECT to_regclass('public.profiles') IS NULL") == [(True,)]


def test_no_is_taken_for_an_answer() -> None:
    with Terminal("wizard") as terminal:
        terminal.answers(("Continue?", "n"), ("nothing was changed", ""))
        terminal.ends(0)


def test_without_a_terminal_it_names_the_plain_commands() -> None:
    error = refusal("wizard", "--world", "hogflix", code=2)
    assert "no terminal" in error
    assert "populace plan hogflix" in error
    assert "populace seed hogflix --scenario S" in error


def test_campaigns_asks_the_documented_questions_and_computes_the_rest(target: str) -> None:
    world = registry.find("campaigns")
    names = [*(s.name for s in world.scenarios), "own"]
    with Terminal("wizard", "--world", "campaigns", "--target", target) as terminal:
        terminal.answers(
            BEGIN,
            ("Which scenario?", number(names, "own")),
            ("Organisations, a whole number from 5 to 15", f"4{ENTER}"),
            ("'4' is not possible; allowed: a whole number from 5 to 15", ""),
            ("Organisations", f"16{ENTER}"),
            ("'16' is not possible", ""),
            ("Organisations", f"5{ENTER}"),
            ("Clients of all organisations, a whole number from 10 to 100", f"10{ENTER}"),
            ("a whole number from 100 to 2,000", f"250{ENTER}"),
            ("a whole number from 3 to 10", f"4{ENTER}"),
            ("a whole number from 1 to 12", f"13{ENTER}"),
            ("'13' is not possible; allowed: a whole number from 1 to 12", ""),
            ("Months of history", f"1{ENTER}"),
            ("Call centre", "y"),
            ("Gift cards", "y"),
            ("Analytics", "n"),
            ("Error logs", "n"),
            ("contact lists of a client: 3", ""),
            ("recipients, as a mean over all campaigns at the epoch: 63", ""),
            ("gift card brands: 20", ""),
            ("gift cards that clients are given over the history: 1000", ""),
            ("users of an organisation: 5", ""),
            ("days from the drop to the close of a campaign, at least: 5", ""),
            ("days from the drop to the close of a campaign, at most: 7", ""),
            ("Anything else?", f"login_hash=x{ENTER}"),
            ("this value is secret", ""),
            ("Anything else?", CTRL_C),
        )
        terminal.ends(130)


def test_questions_stay_within_their_parameter() -> None:
    for name in registry.names():
        world = registry.find(name)
        for question in wizard.questions(world):
            about = question.about(world.parameter(question.path))
            assert about.check(about.default, name) == about.default
    parameter = replace(WORLD.parameter("days"), default=45)
    assert Question(path="days", low=50).about(parameter).default == 50
    assert Question(path="days", high=30).about(parameter).default == 30
    with pytest.raises(BadInput, match="wider than the parameter's"):
        Question(path="days", high=5_000).about(parameter)
