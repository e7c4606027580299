"""Conditions as the server prints them, read and evaluated: what a CHECK asks of a row, and the predicate of an index.

Only what is known here is evaluated. Of anything else `parse` raises `Unknown`, and the constraint is declined by name
with that reason. Values are Python's: None is NULL, and logic has three values, as in SQL.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from populace.declared import spans
from populace.declared.operators import (
    ADDED,
    COMPARED,
    FUNCTIONS,
    INSIDE,
    MULTIPLIED,
    Unknown,
    Value,
    both,
    either,
    number,
    quantified,
    strict,
)

Row = Mapping[str, Value]
Node = Callable[[Row], Value]
"""A condition as a function of a row."""


@dataclass(frozen=True, slots=True)
class Condition:
    """text: as the server prints it. columns: that it reads. constants: literals in it, in order, each once."""

    text: str
    columns: tuple[str, ...]
    constants: tuple[Value, ...]
    holds: Node


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<text>[eE]?'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<word>[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*)
    |(?P<symbol>::|<>|!=|<=|>=|!~~\*|!~~|~~\*|~~|!~\*|!~|~\*|\|\||@>|<@|&&|->>|->|\?\||\?&|[-+*/%^<>=~()\[\],.?|&@#]))""",
    re.VERBOSE,
)
_SYMBOLS = {"~~": "like", "!~~": "not like"}


def parse(text: str, columns: Sequence[str], fields: Sequence[str] = ()) -> Condition:
    """The condition, over a table's columns. fields: of values of several parts. Raises Unknown."""
    parser = _Parser(_tokens(text), frozenset(columns), fields)
    node = parser.expression()
    parser.end()
    return Condition(text, tuple(parser.read), tuple(dict.fromkeys(parser.constants)), _careful(node, text))


