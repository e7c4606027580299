"""FlixBuddy without an endpoint: what is asked, and replies that recommend titles the site has on that day.

Pure functions of arrays: the same conversation gets the same replies in history and in life, at no cost and from nobody
outside. All words are the catalogue's. A conversation is known by the address of its visit, that is, of any step of it
without its last seven bits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from populace.spec import Bits, Bools, ColumnValue, Draw, Ints, Joined, Json, Stamp, Words
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.catalogue.records import Question
from populace.worlds.hogflix.parameters.fixed import CHARACTERS_A_TOKEN, LISTED, NUDGE

MODEL = "populace-local"
MOST_TURNS, MOST_TITLES = 4, 3
FOLLOW_UPS = MOST_TURNS - 1
DOCUMENTED = 8
"""The first questions of the catalogue are the document's own; every other chat begins with one of them."""
NOTHING = "There is nothing on the shelves yet. Ask me again tomorrow!"

MOODS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("thriller", ("Horror", "Action & Adventure")),
    ("cosy", ("Comedy", "Kids & Family")),
    ("nostalgic", ("Drama", "Kids & Family")),
    ("somewhere else", ("Action & Adventure", "Sci-Fi", "Documentary")),
    ("inspired", ("Documentary", "Drama")),
)
"""Words of a question about a mood, and the shelves that suit it; where none is found, all of them."""

_SHELVES = tuple(shelf for shelf in catalogue.SHELVES if shelf != catalogue.DEMO)
_TITLE = re.compile(r"\{title(\d)\}")
_STEP = np.uint64(7)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """What can be recommended. names: of all titles, by ordinal. lists: `listed` of each day that is spoken of,
    int64[days, lists, LISTED]. day: of each message, the row of `lists`; the same for all turns of a conversation.
    """

    names: Sequence[str]
    lists: Ints
    day: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Script:
    """The catalogue's words as arrays. A question's code is its place among the openings, or, for a follow-up,
    openings + FOLLOW_UPS * opening + turn − 1.

    wanted: of each question, its list. ordered: whether that is emitted in order. first: of each question, where the
    first answers to it begin; firsts: how many they are; later: where those to follow-ups begin. pieces: of each
    answer, the text before each title and after the last. titles: how many titles it names. shelves: bool[lists,
    shelves + 1], which shelves are in a list; the last shelf stands for titles that are never named.
    """

    questions: tuple[str, ...]
    openings: int
    wanted: Ints
    ordered: Bools
    first: Ints
    firsts: Ints
    later: int
    pieces: tuple[tuple[str, ...], ...]
    titles: Ints
    shelves: Bools


def questions(draw: Draw, address: Ints | Bits, _at: Ints, turn: Ints) -> Ints:
    """The code of the question that each message asks. address: of the message, or of any step of its visit.

    turn: 0 opens the conversation; 1 to 3 follow up what was asked at 0.
    """
    script, conversation = _script(), _conversation(address)
    own = draw.below("flixbuddy.own_words", 2, conversation) == 1
    opening = np.where(
        own,
        DOCUMENTED + draw.below("flixbuddy.question", script.openings - DOCUMENTED, conversation),
        draw.below("flixbuddy.documented_question", DOCUMENTED, conversation),
    )
    return np.where(turn == 0, opening, script.openings + FOLLOW_UPS * opening + turn - 1)


