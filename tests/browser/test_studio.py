"""The Studio in a browser: every page, what it shows of life, and what it changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from browser.conftest import LIVELY, Seen, Studio, opened, serving
from examples import part
from hazards import FILMS, Seeded, Small
from populace import clock
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer

PAGES = ("", "people", "behaviour", "settings", "seed", "checks", "cleanup", "runs")
LOOKS = (("light", 1440), ("dark", 390))
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def studio(browser: Browser, server: EmbeddedServer, seeded: Callable[[Small], Seeded]) -> Iterator[Studio]:
    # The browser comes first, so that nothing is seeded where there is none.
    with serving(server.url(seeded(LIVELY).template)) as found:
        yield found


@pytest.fixture(scope="module")
def seen(browser: Browser, studio: Studio) -> Iterator[Seen]:
    with opened(browser, studio) as found:
        yield found


def settled(page: Page) -> None:
    """Wait until a page hears the server, and its slower parts are there."""
    expect(page.locator("[data-link=live]")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def serious_faults(page: Page) -> list[tuple[str, str]]:
    """What axe finds on a page that keeps somebody out: the rule, and the first element that breaks it."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SERIOUS]


@pytest.mark.parametrize(("scheme", "width"), part(LOOKS, every=2, first=1))
def test_every_page_is_calm_fits_and_is_open_to_all(browser: Browser, studio: Studio, scheme: str, width: int) -> None:
    still = {"color_scheme": scheme, "reduced_motion": "reduce", "viewport": {"width": width, "height": 900}}
    with opened(browser, studio, **still) as seen:
        for name in PAGES:
            seen.page.goto(f"{studio.base}/{name}")
            settled(seen.page)
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert not serious_faults(seen.page), name
        seen.require_calm()


def test_somebody_has_a_page_with_a_timeline(seen: Seen, studio: Studio) -> None:
    seen.page.goto(f"{studio.base}/people")
    seen.page.locator("table.people a").first.click()
    expect(seen.page.locator("h1")).not_to_be_empty()
    expect(seen.page.locator(".timeline li").first).to_be_visible()
    seen.require_calm()


def test_people_are_chosen_by_keyboard_and_the_charts_of_the_report_open(seen: Seen, studio: Studio) -> None:
    page = seen.page
    page.goto(f"{studio.base}/people")
    page.get_by_label("Persona").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Active").select_option("30")
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**/people?*active=30*")
    expect(page.locator("table.people a").first).to_be_visible()
    expect(page.get_by_label("Persona")).not_to_have_value("")
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_label("Active")).to_have_value("")
    page.goto(f"{studio.base}/checks")
    page.get_by_text("What the report draws").click()
    expect(page.locator("details.drawer figure svg").first).to_be_visible()
    expect(page.locator("details.drawer .figure").first).to_be_visible()
    assert not serious_faults(page)
    seen.require_calm()


def test_people_are_compared_with_those_of_real_products(seen: Seen, studio: Studio) -> None:
    page = seen.page
    page.goto(f"{studio.base}/checks")
    part = page.locator("[data-part='/checks/realism']")
    expect(part).to_contain_text("Nothing was compared")
    page.get_by_role("button", name="Compare with real products").press("Enter")
    expect(part.locator(".verdict-sum")).to_contain_text("metrics lie where those of real products do")
    expect(part.locator("details[open] figure svg").first).to_be_visible()
    expect(part.locator("details[open]")).to_contain_text("Moved by")
    page.goto(f"{studio.base}/checks")
    expect(part.locator(".verdict-sum")).to_be_visible()
    assert not serious_faults(page)
    seen.require_calm()


def test_life_moves_the_chart_and_the_feed(seen: Seen, studio: Studio) -> None:
    page = seen.page
    page.goto(studio.base)
    settled(page)
    clock = page.locator(".clock-time [data-clock]").inner_text()
    before = page.locator("[data-minutes]").inner_html()
    page.get_by_role("button", name="60×").first.click()
    page.wait_for_function("(was) => document.querySelector('[data-minutes]').innerHTML !== was", arg=before)
    page.wait_for_function("(was) => document.querySelector('.clock-time [data-clock]').textContent !== was", arg=clock)
    expect(page.locator("[data-feed] li em").first).to_be_visible()
    seen.require_calm()


