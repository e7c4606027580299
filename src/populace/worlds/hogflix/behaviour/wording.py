"""What people write in their own words: questions to FlixBuddy and tickets, put together for who writes, and when.

Each text is a handful of choices from the banks of `phrases.csv`: how it begins, what it is about, what else matters,
how it ends. What fills the slots is the writer's own: what they have just watched, on what, under which plan. Who is
new is polite, who has been away is short. Nothing of it has a declared probability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from populace.spec import Bits, Cohort, Draw, Ints, Joined, Visits, Words
from populace.spec.kit.phrases import Part, hurried, joined
from populace.spec.kit.words import Lists
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import flixbuddy, popularity
from populace.worlds.hogflix.catalogue import DEVICES, GENRES
from populace.worlds.hogflix.parameters.fixed import SHORT_OF, SLIPS_OF
from populace.worlds.hogflix.parameters.people import SEGMENTS, STATES

CATEGORIES = tuple(dict.fromkeys(t.issue_category for t in catalogue.tickets()))
BROKEN = ("playback_issues", "technical_support")
"""Tickets of these say more about what does not work."""
MOODS = ("new", "any", "away")
"""How somebody writes: who is new, at home, or was away."""
GROUPS = (*GENRES, "popular", "tonight", "mood")
"""What a question may ask for."""


def questions(draw: Draw, visits: Visits, visit: Ints, address: Bits, question: Ints, turn: Ints) -> Joined:
    """The text of each message to FlixBuddy. question: as `flixbuddy.questions` has it, for what it is about."""
    who = visits.who.of(visit)
    group = flixbuddy.about(question)
    words = _slots(draw, who, address, group)
    words["title"] = _title(draw, visits, visit, address)
    capital, slips = draw.below("text.capitals", 2, who.person), hurried(draw, "text.slip", SLIPS_OF, address)
    mood = np.where(turn > 0, len(MOODS), _mood(who))
    opens, opening = _part("chat", "open", (*MOODS[:2], "none", "none")).said(
        draw, "chat.text.open", mood, address, words, capital=capital
    )
    short = (turn == 0) & (draw.below("chat.text.short", SHORT_OF, address) == 0)
    kind = np.where(turn > 0, 2 * len(GROUPS), group + len(GROUPS) * short)
    begins = _empty("chat", "open")[opening]
    core, _ = _cores().said(draw, "chat.text.core", kind, address, words, capital=capital * begins, slips=slips)
    bare = short.astype(np.int64)
    limits, _ = _part("chat", "with", ("any", "none")).said(draw, "chat.text.with", bare, address, words, slips=slips)
    closes, _ = _part("chat", "close", ("any",)).said(draw, "chat.text.close", 0 * turn, address, words)
    ends, _ = _part("chat", "end", ("any",)).said(draw, "chat.text.end", 0 * turn, address, words)
    return joined(opens, core, limits, closes, ends)


def tickets(draw: Draw, visits: Visits, columns: Mapping[str, Ints], visit: Ints, which: Ints) -> Joined:
    """The text of the ticket that each of some visits ends in. columns: of their walk. which: of the catalogue's, for
    its category.
    """
    who, address = visits.who.of(visit), visits.address[visit]
    words = _slots(draw, who, address, draw.below("ticket.text.topic", len(GENRES), address))
    titles = columns["video_title"]
    last = np.searchsorted(columns["video_visit"], visit, side="right") - 1
    seen = (last >= 0) & (np.r_[columns["video_visit"], -1][last] == visit)
    words["title"] = _title(draw, visits, visit, address)
    words["title"] = Words(np.where(seen, np.r_[titles, 0][last], words["title"].codes), words["title"].words)
    words["device"] = Words(columns["device"][visit], tuple(device.said for device in DEVICES))
    words["plan"] = Words(who.segment.astype(np.int64), SEGMENTS)
    words["quality"] = Words(
        who.segment.astype(np.int64), tuple(p.video_quality.split(" + ")[0] for p in catalogue.plans())
    )
    category = np.array([CATEGORIES.index(t.issue_category) for t in catalogue.tickets()])[which]
    mood, slips = _mood(who), hurried(draw, "text.slip", SLIPS_OF, address)
    opens, opening = _part("ticket", "open", MOODS).said(draw, "ticket.text.open", mood, address, words)
    bare = _empty("ticket", "open")[opening]
    core, _ = _complaints().said(draw, "ticket.text.core", category * len(SEGMENTS) + who.segment, address, words,
                                 capital=bare, slips=slips)  # fmt: skip
    broken = np.isin(category, [CATEGORIES.index(name) for name in BROKEN]).astype(np.int64)
    details, _ = _part("ticket", "detail", ("none", "any")).said(
        draw, "ticket.text.detail", broken, address, words, slips=slips
    )
    asks, _ = _part("ticket", "ask", ("any", "any", "away")).said(draw, "ticket.text.ask", mood, address, words)
    ends, _ = _part("ticket", "end", ("any",)).said(draw, "ticket.text.end", 0 * mood, address, words)
    return joined(opens, core, details, asks, ends)


def replies(
    draw: Draw, who: Cohort, address: Bits, question: Ints, title: Ints, names: Sequence[str]
) -> tuple[Words, ...]:  # fmt: skip
    """What FlixBuddy answers: with the titles that are recommended, int64[n, 3], −1 where there are fewer."""
    words = _slots(draw, who, address, flixbuddy.about(question))
    for place in range(title.shape[1]):
        words[f"title{place + 1}"] = Words(np.maximum(title[:, place], 0), names)
    many = (title >= 0).sum(axis=1)
    said, _ = _answers().said(draw, "reply.text", many, address, words, capital=1)
    more, _ = _part("reply", "more", ("none", "any")).said(draw, "reply.text.more", np.minimum(many, 1), address, words)
    ends, _ = _part("reply", "end", ("any",)).said(draw, "reply.text.end", 0 * question, address, words)
    return (*said, *more, *ends)


def _title(draw: Draw, visits: Visits, visit: Ints, address: Bits) -> Words:
    return Words(popularity.mentioned(draw, visits, visit, address), popularity.names())


def _mood(who: Cohort) -> Ints:
    """A position in MOODS."""
    out = np.full(len(who.person), MOODS.index("any"))
    out[who.state == STATES.index("NEW")] = MOODS.index("new")
    out[who.state == STATES.index("DORMANT")] = MOODS.index("away")
    return out


def _slots(draw: Draw, who: Cohort, address: Bits, group: Ints) -> dict[str, Words]:
    """What fills the slots that no situation decides. group: a position in GROUPS; beyond the genres, any of them."""
    genre = np.where(group < len(GENRES), group, draw.below("text.genre", len(GENRES), address))
    out: dict[str, Words] = {}
    for name, lists in _fillers().items():
        # Both forms of a word, with its article and without, are the same choice.
        stream = f"text.{name.removeprefix('a_')}"
        out[name], out[f"{name}2"] = lists.drawn(draw, stream, genre if len(lists.many) > 1 else 0 * genre, address)
    return out


@cache
def _fillers() -> Mapping[str, Lists]:
    """By slot: the words of each genre, or one list for all of them."""
    out = {}
    for name in dict.fromkeys(p.part for p in catalogue.phrases() if p.use == "slot"):
        every = _texts("slot", name, "any")
        out[name] = Lists.of([every] if every else [_texts("slot", name, genre) for genre in GENRES])
    return out


@cache
def _texts(use: str, part: str, about: str) -> tuple[str, ...]:
    return tuple(p.text for p in catalogue.phrases() if (p.use, p.part, p.about) == (use, part, about))


@cache
def _part(use: str, part: str, groups: tuple[str, ...]) -> Part:
    return Part.of([_texts(use, part, group) or ("",) for group in groups])


@cache
def _empty(use: str, part: str) -> Ints:
    """Of the phrases that begin a text, which are none."""
    groups = (*MOODS[:2], "none", "none") if use == "chat" else MOODS
    return np.array([text == "" for group in groups for text in _texts(use, part, group) or ("",)], dtype=np.int64)


@cache
def _cores() -> Part:
    """What questions ask: by group, then the short ones by group, then those that follow."""

    def of(part: str) -> list[tuple[str, ...]]:
        return [_texts("chat", part, "shelf" if group in GENRES else group) for group in GROUPS]

    return Part.of([*of("core"), *of("short"), _texts("chat", "follow", "any")])


@cache
def _answers() -> Part:
    """What FlixBuddy answers, by how many titles it names."""
    named = [_texts("reply", str(many), "any") for many in range(1, flixbuddy.MOST_TITLES + 1)]
    return Part.of([(flixbuddy.NOTHING.rstrip("!"),), *named])


@cache
def _complaints() -> Part:
    """What tickets are about: by category and plan."""
    return Part.of(
        [
            (*_texts("ticket", f"core.{category}", "any"), *_texts("ticket", f"core.{category}", plan))
            for category in CATEGORIES
            for plan in SEGMENTS
        ]
    )
