"""Pages of the worlds that the tests in a browser do not visit, as their HTML; these need no browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from browser.conftest import Studio, serving
from command import call
from hazards import FILMS, Seeded, Small
from library import library
from populace.database.embedded import EmbeddedServer
from populace.operations import ActivityRequest, activity
from populace.operations.inspection.overview import overview, span

MAIL = Small("campaigns", words=("--scenario", "demo"), settings={"analytics": False, "error_logs": False})
CHEF = Small("worldchef", words=("--scenario", "rich"), settings={"users": 120, "recipes": 200})
PAGES = ("/", "/people", "/behaviour", "/behaviour/kpis", "/behaviour/activity", "/behaviour/charts", "/settings",
         "/seed", "/checks", "/checks/doctor", "/checks/realism", "/cleanup", "/runs")  # fmt: skip


@dataclass(frozen=True)
class Visitor:
    """Somebody with a session in the Studio of a world."""

    world: str
    studio: Studio
    client: httpx.Client

    def get(self, path: str, **params: str) -> httpx.Response:
        """A page."""
        return self.client.get(path, params=params or None)


@contextmanager
def visiting(world: str, url: str) -> Iterator[Visitor]:
    """Enter the Studio of a target whose world is not named."""
    with (
        serving(url) as studio,
        httpx.Client(base_url=studio.base, timeout=60, follow_redirects=True) as client,
    ):
        assert client.get(studio.link()).status_code == 200
        yield Visitor(world, studio, client)


@pytest.fixture(scope="module", params=(FILMS, MAIL, CHEF), ids=lambda small: small.world)
def visitor(
    request: pytest.FixtureRequest, server: EmbeddedServer, seeded: Callable[[Small], Seeded]
) -> Iterator[Visitor]:
    with visiting(request.param.world, server.url(seeded(request.param).template)) as there:
        yield there


def test_a_world_of_ones_own_is_found_where_its_target_says(opened_url: str, tmp_path: Path) -> None:
    folder = library(tmp_path)
    seed = ("seed", str(folder), "--set=readers=20", "--set=days=2", "--set=visit_days=1",
            "--now=2026-01-09T00:00:00Z", "--yes")  # fmt: skip
    call(*seed, "--target", opened_url)
    with visiting("library", opened_url) as there:
        for page in PAGES:
            answer = there.get(page)
            # The library has no files that list and count its people, and the page says which.
            file = {"/people": "live/people.sql", "/behaviour/activity": "activity.sql"}.get(page)
            lacks = file is not None and f"file {file}" in answer.text
            assert (page, answer.status_code) == (page, 422 if lacks else 200)
        assert "Library" in there.get("/").text
    folder.rename(tmp_path / "elsewhere")
    with visiting("library", opened_url) as there:
        said = there.get("/").text
        assert "This population cannot be shown" in said
        assert "cannot be found again" in said


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_there_and_styles_nothing_inline(visitor: Visitor, page: str) -> None:
    answer = visitor.get(page)
    assert answer.status_code == 200
    assert not re.search(r"<[^>]+ (style|on[a-z]+)=", answer.text)
    assert "<script>" not in answer.text


def test_somebody_is_found_by_a_part_of_their_name_and_has_a_timeline(visitor: Visitor) -> None:
    listed = re.findall(r'href="(/people/[0-9a-f-]{36})">([^<]+)</a>', visitor.get("/people").text)
    assert len(listed) > 10
    path, name = listed[-1]
    assert path in visitor.get("/people", search=name[:-1]).text
    assert name in visitor.get(path).text
    assert visitor.get("/people", search="% no such name _").text.count("Nobody of that name") == 1
    assert visitor.get("/people/00000000-0000-0000-0000-000000000001").status_code == 422


def test_people_are_chosen_by_filters_that_their_world_has(visitor: Visitor) -> None:
    shown = visitor.get("/people").text
    filters = re.findall(r'<select name="(\w+)">', shown)
    assert {"joined", "active"} <= set(filters)
    for name in filters:
        values = re.findall(r'<option value="([^"]+)"', shown.split(f'<select name="{name}">')[1].split("</select>")[0])
        pages = [visitor.get("/people", **{name: value, "search": ""}) for value in values]
        assert {page.status_code for page in pages} == {200}
        assert any('class="people"' in page.text for page in pages)
        assert all(f'<option value="{v}" selected>' in page.text for v, page in zip(values, pages, strict=True))
    assert visitor.get("/people", active="2000000").status_code == 422


def test_what_people_did_is_worded_and_counted_by_kind(visitor: Visitor) -> None:
    found = span(visitor.studio.service.context, minutes=24 * 60)
    begins = min(minute for minute, _, _ in found.minutes)
    lines = [line for line in found.lines if line.at >= begins]
    assert lines
    assert {line.kind for line in lines} <= {kind for _, kind, _ in found.minutes}
    assert all(re.fullmatch(r"[A-Z].+", line.text) for line in lines)


def test_figures_of_now_are_those_of_the_day(visitor: Visitor) -> None:
    """Of campaigns that have ended, too: people answer them for some weeks."""
    context = visitor.studio.service.context
    counted = activity(context, ActivityRequest(24)).counted
    if visitor.world == "campaigns":
        answers = sum(many for kind, many in counted["events_by_type"].items() if not kind.startswith("imb"))
        assert answers > 0
        assert answers in [tile.value for tile in overview(context).tiles if tile.title == "responses"]
    kinds = {line.kind for line in span(context).lines}
    assert len(kinds) > 1


def test_figures_stand_against_their_targets_and_hold(visitor: Visitor) -> None:
    page = visitor.get("/behaviour/kpis").text
    assert page.count("Target ") >= 5
    assert page.count("on target") >= 2
    assert "off target" not in page


def test_charts_of_a_world_are_drawn(visitor: Visitor) -> None:
    page = visitor.get("/behaviour/charts").text
    drawn = set(re.findall(r"<h3>([^<]+)</h3>", page))
    assert any("in a day, a week and a month" in title for title in drawn)
    assert page.count("<svg") >= len(drawn) - 2


def test_why_somebody_came_and_their_holiday_are_shown_where_people_have_lives(visitor: Visitor) -> None:
    path = re.findall(r'href="(/people/[0-9a-f-]{36})"', visitor.get("/people").text)[0]
    page = visitor.get(path, on="2026-01-09").text
    lived = visitor.world == "hogflix"
    assert ('class="waterfall"' in page) == lived
    assert ("Send on holiday" in page) == ("Make churn" in page) == lived
    if lived:
        assert "this is not a date" in visitor.get(path, on="soon").text.lower()
