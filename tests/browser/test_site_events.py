"""What the site's pages send to the configured PostHog: each event of the app's client, row by row, of a session that
is marked as synthetic and of one that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import watched
from examples import part
from populace import clock
from populace.database.embedded import EmbeddedServer
from populace.standins.posthog import Captured, Server
from visiting import PASSWORD, populated, site

KEY, FILM, DEMO = "phc_of_the_tests", "the-hogfather", "posthog-demo-your-first-funnel"
UTM = {"utm_source": "newsletter", "utm_medium": "synthetic", "utm_campaign": "hogflix-bot"}
MARKED, HUMAN = "p_visits@hogflix-synthetic.test", "ada@example.com"
PATIENCE_S = 60.0

Event = Mapping[str, Any]


def visit(browser: Browser, base: str, posthog: Server, email: str, query: str) -> list[Event]:
    """Somebody comes, signs up, pays with the test card, watches, rates, lists, asks and writes; what arrived."""
    with watched(browser, base, posthog.url) as seen:
        page = seen.page
        page.goto(f"{base}/?{query}")
        page.get_by_role("link", name="See the plans").click()
        page.get_by_role("link", name="Start with Premium").click()
        for label, text in (("Name", "Ada"), ("E-mail", email), ("Password", PASSWORD)):
            page.get_by_label(label).fill(text)
        page.get_by_role("button", name="Create the account").click()
        page.get_by_role("button", name="Pay with the test card").click()
        page.get_by_role("link", name="Watch something").click()
        page.get_by_role("region", name="Trending now").get_by_role("link").first.click()
        page.goto(f"{base}/title/{FILM}")
        page.get_by_role("button", name="4 of 5 stars").click()
        for name in ("Add to my list", "On my list", "Add to my list"):
            page.get_by_role("button", name=name).click()
            expect(page.get_by_role("button", name=name)).to_have_count(0)
        for key in (FILM, DEMO):
            page.goto(f"{base}/title/{key}")
            page.get_by_role("link", name="Play", exact=True).click()
            through(page)
        page.goto(f"{base}/flixbuddy?new=1")
        page.get_by_label("Your question").fill("Show me sci-fi movies")
        page.get_by_role("button", name="Ask").click()
        page.locator(".assistant .named a").first.click()
        page.goto(f"{base}/support")
        page.get_by_label("What is it about?").select_option("playback_issues")
        page.get_by_label("What happened?").fill("The film stops at every puddle.")
        page.get_by_role("button", name="Send the ticket").click()
        expect(page.get_by_role("status")).to_contain_text("Your ticket is in")
        page.goto(f"{base}/pricing")
        page.get_by_role("link", name="Take Basic").click()
        page.wait_for_url("**/checkout**")
        page.goto(f"{base}/login")
        # Events of the pages before are sent when they are left, those of the last page a moment after it is there.
        until = clock.monotonic() + PATIENCE_S
        while not named(list(posthog.captured.events.values()), "$pageview", lambda p: p["$pathname"] == "/login"):
            assert clock.monotonic() < until
            page.wait_for_timeout(50)
        seen.require_calm()
    return list(posthog.captured.events.values())


def through(page: Page) -> None:
    """A film in leaps to its end."""
    page.get_by_role("button", name="Play").click()
    seek = page.get_by_label("Position")
    whole = int(seek.get_attribute("max") or 0)
    for percent in (30, 60, 80, 97):
        seek.fill(str(-(-whole * percent // 100)))


@pytest.fixture(scope="module")
def events(browser: Browser, server: EmbeddedServer, opened_template: str) -> Iterator[dict[str, list[Event]]]:
    """What arrived, by whose visit it is."""
    with (
        populated(server, opened_template, "events_of_the_site") as url,
        Server(Captured(KEY)) as posthog,
        site(url, posthog_host=posthog.url, posthog_key=KEY) as base,
    ):
        found: dict[str, list[Event]] = {}
        for email, query in ((MARKED, "synthetic=1&" + "&".join(map("=".join, UTM.items()))), (HUMAN, "")):
            posthog.captured.events.clear()
            found[email] = visit(browser, base, posthog, email, query)
        assert set(posthog.captured.answers) == {200}
        yield found


def named(events: list[Event], name: str, such: Callable[[Mapping[str, Any]], bool] = lambda _p: True) -> list[Event]:
    return [event for event in events if event["event"] == name and such(event["properties"])]


NAMES = (
    "$pageview", "page:viewed", "section:viewed", "section:clicked", "home_section_click", "video:title_opened",
    "video:session_started", "video:started", "content_start", "video:progress_milestone", "video:progress",
    "video:completed", "content_complete", "video:rated", "watchlist:added", "watchlist:removed",
    "pricing:page_viewed", "pricing:plan_selected", "checkout:started", "checkout:completed", "signup:completed",
    "support:ticket_submitted", "flixbuddy:opened", "flixbuddy:conversation_started", "flixbuddy:message_sent",
    "flixbuddy:interaction", "$ai_generation", "flixbuddy:video_clicked", "$identify",
)  # fmt: skip


@pytest.mark.parametrize("who", [MARKED, HUMAN])
@pytest.mark.parametrize("name", NAMES)
def test_each_event_of_the_client_arrives_with_its_mark(events: dict[str, list[Event]], name: str, who: str) -> None:
    found = named(events[who], name)
    assert found
    for event in found:
        properties = event["properties"]
        assert properties["is_synthetic"] is (who == MARKED)
        assert properties.get("synthetic") is (True if who == MARKED else None)
        # Of a ticket the client says where it was written.
        written = "form" if name == "support:ticket_submitted" else None
        assert properties.get("source") == (written or ("hogflix-bot" if who == MARKED else None))
        assert {k: v for k, v in properties.items() if k.startswith("utm_")} == (UTM if who == MARKED else {})
        assert properties["$session_id"]


PROPERTIES: dict[str, Mapping[str, object]] = {
    "video:session_started": {"video_title": "The HogFather", "category": "Drama", "has_resume_point": False,
                              "source_section": "Trending now"},
    "video:completed": {"video_title": "The HogFather", "total_duration": 50},
    "video:progress": {"milestone": 50},
    "video:rated": {"rating": 4, "video_title": "The HogFather"},
    "pricing:plan_selected": {"plan": "premium", "current_plan": None, "is_upgrade": True},
    "checkout:started": {"chosen_plan": "premium"},
    "checkout:completed": {"plan": "premium"},
    "support:ticket_submitted": {"source": "form", "issue_category": "playback_issues"},
    "flixbuddy:interaction": {"question": "Show me sci-fi movies", "plan": "premium", "company_plan": "premium"},
    "$ai_generation": {"$ai_model": "populace-full-text", "cost": 0},
    "section:clicked": {"section": "Trending now"},
    "section:viewed": {"position": 1},
}  # fmt: skip


@pytest.mark.parametrize("name", PROPERTIES)
def test_an_event_says_what_it_is_about(events: dict[str, list[Event]], name: str) -> None:
    wanted = PROPERTIES[name]
    found = [{key: event["properties"].get(key) for key in wanted} for event in named(events[MARKED], name)]
    assert wanted in found


def test_who_signed_up_is_one_person_with_what_they_did_before(events: dict[str, list[Event]]) -> None:
    for who, marked in ((MARKED, True), (HUMAN, False)):
        (identified,) = named(events[who], "$identify")
        about = identified["properties"]
        assert about["$set"]["is_synthetic"] is marked
        before = {e["properties"]["distinct_id"] for e in named(events[who], "pricing:page_viewed")}
        assert before == {about["$anon_distinct_id"], about["distinct_id"]}
        initial = {key: value for key, value in about["$set"].items() if key.startswith("$initial_")}
        assert initial == ({f"$initial_{key}": value for key, value in UTM.items()} if marked else {})


def test_each_milestone_is_said_once_and_a_way_down_is_no_upgrade(events: dict[str, list[Event]]) -> None:
    milestones = named(events[MARKED], "video:progress_milestone", lambda p: p["video_title"] == "The HogFather")
    assert [event["properties"]["milestone"] for event in milestones] == [25, 50, 75]
    (down,) = named(events[MARKED], "pricing:plan_selected", lambda p: p["plan"] == "basic")
    assert down["properties"]["is_upgrade"] is False


@pytest.mark.parametrize("name", [f"demo_video:{did}" for did in ("opened", "played", "progress", "completed")])
def test_demos_count_for_people_and_never_for_synthetic_sessions(events: dict[str, list[Event]], name: str) -> None:
    assert len(named(events[HUMAN], name)) == 1
    assert not named(events[MARKED], name)
    assert not [e for e in events[MARKED] if e["properties"].get("category") == "PostHog Demo"]


@pytest.mark.parametrize("mark", part(["synthetic", "syn"], every=2))
def test_a_mark_lasts_for_the_session_and_no_longer(browser: Browser, site_of: str, mark: str) -> None:
    def is_marked(page: Page) -> bool:
        return page.evaluate("sessionStorage.getItem('is_synthetic')") == "true"

    with watched(browser, site_of) as seen:
        page = seen.page
        page.goto(f"{site_of}/?{mark}=0")
        assert not is_marked(page)
        page.goto(f"{site_of}/?{mark}=1")
        assert is_marked(page)
        page.goto(f"{site_of}/pricing")
        assert is_marked(page)
        expect(page.locator("#marked")).to_be_visible()
        other = page.context.new_page()
        other.goto(site_of)
        assert is_marked(other)
    with watched(browser, site_of) as seen:
        seen.page.goto(site_of)
        assert not is_marked(seen.page)
        expect(seen.page.locator("#marked")).to_have_count(0)


@pytest.fixture(scope="module")
def site_of(browser: Browser, server: EmbeddedServer, opened_template: str) -> Iterator[str]:
    """A site that sends events to nobody."""
    with populated(server, opened_template, "marks_of_the_site") as url, site(url) as base:
        yield base
