"""Texts that a regular expression asks for: as many as are wanted, in the order of a number, all of them different
where the pattern allows it."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_PREFERRED = string.ascii_lowercase + string.digits + string.ascii_uppercase + "-_. "
_MOST_REPEATS = 8


@lru_cache(maxsize=256)
def texts(pattern: str, many: int, lengths: tuple[int, ...] = ()) -> list[str]:
    """So many texts that a pattern finds itself in, or fewer where it allows fewer; none where it is not understood.
    lengths: that are wanted too, where the pattern allows them."""
    try:
        parsed = parser.parse(pattern)
    except (re.error, OverflowError):
        return []
    found: dict[str, None] = {}
    for number in range(many * 3):
        try:
            text, _ = _made(list(parsed), number, number % _MOST_REPEATS)
        except NotImplementedError:
            return []
        if re.search(pattern, text):
            found[text] = None
        if len(found) == many:
            break
    for length in lengths:
        # Repeats of any number make a text as long as is wanted, or none does.
        fits = (more for more in range(length, -1, -1) if len(_made(list(parsed), 0, more, length)[0]) == length)
        if (more := next(fits, None)) is not None:
            some = (_made(list(parsed), number, more, length)[0] for number in range(many))
            found.update(dict.fromkeys(text for text in some if re.search(pattern, text)))
    return list(found)


def _made(parts: Sequence[tuple[Any, Any]], number: int, more: int, most: int = _MOST_REPEATS) -> tuple[str, int]:
    """A text for parts of a pattern. number: which one, used up digit by digit; more: repeats beyond the least, most in
    all."""
    out = []
    for operation, given in parts:
        text, number = _part(operation, given, number, more, most)
        out.append(text)
    return "".join(out), number


def _part(operation: Any, given: Any, number: int, more: int, most: int) -> tuple[str, int]:
    if operation is codes.LITERAL:
        return chr(given), number
    if operation in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):
        return "", number
    if operation is codes.ANY:
        return _one(_PREFERRED[:36], number)
    if operation is codes.NOT_LITERAL:
        return _one([c for c in _PREFERRED if c != chr(given)], number)
    if operation is codes.IN:
        return _one(_members(tuple(given)), number)
    if operation is codes.BRANCH:
        branches = given[1]
        text, rest = _made(list(branches[number % len(branches)]), number // len(branches), more, most)
        return text, rest
    if operation is codes.SUBPATTERN:
        return _made(list(given[-1]), number, more, most)
    if operation in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        least, bound, inner = given
        many = min(int(bound), max(int(least), min(int(least) + more, most)))
        out = []
        for _ in range(many):
            text, number = _made(list(inner), number, more, most)
            out.append(text)
        return "".join(out), number
    raise NotImplementedError(str(operation))


def _one(among: Sequence[str], number: int) -> tuple[str, int]:
    if not among:
        raise NotImplementedError
    return among[number % len(among)], number // len(among)


@lru_cache(maxsize=1024)
def _members(given: tuple[tuple[Any, Any], ...]) -> list[str]:
    negated = bool(given) and given[0][0] is codes.NEGATE
    found = {c for c in _PREFERRED if any(_is_in(c, member) for member in given)}
    if negated:
        return [c for c in _PREFERRED if c not in found]
    others = [chr(value) for kind, value in given if kind is codes.LITERAL and chr(value) not in _PREFERRED]
    return [c for c in _PREFERRED if c in found] or others


def _is_in(character: str, member: tuple[Any, Any]) -> bool:
    kind, value = member
    if kind is codes.LITERAL:
        return ord(character) == int(value)
    if kind is codes.RANGE:
        return int(value[0]) <= ord(character) <= int(value[1])
    if kind is codes.CATEGORY:
        return {
            codes.CATEGORY_DIGIT: character.isdigit(),
            codes.CATEGORY_WORD: character.isalnum() or character == "_",
            codes.CATEGORY_SPACE: character.isspace(),
            codes.CATEGORY_NOT_DIGIT: not character.isdigit(),
            codes.CATEGORY_NOT_SPACE: not character.isspace(),
            codes.CATEGORY_NOT_WORD: not (character.isalnum() or character == "_"),
        }.get(value, False)
    return False