def about(question: Ints) -> Ints:
    """What each question asks for: a shelf, then popular, tonight and mood; a follow-up as the question it follows."""
    script = _script()
    opening = np.where(question < script.openings, question, (question - script.openings) // FOLLOW_UPS)
    names = (*_SHELVES, "popular", "tonight", "mood")
    return np.array([names.index(ask.intent) for ask in catalogue.questions()])[opening]


def asked(question: Ints) -> Words:
    """The text of each question."""
    return Words(question, _script().questions)


def replies(draw: Draw, address: Ints | Bits, _at: Ints, question: Ints, turn: Ints, ranking: Ranking) -> Joined:
    """The text of the reply to each question: one to three titles that suit what the conversation is about.

    address, question and turn: as in `questions`. No title comes twice in a conversation while there are others.
    """
    answer, title = recommended(draw, address, question, turn, ranking)
    names, pieces = ("", *ranking.names), _pieces()
    parts: list[Words] = [Words(answer, pieces[0])]
    for place in range(MOST_TITLES):
        parts += [Words(title[:, place] + 1, names), Words(answer, pieces[place + 1])]
    return Joined(tuple(parts))


def recommended(draw: Draw, address: Ints | Bits, question: Ints, turn: Ints, ranking: Ranking) -> tuple[Ints, Ints]:
    """The code of each reply's answer, and the ordinals of its titles: int64[n, 3], −1 where it names fewer."""
    script, conversation = _script(), _conversation(address)
    order, suiting = _order(draw, conversation, question, ranking)
    there = (order >= 0).sum(axis=1)
    answer = np.full(len(question), len(script.pieces) - 1)
    title = np.full((len(question), MOST_TITLES), -1)
    place = np.zeros(len(question), dtype=np.int64)
    for number in range(int(turn.max(initial=-1)) + 1):
        # No reply goes from the titles that suit to others half-way, nor takes so many that the next must repeat one.
        room = np.minimum(np.where(place < suiting, suiting, there) - place, np.maximum(there // 2, 1))
        said = np.where(there > 0, _said(draw, conversation, question, number, room), answer)
        named = np.where(there > 0, script.titles[said], 0)
        now = np.flatnonzero(turn == number)
        answer[now] = said[now]
        for k in range(MOST_TITLES):
            some = now[named[now] > k]
            title[some, k] = order[some, place[some] + k]
        place += named
        place[place >= there] = 0
    return answer, title


def metadata(question: Words | Joined, reply: Joined, latency_ms: Ints, at: Ints) -> Json:
    """What the app keeps with a reply of the assistant's. at: when it was given, µs. Tokens are those of the question
    and of the reply, without what was said before; nothing is paid for them."""
    sent, got = tokens(question), tokens(reply)
    return Json(
        {
            "model": MODEL,
            "timestamp": Stamp(at),
            "tokens": Json({"input": sent, "output": got, "total": sent + got}),
            "latency": latency_ms,
            "cost": Json({"input": 0, "output": 0, "total": 0}),
        }
    )


def tokens(text: Words | Joined) -> Ints:
    """About how many tokens each text is: a quarter of its characters, rounded up."""
    return -(-characters(text) // CHARACTERS_A_TOKEN)


def characters(text: ColumnValue) -> Ints:
    """How long each text of a description is."""
    if isinstance(text, Joined):
        return np.asarray(sum(characters(part) for part in text.parts))
    if isinstance(text, Words):
        return _lengths(tuple(text.words))[text.codes]
    return np.asarray(len(str(text)))


def listed(weight: Ints, shelf: Ints) -> Ints:
    """The titles of a day, by list and by popularity: ordinals, int64[lists, LISTED], −1 after the last.

    weight: of each title on that day, 0 when it is not released. shelf: of each, a position in the catalogue's SHELVES;
    those of the demo shelf, or beyond, are recommended to nobody.
    """
    shelves = _script().shelves
    within = shelves[:, np.minimum(shelf, len(_SHELVES))] & (weight > 0)
    out = np.full((len(shelves), LISTED), -1)
    for row, some in enumerate(within):
        best = np.flatnonzero(some)
        best = best[np.argsort(-weight[best], kind="stable")][:LISTED]
        out[row, : len(best)] = best
    return out


def _order(draw: Draw, conversation: Bits, question: Ints, ranking: Ranking) -> tuple[Ints, Ints]:
    """The titles of each conversation in the order in which they are recommended, −1 after the last, and how many of
    them suit it: int64[n, 2 * LISTED] and int64[n]."""
    script = _script()
    wanted = script.wanted[question]
    own, rest = ranking.lists[ranking.day, wanted], ranking.lists[ranking.day, _everything()]
    nudge = draw.below("flixbuddy.title", NUDGE, conversation[:, None], np.arange(LISTED)[None, :])
    places = np.arange(LISTED) + np.where(script.ordered[question][:, None], 0, nudge)
    double = (rest[:, :, None] == own[:, None, :]).any(axis=2)
    late = np.broadcast_to(LISTED + NUDGE + np.arange(LISTED), rest.shape)
    never = 4 * LISTED
    rank = np.concatenate([np.where(own >= 0, places, never), np.where((rest >= 0) & ~double, late, never)], axis=1)
    order = np.argsort(rank, axis=1, kind="stable")
    titles = np.take_along_axis(np.concatenate([own, rest], axis=1), order, axis=1)
    used_up = np.take_along_axis(rank, order, axis=1) == never
    return np.where(used_up, -1, titles), (own >= 0).sum(axis=1)


def _said(draw: Draw, conversation: Bits, question: Ints, turn: int, room: Ints) -> Ints:
    """An answer for each conversation at one turn, that names no more titles than there is room for."""
    script = _script()
    laters = len(script.pieces) - 1 - script.later
    later = script.later + draw.shuffled("flixbuddy.later", laters, conversation, np.full(len(room), turn))
    first = script.first[question] + draw.below("flixbuddy.first", script.firsts[question], conversation)
    said = later if turn else first
    short = script.later + np.flatnonzero(script.titles[script.later : -1] == 1)
    return np.where(script.titles[said] > room, short[turn % len(short)], said)


def _conversation(address: Ints | Bits) -> Bits:
    return address.astype(np.uint64) >> _STEP


def _everything() -> int:
    """The list that all shelves are in."""
    return len(_SHELVES)


@cache
def _script() -> _Script:
    asks = catalogue.questions()
    lists = [(shelf,) for shelf in _SHELVES] + [_SHELVES, *(shelves for _, shelves in MOODS)]
    answers = [*(a for a in catalogue.answers() if not a.later), *(a for a in catalogue.answers() if a.later)]
    answers.sort(key=lambda a: (a.later, a.intent))
    intents = [a.intent for a in answers if not a.later]
    follow_ups = [_follow_ups(asks, place) for place in range(len(asks))]
    whose = [*range(len(asks)), *(place for place in range(len(asks)) for _ in range(FOLLOW_UPS))]
    return _Script(
        questions=(*(ask.question for ask in asks), *(text for texts in follow_ups for text in texts)),
        openings=len(asks),
        wanted=np.array([lists.index(_suiting(asks[place])) for place in whose]),
        ordered=np.array([asks[place].intent == "popular" for place in whose]),
        first=np.array([intents.index(asks[place].intent) for place in whose]),
        firsts=np.array([intents.count(asks[place].intent) for place in whose]),
        later=len(intents),
        pieces=(*(_cut(answer.answer) for answer in answers), _cut(NOTHING)),
        titles=np.array([*(answer.titles for answer in answers), 0]),
        shelves=np.array([[shelf in shelves for shelf in (*_SHELVES, None)] for shelves in lists]),
    )


def _suiting(ask: Question) -> tuple[str, ...]:
    """The shelves that a question asks for."""
    if ask.intent in _SHELVES:
        return (ask.intent,)
    found = [shelves for word, shelves in MOODS if ask.intent == "mood" and word in ask.question]
    return found[0] if found else _SHELVES


def _follow_ups(asks: Sequence[Question], place: int) -> tuple[str, ...]:
    """What may be asked after a question: its own follow-ups, then those of the next one with the same intent."""
    turned = (*asks[place:], *asks[:place])
    texts = [text for ask in turned if ask.intent == asks[place].intent for text in ask.follow_ups]
    return tuple(dict.fromkeys(texts))[:FOLLOW_UPS]


def _cut(answer: str) -> tuple[str, ...]:
    """The texts around an answer's titles, and empty ones for those it does not name. ValueError when titles are not
    in order: each is put where it stands."""
    if [int(n) for n in _TITLE.findall(answer)] != list(range(1, len(_TITLE.findall(answer)) + 1)):
        raise ValueError(f"the titles of this answer are not in order: {answer}")
    texts = _TITLE.split(answer)[::2]
    return (*texts, *[""] * (MOST_TITLES + 1 - len(texts)))


@cache
def _pieces() -> tuple[tuple[str, ...], ...]:
    """The pieces of all answers, by place."""
    return tuple(zip(*_script().pieces, strict=True))


@lru_cache(maxsize=64)
def _lengths(words: tuple[str | None, ...]) -> Ints:
    return np.array([len(word or "") for word in words])
