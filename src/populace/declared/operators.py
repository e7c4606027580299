"""What operators and functions of conditions mean, over Python's values: None is NULL, and logic has three values."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from populace.declared import spans

Value = Any
Node = Callable[[Any], Value]


class Unknown(Exception):
    """Something in a condition that is not evaluated here; the text says what."""


class Misread(Unknown):
    """A value that has not the form of its type: the server would refuse it."""


def both(left: Value, right: Value) -> Value:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def either(left: Value, right: Value) -> Value:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def strict(function: Callable[..., Value]) -> Callable[..., Value]:
    """NULL where an argument is NULL."""
    return lambda *given: None if any(one is None for one in given) else function(*given)


def _divided(left: Value, right: Value) -> Value:
    if not right:
        return None
    return _quotient(left, right) if isinstance(left, int) and isinstance(right, int) else left / right


def _remainder(left: Value, right: Value) -> Value:
    return left - right * _quotient(left, right) if right else None


def _quotient(left: Value, right: Value) -> Value:
    """Whole, and towards zero, as the server divides."""
    return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)


def _matches(flags: int) -> Callable[[str, str], bool]:
    def match(value: str, pattern: str) -> bool:
        try:
            return re.search(_python_pattern(pattern), value, flags) is not None
        except re.error as error:
            raise Unknown(f"the regular expression {pattern!r}") from error

    return match


def _python_pattern(pattern: str) -> str:
    """A pattern of the server's as Python reads it."""
    for theirs, ours in (
        ("[:alnum:]", "a-zA-Z0-9"),
        ("[:alpha:]", "a-zA-Z"),
        ("[:digit:]", "0-9"),
        ("[:space:]", r"\s"),
        ("[:lower:]", "a-z"),
        ("[:upper:]", "A-Z"),
        ("[:xdigit:]", "0-9a-fA-F"),
        (r"\m", r"\b"),
        (r"\M", r"\b"),
        (r"\y", r"\b"),
        (r"\A", "^"),
        (r"\Z", "$"),
    ):
        pattern = pattern.replace(theirs, ours)
    return pattern


def _like(flags: int) -> Callable[[str, str], bool]:
    def match(value: str, pattern: str) -> bool:
        said = "".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
        return re.fullmatch(said, value, flags | re.DOTALL) is not None

    return match


