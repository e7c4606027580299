"""The catalogue as pages show it: titles with what viewers make of them, and the shelves that they stand on."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg.rows import class_row, dict_row

from populace import clock
from populace.database.connection import Connection
from populace.database.named import named
from populace.sites.hogflix.spelling import Spelling
from populace.sites.hogflix.wishes import MEANT, SILENT, plain, words_of

SQL = named("populace.sites.hogflix", "site.sql")
FRESH_S = 10.0
"""Figures of titles may be so old."""
LONGER = 6
"""Letters of a title's word for which a slip may stand."""
ROW = 12
"""Titles of a row."""


@dataclass(frozen=True, slots=True)
class Title:
    """A title. key: in addresses. duration: seconds. rating: the average; None without ratings. viewers: profiles that
    have watched it, lately in the last seven days. hue: of its category, in degrees."""

    id: UUID
    key: str
    title: str
    description: str | None
    summary: str | None
    duration: int
    published_at: Any
    category: str
    rating: float | None
    ratings: int
    lately: int
    viewers: int
    hue: int = 0

    @property
    def poster(self) -> str:
        """The address of its picture, which follows from its key and the colour of its category."""
        return f"/poster/{zlib.crc32(self.key.encode()):08x}/{self.hue}.svg"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All titles as of a moment, and the categories that have some. year: that it is for the population. spelling: of
    words that a question may mean."""

    titles: Sequence[Title]
    categories: Sequence[str]
    year: int
    spelling: Spelling
    by_id: dict[UUID, Title] = field(init=False)
    by_key: dict[str, Title] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {title.id: title for title in self.titles})
        object.__setattr__(self, "by_key", {title.key: title for title in self.titles})

    def of(self, ids: Sequence[UUID]) -> list[Title]:
        """Titles in this order; what is not public is left out."""
        return [self.by_id[one] for one in ids if one in self.by_id]

    def trending(self) -> list[Title]:
        """What most have watched lately."""
        return sorted(self.titles, key=lambda t: (-t.lately, -t.viewers, t.title))

    def on(self, category: str) -> list[Title]:
        """The titles of a category, the most watched first."""
        return sorted((t for t in self.titles if t.category == category), key=lambda t: (-t.viewers, t.title))

    def like(self, title: Title) -> list[Title]:
        """Others of its category."""
        return [other for other in self.on(title.category) if other.id != title.id]


@dataclass(slots=True)
class Kept:
    """The catalogue, read again when it is no longer fresh."""

    monotonic: Callable[[], float] = clock.monotonic
    _held: tuple[float, Catalogue] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, connection: Connection) -> Catalogue:
        """It, at most some seconds old."""
        with self._lock:
            now = self.monotonic()
            if self._held is None or now - self._held[0] > FRESH_S:
                titles = connection.cursor(row_factory=class_row(Title)).execute(SQL["titles"]).fetchall()
                categories = [row[0] for row in connection.execute(SQL["categories"])]
                year = connection.execute(SQL["year"]).fetchone()
                assert year is not None
                self._held = now, Catalogue(titles, categories, year[0], spelling(titles))
            return self._held[1]


def spelling(titles: Sequence[Title]) -> Spelling:
    """Of the words of questions, of what they may mean, and of these titles."""
    names = {word for title in titles for word in words_of(plain(title.title)) if len(word) >= LONGER}
    texts = {word for t in titles for word in words_of(plain(f"{t.title} {t.description or ''} {t.summary or ''}"))}
    said = {word for kind in ("genre", "mood", "feeling", "asked") for word in MEANT[kind]}
    return Spelling(frozenset(names | said | SILENT), frozenset(texts | MEANT["foreign"].keys()))


def found(connection: Connection, words: str, *, part: str = "") -> list[UUID]:
    """Titles that have any of the words, best first. part: of a title, which also counts."""
    return [row[0] for row in connection.execute(SQL["found"], {"words": words, "part": part})]


def rows(connection: Connection, name: str, /, **values: object) -> list[dict[str, Any]]:
    """The rows of a query of the site."""
    return connection.cursor(row_factory=dict_row).execute(SQL[name], values).fetchall()


def row(connection: Connection, name: str, /, **values: object) -> dict[str, Any] | None:
    """The first row of a query of the site."""
    return next(iter(rows(connection, name, **values)), None)


def run(connection: Connection, name: str, /, **values: object) -> None:
    """A statement of the site."""
    connection.execute(SQL[name], values)
