"""The site in a browser: every page, and what a visitor leaves behind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Seen, watched
from browser.test_studio import serious_faults
from examples import part
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.standins.posthog import Server
from visiting import PASSWORD, populated, site, somebody

LOOKS = (("light", 1440), ("dark", 390))
FREE = ("/", "/pricing", "/login", "/signup", "/signup?plan=premium&syn=0")
KEY = "the-hogfather"
PAGES = (
    "/browse", "/search", "/search?q=hog", "/search?q=%25_%3Cscript%3E", "/category/Sci-Fi", f"/title/{KEY}",
    f"/watch/{KEY}", "/my-list", "/ratings", "/ratings?all=1", "/pricing", "/checkout?plan=premium",
    "/checkout?plan=basic", "/checkout/success", "/support", "/flixbuddy", "/flixbuddy?new=1",
)  # fmt: skip

WRONG = {"/login": {"E-mail": "nobody@example.com", "Password": "wrong"},
         "/signup": {"Name": "“Ada” <b> 🦔", "E-mail": "p_1@hogflix-synthetic.test", "Password": "long enough"},
         "/checkout?plan=premium": {"Card number": "4000 0000 0000 0002"}}  # fmt: skip
"""What is refused on the page where it was sent, by the page's address."""


@pytest.fixture(scope="module")
def url(browser: Browser, server: EmbeddedServer, opened_template: str) -> Iterator[str]:
    # The browser comes first, so that nothing is seeded where there is none.
    with populated(server, opened_template, "site_in_a_browser") as found:
        yield found


@pytest.fixture(scope="module")
def base(url: str) -> Iterator[str]:
    with site(url) as found:
        yield found


@contextmanager
def signed_in(browser: Browser, base: str, email: str, **options: object) -> Iterator[Seen]:
    """A page of somebody who has logged in."""
    with watched(browser, base, **options) as seen:
        log_in(seen.page, base, email)
        yield seen


def log_in(page: Page, base: str, email: str) -> None:
    page.goto(f"{base}/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/browse")


def row(url: str, query: str, *values: object) -> tuple[object, ...] | None:
    with connect(url, application_name="tests") as connection:
        return connection.execute(query, values).fetchone()


