"""FlixBuddy on the site: what a question wants of the catalogue, and an answer that names titles.

Words of a question are taken as a genre, a mood, a length or a title; what is left is searched for by full text. What
was said before counts: `how long is the first one?` is about the first title of the answer before, and `something
else` asks the same again without what was named. No model is asked, and the same question gets the same answer.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from populace import clock
from populace.database.connection import Connection
from populace.sites.hogflix import catalogue
from populace.sites.hogflix.catalogue import Catalogue, Title, run

MODEL = "populace-full-text"
NAMED = 3
"""Titles of an answer."""
MOST_POINTING = 5
"""Words of a question that does nothing but point at a title."""
CHARACTERS_A_TOKEN = 4
SHORT_S, LONG_S = 150, 300
"""What counts as short and as long here."""
OPENERS = ("Something funny under five minutes", "What is everybody watching?", "A scary story for tonight",
           "I am in the mood for something cosy")  # fmt: skip
"""Questions that the page offers."""

_MEANINGS = tuple(csv.DictReader(files(__package__).joinpath("meanings.csv").read_text(encoding="utf-8").splitlines()))
MEANT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    kind: {row["word"]: tuple(row["categories"].split(";")) for row in _MEANINGS if row["kind"] == kind}
    for kind in ("genre", "mood")
}
"""The categories that a word names, or that suit a mood."""
SUBJECTS = frozenset(row["word"] for row in _MEANINGS if row["searched"])
"""Words of a genre that are also searched for."""
_ORDINALS = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "last": -1, "latter": -1, "former": 0}
_ASKING = frozenset(files(__package__).joinpath("silent_words.txt").read_text(encoding="utf-8").split())
"""Words of a question that say nothing of a title."""
_UNITS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "hour": 3600, "h": 3600}
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
            "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "a": 1, "an": 1}  # fmt: skip
_SPAN = re.compile(r"\b(\d{1,4}|" + "|".join(_NUMBERS) + r"|half an)[ -]?(seconds?|secs?|s|minutes?|mins?|hours?|h)\b")
_HOW_LONG = re.compile(r"\b(how long|how many (minutes|seconds)|running time|runtime|duration|length of)\b")
_ABOUT = re.compile(r"\b(about|plot|happens|story of|describe|summary|me more)\b")
_HOW_GOOD = re.compile(r"\b(how good|any good|rating|ratings|rated|reviews?|worth|stars)\b")
_OTHERS = re.compile(r"\b(something else|anything else|another|other|others|more like|different|what else|more)\b")
_POINTS = re.compile(r"\b(it|its|this|that|that one|this one|the one|they|them|these|those)\b")
_POPULAR = re.compile(r"\b(popular|trending|everybody|everyone|top|best|most watched)\b")
_BEST = re.compile(r"\b(highest|best|top)[ -]rated\b")
_WHICH = re.compile(r"\bwhich (one|of|is|would)\b|\bwhich (has|have) the\b")
_LIKED = re.compile(r"\b(liked|loved|enjoyed|like|similar to)\b")
_THANKS = re.compile(r"^\W*(thanks?|thank you|cheers|great|perfect|ok(ay)?)\b[^?]*$")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a question asks for. categories: () for any. shortest, longest: seconds. words: to search for.
    rated: the best rated first."""

    categories: tuple[str, ...] = ()
    shortest: int = 0
    longest: int = 1 << 30
    words: str = ""
    rated: bool = False

    @property
    def is_open(self) -> bool:
        """Whether anything will do."""
        return self == Wish()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. titles: that it names, in order. latency_ms: real time. sent: characters of the question."""

    message: str
    titles: Sequence[Title] = ()
    sent: int = 0
    latency_ms: int = 0

    @property
    def metadata(self) -> dict[str, Any]:
        """What is said of it, in the shape that the app knows. It costs nothing: no model was asked."""
        tokens = [-(-count // CHARACTERS_A_TOKEN) for count in (self.sent, len(self.message))]
        return {
            "tokens": {"input": tokens[0], "output": tokens[1], "total": sum(tokens)},
            "latency": self.latency_ms,
            "cost": {"input": 0.0, "output": 0.0, "total": 0.0},
            "model": MODEL,
        }

    def document(self, conversation: str) -> dict[str, Any]:
        """As the app's function answers."""
        return {"message": self.message, "conversationId": conversation, "metadata": self.metadata}


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
        """Titles of the last answer that brought new ones: those that have an order to speak of."""
        for at in range(len(self.answers) - 1, -1, -1):
            earlier = {title.id for some in self.answers[:at] for title in some}
            if any(title.id not in earlier for title in self.answers[at]):
                return self.answers[at]
        return ()

    @property
    def named(self) -> frozenset[UUID]:
        """Titles of all answers."""
        return frozenset(title.id for some in self.answers for title in some)


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
    text = _plain(talk.asked[-1])
    here = spoken_of(talk.asked[-1], talk.held.titles) or _named_loosely(text, talk.held.titles)
    meant = here or _pointed(text, talk)
    if _THANKS.match(text):
        return Reply("You are welcome! I hope you like it. Ask me for something else.")
    kind = _kind(text)
    if kind is None and meant and not here and len(text.split()) <= MOST_POINTING:
        # `and the second?` asks the same as before, of another title.
        kind = next(filter(None, map(_kind, map(_plain, reversed(talk.asked[:-1])))), None)
    if meant and kind is _HOW_LONG:
        return _lengths(meant)
    if meant and kind is _HOW_GOOD:
        return _verdicts(meant)
    if not here and talk.listed and _WHICH.search(text):
        return _chosen(talk.listed, text)
    if here and _LIKED.search(text):
        return _alike(here[0], talk)
    if meant and (here or kind is _ABOUT):
        return _described(meant[0], talk)
    if not talk.before and kind in (_HOW_LONG, _HOW_GOOD):
        return Reply("Which title do you mean? Name it, or ask me for a recommendation first.")
    return _recommended(talk, text)


