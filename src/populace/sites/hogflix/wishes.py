"""What a question wants of the catalogue: genres and moods, lengths, years, stars, an order, and words to search for.

Each kind of wish is taken out of the text before the next one is looked for, so that `4 stars` is no length and `not
longer than` is no refusal. What is refused (`not horror`, `nothing with weddings`) counts against a title. Words and
what they mean are data: `meanings.csv`, `silent_words.txt`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from populace.sites.hogflix.catalogue import Title

SHORT_S, LONG_S = 150, 300
"""What counts as short and as long here."""
FOREVER, LAST_YEAR = 1 << 30, 9999
NEAR = 0.25
"""`About five minutes` may be so much more or less."""
CHILD_YEARS = 12
"""Up to this age somebody is shown what is for children."""
SCOPE = 6
"""So many words after a refusal may be refused by it."""


def held_words(name: str) -> frozenset[str]:
    """The words of a file."""
    return frozenset(files(__package__).joinpath(name).read_text(encoding="utf-8").split())


_MEANINGS = tuple(csv.DictReader(files(__package__).joinpath("meanings.csv").read_text(encoding="utf-8").splitlines()))
MEANT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    kind: {row["word"]: tuple(row["categories"].split(";")) for row in _MEANINGS if row["kind"] == kind}
    for kind in ("genre", "mood", "feeling", "asked", "foreign")
}
"""The categories that a word names, that suit a mood or somebody who feels so, that are shown only where they are asked
for, and that words of other languages name."""
SUBJECTS = frozenset(row["word"] for row in _MEANINGS if row["searched"])
"""Words of a genre that are also searched for."""
ASKED_FOR = frozenset(category for some in MEANT["asked"].values() for category in some)
SILENT = held_words("silent_words.txt")
"""Words of a question that say nothing of a title."""
GENRES = {**MEANT["genre"], **MEANT["asked"]}

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
           "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90, "a": 1,
           "an": 1, "half a": 0.5, "half an": 0.5}  # fmt: skip
_UNITS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600, "h": 3600}
_NUMBER = r"(\d{1,4}|(?:" + "|".join(sorted(NUMBERS, key=lambda n: -len(n))) + r")(?=[ -]))"
_UNIT = r"(seconds?|secs?|s|minutes?|mins?|hours?|h)"
_AMOUNT = rf"\b{_NUMBER}[ -]?{_UNIT}\b"
_RANGE = re.compile(rf"\b(?:(?:between|from) )?{_NUMBER}(?:[ -]?{_UNIT})? ?(?:and|to|or|-) ?{_NUMBER}[ -]?{_UNIT}\b")
_ABOUT_SO = re.compile(
    rf"\b(?:about|around|roughly|approximately|exactly|some) {_AMOUNT}|{_AMOUNT} (?:or so|long exactly)\b"
)
_AT_LEAST = re.compile(
    r"(?:\b(not |no )?(over|longer than|more than|at least|above|minimum|less than|shorter than|under|below|up to|"
    r"at most|within) )?"
    rf"{_AMOUNT}( or more| or longer| at least| minimum| and up)?"
)
_MORE = ("over", "longer than", "more than", "at least", "above", "minimum")
_NOT_LONG = re.compile(r"\b(?:not|n't|isn't|nothing|never) (?:too |so |very |that )?long\b")
_NOT_SHORT = re.compile(r"\b(?:not|n't|isn't|nothing|never) (?:too |so |very |that )?(?:short|quick|brief)\b")
_SHORT = re.compile(r"\b(?:short|quick|brief)\b")
_LONG = re.compile(r"(?<!how )\blong\b(?! day| week| time)")
_STARS = re.compile(
    r"\b(?:(over|above|more than|better than) |at least |with |rated |minimum )*(\d(?:\.\d)?|one|two|three|four|five)"
    r"(?: out of (?:5|five)| of (?:5|five))?[ -]stars?\b(?: or more| or better| and up| at least| plus)?"
)
_YEAR = r"((?:19|20)\d\d)"
_YEARS = re.compile(rf"\b(?:between|from)? ?{_YEAR} ?(?:and|to|until|-) ?{_YEAR}\b")
_ONE_YEAR = re.compile(
    rf"\b(?:(before|until|till|after|since|older than|newer than) )?{_YEAR}\b(?! ?(?:s|sec|min|hour))"
    r"( on\b| onwards| or later| or newer| or older)?"
)
_DECADE = re.compile(r"\bthe ((?:19|20)?\d0)'?s\b|\b((?:19|20)\d0)'?s\b")
_LAST_YEARS = re.compile(rf"\b(?:last|past) {_NUMBER} years\b")
_AGE = re.compile(rf"\b{_NUMBER}[ -](?:years?|yrs?)[ -]olds?\b")
_ORDERS: Sequence[tuple[str, re.Pattern[str]]] = (
    ("worst", re.compile(r"\b(?:worst|lowest)(?:[ -]rated)?\b")),
    ("rated", re.compile(r"\b(?:best|top|highest|better)(?:[ -]rated)?\b|\b(?:well|highly)[ -]rated\b")),
    ("newest", re.compile(r"\b(?:newest|newer|latest|recent|recently|new(?! year)|just (?:came )?out)\b")),
    (
        "oldest",
        re.compile(r"\b(?:oldest|older(?! kid| child)|classics?|old (?=film|movie|one|title|stuff|show|classic))"),
    ),
    ("shortest", re.compile(r"\b(?:shortest|quickest)\b")),
    ("longest", re.compile(r"\blongest\b")),
)
_FEELING = re.compile(
    r"\b(?:i'm|im|i am|we're|we are|feel|feels|feeling|am) (?:so |very |a bit |a little |really |just |quite )?(\w+)\b"
)
_REFUSING = re.compile(
    r"\b(?:not|no|nor|neither|without|except(?: for)?|excluding|nothing|hates?|dislikes?|avoid|minus|"
    r"(?:any|some)?thing but|all but|other than|rather than|instead of|sick of|tired of|fed up with|enough of|less|"
    r"fewer|isn't|aren't|"
    r"(?:don't|do not|doesn't|didn't) (?:want|like|need|fancy|enjoy|care for|feel like|show me|give me))\b"
)
_NO_REFUSAL = frozenset({"just", "only", "sure", "bad", "yet", "idea", "problem", "than"})
"""After one of these nothing is refused: `not only`, `not sure`, `less than`."""
_ENDS = frozenset({",", ".", "but", "just", "only", "something", "anything", "want", "show", "give", "maybe", "prefer",
                   "rather", "i", "please", "because", "instead"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What a question asks for. categories: () for any; without: those that are refused. shortest, longest: seconds.
    since, until: years. stars: at least. order: `rated`, `worst`, `newest`, `oldest`, `shortest` or `longest`; "": what
    most people watch. words: to search for; unwanted: that no title may have.
    """

    categories: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    shortest: int = 0
    longest: int = FOREVER
    since: int = 0
    until: int = LAST_YEAR
    stars: float = 0.0
    order: str = ""
    words: str = ""
    unwanted: str = ""

    @property
    def is_open(self) -> bool:
        """Whether anything will do."""
        return self == Wish()

    @property
    def names_nothing(self) -> bool:
        """Whether it says neither a kind nor a subject: it only narrows."""
        return not (self.categories or self.words)

    @property
    def any_length(self) -> bool:
        """Whether it says nothing of a length."""
        return not self.shortest and self.longest == FOREVER

    def loosened(self) -> Iterator[Wish]:
        """The same kind and subject however it is rated; then of any age too; then of any length."""
        wish = self
        for any_of in ({"stars": 0.0}, {"since": 0, "until": LAST_YEAR}, {"shortest": 0, "longest": FOREVER}):
            wish = replace(wish, **any_of)
            yield wish

    def suits(self, title: Title) -> bool:
        """Whether a title is what is wanted, its words aside."""
        known = title.category in self.categories or not (self.categories or title.category in ASKED_FOR)
        year = title.published_at.year if title.published_at is not None else None
        dated = self.since <= (year or 0) and (year or LAST_YEAR) <= self.until
        well = not self.stars or (title.rating or 0) >= self.stars
        fits = self.shortest <= title.duration <= self.longest
        return known and title.category not in self.without and fits and dated and well

    def narrowing(self, earlier: Wish) -> Wish:
        """An earlier wish that this one narrows. Where they contradict each other this one counts."""
        categories = self.categories or tuple(c for c in earlier.categories if c not in self.without)
        lengths, years = earlier if self.any_length else self, self if self.since or self.until < LAST_YEAR else earlier
        return Wish(
            categories,
            tuple(c for c in dict.fromkeys((*earlier.without, *self.without)) if c not in categories),
            lengths.shortest, lengths.longest, years.since, years.until,
            self.stars or earlier.stars,
            self.order or (earlier.order if self.is_open else ""),
            self.words or ("" if self.categories else earlier.words),
            f"{earlier.unwanted} {self.unwanted}".strip(),
        )  # fmt: skip