def _careful(node: Node, text: str) -> Node:
    """What cannot be evaluated over some values is not understood, and no error of Python's."""

    def run(row: Row) -> Value:
        try:
            return node(row)
        except (TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
            raise Unknown(f"{text}: {error}") from error

    return run


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise Unknown(f"the characters {text[place : place + 12]!r}")
        kind = match.lastgroup or ""
        found.append((kind, match[kind]))
        place = match.end()
    return found


class _Parser:
    def __init__(self, tokens: Sequence[tuple[str, str]], columns: frozenset[str], fields: Sequence[str] = ()) -> None:
        self._tokens, self._at, self._columns, self._fields = tokens, 0, columns, tuple(fields)
        self.read: dict[str, None] = {}
        self.constants: list[Value] = []
        self._side = "btrim"

    # Reading tokens.

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else ("end", "")

    def _is(self, *words: str) -> bool:
        """Whether these come next: symbols, and words in whatever case."""
        return all(
            self._peek(n)[0] in ("word", "symbol") and self._peek(n)[1].upper() == word for n, word in enumerate(words)
        )

    def _took(self, *words: str) -> bool:
        if self._is(*words):
            self._at += len(words)
            return True
        return False

    def _must(self, word: str) -> None:
        if not self._took(word):
            raise Unknown(f"{self._peek()[1]!r} where {word!r} was expected")

    def end(self) -> None:
        """Nothing may follow."""
        if self._at < len(self._tokens):
            raise Unknown(f"{self._peek()[1]!r}")

    # The grammar, from what binds least.

    def expression(self) -> Node:
        node = self._conjunction()
        while self._took("OR"):
            node = self._both(either, node, self._conjunction())
        return node

    def _conjunction(self) -> Node:
        node = self._negation()
        while self._took("AND"):
            node = self._both(both, node, self._negation())
        return node

    def _both(self, join: Callable[[Value, Value], Value], left: Node, right: Node) -> Node:
        return lambda row: join(left(row), right(row))

    def _negation(self) -> Node:
        if self._took("NOT"):
            inner = self._negation()
            return lambda row: None if (said := inner(row)) is None else not said
        return self._test()

    def _test(self) -> Node:
        node = self._comparison()
        while self._took("IS"):
            negated = self._took("NOT")
            if self._took("DISTINCT", "FROM"):
                other = self._comparison()
                node = _tested(lambda a, b: a != b, node, other, negated)
                continue
            word = self._peek()[1].upper()
            if word not in ("NULL", "TRUE", "FALSE", "UNKNOWN"):
                raise Unknown(f"IS {word}")
            self._at += 1
            wanted = {"NULL": None, "TRUE": True, "FALSE": False, "UNKNOWN": None}[word]
            node = _tested(lambda a, b: a is b, node, lambda row, w=wanted: w, negated)  # type: ignore[misc]
        return node

    def _comparison(self) -> Node:
        node = self._inside()
        while self._peek()[0] == "symbol" and self._peek()[1] in COMPARED:
            operator = COMPARED[self._peek()[1]]
            self._at += 1
            for word, all_or_any in (("ANY", any), ("ALL", all)):
                if self._took(word):
                    self._must("(")
                    among = self._inside()
                    self._must(")")
                    node = quantified(operator, node, among, all_or_any)
                    break
            else:
                node = self._strictly(operator, node, self._inside())
        node = self._worded(node)
        if self._peek()[0] == "symbol" and self._peek()[1] not in (")", ",", "]"):
            raise Unknown(f"the operator {self._peek()[1]}")
        return node

    def _worded(self, node: Node) -> Node:
        """`IN`, `BETWEEN` and `LIKE`, as people write them: the server prints them otherwise."""
        negated = self._is("NOT") and self._peek(1)[1].upper() in ("IN", "BETWEEN", "LIKE", "ILIKE")
        if negated:
            self._at += 1
        if self._took("IN"):
            self._must("(")
            items = self._listed(")")
            found = quantified(COMPARED["="], node, lambda row: [item(row) for item in items], any)
        elif self._took("BETWEEN"):
            low = self._inside()
            self._must("AND")
            high = self._inside()
            found = self._both(
                both, self._strictly(COMPARED[">="], node, low), self._strictly(COMPARED["<="], node, high)
            )
        elif self._is("LIKE") or self._is("ILIKE"):
            like = COMPARED["~~" if self._took("LIKE") or not self._took("ILIKE") else "~~*"]
            found = self._strictly(like, node, self._inside())
        else:
            return node
        return found if not negated else lambda row: None if (said := found(row)) is None else not said

    def _strictly(self, function: Callable[..., Value], *nodes: Node) -> Node:
        applied = strict(function)
        return lambda row: applied(*(node(row) for node in nodes))

    def _inside(self) -> Node:
        node = self._sum()
        while self._peek()[0] == "symbol" and self._peek()[1] in INSIDE:
            operator = INSIDE[self._peek()[1]]
            self._at += 1
            node = self._strictly(operator, node, self._sum())
        return node

    def _sum(self) -> Node:
        node = self._product()
        while self._peek()[0] == "symbol" and self._peek()[1] in ADDED:
            operator = ADDED[self._peek()[1]]
            self._at += 1
            node = self._strictly(operator, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._cast()
        while self._peek()[0] == "symbol" and self._peek()[1] in MULTIPLIED:
            operator = MULTIPLIED[self._peek()[1]]
            self._at += 1
            node = self._strictly(operator, node, self._cast())
        return node

    def _cast(self) -> Node:
        negative = self._took("-")
        node = self._atom()
        if negative:
            inner = node
            node = self._strictly(lambda v: -v, inner)
            self.constants = [*self.constants[:-1], *(-c for c in self.constants[-1:] if isinstance(c, (int, float)))]
        while self._took("::"):
            node = self._as(node, self._type())
        return node

    def _as(self, node: Node, name: str) -> Node:
        """A value of another type: a number where a text is to be one."""
        if name in ("integer", "bigint", "smallint", "numeric", "double precision", "real"):
            if self.constants and isinstance(self.constants[-1], str):
                with contextlib.suppress(Unknown):
                    self.constants[-1] = number(self.constants[-1])
            return lambda row: number(v) if isinstance(v := node(row), str) else v
        if name == "interval":
            return lambda row: spans.as_span(node(row))
        if name == "date":
            return lambda row: v[:10] if spans.is_moment(v := node(row)) else v
        return node

    def _type(self) -> str:
        kind, word = self._peek()
        if kind not in ("word", "quoted"):
            raise Unknown(f"{word!r} as a type")
        words = []
        while self._peek()[0] in ("word", "quoted") and self._peek()[1].upper() not in _ENDS_TYPE:
            words.append(self._peek()[1].strip('"'))
            self._at += 1
            if self._took("."):
                words = []
        if self._took("("):
            while not self._took(")"):
                self._at += 1
                if self._peek()[0] == "end":
                    raise Unknown("a type without an end")
        while self._took("["):
            self._must("]")
        return " ".join(words)

    def _atom(self) -> Node:
        kind, word = self._peek()
        self._at += 1
        if kind == "number":
            return self._constant(float(word) if "." in word or "e" in word.lower() else int(word))
        if kind == "text":
            return self._constant(_unquoted(word))
        if kind == "quoted":
            bare = word[1:-1].replace('""', '"')
            return self._call(bare) if self._is("(") and bare in FUNCTIONS else self._name(bare)
        if word == "(":
            node = self.expression()
            self._must(")")
            return self._field(node) if self._took(".") else node
        if kind != "word":
            raise Unknown(f"{word!r}" if word else "an end too early")
        upper = word.upper()
        if upper in ("TRUE", "FALSE"):
            return lambda row: upper == "TRUE"
        if upper == "NULL":
            return lambda row: None
        if upper == "ARRAY" and self._took("["):
            items = self._listed("]")
            return lambda row: [item(row) for item in items]
        if upper == "CASE":
            return self._case()
        if self._is("("):
            return self._call(word.lower())
        if self._took("."):
            return self._qualified()
        return self._name(word)

    def _field(self, node: Node) -> Node:
        """A part of a value of several, by its name."""
        name = self._peek()[1].strip('"')
        self._at += 1
        if name not in self._fields:
            raise Unknown(f"the field {name}")
        place = self._fields.index(name)
        return lambda row: None if (value := node(row)) is None else spans.field_of(str(value), place)

    def _qualified(self) -> Node:
        """`schema.function(…)`, or a column after its table."""
        kind, word = self._peek()
        self._at += 1
        if self._is("("):
            return self._call(word.lower())
        return self._name(word.strip('"') if kind == "quoted" else word)

    def _call(self, name: str) -> Node:
        self._must("(")
        if name == "satisfies_hash_partition":
            # Which part takes a row is the server's affair; all of a hash together take any.
            self._listed(")")
            return lambda row: True
        if name == "extract":
            field = self._peek()[1].lower()
            self._at += 1
            self._must("FROM")
            value = self._listed(")")
            return lambda row: FUNCTIONS["date_part"](field, *(node(row) for node in value))
        given = self._trimmed() if name == "trim" else self._listed(")")
        if name == "trim":
            name = self._side
        if name not in FUNCTIONS:
            raise Unknown(f"the function {name}()")
        function = FUNCTIONS[name]
        return lambda row: function(*(node(row) for node in given))

    def _trimmed(self) -> list[Node]:
        """What stands in `TRIM(BOTH 'x' FROM y)`: y, and what is taken off it."""
        sides = {"BOTH": "btrim", "LEADING": "ltrim", "TRAILING": "rtrim"}
        self._side = next((function for word, function in sides.items() if self._took(word)), "btrim")
        if self._took("FROM"):
            return self._listed(")")
        first = self.expression()
        if self._took("FROM"):
            return [*self._listed(")"), first]
        return [first, *(self._listed(")") if self._took(",") else self._closed())]

    def _closed(self) -> list[Node]:
        self._must(")")
        return []

    def _case(self) -> Node:
        subject = None if self._is("WHEN") else self.expression()
        branches: list[tuple[Node, Node]] = []
        while self._took("WHEN"):
            condition = self.expression()
            if subject is not None:
                condition = self._strictly(COMPARED["="], subject, condition)
            self._must("THEN")
            branches.append((condition, self.expression()))
        otherwise: Node = self.expression() if self._took("ELSE") else lambda row: None
        self._must("END")

        def run(row: Row) -> Value:
            return next((value(row) for condition, value in branches if condition(row) is True), None) if any(
                condition(row) is True for condition, _ in branches) else otherwise(row)  # fmt: skip

        return run

    def _listed(self, end: str) -> list[Node]:
        found: list[Node] = []
        while not self._took(end):
            found.append(self.expression())
            if not self._is(end):
                self._must(",")
        return found

    def _constant(self, value: Value) -> Node:
        self.constants.append(value)
        return lambda row: value

    def _name(self, name: str) -> Node:
        if name not in self._columns:
            raise Unknown(f"{name}")
        self.read[name] = None
        return lambda row: row[name]


_ENDS_TYPE = frozenset(("AND", "OR", "NOT", "IS", "THEN", "ELSE", "WHEN", "END", "LIKE"))


def _tested(test: Callable[[Value, Value], bool], left: Node, right: Node, negated: bool) -> Node:
    return lambda row: test(left(row), right(row)) is not negated


def _unquoted(text: str) -> str:
    escaped = text[0] in "eE"
    inner = text[text.index("'") + 1 : -1].replace("''", "'")
    return inner.replace("\\\\", "\\") if escaped else inner