def _kind(text: str) -> re.Pattern[str] | None:
    """What is asked of a title, as the pattern of it; None where nothing is."""
    return next((kind for kind in (_HOW_LONG, _HOW_GOOD, _ABOUT) if kind.search(text)), None)


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


def wished(text: str) -> Wish:
    """What a question asks for."""
    span, rest = _spans(text)
    genres, moods = MEANT["genre"], MEANT["mood"]
    known = genres.keys() | moods.keys()
    words = [part for word in re.findall(r"[\w'&-]+", rest) for part in ([word] if word in known else word.split("-"))]
    meant = list(dict.fromkeys(c for word in words for c in (*genres.get(word, ()), *moods.get(word, ()))))
    used = known & {*words}
    named = {category for word in words for category in genres.get(word, ())}
    if named and any(word in moods for word in words):
        # A genre that is named counts more than a mood beside it.
        meant = [category for category in meant if category in named]
    left = [word for word in words if word not in _ASKING and (word not in used or word in SUBJECTS) and len(word) > 2]
    return Wish(tuple(meant), *span, " ".join(left), bool(_BEST.search(text)))


def _spans(text: str) -> tuple[tuple[int, int], str]:
    """The length that is asked for, in seconds, and the text without it."""
    found = _SPAN.search(text)
    if found is None:
        if re.search(r"\b(short|quick|brief)\b", text):
            return (0, SHORT_S), text
        return ((LONG_S, 1 << 30) if re.search(r"(?<!how )\blong\b(?! day| week| time)", text) else (0, 1 << 30)), text
    unit = found[2] if found[2] == "s" else found[2].rstrip("s")
    many = 0.5 if found[1] == "half an" else _NUMBERS.get(found[1]) or int(found[1])
    seconds, rest = round(many * _UNITS[unit]), text[: found.start()] + " " + text[found.end() :]
    if re.search(r"\b(over|longer than|more than|at least|above)\W*$", text[: found.start()]):
        return (seconds, 1 << 30), rest
    return (0, seconds), rest


def _recommended(talk: Talk, text: str) -> Reply:
    wish, again = wished(text), bool(_OTHERS.search(text))
    compared = talk.before and ("shorter" in text or "longer" in text) and not _SPAN.search(text)
    if (again or compared) and not (wish.categories or wish.words):
        # Asked for more of what was asked for before.
        earlier = _earlier(talk)
        wish = replace(earlier, shortest=wish.shortest or earlier.shortest, longest=min(wish.longest, earlier.longest))
    if compared and "shorter" in text:
        wish = replace(wish, longest=min(t.duration for t in talk.before) - 1)
    elif compared:
        wish = replace(wish, shortest=max(t.duration for t in talk.before) + 1)
    ids = list(talk.search(wish.words)) if wish.words else []
    titles, hit = _fitting(talk, wish, ids)
    earlier = _earlier(talk)
    unknown = wish.words and not hit and not wish.categories and earlier.categories
    # Nothing is known of that, so what was asked for before still counts.
    if unknown and (near := _fitting(talk, replace(earlier, words=""), ())[0]):
        return Reply(f"I found nothing about “{wish.words}”. Of the same kind there is {_listed(near)}.", near)
    if not titles:
        near = _fitting(talk, replace(wish, shortest=0, longest=1 << 30), ids)[0]
        said = "Nothing on the shelves is like that"
        return Reply(f"{said}. The nearest I have: {_listed(near)}.", near) if near else Reply(
            f"{said}, and you have seen me name all the rest. Ask me for another genre?"
        )  # fmt: skip
    return Reply(_opening(wish, text, again=again, missed=bool(wish.words) and not hit) + _listed(titles) + ".", titles)


def _earlier(talk: Talk) -> Wish:
    """The last wish before this question that asks for anything in particular."""
    return next((w for w in map(wished, map(_plain, reversed(talk.asked[:-1]))) if not w.is_open), Wish())


