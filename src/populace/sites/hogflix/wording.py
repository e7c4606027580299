"""FlixBuddy's sentences: an answer, and how titles, lengths and wishes are said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from populace.sites.hogflix.catalogue import Title
from populace.sites.hogflix.wishes import FOREVER, LAST_YEAR, Wish

MODEL = "populace-full-text"
CHARACTERS_A_TOKEN = 4
MOST_QUOTED = 40
"""Characters of a question that an answer repeats."""
ORDERED = {
    "rated": "The best rated", "worst": "The lowest rated", "newest": "The newest", "oldest": "The oldest",
    "shortest": "The shortest", "longest": "The longest",
}  # fmt: skip


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


def of_kind(wish: Wish) -> str:
    """What narrows a wish, in words: ` of 5 minutes at most, from 2024, without Horror`."""
    parts = [f" in {in_a_row(wish.categories, 'or')}" if wish.categories else ""]
    if wish.shortest > 0 and wish.longest < FOREVER:
        parts.append(f" of {span(wish.shortest)} to {span(wish.longest)}")
    elif wish.longest < FOREVER:
        parts.append(f" of {span(wish.longest)} at most")
    elif wish.shortest:
        parts.append(f" of {span(wish.shortest)} or more")
    if wish.since and wish.until < LAST_YEAR:
        parts.append(f" from {wish.since}" + (f" to {wish.until}" if wish.until > wish.since else ""))
    elif wish.since:
        parts.append(f" from {wish.since} on")
    elif wish.until < LAST_YEAR:
        parts.append(f" up to {wish.until}")
    parts.append(f" with {wish.stars:g} stars or more" if wish.stars else "")
    parts.append(f" without {in_a_row(wish.without, 'or')}" if wish.without else "")
    return "".join(parts)


def length_of(title: Title) -> str:
    return f"{title.title} is {span(title.duration)} long."


def verdict(title: Title) -> str:
    if title.rating is None:
        return f"Nobody has rated {title.title} yet."
    return f"{title.title} has {title.rating:.1f} of 5 stars from {title.ratings:,} ratings."


def dated(title: Title) -> str:
    if title.published_at is None:
        return f"The catalogue does not say when {title.title} came out."
    return f"{title.title} came out on {title.published_at:%-d %B %Y}."


def shelved(title: Title) -> str:
    return f"{title.title} is {title.category}."


def by_whom(title: Title) -> str:
    return unsaid(title, f"who made {title.title} or plays in it")


def unsaid(title: Title, what: str = "") -> str:
    """What the catalogue does not say of a title, and what it says instead. what: "" for that."""
    says = f" It says: {title.description}" if title.description else ""
    return f"The catalogue does not say {what or f'that of {title.title}'}.{says}"


def listed(titles: Sequence[Title]) -> str:
    return in_a_row([f"{t.title} ({span(t.duration)})" for t in titles])


def in_a_row(words: Sequence[str], last: str = "and") -> str:
    """Words in a row: `A, B and C`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def quoted(words: str) -> str:
    return words if len(words) <= MOST_QUOTED else words[:MOST_QUOTED].rsplit(" ", 1)[0] + " …"


def span(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    said = [
        f"{many} {unit}{'' if many == 1 else 's'}" for many, unit in ((minutes, "minute"), (rest, "second")) if many
    ]
    return " ".join(said) or "0 seconds"
