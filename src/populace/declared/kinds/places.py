"""Addresses: city, postcode, region, country and time zone of one row agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from populace.declared.kinds.cell import TEXTS, Cell, Kind, of
from populace.spec import ColumnValue, Joined, Number, Words


class Place(NamedTuple):
    """A city, with what an address there has. postcode: of one district."""

    city: str
    region: str
    postcode: str
    country: str
    code: str
    code3: str
    currency: str
    zone: str
    language: str


PLACES = (
    Place("Lyon", "Rhône", "69001", "France", "FR", "FRA", "EUR", "Europe/Paris", "fr"),
    Place("Hamburg", "Hamburg", "20095", "Germany", "DE", "DEU", "EUR", "Europe/Berlin", "de"),
    Place("Valencia", "Valencia", "46001", "Spain", "ES", "ESP", "EUR", "Europe/Madrid", "es"),
    Place("Leeds", "Yorkshire", "LS1 4AP", "United Kingdom", "GB", "GBR", "GBP", "Europe/London", "en"),
    Place("Portland", "Oregon", "97201", "United States", "US", "USA", "USD", "America/Los_Angeles", "en"),
    Place("Austin", "Texas", "78701", "United States", "US", "USA", "USD", "America/Chicago", "en"),
    Place("Toronto", "Ontario", "M5H 2N2", "Canada", "CA", "CAN", "CAD", "America/Toronto", "en"),
    Place("Osaka", "Osaka", "530-0001", "Japan", "JP", "JPN", "JPY", "Asia/Tokyo", "ja"),
    Place("Pune", "Maharashtra", "411001", "India", "IN", "IND", "INR", "Asia/Kolkata", "hi"),
    Place("Recife", "Pernambuco", "50010-000", "Brazil", "BR", "BRA", "BRL", "America/Recife", "pt"),
    Place("Brisbane", "Queensland", "4000", "Australia", "AU", "AUS", "AUD", "Australia/Brisbane", "en"),
    Place("Utrecht", "Utrecht", "3511 AA", "Netherlands", "NL", "NLD", "EUR", "Europe/Amsterdam", "nl"),
)
STREETS = ("Mill Street", "Station Road", "Oak Avenue", "Garden Lane", "Harbour Street", "School Road", "Hill Street")


def _of(part: Callable[[Place], str]) -> Callable[[Cell], ColumnValue]:
    """A part of the place of each row."""
    words = tuple(part(place) for place in PLACES)

    def values(cell: Cell) -> ColumnValue:
        codes = cell.draw.below(f"{cell.table}.place", len(PLACES), cell.ordinal)
        if cell.distinct:
            return cell.numbered(tuple(dict.fromkeys(words)))
        return Words(codes, tuple(word[: cell.room] for word in words))

    return values


def _country_code(cell: Cell) -> ColumnValue:
    return _of(lambda place: place.code3 if cell.room == 3 else place.code)(cell)


def _street(cell: Cell) -> ColumnValue:
    if cell.room < 24:
        return cell.numbered(STREETS)
    number = Number(1 + cell.below(180, ".number"))
    street = cell.pick(STREETS)
    return (
        Joined((number, " ", street, " ", Number(cell.ordinal + 1))) if cell.distinct else Joined((number, " ", street))
    )


_TEXT = of(*TEXTS)
KINDS = (
    Kind("city", "a city", _of(lambda place: place.city), _TEXT, distinct=True),
    Kind("region", "the state or county of the city", _of(lambda place: place.region), _TEXT, distinct=True),
    Kind("postcode", "a postcode of the city", _of(lambda place: place.postcode), of(*TEXTS, least=3)),
    Kind("country", "the country of the city", _of(lambda place: place.country), of(*TEXTS, least=4), distinct=True),
    Kind("country code", "the country in two letters, or three", _country_code, of(*TEXTS, least=2)),
    Kind(
        "currency",
        "the currency of the country, in three letters",
        _of(lambda place: place.currency),
        of(*TEXTS, least=3),
    ),
    Kind("zone", "the time zone of the city", _of(lambda place: place.zone), of(*TEXTS, least=20)),
    Kind(
        "language",
        "the language of the country, in two letters",
        _of(lambda place: place.language),
        of(*TEXTS, least=2),
    ),
    Kind("street", "a street and a number", _street, _TEXT, distinct=True),
)