@pytest.mark.parametrize(("scheme", "width"), part(LOOKS, every=2))
def test_every_page_is_calm_fits_and_is_open_to_all(
    browser: Browser, url: str, base: str, scheme: str, width: int
) -> None:
    still = {"color_scheme": scheme, "reduced_motion": "reduce", "viewport": {"width": width, "height": 900}}

    def look(page: Page, path: str) -> None:
        page.goto(base + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert not serious_faults(page), path

    with watched(browser, base, **still) as seen:
        for path in FREE:
            look(seen.page, path)
        log_in(seen.page, base, somebody(url))
        for path in PAGES:
            look(seen.page, path)
        seen.require_calm()
        # What goes wrong is a page like the others; a browser says on its console that the status was no 200.
        for path in ("/nowhere", "/title/none", "/search?q=" + "h" * 300):
            look(seen.page, path)
        for path, fields in WRONG.items():
            seen.page.goto(base + path)
            for label, text in fields.items():
                seen.page.get_by_label(label).fill(text)
            seen.page.locator("main form .button").click()
            expect(seen.page.get_by_role("alert").filter(visible=True)).to_be_visible()
            assert not serious_faults(seen.page), path


def test_a_film_goes_on_where_it_was_left(browser: Browser, url: str, base: str) -> None:
    email = somebody(url)
    seen_so_far = "SELECT w.progress_seconds FROM public.watch_progress AS w " \
                  "JOIN auth.users AS u ON u.id = w.user_id JOIN public.videos AS v "\
                  "ON v.id = w.video_id WHERE u.email = %s AND v.slug = %s"  # fmt: skip
    with signed_in(browser, base, email) as seen:
        page = seen.page
        page.goto(f"{base}/watch/{KEY}")
        seek = page.get_by_label("Position")
        seek.fill("20")
        expect(page.locator("#player")).to_have_attribute("data-saved", "20")
        page.get_by_role("button", name="Play").click()
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        expect(page.locator("#time")).to_have_text(re.compile(r"0:2[1-9] / 0:50"))
        page.keyboard.press("k")
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        expect(page.locator("#player")).to_have_attribute("data-saved", re.compile("2[1-9]"))
        saved = row(url, seen_so_far, email, KEY)
        assert saved is not None
        assert 21 <= int(str(saved[0])) <= 29
        page.goto(f"{base}/browse")
        expect(page.get_by_role("region", name="Continue watching").get_by_text("The HogFather")).to_be_visible()
        page.goto(f"{base}/watch/{KEY}")
        expect(seek).to_have_value(str(saved[0]))
        seen.require_calm()


def test_rating_list_checkout_and_support(browser: Browser, url: str, base: str) -> None:
    email = somebody(url)
    of = "FROM public.{} AS t JOIN auth.users AS u ON u.id = t.user_id JOIN public.videos AS v ON v.id = t.video_id " \
         "WHERE u.email = %s AND v.slug = %s"  # fmt: skip
    with connect(url, application_name="tests") as connection:
        connection.execute("DELETE FROM public.user_watchlist WHERE video_id IN "
                           "(SELECT id FROM public.videos WHERE slug = %s)", (KEY,))  # fmt: skip
    with signed_in(browser, base, email) as seen:
        page = seen.page
        page.goto(f"{base}/title/{KEY}")
        page.get_by_role("button", name="4 of 5 stars").click()
        expect(page.get_by_role("button", name="4 of 5 stars")).to_have_attribute("aria-pressed", "true")
        assert row(url, "SELECT rating " + of.format("video_ratings"), email, KEY) == (4,)
        page.get_by_role("button", name="Add to my list").click()
        expect(page.get_by_role("button", name="On my list")).to_be_visible()
        assert row(url, "SELECT count(*) " + of.format("user_watchlist"), email, KEY) == (1,)
        page.goto(f"{base}/checkout?plan=premium")
        page.get_by_role("button", name="Pay with the test card").click()
        expect(page.get_by_role("heading", name="You are on Premium")).to_be_visible()
        paid = row(url, "SELECT payment_intent FROM public.user_subscriptions AS s "
                        "JOIN auth.users AS u ON u.id = s.user_id WHERE u.email = %s", email)  # fmt: skip
        assert str(paid[0] if paid else None).startswith("pi_test_")
        page.goto(f"{base}/support")
        page.get_by_label("What is it about?").select_option("playback_issues")
        page.get_by_label("What happened?").fill("The film stops at every puddle.")
        page.get_by_role("button", name="Send the ticket").click()
        expect(page.get_by_role("status")).to_contain_text("Your ticket is in")
        assert row(url, "SELECT issue_category, status FROM public.support_tickets WHERE description = %s",
                   "The film stops at every puddle.") == ("playback_issues", "open")  # fmt: skip
        seen.require_calm()


def test_flixbuddy_understands_a_follow_up(browser: Browser, url: str, base: str) -> None:
    with signed_in(browser, base, somebody(url)) as seen:
        page, message = seen.page, seen.page.get_by_label("Your question")
        page.goto(f"{base}/flixbuddy?new=1")
        message.fill("Show me sci-fi movies")
        message.press("Enter")
        first = page.locator(".assistant").nth(0).locator(".named a").first
        expect(first).to_be_visible()
        title = first.inner_text()
        message.fill("How long is the first one?")
        message.press("Enter")
        expect(page.locator(".assistant").nth(1)).to_contain_text(f"{title} is ")
        said = (
            "SELECT count(*) FROM public.chat_messages WHERE content = 'How long is the first one?' AND role = 'user'"
        )
        assert row(url, said) == (1,)
        page.reload()
        expect(page.locator(".assistant").nth(1)).to_contain_text(f"{title} is ")
        seen.require_calm()


def test_events_of_a_marked_session_reach_the_configured_host_alone(browser: Browser, url: str) -> None:
    with (
        Server() as posthog,
        site(url, posthog_host=posthog.url, posthog_key="phc_test") as base,
        watched(browser, base, posthog.url) as seen,
    ):
        page = seen.page
        page.goto(f"{base}/?synthetic=1&utm_source=newsletter&utm_medium=synthetic&utm_campaign=hogflix-bot")
        assert page.evaluate("sessionStorage.getItem('is_synthetic')") == "true"
        log_in(page, base, somebody(url))
        page.goto(f"{base}/title/{KEY}")
        page.get_by_role("button", name="2 of 5 stars").click()
        with page.expect_request(lambda request: "video:rated" in (request.post_data or "")) as sent:
            pass
        events = json.loads(sent.value.post_data or "")["batch"]
        expect(page.locator("#marked")).to_be_visible()
        seen.require_calm()
        with urlopen(f"{posthog.url}/state") as answer:
            state = json.load(answer)
    rated = next(event for event in events if event["event"] == "video:rated")
    assert rated["properties"]["is_synthetic"] is True
    assert rated["properties"]["utm_campaign"] == "hogflix-bot"
    assert rated["properties"]["distinct_id"].startswith("p_")
    assert "video:rated" in json.dumps(state)