def plain(text: str) -> str:
    """A text in small letters; of its signs only those stay that words have, and commas where it pauses."""
    folded = text.casefold().replace("’", "'").replace("science fiction", "sci-fi").replace("stand up", "stand-up")
    folded = re.sub(r"[,;:!?()\n]|\.(?!\d)", " , ", folded)
    return " ".join(re.sub(r"[^\w'&\-,. ]", " ", folded).split())


def words_of(text: str) -> list[str]:
    """The words of a plain text."""
    return re.findall(r"[\w'&-]+", text)


def wished(text: str, year: int) -> Wish:
    """What a plain text asks for. year: that it is."""
    stars, text = _stars(text)
    (since, until), text = _years(text, year)
    (shortest, longest), text = _lengths(text)
    order, text = _order(text)
    age = _AGE.search(text)
    text = _AGE.sub(" ", text)
    feeling, text = _feelings(text)
    refused, text = _refused(text)
    kinds, left = _meant(words_of(text))
    if age and (NUMBERS.get(age[1]) or float(age[1])) <= CHILD_YEARS:
        kinds = [*kinds, *MEANT["genre"]["kids"]]
    categories = tuple(dict.fromkeys(kinds or feeling))
    # What is refused is a subject, where the word is one; or a kind; or, of a kind that is wanted, one of its words.
    subjects = [word for word in refused if word in SUBJECTS]
    against, unwanted = _meant([word for word in refused if word not in SUBJECTS])
    inside = [w for w in refused if {*categories} & {*GENRES.get(w, ())} and w not in words_of(text)]
    joined = [word.replace("-", "") for word in (*subjects, *inside) if "-" in word]
    unwanted = list(dict.fromkeys([*unwanted, *subjects, *inside, *joined]))
    without = tuple(c for c in dict.fromkeys(against) if c not in categories)
    return Wish(categories, without, shortest, longest, since, until, stars, order, " ".join(left), " ".join(unwanted))


