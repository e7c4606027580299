"""A row of each of the CSV files in this folder, as it is handed out."""

from __future__ import annotations

from dataclasses import dataclass

from populace.worlds.hogflix.tables import MEDIA


@dataclass(frozen=True, slots=True)
class Category:
    """row: a row of the start page, which holds no titles of its own."""

    name: str
    row: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """price_monthly: in dollars. max_profiles: how many profiles a user may have."""

    name: str
    display_name: str
    price_monthly: float
    features: tuple[str, ...]
    max_profiles: int
    video_quality: str


@dataclass(frozen=True, slots=True)
class Video:
    """What there is to watch."""

    slug: str
    title: str
    category: str
    description: str

    @property
    def video_url(self) -> str:
        """Where it would be found, on a host that does not resolve."""
        return f"{MEDIA}videos/{self.slug}.mp4"

    @property
    def thumbnail_url(self) -> str:
        """Where its picture would be found."""
        return f"{MEDIA}thumbnails/{self.slug}.webp"


@dataclass(frozen=True, slots=True)
class Title(Video):
    """A video that is there at the epoch. duration: seconds. released_days: so many days before the epoch."""

    ai_summary: str | None
    duration: int
    released_days: int


@dataclass(frozen=True, slots=True)
class Upload(Video):
    """A video that somebody uploads later; it gets its duration and its day then."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where people live. zone: IANA name. share: in percent of all."""

    key: str
    continent: str
    country_code: str
    country: str
    city: str
    zone: str
    locale: str
    share: float


@dataclass(frozen=True, slots=True)
class Source:
    """How people came. share: in percent of all."""

    key: str
    utm_source: str
    share: float


@dataclass(frozen=True, slots=True)
class Device:
    """What people watch on; the words are those of product analytics. os_version: may be empty. share: in percent.
    said: what people call it."""

    device_type: str
    os: str
    os_version: str
    browser: str
    browser_version: str
    screen_width: int
    screen_height: int
    share: float
    said: str


@dataclass(frozen=True, slots=True)
class Hour:
    """How much happens in one hour of the local day, against the others: by the document, and as sites have it."""

    weekday: float
    weekend: float
    lived_weekday: float
    lived_weekend: float


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day of the year on which people come more or less readily. factor: of their odds to come."""

    month: int
    day: int
    factor: float


@dataclass(frozen=True, slots=True)
class Question:
    """What FlixBuddy is asked. intent: a shelf, or popular, tonight, mood. follow_ups: asked afterwards, in order."""

    intent: str
    question: str
    follow_ups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What FlixBuddy says, with {title1}, {title2} and {title3} for titles. later: the answer to a follow-up, of any
    intent."""

    intent: str
    later: bool
    answer: str

    @property
    def titles(self) -> int:
        """How many titles it names."""
        return sum(f"{{title{n}}}" in self.answer for n in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class Ticket:
    """What people complain about, by issue category."""

    issue_category: str
    description: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a text, with slots in braces. use: chat, ticket, reply, or slot for what fills one. part: of a text,
    or the name of the slot. about: a shelf, an intent, a plan or how somebody feels about the site; any.
    """

    use: str
    part: str
    about: str
    text: str
