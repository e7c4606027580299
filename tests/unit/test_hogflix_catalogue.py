"""The words of HogFlix: as many as its documents say, in their places, and fit to be read by a person."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from populace.clock import DAY_US, parse
from populace.engine import DrawStatistics, Window, generate, whole
from populace.plan import resolve
from populace.spec.kit.slugs import slug
from populace.worlds.hogflix import WORLD, catalogue
from populace.worlds.hogflix.catalogue import (
    SHELVES,
    answers,
    categories,
    devices,
    hours,
    plans,
    questions,
    regions,
    sources,
    tickets,
    titles,
    uploads,
)
from populace.worlds.hogflix.catalogue.content import CATALOGUE_AGE_US
from populace.worlds.hogflix.people.accounts import STAFF
from populace.worlds.hogflix.tables import DOMAIN, MEDIA, TABLES

EPOCH_US = parse("2026-01-10T00:00:00Z", "test")

SITE = {
    "InterHogStellar", "Star Hog Wars", "AvengerHogs Endgame", "Jurassic Hog", "Lord of the Hogs", "Frozen Hogs",
    "Hog Potter", "Saving Private Hog", "The HogFather", "Hulk Hog: Standup Special", "Late Night with John Oliverhog",
    "The Martian Hog", "Barbed Tagline",
}  # fmt: skip
MOODS = {"popular", "tonight", "mood"}
SENTENCES = [
    *(t.description for t in titles()),
    *(t.ai_summary for t in titles() if t.ai_summary),
    *(u.description for u in uploads()),
    *(a.answer for a in answers()),
    *(t.description for t in tickets()),
]


def test_the_shelves_are_the_sites() -> None:
    assert [c.name for c in categories() if c.row] == ["Continue Watching", "Trending Now", "Popular on HogFlix"]
    assert tuple(c.name for c in categories() if not c.row) == SHELVES
    assert {t.category for t in titles()} == set(SHELVES)
    assert {u.category for u in uploads()} == set(SHELVES) - {catalogue.DEMO}
    assert min(Counter(t.category for t in titles()).values()) >= 8


def test_plans_are_the_documents() -> None:
    assert [(p.name, p.price_monthly, p.max_profiles, p.video_quality) for p in plans()] == [
        ("basic", 0.0, 1, "HD"),
        ("standard", 9.99, 3, "Full HD"),
        ("premium", 19.99, 5, "4K + HDR"),
    ]


def test_titles_are_short_and_the_sites_own_are_among_the_popular() -> None:
    assert len(titles()) == 200
    own = [t for t in titles() if t.title in SITE]
    assert {t.title for t in own} == SITE
    assert all(24 <= t.duration <= 53 for t in own)
    assert max(titles().index(t) for t in own) < 30
    others = [t.duration for t in titles() if t.title not in SITE]
    assert all(60 <= seconds <= 900 for seconds in others)
    assert 210 <= statistics.median(others) <= 270


def test_some_titles_come_out_at_even_distances_through_the_last_half_year() -> None:
    late = sorted(t.released_days for t in titles() if t.released_days <= 180)
    assert len(late) == 25
    assert {b - a for a, b in pairwise(late)} <= {7, 8}
    assert all(t.released_days >= 190 for t in titles() if t.released_days not in late)


def test_every_shelf_is_stocked_before_the_longest_history() -> None:
    longest = next(p for p in WORLD.parameters if p.path == "days").high
    assert longest == 3_650
    for category in SHELVES:
        assert sum(t.released_days >= longest + 50 for t in titles() if t.category == category) >= 5
    assert max(t.released_days for t in titles()) * DAY_US < CATALOGUE_AGE_US


def test_the_longest_history_begins_with_something_to_watch() -> None:
    plan = resolve(WORLD, "default", seed=3, epoch_us=EPOCH_US, overrides={"days": 3_650, "persona_pool": 10})
    first = Window(plan.origin_us, plan.origin_us + 2 * DAY_US)
    emitted = Counter[str]()
    for batch in generate(plan, whole(plan), first, DrawStatistics()):
        emitted[batch.table] += batch.rows.num_rows
    assert emitted["profiles"] >= 10 + len(STAFF)
    assert emitted["watch_progress"] > 0


def test_enough_is_uploaded_for_ten_years() -> None:
    assert len(uploads()) >= 4 * 12 * 10
    assert all(a.category != b.category for a, b in pairwise(uploads()))


@pytest.mark.parametrize(
    "values",
    [
        [t.slug for t in (*titles(), *uploads())],
        [t.title for t in (*titles(), *uploads())],
        [t.description for t in titles()],
        [t.ai_summary for t in titles() if t.ai_summary],
        [u.description for u in uploads()],
        [q.question for q in questions()],
        [a.answer for a in answers()],
        [t.description for t in tickets()],
        [r.key for r in regions()],
        [s.key for s in sources()],
    ],
    ids=lambda values: values[0],
)
def test_nothing_is_there_twice(values: list[str]) -> None:
    assert [value for value, n in Counter(values).items() if n > 1] == []


def test_addresses_follow_from_titles_and_carry_the_mark() -> None:
    videos = next(t for t in TABLES if t.name == "videos")
    assert MEDIA in videos.mark.condition
    for video in (*titles(), *uploads()):
        assert video.slug == slug(video.title)
        assert video.video_url == f"{MEDIA}videos/{video.slug}.mp4"
        assert video.thumbnail_url == f"{MEDIA}thumbnails/{video.slug}.webp"


def test_shares_are_whole_and_as_documented() -> None:
    for group in (regions(), sources(), devices()):
        assert sum(part.share for part in group) == 100
    assert {s.key: s.share for s in sources()} == {
        "direct": 40, "newsletter": 30, "linkedin": 25, "organic": 2, "partner": 2, "referral": 1,
    }  # fmt: skip
    kinds: Counter[str] = Counter()
    continents: Counter[str] = Counter()
    for device in devices():
        kinds[device.device_type] += int(device.share)
    for region in regions():
        continents[region.continent] += int(region.share)
        assert ZoneInfo(region.zone).key == region.zone
        assert region.locale.endswith(f"-{region.country_code}")
    assert kinds == {"Desktop": 72, "Mobile": 23, "Tablet": 5}
    assert (continents["North America"], continents["Europe"]) == (45, 35)


def test_evenings_are_the_busy_time() -> None:
    assert [h.weekday for h in hours()] == [
        *(0,) * 8, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5, 7, 8, 8, 8, 7, 5,
    ]  # fmt: skip
    assert all(h.weekend > 0 for h in hours())
    assert max(range(24), key=lambda hour: hours()[hour].weekend) in (19, 20, 21, 22)


def test_flixbuddy_is_asked_what_it_can_answer() -> None:
    assert [q.question for q in questions()[:8]] == [
        "What's a good action movie?", "I want something funny to watch", "Show me sci-fi movies",
        "Recommend a family-friendly movie", "What are the most popular shows?", "I'm in the mood for a thriller",
        "Any good documentaries?", "What should I watch tonight?",
    ]  # fmt: skip
    assert len(questions()) >= 45
    intents = {q.intent for q in questions()}
    assert intents == (set(SHELVES) - {catalogue.DEMO}) | MOODS
    assert {a.intent for a in answers() if not a.later} == intents
    assert {a.intent for a in answers() if a.later} == {"any"}
    assert all(len(q.follow_ups) == 2 for q in questions())


def test_answers_name_titles_from_the_first_on() -> None:
    for answer in answers():
        named = set(re.findall(r"\{(\w+)\}", answer.answer))
        assert named == {f"title{n}" for n in range(1, answer.titles + 1)}
        assert answer.titles >= 1
        assert "{" not in answer.answer.format(title1="A", title2="B", title3="C")


def test_tickets_are_spread_over_the_categories() -> None:
    assert Counter(t.issue_category for t in tickets()) == {
        "playback_issues": 8, "account_billing": 8, "content_request": 8, "technical_support": 8, "other": 8,
    }  # fmt: skip


def test_names_are_clean() -> None:
    for text in [t.title for t in (*titles(), *uploads())] + [r.city for r in regions()]:
        assert text == text.strip()
        # A sentence that ends with a title gets its own full stop.
        assert text[-1].isalnum(), text
        assert not re.search(r"[{}|]|\s\s|\b(the|a) (the|a)\b", text, re.IGNORECASE), text


def test_sentences_are_whole() -> None:
    for text in SENTENCES:
        plain = re.sub(r"\{title[123]\}", "Jurassic Hog", text)
        assert plain[0].isupper(), text
        assert plain[-1] in ".?!", text
        assert not re.search(r"[{}|]|\s\s|\s[,.;!?]|\b(the|a) (the|a)\b|\ba (?!one\b)[aeiou]", plain), text
        assert len(plain) <= 160, text
    for question in questions():
        for text in (question.question, *question.follow_ups):
            assert text == text.strip()
            assert text[0].isupper(), text
            assert len(text) <= 80, text


@pytest.mark.parametrize("part", ["titles", "uploads", "regions", "devices", "hours", "answers", "tickets", "plans"])
def test_the_digest_is_of_everything(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = catalogue.digest()
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    fewer = getattr(catalogue, part)()[1:]
    monkeypatch.setattr(catalogue, part, lambda: fewer)
    assert catalogue.digest.__wrapped__() != digest


def test_who_is_synthetic_is_asked_everywhere_in_the_same_words() -> None:
    root = files("populace.worlds.hogflix")
    both = f"split_part(u.email, '@', -1) = '{DOMAIN}' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'"
    shown = [f for f in (*root.iterdir(), *root.joinpath("checks").iterdir()) if f.name.endswith(".sql")]
    asking = {f.name: f.read_text() for f in shown if "raw_user_meta_data ->> 'is_synthetic'" in f.read_text()}
    assert len(asking) >= 9
    for name, text in asking.items():
        # C35 alone asks for each mark by itself, of people whose keys say that they are ours.
        alone = 2 if name == "c13_rows.sql" else 0
        assert text.count("raw_user_meta_data ->> 'is_synthetic'") == text.count(both) + alone, name
