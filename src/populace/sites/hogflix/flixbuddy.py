"""FlixBuddy on the site: answers that name titles, and what was said before counts.

`how long is the first one?` is about the first title of the answer before, `something shorter` narrows what was asked
for, and `something else` asks the same again without what was named. No model is asked, and the same question gets the
same answer. What a question wants is read by `wishes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from populace import clock
from populace.database.connection import Connection
from populace.sites.hogflix import catalogue, questions
from populace.sites.hogflix.catalogue import Catalogue, Title, run
from populace.sites.hogflix.talk import ORDINALS, Talk, named_loosely, pointed, spoken_of, without
from populace.sites.hogflix.wishes import (
    FOREVER,
    GENRES,
    MEANT,
    SILENT,
    SUBJECTS,
    Wish,
    held_words,
    plain,
    words_of,
)  # fmt: skip
from populace.sites.hogflix.wording import (
    ORDERED,
    Reply,
    by_whom,
    dated,
    in_a_row,
    length_of,
    listed,
    of_kind,
    quoted,
    shelved,
    span,
    unsaid,
    verdict,
)

NAMED = 3
"""Titles of an answer."""
MOST_POINTING = 6
"""Words of a question that does nothing but point at a title."""
OPENERS = ("Something funny under five minutes", "What is everybody watching?", "A scary story for tonight",
           "I am in the mood for something cosy")  # fmt: skip
"""Questions that the page offers."""

_FOREIGN = held_words("foreign_words.txt")
"""Words that show that somebody does not write English."""
_ME = (
    "I am FlixBuddy, and no more than a good search in the catalogue. Ask me for a title, a genre, a mood, a length, "
    "a year or a rating, and then ask about the answer: how long it is, what it is about, or for something shorter."
)
_UNCLEAR = "I did not understand that. Ask me, for example, for “something funny under five minutes”."


def reply(connection: Connection, held: Catalogue, message: str, said: Sequence[Mapping[str, Any]]) -> Reply:
    """The answer to a question. said: messages before it, the oldest first, each with `role` and `content`."""
    began = clock.monotonic()
    answers = [spoken_of(one["content"], held.titles) for one in said if one["role"] == "assistant"]
    asked = [one["content"] for one in said if one["role"] == "user"]
    talk = Talk(held, [*asked, message], answers, lambda words: catalogue.found(connection, words))
    found = answer(talk)
    return replace(found, sent=len(message), latency_ms=round((clock.monotonic() - began) * 1000))


def store(connection: Connection, conversation: UUID | None, message: str, reply: Reply) -> None:
    """Write a question and its answer into their conversation."""
    run(connection, "say", conversation=conversation, role="user", content=message, metadata=Jsonb({}))
    metadata = Jsonb({**reply.metadata, "timestamp": clock.iso(clock.now_us())})
    run(connection, "say", conversation=conversation, role="assistant", content=reply.message, metadata=metadata)


def answer(talk: Talk) -> Reply:
    """The answer to the last question of a conversation."""
    raw = talk.asked[-1]
    text = talk.held.spelling.text(plain(raw), words_of)
    here = spoken_of(raw, talk.held.titles) or named_loosely(text, talk.held.titles)
    meant = here or pointed(text, talk)
    if not any(letter.isalpha() for letter in raw) and talk.wish(text).is_open:
        return Reply(_UNCLEAR)
    for ask in (_of_manners, _of_titles, _of_choices):
        if found := ask(talk, text, here, meant):
            return found
    return _recommended(talk, text)


def _of_manners(talk: Talk, text: str, here: Sequence[Title], _meant: Sequence[Title]) -> Reply | None:
    """What is said beside films: greetings, thanks, questions about FlixBuddy, the account, or the catalogue."""
    if here:
        return None
    if questions.THANKS.match(text) and talk.wish(text).names_nothing:
        return Reply("You are welcome! I hope you like it. Ask me for something else.")
    if questions.HELLO.match(text):
        return Reply("Hello! What are you in the mood for? A genre, a mood or a length is enough.")
    if _is_foreign(text):
        return _in_english(talk, text)
    wish = talk.wish(text)
    if questions.ABOUT_ME.search(text) and not (wish.categories and talk.before):
        return Reply(_ME)
    if questions.KINDS.search(text):
        return Reply(f"On the shelves there are {in_a_row(talk.held.categories)}. Which one shall it be?")
    if questions.COUNT.search(text):
        return _counted(talk, wish)
    if questions.OWN.search(text) and wish.names_nothing:
        return Reply(
            "That has pages of its own: My list and Ratings; and what you have begun is the first row of Browse."
        )
    if questions.ACCOUNT.search(text) and not wish.categories:
        return Reply("I only know films. Plans and prices are on the page Plans; for all else of your account there is "
                     "the page Help.")  # fmt: skip
    return None


def _of_titles(talk: Talk, text: str, here: Sequence[Title], meant: Sequence[Title]) -> Reply | None:
    """What is asked about titles that are named, or that the answers before named."""
    kind = _kind(text)
    if len(here) > 1 and questions.SUPERLATIVE.search(text):
        return _chosen(here, text)
    if not here and (
        questions.AWAY.search(text) or (questions.WHICH.search(text) and questions.SUPERLATIVE.search(text))
    ):
        return None
    again = meant and not here and bool(questions.OTHERS.search(text))
    if kind is None and meant and not (here or again) and len(text.split()) <= MOST_POINTING and _is_bare(talk, text):
        # `and the second?` asks the same as before, of another title.
        kind = next(filter(None, map(_kind, map(plain, reversed(talk.asked[:-1])))), questions.ABOUT)
    wish = talk.wish(without(text, here))
    if not meant and kind in _FACTS and talk.before and (wish.is_open or kind is questions.HOW_LONG):
        meant = talk.before
    if not meant:
        if kind is questions.WHO:
            return Reply("The catalogue does not say who made a film. Ask me by title, genre, mood, length or year.")
        if kind in _FACTS and wish.is_open:
            return Reply("Which title do you mean? Name it, or ask me for a recommendation first.")
        return None
    if (here or again) and questions.ALIKE.search(text):
        return _alike(meant[0], talk, text)
    if kind in _FACTS:
        return Reply(" ".join(map(_FACTS[kind], meant)), meant)
    if questions.ASKS.match(text) and not again:
        if wish.categories:
            return _fitting_or_not(meant[0], wish, talk)
        if wish.words and not here:
            return Reply(unsaid(meant[0]), meant[:1])
    chooses = bool(questions.CHOOSES.search(text)) and wish.names_nothing
    if here or (not again and (kind is questions.ABOUT or chooses)):
        return _described(meant[0], talk, chosen=chooses)
    return None


def _of_choices(talk: Talk, text: str, _here: Sequence[Title], _meant: Sequence[Title]) -> Reply | None:
    """`which of them is the shortest?`"""
    wish, which = talk.wish(text), questions.WHICH.search(text)
    asked = which or (questions.SUPERLATIVE.search(text) and re.match(r"^(what|which)", text) and wish.names_nothing)
    if not (talk.listed and asked) or questions.AWAY.search(text) or questions.ALL.search(text):
        return None
    some = [title for title in talk.listed if wish.suits(title)] or talk.listed
    return _chosen(some, text, known=not wish.words)


def _kind(text: str) -> re.Pattern[str] | None:
    """What is asked of a title, as the pattern of it; None where nothing is."""
    kinds = (questions.HOW_LONG, questions.WHEN, questions.WHO, questions.GENRE, questions.HOW_GOOD, questions.ABOUT)
    return next((kind for kind in kinds if kind.search(text)), None)


def _is_bare(talk: Talk, text: str) -> bool:
    """Whether a question says nothing but which title it means."""
    return any(word in ORDINALS for word in words_of(text)) and talk.wish(text).names_nothing


def _is_foreign(text: str) -> bool:
    """Whether a question is not in English, by the words that say so, or by its letters."""
    words = words_of(text)
    other = [word for word in words if word in _FOREIGN or word in MEANT["foreign"]]
    latin = any("a" <= letter <= "z" for letter in text)
    english = sum(word in SILENT and word not in _FOREIGN for word in words)
    return (not latin and any(letter.isalpha() for letter in text)) or (len(other) >= 2 and len(other) > english)


def _in_english(talk: Talk, text: str) -> Reply:
    said = "I only speak English, I am sorry."
    kinds = [c for word in words_of(text) for c in (*MEANT["foreign"].get(word, ()), *GENRES.get(word, ()))]
    titles = _fitting(talk, Wish(tuple(dict.fromkeys(kinds))), ())[0] if kinds else []
    if not titles:
        return Reply(f"{said} Ask me, for example, for “something funny under five minutes”.")
    return Reply(f"{said} But if you mean {kinds[0]}, try {listed(titles)}.", titles)


def _counted(talk: Talk, wish: Wish) -> Reply:
    ids = set(talk.search(wish.words)) if wish.words else None
    many = sum(wish.suits(title) and (ids is None or title.id in ids) for title in talk.held.titles)
    if wish.is_open:
        return Reply(f"There are {len(talk.held.titles)} titles on the shelves, in {len(talk.held.categories)} kinds.")
    about = f" about “{quoted(wish.words)}”" if wish.words else ""
    said = f"There {'is' if many == 1 else 'are'} {many or 'no'} {'title' if many == 1 else 'titles'}"
    return Reply(f"{said}{about}{of_kind(wish)}.{' Shall I name some?' if many else ''}")


def _recommended(talk: Talk, text: str) -> Reply:
    wish = own = _own_wish(talk, text)
    earlier = _earlier(talk)
    again = any(asks.search(text) for asks in (questions.OTHERS, questions.AWAY, questions.AGREES))
    compared = talk.before and re.search(r"\b(shorter|longer)\b", text)
    narrows = talk.before and wish.names_nothing and not wish.is_open and not questions.ALL.search(text)
    if (wish.names_nothing and (again or compared or narrows)) or (talk.before and questions.GOES_ON.search(text)):
        wish = wish.narrowing(earlier)
    if compared and own.any_length and "shorter" in text:
        wish = replace(wish, longest=min(t.duration for t in talk.before) - 1, shortest=0)
    elif compared and own.any_length:
        wish = replace(wish, shortest=max(t.duration for t in talk.before) + 1, longest=FOREVER)
    ids = list(talk.search(wish.words)) if wish.words else []
    titles, hit = _fitting(talk, wish, ids)
    unknown = wish.words and not hit and not wish.categories and earlier.categories
    # Nothing is known of that, so what was asked for before still counts.
    if unknown and (near := _fitting(talk, replace(earlier, words=""), ())[0]):
        return Reply(f"I found nothing about “{quoted(wish.words)}”. Of the same kind there is {listed(near)}.", near)
    if not titles:
        near = next(filter(None, (_fitting(talk, looser, ids)[0] for looser in wish.loosened())), [])
        said = f"There is nothing{' else' if talk.named else ''}{of_kind(wish)} on the shelves"
        return Reply(f"{said}. The nearest I have: {listed(near)}.", near) if near else Reply(
            f"{said}, and you have seen me name all the rest. Ask me for another genre?"
        )  # fmt: skip
    return Reply(_opening(wish, text, again=again, missed=bool(wish.words) and not hit) + listed(titles) + ".", titles)


def _own_wish(talk: Talk, text: str) -> Wish:
    """What a plain text asks for by itself. Who refuses what was named says why, and searches for nothing."""
    wish = talk.wish(text)
    return replace(wish, words="", unwanted="") if questions.AWAY.search(text) else wish


def _earlier(talk: Talk) -> Wish:
    """What was asked for before this question: the last wish for a kind or a subject, with what narrowed it since."""
    wish = Wish()
    for said in talk.asked[:-1]:
        titles, text = spoken_of(said, talk.held.titles), talk.held.spelling.text(plain(said), words_of)
        one = _own_wish(talk, without(text, titles))
        if titles and one.names_nothing:
            one = replace(one, categories=(titles[0].category,))
        wish = one.narrowing(wish) if one.names_nothing or questions.GOES_ON.search(text) else one
    return wish


_KEYS: Mapping[str, Callable[[Title], Any]] = {
    "rated": lambda t: (-(t.rating or 0), -t.ratings),
    "worst": lambda t: (t.rating is None, t.rating or 0),
    "newest": lambda t: -_day(t),
    "oldest": lambda t: (t.published_at is None, _day(t)),
    "shortest": lambda t: t.duration,
    "longest": lambda t: -t.duration,
}


def _day(title: Title) -> int:
    return title.published_at.toordinal() if title.published_at is not None else 0


def _fitting(talk: Talk, wish: Wish, ids: Sequence[UUID], *, but: Title | None = None) -> tuple[list[Title], bool]:
    """Titles that fit, and whether any of the words was found in one. but: another than this one."""
    place = {one: k for k, one in enumerate(ids)}
    refused = {*talk.named, *((but.id,) if but else ()), *(talk.search(wish.unwanted) if wish.unwanted else ())}
    some = [title for title in talk.held.trending() if wish.suits(title) and title.id not in refused]
    if wish.order:
        some.sort(key=_KEYS[wish.order])
    hits = [title for title in some if title.id in place]
    hits.sort(key=lambda t: place[t.id])
    if wish.words and hits:
        return hits[:NAMED], True
    return some[:NAMED], False


def _opening(wish: Wish, text: str, *, again: bool, missed: bool) -> str:
    narrowed = of_kind(replace(wish, categories=()))
    unfound = " ".join(word for word in wish.words.split() if word not in SUBJECTS) if missed else ""
    if missed and not wish.categories:
        return f"I found nothing about “{quoted(wish.words)}”, but most people are watching "
    if unfound and not again:
        kinds = in_a_row(wish.categories[:2], "or")
        return f"I found nothing about “{quoted(unfound)}” there. For {kinds}{narrowed}, try "
    if again:
        return "Then have a look at "
    if wish.order:
        inside = f" in {in_a_row(wish.categories)}" if wish.categories else ""
        return f"{ORDERED[wish.order]}{inside}{narrowed}: "
    if wish.categories:
        return f"For {in_a_row(wish.categories[:2], 'or')}{narrowed}, try "
    if wish.words:
        return f"About “{quoted(wish.words)}”{narrowed} there is "
    if narrowed:
        return f"Something{narrowed}: "
    return "Right now most people are watching " if questions.POPULAR.search(text) else "I would start with "


_FACTS: Mapping[re.Pattern[str] | None, Callable[[Title], str]] = {
    questions.HOW_LONG: length_of,
    questions.HOW_GOOD: verdict,
    questions.WHEN: dated,
    questions.GENRE: shelved,
    questions.WHO: by_whom,
}


def _fitting_or_not(title: Title, wish: Wish, talk: Talk) -> Reply:
    """`is it for kids?`"""
    if wish.suits(title):
        return Reply(f"Yes: {title.title} ({title.category}, {span(title.duration)}).", [title])
    near, _ = _fitting(talk, wish, ())
    said = f"Rather not: {title.title} is {title.category}, {span(title.duration)}."
    if not near:
        return Reply(said, [title])
    return Reply(f"{said} For {in_a_row(wish.categories[:2], 'or')}, try {listed(near)}.", [title, *near])


def _chosen(titles: Sequence[Title], text: str, *, known: bool = True) -> Reply:
    """One of the titles that were named, by what can be known of them: length, age, or how they are rated. known:
    whether the catalogue says what is asked."""
    if re.search(r"\b(shortest|shorter|quickest)\b", text):
        one = min(titles, key=lambda t: t.duration)
        return Reply(f"{one.title} is the shortest of them, with {span(one.duration)}.", [one])
    if re.search(r"\b(longest|longer)\b", text):
        one = max(titles, key=lambda t: t.duration)
        return Reply(f"{one.title} is the longest of them, with {span(one.duration)}.", [one])
    dated = [title for title in titles if title.published_at is not None]
    if dated and re.search(r"\b(newest|newer|latest)\b", text):
        one = max(dated, key=_day)
        return Reply(f"{one.title} is the newest of them.", [one])
    if dated and re.search(r"\b(oldest|older)\b", text):
        one = min(dated, key=_day)
        return Reply(f"{one.title} is the oldest of them.", [one])
    one = max(titles, key=lambda t: (t.rating or 0.0, t.ratings))
    if one.rating is None:
        return Reply(f"Nobody has rated them yet. I would begin with {one.title}.", [one])
    best = f"f these, viewers rate {one.title} best: {one.rating:.1f} of 5 stars."
    return Reply(f"O{best}" if known else f"That the catalogue does not say, but o{best}", [one])


def _alike(title: Title, talk: Talk, text: str) -> Reply:
    """`something like that but shorter`: others of its kind, or of the kind that is asked for instead."""
    wish = replace(talk.wish(without(text, [title])), words="", unwanted="")
    if not wish.categories:
        wish = replace(wish, categories=(title.category,))
    if "shorter" in text and wish.any_length:
        wish = replace(wish, longest=title.duration - 1)
    elif "longer" in text and wish.any_length:
        wish = replace(wish, shortest=title.duration + 1)
    found = (_fitting(talk, one, (), but=title)[0] for one in (wish, *wish.loosened()))
    titles = next(filter(None, found), [])
    if not titles:
        others, _ = _fitting(talk, Wish(), (), but=title)
        said = f"I have named all that is like {title.title}."
        return Reply(f"{said} Most people are watching {listed(others)}." if others else said, others or [title])
    return Reply(f"After {title.title}, try {listed(titles)}.", titles)


def _described(title: Title, talk: Talk, *, chosen: bool = False) -> Reply:
    parts = [f"{title.title} ({title.category}, {span(title.duration)})"]
    parts += [part for part in (title.description, title.summary) if part]
    said = f"{parts[0]}: {' '.join(parts[1:])}" if parts[1:] else f"{parts[0]}."
    if chosen:
        return Reply(f"Good choice. {said}", [title])
    alike = next((t for t in talk.held.like(title) if t.id not in talk.named), None)
    return Reply(
        f"{said} If you like it, {alike.title} is close." if alike else said, [title, *([alike] if alike else [])]
    )
