"""Runs of bots in a real browser, on HogFlix's own site and on a tiny one that writes to the same database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import CHROMIUM
from burrow import burrow, page_map
from command import answer, call
from contexts import at
from examples import where_all_run
from populace import clock
from populace.bots.playing import play
from populace.bots.request import PlayRequest, PlayResult
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.errors import BadInput, TargetUnavailable
from populace.operations import RunRequest, run
from populace.operations.context import Context
from populace.operations.playing.claims import ClaimsRequest, preview
from populace.standins.posthog import Captured, Server
from visiting import PASSWORD, populated, site

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


@pytest.fixture(scope="module")
def url(server: EmbeddedServer, opened_template: str) -> Iterator[str]:
    shallow = [word for name in ("new", "active", "casual", "dormant", "daily", "regular", "weekend_on", "weekend_off",
                                 "binging", "resting", "monthly", "low")
               for word in ("--set", f"depth_{name}_low=1", "--set", f"depth_{name}_high=1")]  # fmt: skip
    with populated(server, opened_template, "bots", *shallow) as found:
        yield found


def played(url: str, base: str, folder: Path, sessions: int, **more: Any) -> PlayResult:
    known = at(url)
    context = Context(replace(known.settings, login_password=PASSWORD), known.registry)
    given = {"speed": 0.0, "folder": folder, "chromium": Path(CHROMIUM or ""), **more}
    return play(context, PlayRequest(base, sessions, **given))


def wrong(url: str) -> list[str]:
    verdicts = answer("validate", "--target", url, code=None)["verdicts"]
    return [
        v["id"] for v in verdicts if not v["ok"] and v["id"] in ("rows", "recount", "future", "causes", "K7", "C27")
    ]


def test_visits_are_played_on_hogflix_and_their_rows_are_ours(url: str, tmp_path: Path) -> None:
    with site(url) as base:
        result = played(url, base, tmp_path, 4)
        assert (result.states, result.fault()) == ({"played": 4}, None)
        assert result.elsewhere == {}
        steps = result.steps
        assert steps["look"] >= steps["open"] >= steps["start"] == steps["watch"]
        assert result.rows > 0
    with burrow(url) as second:
        pages = tmp_path / "burrow.toml"
        pages.write_bytes(page_map())
        there = played(url, second.base, tmp_path, 3, pages=pages)
        assert (there.states, there.fault()) == ({"played": 3}, None)
    assert wrong(url) == []
    call("cleanup", "--all", "--yes", "--target", url)
    with connect(url, application_name="tests") as connection:
        left = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            for table in ("auth.users", "public.watch_progress", "public.chat_messages")
        ]
    assert left == [(0,)] * 3


@pytest.fixture
def another(server: EmbeddedServer, opened_template: str) -> Iterator[str]:
    with populated(server, opened_template, "bots_stopped") as found:
        yield found


def test_a_run_ends_where_a_site_does_not_do_its_part_and_claims_nothing_where_it_is_away(
    another: str, tmp_path: Path
) -> None:
    def claimed() -> dict[str, int]:
        with connect(another, application_name="tests") as connection:
            return dict(
                connection.execute("SELECT state, count(*) FROM populace.delegated_visit GROUP BY 1").fetchall()
            )

    with pytest.raises(TargetUnavailable, match="no site answers"):
        played(another, "http://127.0.0.1:9", tmp_path, 3)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    with burrow(another) as there:
        pages = tmp_path / "burrow.toml"
        pages.write_bytes(page_map())
        with pytest.raises(BadInput, match="profiles of browsers cannot be kept"):
            played(another, there.base, tmp_path / "full" / "file", 3, pages=pages)
        with pytest.raises(BadInput, match="no program"):
            played(another, there.base, tmp_path, 3, pages=pages, chromium=tmp_path / "none")
        there.mode, there.from_path = "redirect", "/"
        with pytest.raises(TargetUnavailable, match="leads to another one"):
            played(another, there.base, tmp_path, 3, pages=pages)
        assert claimed() == {}
        there.mode, there.from_path = "new", "/films"
        result = played(another, there.base, tmp_path, 30, pages=pages, patience_s=1.0)
        assert result.states["failed"] == 3
        assert str(result.fault()).count("is not possible on /films") == 1
        assert claimed() == {"failed": 3, "interrupted": claimed()["interrupted"]}
    assert wrong(another) == []


def test_newcomers_sign_up_and_of_played_visits_the_analytics_hear_the_page_alone(
    server: EmbeddedServer, opened_template: str, tmp_path: Path
) -> None:
    often = ("--set", "signups=always", "--set", "signups_low=60", "--set", "signups_high=60")
    with (
        populated(server, opened_template, "bots_heard", *often) as heard,
        Server(Captured("phc_of_the_tests")) as posthog,
        site(heard, posthog_host=posthog.url, posthog_key="phc_of_the_tests") as base,
    ):
        known = at(heard)
        given_too = {"login_password": PASSWORD, "posthog_host": posthog.url, "posthog_key": "phc_of_the_tests"}
        here = Context(replace(known.settings, **given_too), known.registry)
        given = ClaimsRequest(base, "", sign_ups=True)
        sign_up = next(one for one in preview(here, given, 300) if one.signs_up)
        run(here, RunRequest(speed="max", until=clock.iso(sign_up.begins_us - clock.SECOND_US)))
        ahead = preview(here, given, 2)
        request = PlayRequest(base, 2, speed=0.0, folder=tmp_path, chromium=Path(CHROMIUM or ""))
        result = play(here, request)
        assert (result.states, result.sign_ups, result.fault(), result.elsewhere) == ({"played": 2}, 1, None, {})
        assert ahead[0].address == sign_up.address
        # What came from the page is marked, under the name that the simulation has for the person, from the first on.
        events = [e for e in posthog.captured.events.values() if e["properties"].get("$lib") == "web"]
        assert {e["properties"]["is_synthetic"] for e in events} == {True}
        assert {e["properties"]["utm_campaign"] for e in events} == {"hogflix-bot"}
        assert {e["distinct_id"] for e in events} == {one.called for one in ahead}
        assert [e["distinct_id"] for e in events if e["event"] == "signup:completed"] == [sign_up.called]
        # The simulation goes on over these visits, and says nothing of them; of everybody else it does.
        run(here, RunRequest(speed="max", until=clock.iso(max(one.ends_us for one in ahead) + clock.HOUR_US)))
        spans = {one.called: (one.begins_us, one.ends_us) for one in ahead}
        with connect(heard, application_name="tests") as connection:
            waiting = connection.execute("SELECT at, payload ->> 'distinct_id' FROM populace.outbox").fetchall()
            accounts = connection.execute("SELECT count(*), min(id::text) FROM auth.users WHERE email = %s",
                                          (sign_up.browser["email"],)).fetchone()  # fmt: skip
        said = [(clock.from_datetime(moment), who) for moment, who in waiting]
        said += [(clock.parse(e["timestamp"], "event"), e["distinct_id"])
                 for e in posthog.captured.events.values() if e["properties"].get("$lib") != "web"]  # fmt: skip
        assert len(said) > 20
        assert [who for at_us, who in said if who in spans and spans[who][0] <= at_us <= spans[who][1]] == []
        assert accounts == (1, sign_up.key)
        assert wrong(heard) == []


@where_all_run
def test_two_runs_at_once_play_each_visit_once(another: str, tmp_path: Path) -> None:
    with burrow(another) as there:
        pages = tmp_path / "burrow.toml"
        pages.write_bytes(page_map())
        found: list[PlayResult] = []
        both = [threading.Thread(target=lambda: found.append(played(another, there.base, tmp_path, 3, pages=pages)))
                for _ in range(2)]  # fmt: skip
        for one in both:
            one.start()
        for one in both:
            one.join(200)
        assert [r.states["played"] for r in found] == [3, 3]
    with connect(another, application_name="tests") as connection:
        rows = connection.execute("SELECT count(*), count(DISTINCT address) FROM populace.delegated_visit"
                                  " WHERE state = 'played'").fetchone()  # fmt: skip
    assert rows == (6, 6)
    assert wrong(another) == []