def _meant(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The categories that words name, and the words that are to be searched for."""
    moods = MEANT["mood"]
    known = GENRES.keys() | moods.keys()
    parts = [part for word in words for part in ([word] if word in known else word.split("-"))]
    named = [category for word in parts for category in GENRES.get(word, ())]
    # A genre that is named counts more than a mood beside it.
    kinds = named or [category for word in parts for category in moods.get(word, ())]
    left = [
        word
        for word in parts
        if word not in SILENT and (word not in known or word in SUBJECTS) and len(word) > 2 and not word.isdecimal()
    ]
    return kinds, left


def _refused(text: str) -> tuple[list[str], str]:
    """The words that are refused, and the text without them."""
    refused, kept, at = list[str](), list[str](), 0
    while found := _REFUSING.search(text, at):
        kept.append(text[at : found.start()])
        at = found.end()
        scope, taken = text[at:].split(), 0
        if not scope or scope[0] not in _NO_REFUSAL:
            for word in scope[:SCOPE]:
                if word in _ENDS:
                    break
                taken += 1
            refused += scope[:taken]
        if taken:
            at += [word.end() for word in re.finditer(r"\S+", text[at:])][taken - 1]
    return refused, " ".join([*kept, text[at:]])


def _feelings(text: str) -> tuple[list[str], str]:
    found = next((f for f in _FEELING.finditer(text) if f[1] in MEANT["feeling"]), None)
    if found is None:
        return [], text
    return list(MEANT["feeling"][found[1]]), text[: found.start()] + " " + text[found.end() :]


def _order(text: str) -> tuple[str, str]:
    for name, pattern in _ORDERS:
        if pattern.search(text):
            return name, pattern.sub(" ", text)
    return "", text


def _stars(text: str) -> tuple[float, str]:
    found = _STARS.search(text)
    if found is None:
        return 0.0, text
    many = float(NUMBERS.get(found[2]) or float(found[2]))
    # Averages have one digit: more than 4.0 begins at 4.1.
    return many + (0.1 if found[1] and many < 5 else 0.0), text[: found.start()] + " " + text[found.end() :]


def _years(text: str, year: int) -> tuple[tuple[int, int], str]:
    """The first and the last year that will do, and the text without them."""
    if found := _YEARS.search(text):
        low, high = sorted((int(found[1]), int(found[2])))
        return (low, high), _YEARS.sub(" ", text)
    if found := _ONE_YEAR.search(text):
        one, before, later = int(found[2]), found[1] or "", found[3] or ""
        rest = text[: found.start()] + " " + text[found.end() :]
        if before in ("before", "older than"):
            return (0, one - 1), rest
        if before in ("until", "till") or "older" in later:
            return (0, one), rest
        if before in ("after", "newer than"):
            return (one + 1, LAST_YEAR), rest
        return (one, LAST_YEAR if before == "since" or later else one), rest
    if found := _DECADE.search(text):
        said = int(found[1] or found[2])
        first = said if said > 99 else said + (1900 if said > year % 100 else 2000)
        return (first, first + 9), _DECADE.sub(" ", text)
    if found := _LAST_YEARS.search(text):
        return (year - round(NUMBERS.get(found[1]) or int(found[1])), LAST_YEAR), _LAST_YEARS.sub(" ", text)
    for words, back in (("this year", 0), ("last year", 1)):
        if words in text:
            return (year - back, year - back), text.replace(words, " ")
    return (0, LAST_YEAR), text


def _lengths(text: str) -> tuple[tuple[int, int], str]:
    """The shortest and the longest that will do, in seconds, and the text without them."""
    if found := _RANGE.search(text):
        low, high = sorted((_seconds(found[1], found[2] or found[4]), _seconds(found[3], found[4])))
        return (low, high), text[: found.start()] + " " + text[found.end() :]
    if found := _ABOUT_SO.search(text):
        many = _seconds(found[1] or found[3], found[2] or found[4])
        return (round(many * (1 - NEAR)), round(many * (1 + NEAR))), text[: found.start()] + " " + text[found.end() :]
    spans = list(_bounds(text))
    if spans:
        return (max(low for low, _ in spans), min(high for _, high in spans)), _AT_LEAST.sub(" ", text)
    for pattern, low, high in (
        (_NOT_LONG, 0, LONG_S), (_NOT_SHORT, SHORT_S, FOREVER), (_SHORT, 0, SHORT_S), (_LONG, LONG_S, FOREVER),
    ):  # fmt: skip
        if pattern.search(text):
            return (low, high), pattern.sub(" ", text)
    return (0, FOREVER), text


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    for found in _AT_LEAST.finditer(text):
        many = _seconds(found[3], found[4])
        more = found[2] in _MORE if found[2] else found[5] is not None
        refused = found[1] is not None
        yield (many, FOREVER) if more != refused else (0, many)


def _seconds(number: str, unit: str) -> int:
    known = _UNITS[unit if unit == "s" else unit.rstrip("s")]
    return round((NUMBERS.get(number) or int(number)) * known)
