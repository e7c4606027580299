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
from populace.bots.playing import play
from populace.bots.request import PlayRequest, PlayResult
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.errors import BadInput, TargetUnavailable
from populace.operations.context import Context
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