def _not(match: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
    return lambda value, pattern: not match(value, pattern)


def _typed(left: Value, right: Value) -> tuple[Value, Value]:
    """Two values of one type: a literal of SQL is a text until it is compared."""
    if isinstance(left, spans.Span) or isinstance(right, spans.Span):
        return spans.as_span(left), spans.as_span(right)
    if isinstance(left, str) and isinstance(right, str):
        return spans.alike(left, right)
    if isinstance(left, str) and isinstance(right, (int, float)) and not isinstance(right, bool):
        return number(left), right
    if isinstance(right, str) and isinstance(left, (int, float)) and not isinstance(left, bool):
        return left, number(right)
    if isinstance(left, bool) and isinstance(right, str):
        return left, right in ("true", "t")
    return left, right


def number(text: str) -> Value:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            raise Misread(f"{text!r} as a number") from None


def _compared(compare: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    def run(left: Value, right: Value) -> Value:
        left, right = _typed(left, right)
        try:
            return compare(left, right)
        except TypeError as error:
            raise Unknown(f"comparing {left!r} with {right!r}") from error

    return run


def quantified(
    operator: Callable[[Value, Value], Value], node: Node, among: Node, all_or_any: Callable[..., bool]
) -> Node:
    """Whether a comparison holds with any, or with all, of some values."""

    def run(row: Any) -> Value:
        value, items = node(row), among(row)
        if value is None or items is None:
            return None
        if isinstance(items, str):
            items = items.strip("{}").split(",")
        return all_or_any(item is not None and operator(value, item) is True for item in items)

    return run


def _json_type(text: Value) -> str:
    """What a JSON value is."""
    found = _document(text)
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return kinds.get(type(found), "null")


COMPARED: Mapping[str, Callable[[Value, Value], Value]] = {
    "=": _compared(lambda a, b: a == b), "<>": _compared(lambda a, b: a != b), "!=": _compared(lambda a, b: a != b),
    "<": _compared(lambda a, b: a < b), "<=": _compared(lambda a, b: a <= b),
    ">": _compared(lambda a, b: a > b), ">=": _compared(lambda a, b: a >= b),
    "~": _matches(0), "~*": _matches(re.IGNORECASE), "!~": _not(_matches(0)), "!~*": _not(_matches(re.IGNORECASE)),
    "~~": _like(0), "~~*": _like(re.IGNORECASE), "!~~": _not(_like(0)), "!~~*": _not(_like(re.IGNORECASE)),
}  # fmt: skip


def _added(sign: int) -> Callable[[Value, Value], Value]:
    """Sum or difference: of numbers, of moments and days, of intervals."""

    def run(left: Value, right: Value) -> Value:
        if spans.is_moment(left) and spans.is_moment(right) and sign < 0:
            return spans.between(left, right)
        if spans.is_moment(right) and sign > 0:
            left, right = right, left
        if spans.is_moment(left):
            # To a day a plain number adds days.
            days = isinstance(right, int) and not isinstance(right, spans.Span)
            by = right * 86_400_000_000 if days else spans.as_span(right)
            if by is None:
                raise Unknown(f"{right!r} beside a moment")
            return spans.moved(left, sign * by)
        if (isinstance(left, str) and isinstance(right, str)) or isinstance(left, spans.Span):
            one, other = spans.as_span(left), spans.as_span(right)
            if one is None or other is None:
                raise Unknown(f"{left!r} and {right!r} in a sum")
            return spans.Span(one + sign * other)
        left, right = _typed(left, right)
        try:
            return left + sign * right
        except TypeError as error:
            raise Unknown(f"{left!r} and {right!r} in a sum") from error

    return run


ADDED: Mapping[str, Callable[[Value, Value], Value]] = {
    "+": _added(1), "-": _added(-1), "||": lambda a, b: f"{a}{b}",
}  # fmt: skip


def _document(value: Value) -> Value:
    """A JSON value of its text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise Misread(f"{value!r} as JSON") from None


def _member(value: Value, key: Value) -> Value:
    found = _document(value)
    if isinstance(found, dict):
        return found.get(str(key))
    if isinstance(found, list) and isinstance(key, int) and -len(found) <= key < len(found):
        return found[key]
    return None


def _member_text(value: Value, key: Value) -> Value:
    found = _member(value, key)
    return found if found is None or isinstance(found, str) else json.dumps(found)


def _has(value: Value, key: str) -> bool:
    found = _document(value)
    return key in found if isinstance(found, dict | list) else found == key


def _array(value: Value) -> list[Value]:
    """An array of SQL, of its literal where it is one: what is quoted in it holds no comma here."""
    if isinstance(value, list):
        return value
    inner = str(value).strip()
    if not (inner.startswith("{") and inner.endswith("}")):
        raise Unknown(f"{value!r} as an array")
    return next(csv.reader([inner[1:-1]], escapechar="\\")) if inner != "{}" else []


def _holds_all(value: Value, part: Value) -> bool:
    """`@>`: of JSON and of arrays."""
    if not isinstance(value, list) and not str(value).startswith("{"):
        return _within(_document(value), _document(part))
    try:
        return _within(_document(value), _document(part))
    except Unknown:
        return {str(v) for v in _array(part)} <= {str(v) for v in _array(value)}


def _within(value: Value, part: Value) -> bool:
    if isinstance(part, dict):
        return isinstance(value, dict) and all(k in value and _within(value[k], v) for k, v in part.items())
    if isinstance(part, list):
        return isinstance(value, list) and all(any(_within(a, b) for a in value) for b in part)
    return bool(value == part)


INSIDE: Mapping[str, Callable[[Value, Value], Value]] = {
    "->": _member, "->>": _member_text, "?": _has, "@>": _holds_all, "<@": lambda a, b: _holds_all(b, a),
    "?&": lambda v, keys: all(_has(v, k) for k in _array(keys)),
    "?|": lambda v, keys: any(_has(v, k) for k in _array(keys)),
    "&&": lambda a, b: bool({str(v) for v in _array(a)} & {str(v) for v in _array(b)}),
}  # fmt: skip
"""What looks into a value of several parts."""
MULTIPLIED: Mapping[str, Callable[[Value, Value], Value]] = {
    "*": lambda a, b: a * b, "/": _divided, "%": _remainder,
}  # fmt: skip
FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "length": strict(len), "char_length": strict(len), "character_length": strict(len),
    "octet_length": strict(lambda v: len(v.encode()) if isinstance(v, str) else len(v)),
    "bit_length": strict(lambda v: 8 * len(v.encode())),
    "lower": strict(lambda v: spans.bound(v, 0)), "upper": strict(lambda v: spans.bound(v, 1)),
    "isempty": strict(spans.is_empty), "lower_inf": strict(lambda v: spans.bound(v, 0) is None),
    "upper_inf": strict(lambda v: spans.bound(v, 1) is None),
    "date_part": strict(lambda field, v: spans.extracted(str(field).lower(), v)), "age": strict(spans.between),
    "abs": strict(abs), "mod": strict(MULTIPLIED["%"]),
    "btrim": strict(lambda v, c=" ": v.strip(c)), "trim": strict(lambda v, c=" ": v.strip(c)),
    "ltrim": strict(lambda v, c=" ": v.lstrip(c)), "rtrim": strict(lambda v, c=" ": v.rstrip(c)),
    "coalesce": lambda *given: next((one for one in given if one is not None), None),
    "nullif": lambda a, b: None if a == b else a,
    "num_nonnulls": lambda *given: sum(one is not None for one in given),
    "num_nulls": lambda *given: sum(one is None for one in given),
    "strpos": strict(lambda v, part: v.find(part) + 1), "position": strict(lambda part, v: v.find(part) + 1),
    "starts_with": strict(str.startswith), "left": strict(lambda v, n: v[:n]), "right": strict(lambda v, n: v[-n:]),
    "round": strict(lambda v, n=0: round(v, n)), "floor": strict(lambda v: v // 1),
    "replace": strict(str.replace), "concat": lambda *given: "".join(str(v) for v in given if v is not None),
    "greatest": lambda *given: max((v for v in given if v is not None), default=None),
    "least": lambda *given: min((v for v in given if v is not None), default=None),
    "jsonb_typeof": strict(_json_type), "json_typeof": strict(_json_type),
    "jsonb_array_length": strict(lambda v: len(_document(v))),
    "array_length": strict(lambda v, dimension: len(_array(v)) or None),
    "cardinality": strict(lambda v: len(_array(v))),
    "substring": strict(lambda v, first, many=1 << 30: v[max(0, first - 1) : max(0, first - 1 + many)]),
    "substr": strict(lambda v, first, many=1 << 30: v[max(0, first - 1) : max(0, first - 1 + many)]),
}  # fmt: skip
"""What is known of functions, by name."""
