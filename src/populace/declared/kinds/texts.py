"""Texts that people write or read: titles, prose, companies, products, tags."""

from __future__ import annotations

from populace.declared.kinds.cell import TEXTS, Cell, Kind, of
from populace.spec import ColumnValue, Joined, Words

TITLES = (
    "Quarterly review",
    "Reading list",
    "Kitchen plan",
    "Garden notes",
    "Travel budget",
    "Weekly summary",
    "New shelves",
    "Summer menu",
    "Team outing",
    "Spare parts",
    "Winter stock",
    "First draft",
    "Second opinion",
    "Open questions",
)
SENTENCES = (
    "It works as expected now.",
    "Please have a look when there is time.",
    "The first part is done.",
    "We agreed to wait.",
    "There is one question left.",
    "Thanks for the quick answer.",
    "The numbers are in the sheet.",
    "It can be closed.",
    "More details will follow.",
    "Nobody was at home.",
    "The delivery came in the morning.",
    "That was fixed last week.",
)
COMPANIES = (
    "Northlight",
    "Amber Mill",
    "Fernbank",
    "Halden Works",
    "Bluewater",
    "Kestrel Foods",
    "Lowfield",
    "Marlow Tools",
    "Oakbridge",
    "Pinewood Trading",
    "Quayside",
    "Redfern Studio",
    "Silverbeck",
    "Thornhill",
    "Westmere",
)
THINGS = (
    "Lamp",
    "Notebook",
    "Kettle",
    "Bench",
    "Backpack",
    "Teapot",
    "Blanket",
    "Clock",
    "Basket",
    "Mirror",
    "Chair",
    "Bottle",
)
TAGS = (
    "blue",
    "garden",
    "travel",
    "music",
    "cooking",
    "winter",
    "sports",
    "paper",
    "family",
    "night",
    "river",
    "light",
)
ROLES = ("Engineer", "Designer", "Nurse", "Teacher", "Manager", "Analyst", "Baker", "Editor")


def _prose(cell: Cell) -> ColumnValue:
    if cell.room < 90 or cell.distinct:
        return cell.numbered(SENTENCES)
    first, second = cell.pick(SENTENCES, ".first"), cell.pick(SENTENCES, ".second")
    return Joined((first, " ", second))


def _word(cell: Cell) -> ColumnValue:
    return cell.numbered(TAGS, between="-")


def _version(cell: Cell) -> ColumnValue:
    return Joined(("1.", Words(cell.below(10), tuple(map(str, range(10))))))


_TEXT = of(*TEXTS)
KINDS = (
    Kind("title", "a short title", lambda cell: cell.numbered(TITLES), _TEXT, distinct=True),
    Kind("prose", "a sentence or two", _prose, _TEXT, distinct=True),
    Kind("company", "the name of a company", lambda cell: cell.numbered(COMPANIES), _TEXT, distinct=True),
    Kind("product", "the name of a thing", lambda cell: cell.numbered(THINGS), _TEXT, distinct=True),
    Kind("word", "a short word, such as a tag", _word, _TEXT, distinct=True),
    Kind("role", "an occupation", lambda cell: cell.numbered(ROLES), _TEXT, distinct=True),
    Kind("version", "a version such as 1.4", _version, of(*TEXTS, least=3)),
)
