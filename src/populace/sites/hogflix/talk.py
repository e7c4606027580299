"""A conversation so far, and the titles that it names or points at."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from populace.sites.hogflix import questions
from populace.sites.hogflix.catalogue import Catalogue, Title
from populace.sites.hogflix.wishes import Wish, plain, wished

ORDINALS = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1, "latter": -1, "former": 0}
"""Words that point at a place in a list."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation so far. asked: what was asked, the last question at its end. answers: the titles that each answer
    named. search: gives titles that have any of the words, best first."""

    held: Catalogue
    asked: Sequence[str]
    answers: Sequence[Sequence[Title]] = ()
    search: Callable[[str], Sequence[UUID]] = field(default=lambda _words: ())

    @property
    def before(self) -> Sequence[Title]:
        """Titles of the last answer."""
        return self.answers[-1] if self.answers else ()

    @property
    def listed(self) -> Sequence[Title]:
        """Titles of the last answer that brought several new ones: those that have an order to speak of; where none
        did, of the last that brought any."""
        for least in (2, 1):
            for at in range(len(self.answers) - 1, -1, -1):
                earlier = {title.id for some in self.answers[:at] for title in some}
                if sum(title.id not in earlier for title in self.answers[at]) >= least:
                    return self.answers[at]
        return ()

    def wish(self, text: str) -> Wish:
        """What a plain text asks for."""
        return wished(text, self.held.year)

    @property
    def named(self) -> frozenset[UUID]:
        """Titles of all answers."""
        return frozenset(title.id for some in self.answers for title in some)


def spoken_of(text: str, titles: Sequence[Title]) -> list[Title]:
    """The titles that a text names in full, in its order; of two that overlap, the longer one."""
    folded, found = text.casefold(), []
    for title in sorted(titles, key=lambda t: -len(t.title)):
        name = title.title.casefold()
        at = folded.find(name)
        while at >= 0 and not _is_apart(folded, at, at + len(name)):
            at = folded.find(name, at + 1)
        if at >= 0:
            found.append((at, title))
            folded = folded[:at] + "\n" * len(name) + folded[at + len(name) :]
    return [title for _, title in sorted(found, key=lambda pair: pair[0])]


def pointed(text: str, talk: Talk) -> Sequence[Title]:
    """What of the answers before is meant: `the second one`, `it`, `they`."""
    for word, at in ORDINALS.items():
        if talk.listed and re.search(rf"\b{word}\b(?! year)", text):
            return talk.listed[at:][:1]
    found = questions.POINTS.search(text)
    if found is None:
        return ()
    return talk.before if found[1] in ("they", "them", "these", "those") else talk.before[:1]


def named_loosely(text: str, titles: Sequence[Title]) -> list[Title]:
    """A title that is named without its article or its signs: `hogfather`, `hulk hog`."""
    for title in sorted(titles, key=lambda t: -len(t.title)):
        name = re.sub(r"^(the|a|an) ", "", plain(title.title.split(":")[0]))
        if len(name) > 6 and re.search(rf"\b{re.escape(name)}\b", text):
            return [title]
    return []


def without(text: str, titles: Sequence[Title]) -> str:
    """A plain text without the names of titles, whose words are no wish."""
    for title in titles:
        for name in (plain(title.title), re.sub(r"^(the|a|an) ", "", plain(title.title.split(":")[0]))):
            text = text.replace(name, " ")
    return text


def _is_apart(text: str, start: int, end: int) -> bool:
    return not (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum())
