"""A SQL script cut into its statements, so that each can be run, recorded and resumed by itself.

Knows what may hold a semicolon without ending a statement: strings, quoted names, dollar-quoted bodies, comments
(nested ones too), parentheses (`CREATE RULE … DO (a; b)`) and `BEGIN ATOMIC … END` bodies. Not for scripts with psql's
backslash commands or with data after `COPY … FROM stdin`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from populace.errors import BadInput

_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\* )
    | (?P<escaped> [eE]'(?:[^'\\]|\\.|'')*(?:'|(?P<open_escaped>\Z)) )
    | (?P<string>  '[^']*(?:'|(?P<open_string>\Z)) )
    | (?P<quoted>  "[^"]*(?:"|(?P<open_quoted>\Z)) )
    | (?P<dollar>  \$(?:[^\W\d]\w*)?\$ )
    | (?P<word>    [^\W\d][\w$]* )
    | (?P<number>  \d[\w.]* )
    | (?P<space>   \s+ )
    | (?P<mark>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = tuple(
    (re.compile(pattern.replace("NAME", r'("?[\w."]+)').replace(" ", r"\s+"), re.IGNORECASE), words)
    for pattern, words in (
        (r"CREATE (?:UNIQUE )?INDEX .*?\bON (?:ONLY )?NAME", "index of {0}"),
        (r"ALTER TABLE (?:ONLY )?NAME ADD .*\bPRIMARY KEY", "primary key of {0}"),
        (r"ALTER TABLE (?:ONLY )?NAME ADD .*\bFOREIGN KEY .*\bREFERENCES NAME", "references from {0} to {1}"),
        (r"ALTER TABLE (?:ONLY )?NAME ADD .*\bUNIQUE", "unique key of {0}"),
        (r"ALTER TABLE (?:ONLY )?NAME ADD .*\bCHECK", "check of {0}"),
        (r"ALTER TABLE (?:ONLY )?NAME .*ROW LEVEL SECURITY", "row security of {0}"),
        (r"ALTER TABLE (?:ONLY )?NAME", "columns of {0}"),
        (r"CREATE POLICY .*?\bON NAME", "who may read and write {0}"),
        (r"CREATE (?:CONSTRAINT )?TRIGGER .*?\bON NAME", "trigger of {0}"),
        (r"CREATE (?:OR REPLACE )?(FUNCTION|PROCEDURE) NAME", "function {1}"),
        (r"CREATE (?:OR REPLACE )?(?:MATERIALIZED )?VIEW NAME", "view {0}"),
        (r"(?:GRANT|REVOKE) ", "rights"),
        (r"(?:CREATE|ALTER) PUBLICATION ", "publication"),
        (r"COMMENT ", "comments"),
        (r"DO ", "what depends on the database"),
    )
)
"""What statements are called, by their beginning; names stand without schema and quotes."""
_NESTED = re.compile(r"/\*|\*/")


def split(sql: str) -> list[str]:
    """The statements of a script in order, without the semicolons that end them; comments stay with the statement
    they precede, and what is only comment is left out.

    Raises BadInput, with the line, when the script ends inside a string, a quoted name, a body or a comment.
    """
    return list(_split(sql))


@lru_cache(maxsize=128)
def _split(sql: str) -> tuple[str, ...]:
    statements: list[str] = []
    start, parentheses, words = 0, 0, _Words()
    for kind, begin, end in _tokens(sql):
        if kind == "mark" and (character := sql[begin]) in "();":
            if character == "(":
                parentheses += 1
            elif character == ")":
                parentheses = max(0, parentheses - 1)
            elif parentheses == 0 and words.depth == 0:
                if words.seen:
                    statements.append(sql[start:begin].strip())
                start, words = end, _Words()
                continue
        if kind == "word":
            words.take(sql[begin:end].upper())
        elif kind not in {"comment", "space"}:
            words.seen = True
    if words.seen:
        statements.append(sql[start:].strip())
    return tuple(statements)


def in_words(statement: str) -> str:
    """What a statement makes, for a reader: `primary key of recipients`, `index of events`."""
    text = " ".join(without_comments(statement).split())
    for pattern, words in _WORDS:
        if found := pattern.match(text):
            names = (name and name.replace('"', "").rpartition(".")[2] for name in found.groups())
            return words.format(*names)
    return " ".join(text.split()[:2]).lower()


@lru_cache(maxsize=2048)
def without_comments(sql: str) -> str:
    """The same SQL, without what stands in it for readers: a database's encoding may have no room for that."""
    return "".join(" " if kind == "comment" else sql[begin:end] for kind, begin, end in _tokens(sql))


class _Words:
    """What the words of one statement have shown: whether there were any, and how deep in `BEGIN ATOMIC` we are."""

    def __init__(self) -> None:
        self.seen = False
        self.depth = 0
        self._previous = ""
        self._routine: bool | None = None

    def take(self, word: str) -> None:
        if not self.seen:
            self._routine = None if word == "CREATE" else False
        elif self._routine is None and word not in {"OR", "REPLACE"}:
            self._routine = word in {"FUNCTION", "PROCEDURE"}
        self.seen = True
        if self._routine:
            if (word == "ATOMIC" and self._previous == "BEGIN") or (word == "CASE" and self.depth):
                self.depth += 1
            elif word == "END" and self.depth:
                self.depth -= 1
        self._previous = word


def _tokens(sql: str) -> Iterator[tuple[str, int, int]]:
    """The kind, begin and end of every token."""
    place = 0
    while place < len(sql):
        found = _TOKEN.match(sql, place)
        assert found is not None, "the pattern takes any character"
        kind = next(name for name in ("comment", "escaped", "string", "quoted", "dollar", "word", "number", "space",
                                      "mark") if found[name] is not None)  # fmt: skip
        end = found.end()
        if kind == "comment" and found[0] == "/*":
            end = _end_of_comment(sql, place)
        elif kind == "dollar":
            end = sql.find(found[0], end)
            if end < 0:
                raise _unfinished(sql, place, f"the body that {found[0]} opens")
            end += len(found[0])
        elif any(found[name] is not None for name in ("open_escaped", "open_string", "open_quoted")):
            raise _unfinished(sql, place, "a quoted name" if kind == "quoted" else "a string")
        yield kind, place, end
        place = end


def _end_of_comment(sql: str, begin: int) -> int:
    depth = 0
    for mark in _NESTED.finditer(sql, begin):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    raise _unfinished(sql, begin, "a comment")


def _unfinished(sql: str, begin: int, what: str) -> BadInput:
    return BadInput(f"the SQL ends inside {what}", where=f"line {sql.count(chr(10), 0, begin) + 1}")
