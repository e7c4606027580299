"""Words that were replaced by the field's terms stay away: in code, messages, documents and tests.

A rule names a word, what to write instead, and a sentence that breaks it. Where an English idiom needs the word, its
phrase is listed as allowed. Texts that a world writes into rows are data, not prose: catalogues are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from docs import pages

SUFFIXES = {".py", ".sql", ".md", ".j2", ".html", ".toml"}
PLACES = ("src", "tests", "docs", "bench", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md",
          "pyproject.toml", "Makefile")  # fmt: skip
DATA: set[str] = set()
"""Python files whose texts a world writes into rows."""


@dataclass(frozen=True)
class Retired:
    """A word that is not used any more. allowed: phrases in which it is right. cased: upper and lower case differ."""

    word: str
    instead: str
    example: str
    allowed: tuple[str, ...] = ()
    cased: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """As a whole word: not a part of a longer one."""
        return re.compile(rf"(?<![A-Za-z0-9])(?:{self.word})(?![A-Za-z0-9])", 0 if self.cased else re.IGNORECASE)

    def found(self, text: str) -> Iterator[tuple[int, str]]:
        """Line numbers and lines in which the word stands."""
        if not self.pattern.search(text):
            return
        for number, line in enumerate(text.splitlines(), 1):
            rest = line
            for phrase in self.allowed:
                rest = re.sub(re.escape(phrase), "", rest, flags=re.IGNORECASE)
            if self.pattern.search(rest):
                yield number, line.strip()


RULES = (
    Retired("she|her|hers|herself", "they, the person", "the chance that she comes"),
    Retired("he|him|his|himself", "they, the user", "a user runs it under his own name"),
    Retired(
        "tell|tells|telling|told|untold",
        "say, show, give; emit rows; distinguish",
        "a flow tells its rows",
        ("log.tell()", "tell me"),
    ),
    Retired("dawn|dawns", "daily update", "at dawn states change"),
    Retired("memo|memos", "snapshot, snapshot store", "the memos of a flow"),
    Retired("chronicle|chronicles", "daily counts", "the chronicle of a table"),
    Retired("Things", "items", "Things of a schedule", cased=True),
    Retired("coming|comings", "visit, visits", "the comings of a day"),
    Retired("census|censuses", "daily statistics", "the census of a pool"),
    Retired(
        "accounts? of (?:all |the )?draws?|by accounts|accounts? of every decision|accountable",
        "draw statistics",
        "by the accounts of all draws",
    ),
    Retired("Life", "Runner", "a Life goes through windows", cased=True),
    Retired("lives? on|living on|lived on", "continues, runs", "the population lives on"),
    Retired("outward|outwards", "integrations", "outward services"),
    Retired("Outside", "integrations", "Outside(posthog)", cased=True),
    Retired("sameness", "plan match", "sameness of plans"),
    Retired("recalled", "unrecorded", "draw.recalled"),
    Retired("nowhen|not_at_all", "EMPTY, NEVER", "until NOWHEN"),
    Retired("portion|portions", "stratified chance", "draw.portion"),
    Retired("in vain|tried_in_vain", "failed attempts", "it was tried in vain"),
    Retired(
        "set aside|sets aside|setting aside|set_aside", "rejected", "the row is set aside", ("rejected TO set_aside",)
    ),
    Retired("at[_ ]the[_ ]door", "connection error", "an error at the door"),
    Retired("(?:are|is|was|were|has) gone", "removed", "people who are gone"),
    Retired("anew|afresh", "again", "computed anew"),
    Retired("manieth", "number", "the how manieth day"),
    Retired("drifts? off|drifting off", "become inactive", "people drift off"),
)


def files() -> Iterator[Path]:
    for place in PLACES:
        path = pages.ROOT / place
        yield from sorted(path.rglob("*")) if path.is_dir() else [path]


@cache
def texts() -> dict[str, str]:
    """Every text that is ours, by its path in the project; not this file, which names the words."""
    return {
        pages.name(file): file.read_text(encoding="utf-8")
        for file in files()
        if (file.suffix in SUFFIXES or file.name == "Makefile") and file != Path(__file__)
    }


def test_there_are_texts_of_every_kind() -> None:
    assert {"README.md", "Makefile", "src/populace/errors.py", "tests/tiny.py", "docs/glossary.md"} <= set(texts())
    assert set(texts()) >= DATA


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.instead)
def test_a_retired_word_is_found(rule: Retired) -> None:
    assert [number for number, _ in rule.found(f"First.\n{rule.example}\n")] == [2]
    for phrase in rule.allowed:
        assert list(rule.found(f"It is {phrase}.")) == []


def test_a_part_of_a_word_is_not_a_word() -> None:
    harmless = "sheet, there, teller, memoir, chess, become, outlives it, proportion, lifecycle"
    assert [line for rule in RULES for _, line in rule.found(harmless)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.instead)
def test_retired_words_are_not_used(rule: Retired) -> None:
    found = [
        f"{name}:{number}: {line}"
        for name, text in texts().items()
        if name not in DATA
        for number, line in rule.found(text)
    ]
    assert found == [], f"write instead: {rule.instead}"
