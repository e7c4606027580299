"""Sign-ups that are played on HogFlix's site, without a browser: each account is there once, and is the plan's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import visiting
from command import answer, call
from examples import where_all_run
from populace import clock
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.engine.upcoming import Upcoming
from populace.operations import RunRequest, pause, run
from populace.operations.playing.claims import Claims, ClaimsRequest, claims, preview
from populace.operations.steering.settings import EnableRequest
from visiting import PASSWORD, copied, guest, here, populated, site

NEWCOMERS = ("--set", "signups=always", "--set", "signups_low=40", "--set", "signups_high=40")
TABLES = ("auth.users", "auth.identities", "public.profiles", "public.profiles_public", "public.user_roles",
          "public.user_subscriptions")  # fmt: skip


@pytest.fixture(scope="module")
def seeded(server: EmbeddedServer, opened_template: str) -> Iterator[str]:
    with populated(server, opened_template, "joined", *NEWCOMERS) as found:
        yield found


@pytest.fixture
def url(server: EmbeddedServer, seeded: str) -> Iterator[str]:
    """A copy of the same people, each time."""
    with copied(server, "joined", "joining") as found:
        yield found


def request(folder: Path) -> ClaimsRequest:
    return ClaimsRequest("http://127.0.0.1:1", "a test", folder=folder, sign_ups=True)


def first_of(mine: Claims) -> tuple[Upcoming, Upcoming]:
    """The next sign-up and the visit after it, both claimed."""
    visits = mine.next(60)
    place = next(n for n, one in enumerate(visits) if one.signs_up)
    return visits[place], visits[place + 1]


def comes(mine: Claims, visit: Upcoming) -> None:
    """Wait until a visit's moment has come: the server may still know a session that has just ended as the runner's."""
    while not mine.due(visit):
        clock.sleep(0.05)


def signs_up(base: str, visit: Upcoming, **other: str) -> str:
    """Send the form as the browser does; where it leads to."""
    fields = {"name": visit.browser["name"], "email": visit.browser["email"], "password": PASSWORD, **other}
    with guest(base) as browser:
        browser.client.get("/?synthetic=1")
        return browser.post("/signup", "/signup", **fields).headers.get("location", "")


def failed(url: str) -> dict[str, int]:
    return visiting.failed(url, "rows", "recount", "future", "causes", "orphans", "marks", "C35", "C9")


def held(url: str, email: str) -> dict[str, int]:
    """How many rows there are of an account, by table."""
    with connect(url, application_name="tests") as connection:
        (key,) = connection.execute("SELECT id FROM auth.users WHERE email = %s", (email,)).fetchone() or (None,)
        owner = {"auth.users": "id", "public.profiles_public": "id"}
        rows = {t: connection.execute(f"SELECT count(*) FROM {t} WHERE {owner.get(t, 'user_id')} = %s", (key,))
                for t in TABLES}  # fmt: skip
        return {table: many for table, found in rows.items() for (many,) in found}


def lives_on(url: str, visit: Upcoming) -> None:
    run(here(url), RunRequest(speed="max", until=clock.iso(visit.begins_us + clock.HOUR_US)))


def test_an_account_that_the_site_makes_is_the_one_that_the_plan_has(url: str, tmp_path: Path) -> None:
    with site(url) as base:
        with claims(here(url), request(tmp_path)) as mine:
            visit, after = first_of(mine)
            assert [deed.step for deed in visit.deeds][-2:] in (["pricing", "sign_up"], ["sign_up"], ["sign_up", "pay"])
            comes(mine, visit)
            assert mine.begin(visit)
            # Time does not pass while somebody signs up.
            assert not mine.due(after)
            assert signs_up(base, visit) == "/browse"
            assert mine.has_account(visit)
            # It is there before the simulation comes to it, and nothing is doubled.
            assert mine.end(visit, "played") == 5
            assert failed(url) == {}
            # What did not come of the visit does not hide behind the account that is ahead of the simulation.
            with connect(url, application_name="a fault") as connection:
                connection.execute(
                    "INSERT INTO public.chat_conversations (id, user_id, profile_id, title, created_at, updated_at)"
                    " VALUES ('01900000-0000-7000-8000-000000000000', %(p)s, %(p)s, 'mine', %(at)s, %(at)s)",
                    {"p": visit.key, "at": clock.to_datetime(visit.begins_us - clock.SECOND_US)})  # fmt: skip
            assert "rows" in failed(url)
            with connect(url, application_name="a fault") as connection:
                connection.execute("DELETE FROM public.chat_conversations WHERE title = 'mine'")
            comes(mine, after)
        assert held(url, visit.browser["email"]) == dict.fromkeys(TABLES, 1)
        with connect(url, application_name="tests") as connection:
            rows = connection.execute("SELECT id::text, raw_user_meta_data ->> 'region' IS NOT NULL FROM auth.users"
                                      " WHERE email = %s", (visit.browser["email"],)).fetchall()  # fmt: skip
        assert rows == [(visit.key, True)]
        # The form is sent again: the account is opened, and with another word it is not.
        assert signs_up(base, visit) == "/browse"
        assert signs_up(base, visit, password="another-word") == ""
    lives_on(url, visit)
    assert failed(url) == {}
    # Every row is as the plan has it, and none is missing.
    repaired = answer("seed", "hogflix", "--repair", "--dry-run", "--target", url)
    assert (repaired["missing"], repaired["changed"], repaired["in_the_way"]) == (0, 0, 0)
    call("cleanup", "--all", "--yes", "--target", url)
    with connect(url, application_name="tests") as connection:
        assert [connection.execute(f"SELECT count(*) FROM {t}").fetchone() for t in TABLES] == [(0,)] * len(TABLES)


def test_a_sign_up_that_is_interrupted_is_completed_once(url: str, tmp_path: Path) -> None:
    """Before the form was sent, after it, and where the simulation was there first."""
    with site(url) as base:
        for nth, sent in enumerate((False, True)):
            with claims(here(url), request(tmp_path)) as died:
                visit, _ = first_of(died)
                comes(died, visit)
                assert died.begin(visit)
                if sent:
                    assert signs_up(base, visit) == "/browse"
                died.connection.close()
                with connect(url, application_name="tests", autocommit=True) as connection:
                    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                       " WHERE application_name = 'populace bots'")  # fmt: skip
                if sent:
                    # Whoever cleans up now takes along what the run has left.
                    dry = answer("cleanup", "--all", "--dry-run", "--target", url)
                    assert (dry["others"], dry["rows_kept"]) == ({}, 0)
                with claims(here(url), request(tmp_path)) as mine:
                    assert mine.interrupted > 0
                    assert visit.address not in [one.address for one in mine.next(60)]
            lives_on(url, visit)
            assert held(url, visit.browser["email"]) == dict.fromkeys(TABLES, 1), nth
            assert failed(url) == {}
        with claims(here(url), request(tmp_path)) as mine:
            visit, _ = first_of(mine)
            comes(mine, visit)
            assert mine.begin(visit)
            lives_on(url, visit)
            assert signs_up(base, visit) == "/browse"
            assert mine.has_account(visit)
            assert mine.end(visit, "played") == 0
        assert held(url, visit.browser["email"]) == dict.fromkeys(TABLES, 1)
        assert failed(url) == {}


@where_all_run
def test_a_site_that_makes_an_account_under_a_key_of_its_own_and_a_pause(url: str, tmp_path: Path) -> None:
    with claims(here(url), request(tmp_path)) as mine:
        visit, after = first_of(mine)
        comes(mine, visit)
        assert mine.begin(visit)
        with connect(url, application_name="a site") as connection:
            (own,) = connection.execute(
                "INSERT INTO auth.users (id, aud, role, email, raw_user_meta_data, created_at, updated_at) VALUES"
                " (gen_random_uuid(), 'authenticated', 'authenticated', %s, '{\"is_synthetic\": true}', now(), now())"
                " RETURNING id", (visit.browser["email"],)).fetchone() or ()  # fmt: skip
            connection.execute("INSERT INTO public.profiles (id, user_id) VALUES (gen_random_uuid(), %s)", (own,))
        assert not mine.has_account(visit)
        mine.end(visit, "failed", fault="another key")
        comes(mine, after)
    assert held(url, visit.browser["email"]) == dict.fromkeys(TABLES, 1)
    assert failed(url) == {}
    with claims(here(url), request(tmp_path)) as mine:
        visit, after = first_of(mine)
        pause(here(url), EnableRequest())
        lives_on(url, replace(visit, begins_us=visit.begins_us - clock.HOUR_US - 1))
        mine.due(visit)
        assert not mine.begin(visit)
    # The pause keeps people from the site; who was to sign up has an account all the same.
    lives_on(url, visit)
    assert held(url, visit.browser["email"])["auth.users"] == 1
    assert failed(url) == {}
    assert [one for one in preview(here(url), request(tmp_path), 500) if one.signs_up] == []