def test_a_slider_changes_the_value_in_the_database(seen: Seen, studio: Studio) -> None:
    page = seen.page
    page.goto(f"{studio.base}/settings")
    page.locator("[data-knob=sessions_per_min] [data-slider]").fill("9")
    expect(page.locator("[data-save-said]")).to_contain_text("sessions_per_min 4 → 9")
    expect(page.locator("[data-trial]")).to_contain_text("The next day: ")
    assert not serious_faults(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#history")).to_contain_text("sessions_per_min = 9")
    assert _waits_for(studio, "SELECT sessions_per_min FROM public.synthetic_settings", 9)
    seen.require_calm()


def test_run_now_brings_sessions_and_pause_stops_them(seen: Seen, studio: Studio) -> None:
    page = seen.page
    page.goto(studio.base)
    settled(page)
    page.locator("#sessions").fill("7")
    page.get_by_role("button", name="Run now").click()
    expect(page.locator("[data-run-said]")).to_contain_text("7 sessions begin")
    assert _waits_for(studio, "SELECT max(sessions) FROM populace.intervention WHERE applies_at IS NOT NULL", 7)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert _waits_for(studio, "SELECT enabled FROM public.synthetic_settings", False)
    expect(page.locator("[data-running]").first).to_have_text("Paused")
    page.get_by_role("button", name="Resume").click()
    assert _waits_for(studio, "SELECT enabled FROM public.synthetic_settings", True)
    seen.require_calm()


def test_a_bad_value_is_answered_with_what_is_allowed(seen: Seen, studio: Studio) -> None:
    page = seen.page
    page.goto(f"{studio.base}/settings")
    page.locator("[data-settings]").evaluate("(form) => (form.noValidate = true)")
    page.locator("#knob-error_rate").fill("7")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast.bad")).to_contain_text("a number from 0 to 1")
    seen.faults.clear()  # the browser itself notes that a request was answered with 422


def test_a_clean_up_counts_first_and_asks(seen: Seen, studio: Studio) -> None:
    page = seen.page
    page.goto(f"{studio.base}/cleanup")
    page.get_by_label("Everything").check()
    page.get_by_role("button", name="Count first").click()
    expect(page.locator("[data-counted-said]")).to_contain_text("rows in")
    delete = page.get_by_role("button", name="Delete")
    expect(delete).to_be_disabled()
    page.locator("#confirm").fill("recoverlutio")
    expect(delete).to_be_disabled()
    page.locator("#confirm").fill("recoverlution")
    expect(delete).to_be_enabled()
    assert _waits_for(studio, "SELECT count(*) FROM public.sim_users", 60)
    seen.require_calm()


def test_somebody_is_made_to_churn_after_a_preview(
    browser: Browser, make_database: Callable[[str], str], seeded: Callable[[Small], Seeded]
) -> None:
    with serving(make_database(seeded(FILMS).template)) as studio, opened(browser, studio) as seen:
        page = seen.page
        page.goto(f"{studio.base}/people")
        page.locator("table.people a").first.click()
        page.wait_for_url("**/people/*")  # loaded: its script has run, and its buttons answer
        page.get_by_role("button", name="Make churn").first.click()
        dialog = page.locator("dialog[open]")
        expect(dialog.locator("[data-preview]")).to_contain_text("The next day")
        assert not serious_faults(page)
        dialog.get_by_role("button", name="Make churn").click()
        expect(page.get_by_role("button", name="Let them stay").first).to_be_visible()
        assert _waits_for(studio, "SELECT count(*) FROM populace.intervention WHERE changes ? 'leaves'", 1)
        seen.require_calm()


def test_the_stream_is_back_after_the_server_was(browser: Browser, studio: Studio) -> None:
    with opened(browser, studio) as seen:
        settled(seen.page)
        studio.stop()
        expect(seen.page.locator("[data-link=again]")).to_be_visible()
        studio.start()
        expect(seen.page.locator("[data-link=live]")).to_be_visible()


def test_nobody_sees_a_page_without_a_session_and_a_link_works_once(browser: Browser, studio: Studio) -> None:
    context = browser.new_context()
    page = context.new_page()
    answer = page.goto(f"{studio.base}/settings")
    assert answer is not None
    assert answer.status == 401
    link = studio.link()
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Recoverlution")
    (cookie,) = context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    context.clear_cookies()
    page.goto(link)
    expect(page.locator("main")).to_contain_text("used already")
    context.close()


def test_where_nobody_lives_a_seed_comes_first(browser: Browser, opened_url: str) -> None:
    with serving(opened_url, "recoverlution") as studio, opened(browser, studio) as seen:
        page = seen.page
        assert page.url == f"{studio.base}/seed"
        page.goto(f"{studio.base}/people")
        page.get_by_role("link", name="Seed a world").click()
        page.goto(f"{studio.base}/seed?world=recoverlution&scenario=demo")
        page.get_by_text("Numbers of your own").click()
        for path, value in (
            ("count_users", 40),
            ("coverage_per_mindblock", 1),
            ("days", 2),
            ("session_history_days", 1),
        ):
            page.locator(f"[data-path={path}]").fill(str(value))
        expect(page.locator("[data-own-count]")).to_have_text("4 changed")
        page.get_by_role("button", name="Seed Recoverlution").click()
        page.wait_for_url(f"{studio.base}/")
        settled(page)
        assert _waits_for(studio, "SELECT count(*) FROM public.sim_users", 40)
        seen.require_calm()


def _waits_for(studio: Studio, query: str, wanted: object) -> bool:
    """Whether a query gives this soon: a runner takes changes up with its next window."""
    with connect(studio.url, application_name="tests", autocommit=True) as conn:
        for _ in range(100):
            row = conn.execute(query).fetchone()
            if row is not None and row[0] == wanted:
                return True
            clock.sleep(0.1)
    raise AssertionError(json.dumps([query, row[0] if row else None], default=str))
