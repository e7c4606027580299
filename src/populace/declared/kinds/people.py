"""People: names, addresses at reserved domains, numbers kept for fiction, the names they log in by."""

from __future__ import annotations

import numpy as np

from populace.declared.kinds.cell import TEXTS, Cell, Kind, of
from populace.spec import ColumnValue, Joined, Number, Words
from populace.spec.kit.names import full_name, regions

LOGINS = (
    "alex",
    "bailey",
    "casey",
    "devon",
    "ellis",
    "frankie",
    "gray",
    "harper",
    "indigo",
    "jordan",
    "kai",
    "logan",
    "morgan",
    "noel",
    "oakley",
    "parker",
    "quinn",
    "riley",
    "sage",
    "taylor",
)
_SPACED = tuple(
    dict.fromkeys(name for region in regions() for name in region.full if name.count(" ") == 1 and name.isprintable())
)
GIVEN = tuple(dict.fromkeys(name.split(" ")[0] for name in _SPACED))
FAMILY = tuple(dict.fromkeys(name.split(" ")[1] for name in _SPACED))


def _person(cell: Cell) -> str:
    """The stream of who a row is about: the columns of a table agree."""
    return f"{cell.table}.person"


def _full(cell: Cell) -> ColumnValue:
    if cell.distinct or cell.room < 40:
        return cell.numbered(_SPACED)
    return full_name(cell.draw, _person(cell), cell.ordinal)


def _login(cell: Cell) -> ColumnValue:
    return cell.numbered(LOGINS, between="")


def _email(cell: Cell) -> ColumnValue:
    number = Number(cell.ordinal + 1)
    short = cell.room < 32
    domain = "@a.test" if cell.room < 24 else "@example.com"
    who = Words(cell.draw.below(f"{cell.table}.login", len(LOGINS), cell.ordinal), LOGINS)
    return Joined(("u" if short else who, "" if short else ".", number, domain))


def _phone(cell: Cell) -> ColumnValue:
    """Numbers of an area, from 555-0100 to 555-0199."""
    last = Number(100 + cell.ordinal % 100, 4)
    if cell.room < 12:
        return Joined(("555", last) if cell.room < 8 else ("555-", last))
    area = 200 + (cell.ordinal // 100) % 800
    if cell.distinct and cell.room >= 24:
        return Joined(("+1 ", Number(area, 3), " ", Number(cell.ordinal // 80_000), " 555-", last))
    return Joined((Number(area, 3), "-555-", last))


def _gender(cell: Cell) -> ColumnValue:
    words = ("female", "male", "other") if cell.room >= 6 else ("f", "m", "x")
    return Words(np.minimum(cell.below(9) // 4, 2), words)


_TEXT = of(*TEXTS)
KINDS = (
    Kind("name", "the name of a person", _full, _TEXT, distinct=True),
    Kind("first name", "a given name", lambda cell: cell.numbered(GIVEN), _TEXT, distinct=True),
    Kind("last name", "a family name", lambda cell: cell.numbered(FAMILY), _TEXT, distinct=True),
    Kind("login", "a name to log in by", _login, _TEXT, distinct=True),
    Kind("email", "an address at a reserved domain", _email, of(*TEXTS, least=17), distinct=True, contact="email"),
    Kind("phone", "a number that is kept for fiction", _phone, of(*TEXTS, least=7), distinct=True, contact="phone"),
    Kind("gender", "a word for a gender", _gender, _TEXT),
)
