"""The content of HogFlix: titles, plans and categories, where people come from and how, and what is said to FlixBuddy.

All words live in the CSV files of this folder; the order of their rows counts (that of titles is their popularity).
Titles that are uploaded later are put together from leads and subjects without any chance: the same files give the same
titles, in the same order, everywhere.
"""

from __future__ import annotations

from functools import cache

from populace.spec.kit import catalogue as kit
from populace.spec.kit.catalogue import Row, reader
from populace.spec.kit.slugs import slug
from populace.worlds.hogflix.catalogue.records import (
    Answer,
    Category,
    Device,
    Holiday,
    Hour,
    Phrase,
    Plan,
    Question,
    Region,
    Source,
    Ticket,
    Title,
    Upload,
)

rows = reader(__package__)
SHELVES = ("Action & Adventure", "Comedy", "Drama", "Horror", "Sci-Fi", "Documentary", "Kids & Family", "PostHog Demo")
"""The categories that titles belong to; the others are rows of the start page."""

DEMO = "PostHog Demo"


@cache
def categories() -> tuple[Category, ...]:
    """The eleven categories, in the order of the start page."""
    return tuple(Category(r["name"], r["row"] == "true") for r in rows("categories"))


@cache
def plans() -> tuple[Plan, ...]:
    """Basic, standard, premium. The first is the default."""
    return tuple(
        Plan(
            r["name"],
            r["display_name"],
            float(r["price_monthly"]),
            tuple(r["features"].split("|")),
            int(r["max_profiles"]),
            r["video_quality"],
        )
        for r in rows("plans")
    )


@cache
def titles() -> tuple[Title, ...]:
    """The titles there are at the epoch, the most popular first."""
    return tuple(
        Title(
            r["slug"],
            r["title"],
            r["category"],
            r["description"],
            r["ai_summary"] or None,
            int(r["duration"]),
            int(r["released_days"]),
        )
        for r in rows("titles")
    )


@cache
def uploads() -> tuple[Upload, ...]:
    """Titles to be uploaded later, no two alike; neighbours are of different categories, and have different leads."""
    parts = rows("uploads")
    shelves = list(dict.fromkeys(r["category"] for r in parts))
    leads = {c: [r for r in parts if r["category"] == c and r["part"] == "lead"] for c in shelves}
    subjects = {c: [r for r in parts if r["category"] == c and r["part"] == "subject"] for c in shelves}
    each = min(len(leads[c]) * len(subjects[c]) for c in shelves)
    return tuple(_upload(c, leads[c], subjects[c], place) for place in range(each) for c in shelves)


@cache
def regions() -> tuple[Region, ...]:
    """Where people live; the shares are 100 percent together."""
    return tuple(Region(**{**r, "share": float(r["share"])}) for r in rows("regions"))  # type: ignore[arg-type]


@cache
def sources() -> tuple[Source, ...]:
    """How people came; the shares are 100 percent together."""
    return tuple(Source(r["key"], r["utm_source"], float(r["share"])) for r in rows("sources"))


@cache
def devices() -> tuple[Device, ...]:
    """What people watch on; the shares are 100 percent together."""
    return tuple(
        Device(
            r["device_type"],
            r["os"],
            r["os_version"],
            r["browser"],
            r["browser_version"],
            int(r["screen_width"]),
            int(r["screen_height"]),
            float(r["share"]),
            r["said"],
        )
        for r in rows("devices")
    )


@cache
def hours() -> tuple[Hour, ...]:
    """The 24 hours of a local day."""
    return tuple(
        Hour(*(float(r[name]) for name in ("weekday", "weekend", "lived_weekday", "lived_weekend")))
        for r in rows("hours")
    )


@cache
def holidays() -> tuple[Holiday, ...]:
    """Days of the year that are not like others."""
    return tuple(Holiday(int(r["month"]), int(r["day"]), float(r["factor"])) for r in rows("holidays"))


@cache
def questions() -> tuple[Question, ...]:
    """What FlixBuddy is asked; the document's own eight come first."""
    return tuple(Question(r["intent"], r["question"], (r["follow_up_1"], r["follow_up_2"])) for r in rows("questions"))


@cache
def answers() -> tuple[Answer, ...]:
    """What FlixBuddy says: for each intent some first answers, and those to follow-ups, whose intent is `any`."""
    return tuple(Answer(r["intent"], r["turn"] == "later", r["answer"]) for r in rows("answers"))


@cache
def tickets() -> tuple[Ticket, ...]:
    """What people complain about, as many in each issue category."""
    return tuple(Ticket(r["issue_category"], r["description"]) for r in rows("tickets"))


@cache
def phrases() -> tuple[Phrase, ...]:
    """What texts are put together from."""
    return tuple(Phrase(r["use"], r["part"], r["about"], r["text"]) for r in rows("phrases"))


@cache
def digest() -> str:
    """SHA-256 of everything above as it is handed out, so that a change of words or of the composition shows."""
    content = (
        *(categories(), plans(), titles(), uploads(), regions(), sources(), devices(), hours(), holidays()),
        *(questions(), answers(), tickets(), phrases()),
    )
    return kit.digest(*content)


def _upload(category: str, leads: list[Row], subjects: list[Row], place: int) -> Upload:
    """Leads take turns, and each round moves on by one subject, so that every lead meets every subject once."""
    lead = leads[place % len(leads)]
    subject = subjects[(place % len(leads) + place // len(leads)) % len(subjects)]
    title = lead["title"].format(subject["title"])
    return Upload(slug(title), title, category, lead["description"].format(subject["description"]))


GENRES = tuple(shelf for shelf in SHELVES if shelf != DEMO)
REGIONS = regions()
"""Where people live, each in a zone of its own; positions are what `traits.region` answers."""
ZONES = tuple(region.zone for region in REGIONS)
DEVICES = devices()
"""Positions are what `traits.device` answers."""
SOURCES = tuple(source.key for source in sources())
