"""The words of the campaigns world: names, places, trades, themes, brands. No chance, and no rows.

All of them live in the CSV files of this folder. The order of rows counts: rows of the app hold positions in these
lists, so that words which are added belong at a list's end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from populace.spec import Ints
from populace.spec.heterogeneity import WHOLE
from populace.spec.kit import catalogue as kit
from populace.spec.kit.catalogue import reader
from populace.spec.kit.holidays import Rule
from populace.spec.kit.sayings import Sayings
from populace.worlds.campaigns.parameters import INDUSTRIES, ZONES

rows = reader("populace.worlds.campaigns.catalogue")


@dataclass(frozen=True, slots=True)
class City:
    """Where people live. zip_prefix: the first three digits of its zip codes. zone: position in `parameters.ZONES`."""

    name: str
    state: str
    zip_prefix: str
    zone: int


@dataclass(frozen=True, slots=True)
class Industry:
    """What clients of a trade are called and say. trades: the second half of a client's name. values: promises."""

    key: str
    trades: tuple[str, ...]
    taglines: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """What a campaign is about. offer: what it offers, as it stands within a sentence."""

    name: str
    offer: str


@dataclass(frozen=True, slots=True)
class Brand:
    """A gift card brand that does not exist. code: three letters, with which its card codes begin."""

    name: str
    code: str
    category: str


@dataclass(frozen=True, slots=True)
class Tag:
    """What a contact may be marked with."""

    name: str
    category: str


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A car that people drive. price: of a new one, in dollars."""

    make: str
    model: str
    price: int


@cache
def first_names() -> tuple[str, ...]:
    """Given names."""
    return tuple(r["name"] for r in rows("first_names"))


@cache
def last_names() -> tuple[str, ...]:
    """Family names."""
    return tuple(r["name"] for r in rows("last_names"))


@cache
def cities() -> tuple[City, ...]:
    """The cities, those of a time zone side by side, in the order of `parameters.ZONES`."""
    return tuple(City(r["city"], r["state"], r["zip_prefix"], ZONES.index(r["zone"])) for r in rows("cities"))


@cache
def streets() -> tuple[str, ...]:
    """Streets that any city may have."""
    return tuple(r["name"] for r in rows("streets"))


@cache
def companies() -> tuple[str, ...]:
    """Where people work: every lead with every kind."""
    return _paired("companies")


@cache
def job_titles() -> tuple[str, ...]:
    """What people do for a living."""
    return tuple(r["title"] for r in rows("job_titles"))


@cache
def client_leads() -> tuple[str, ...]:
    """The first half of a client's name, in any trade."""
    return tuple(r["name"] for r in rows("client_leads"))


@cache
def industries() -> tuple[Industry, ...]:
    """The industries, in the order of `parameters.INDUSTRIES`, each with as many trades as the others."""
    said = rows("industries")

    def part(industry: str, name: str) -> tuple[str, ...]:
        return tuple(r["text"] for r in said if (r["industry"], r["part"]) == (industry, name))

    return tuple(Industry(i, part(i, "trade"), part(i, "tagline"), part(i, "value")) for i in INDUSTRIES)


@cache
def themes() -> tuple[tuple[Theme, ...], ...]:
    """Eight themes for each industry, in the order of `parameters.INDUSTRIES`."""
    said = rows("themes")
    return tuple(tuple(Theme(r["theme"], r["offer"]) for r in said if r["industry"] == i) for i in INDUSTRIES)


@cache
def brands() -> tuple[Brand, ...]:
    """Gift card brands, none of which exists."""
    return tuple(Brand(r["name"], r["code"], r["category"]) for r in rows("brands"))


@cache
def list_names() -> tuple[str, ...]:
    """Names of contact lists."""
    return tuple(r["name"] for r in rows("list_names"))


@cache
def tags() -> tuple[Tag, ...]:
    """What contacts are marked with."""
    return tuple(Tag(r["tag"], r["category"]) for r in rows("tags"))


@cache
def vehicles() -> tuple[Vehicle, ...]:
    """What contacts drive."""
    return tuple(Vehicle(r["make"], r["model"], int(r["price"])) for r in rows("vehicles"))


@cache
def holidays() -> tuple[Rule, ...]:
    """When the post rests, besides Sundays."""
    return tuple(map(Rule.of, rows("holidays")))


@cache
def sayings() -> Sayings:
    """What names, notes and messages are put together from."""
    return Sayings(rows("sayings"))


@cache
def appeal(kind: str, strength: float) -> Ints:
    """What odds to answer are multiplied by (thousandths) for each of a kind, in the order of its list: how it is said,
    to the power of the strength. Seasons: by industry, and month by month."""
    percents = [int(r["percent"]) for r in rows("appeal") if r["kind"] == kind]
    return np.array([round(WHOLE * (percent / 100) ** strength) for percent in percents], dtype=np.int64)


@cache
def organisations() -> tuple[str, ...]:
    """Names of organisations: the leads take turns, so that neighbours begin differently."""
    return _paired("organisation_names")


@cache
def digest() -> str:
    """SHA-256 of everything above as it is handed out, so that a change of words or of their order shows."""
    content = (
        *(first_names(), last_names(), cities(), streets(), companies(), job_titles(), client_leads(), industries()),
        *(themes(), brands(), list_names(), tags(), vehicles(), organisations()),
        *(rows(name) for name in ("sayings", "appeal", "holidays")),
    )
    return kit.digest(*content)


def _paired(name: str) -> tuple[str, ...]:
    parts = rows(name)
    leads = [r["text"] for r in parts if r["part"] == "lead"]
    kinds = [r["text"] for r in parts if r["part"] == "kind"]
    # Each round moves on by one kind, so that every lead meets every kind once.
    return tuple(
        f"{lead} {kinds[(place + turn) % len(kinds)]}" for turn in range(len(kinds)) for place, lead in enumerate(leads)
    )