def _fitting(talk: Talk, wish: Wish, ids: Sequence[UUID]) -> tuple[list[Title], bool]:
    """Titles that fit, and whether any of the words was found in one."""
    place = {one: k for k, one in enumerate(ids)}

    def fits(title: Title) -> bool:
        suits = not wish.categories or title.category in wish.categories
        return suits and wish.shortest <= title.duration <= wish.longest and title.id not in talk.named

    some = [title for title in talk.held.trending() if fits(title)]
    if wish.rated:
        some.sort(key=lambda t: (-(t.rating or 0), -t.ratings))
    hits = [title for title in some if title.id in place]
    hits.sort(key=lambda t: place[t.id])
    if wish.words and hits:
        return hits[:NAMED], True
    return some[:NAMED], False


def _opening(wish: Wish, text: str, *, again: bool, missed: bool) -> str:
    if missed and not wish.categories:
        return f"I found nothing about “{wish.words}”, but most people are watching "
    if again:
        return "Then have a look at "
    within = f" of {_span(wish.longest)} at most" if wish.longest < 1 << 30 else ""
    within = f" of {_span(wish.shortest)} or more" if wish.shortest else within
    if wish.categories:
        return f"For {' or '.join(wish.categories[:2])}{within}, try "
    if wish.words:
        return f"About “{wish.words}”{within} there is "
    if within:
        return f"Something{within}: "
    if wish.rated:
        return "The best rated are "
    return "Right now most people are watching " if _POPULAR.search(text) else "I would start with "


def _lengths(titles: Sequence[Title]) -> Reply:
    return Reply(" ".join(f"{t.title} is {_span(t.duration)} long." for t in titles), titles)


def _verdicts(titles: Sequence[Title]) -> Reply:
    said = [
        f"{t.title} has {t.rating:.1f} of 5 stars from {t.ratings:,} ratings." if t.rating is not None
        else f"Nobody has rated {t.title} yet." for t in titles
    ]  # fmt: skip
    return Reply(" ".join(said), titles)


def _chosen(titles: Sequence[Title], text: str) -> Reply:
    """One of the titles that were named, by what can be known of them: length, age, or how they are rated."""
    if re.search(r"\b(shortest|shorter|quickest)\b", text):
        one = min(titles, key=lambda t: t.duration)
        return Reply(f"{one.title} is the shortest of them, with {_span(one.duration)}.", [one])
    if re.search(r"\b(longest|longer)\b", text):
        one = max(titles, key=lambda t: t.duration)
        return Reply(f"{one.title} is the longest of them, with {_span(one.duration)}.", [one])
    dated = [title for title in titles if title.published_at is not None]
    if dated and re.search(r"\b(newest|newer|latest)\b", text):
        one = max(dated, key=lambda t: t.published_at)
        return Reply(f"{one.title} is the newest of them.", [one])
    one = max(titles, key=lambda t: (t.rating or 0.0, t.ratings))
    if one.rating is None:
        return Reply(f"Nobody has rated them yet. I would begin with {one.title}.", [one])
    return Reply(f"Of these, viewers rate {one.title} best: {one.rating:.1f} of 5 stars.", [one])


def _alike(title: Title, talk: Talk) -> Reply:
    titles = [t for t in talk.held.like(title) if t.id not in talk.named][:NAMED]
    if not titles:
        return _described(title, talk)
    return Reply(f"After {title.title}, try {_listed(titles)}.", titles)


def _described(title: Title, talk: Talk) -> Reply:
    parts = [f"{title.title} ({title.category}, {_span(title.duration)})"]
    parts += [part for part in (title.description, title.summary) if part]
    alike = next((t for t in talk.held.like(title) if t.id not in talk.named), None)
    said = f"{parts[0]}: {' '.join(parts[1:])}" if parts[1:] else f"{parts[0]}."
    return Reply(
        f"{said} If you like it, {alike.title} is close." if alike else said, [title, *([alike] if alike else [])]
    )


def _pointed(text: str, talk: Talk) -> Sequence[Title]:
    """What of the answers before is meant: `the second one`, `it`, `they`."""
    for word, at in _ORDINALS.items():
        if talk.listed and re.search(rf"\b{word}\b", text):
            return talk.listed[at:][:1]
    found = _POINTS.search(text)
    if found is None:
        return ()
    return talk.before if found[1] in ("they", "them", "these", "those") else talk.before[:1]


def _named_loosely(text: str, titles: Sequence[Title]) -> list[Title]:
    """A title that is named without its article or its signs: `hogfather`, `hulk hog`."""
    for title in sorted(titles, key=lambda t: -len(t.title)):
        name = re.sub(r"^(the|a|an) ", "", _plain(title.title.split(":")[0]))
        if len(name) > 6 and re.search(rf"\b{re.escape(name)}\b", text):
            return [title]
    return []


def _listed(titles: Sequence[Title]) -> str:
    said = [f"{t.title} ({_span(t.duration)})" for t in titles]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _span(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} seconds"
    minutes, rest = divmod(seconds, 60)
    said = f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{said} {rest} seconds" if rest else said


def _plain(text: str) -> str:
    """A text in small letters, without signs that words do not have."""
    folded = text.casefold().replace("’", "'").replace("science fiction", "sci-fi").replace("stand up", "stand-up")
    return " ".join(re.sub(r"[^\w'&\- ]", " ", folded).split())


def _is_apart(text: str, start: int, end: int) -> bool:
    return not (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum())
