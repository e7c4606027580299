"""JSON documents that a JSON Schema asks for: a pool of different ones, of which each row takes one.

What is understood is named in `KNOWN`; a schema with another keyword is refused with its path, and never half obeyed.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from populace.declared import patterns
from populace.declared.kinds.people import FAMILY, GIVEN
from populace.declared.kinds.places import PLACES
from populace.declared.kinds.texts import COMPANIES, SENTENCES, TAGS, TITLES

POOL = 200
"""So many documents are made of a schema."""
MOST_DEEP = 8
_SAID_ONLY = ("$schema", "$id", "title", "description", "$comment", "examples", "default", "deprecated", "readOnly",
              "writeOnly", "$defs", "definitions", "additionalProperties", "unevaluatedProperties")  # fmt: skip
KNOWN = frozenset((
    *_SAID_ONLY, "type", "enum", "const", "properties", "required", "items", "prefixItems", "minItems", "maxItems",
    "uniqueItems", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "allOf", "anyOf", "oneOf", "$ref", "nullable", "minProperties",
))  # fmt: skip
"""The keywords that are understood."""
FORMATS = ("date-time", "date", "time", "email", "uri", "url", "uuid", "hostname", "ipv4", "ipv6", "uri-reference")
_SAFE = {
    "email": "{tag}{n}@example.com", "uri": "https://example.com/{tag}/{n}", "url": "https://example.com/{tag}/{n}",
    "uri-reference": "/{tag}/{n}", "hostname": "{tag}{n}.example.com", "ipv4": "192.0.2.{small}",
    "ipv6": "2001:db8::{small:x}", "date": "2026-{month:02d}-{day:02d}", "time": "{hour:02d}:00:00Z",
    "date-time": "2026-{month:02d}-{day:02d}T{hour:02d}:00:00Z",
}  # fmt: skip
_BY_NAME = (
    (r"e_?mail", "email"), (r"ur[il]$|link|website|href", "uri"), (r"host|domain", "hostname"),
    (r"phone|mobile|fax", "phone"), (r"first_?name|given", "given"), (r"last_?name|family|surname", "family"),
    (r"city|town", "city"), (r"company|organi[sz]ation|vendor|brand", "company"), (r"country", "country"),
    (r"currency", "currency"), (r"note|comment|description|body|text|message", "sentence"),
    (r"title|label|name|subject", "title"), (r"_at$|timestamp", "date-time"), (r"date$", "date"),
    (r"colou?r", "colour"),
)  # fmt: skip


def faults(schema: Any, path: str = "schema", root: Any = None, deep: int = 0) -> Iterator[tuple[str, str]]:
    """What of a schema is not understood: where, and why."""
    root = schema if root is None else root
    if isinstance(schema, bool):
        if not schema:
            yield path, "nothing would meet `false`"
        return
    if not isinstance(schema, dict):
        yield path, "a JSON Schema is an object"
        return
    for word in sorted(schema.keys() - KNOWN):
        yield f"{path}.{word}", f"the keyword `{word}` is not understood"
    if "$ref" in schema and _found(root, schema["$ref"]) is None:
        yield f"{path}.$ref", f"nothing in this schema is called {schema['$ref']!r}"
    if deep > MOST_DEEP * 4:
        return
    for word in ("properties", "$defs", "definitions"):
        for name, part in schema.get(word, {}).items() if isinstance(schema.get(word, {}), dict) else ():
            yield from faults(part, f"{path}.{word}.{name}", root, deep + 1)
    for word in ("allOf", "anyOf", "oneOf", "prefixItems"):
        for number, part in enumerate(schema.get(word, ())):
            yield from faults(part, f"{path}.{word}.{number}", root, deep + 1)
    if "items" in schema:
        yield from faults(schema["items"], f"{path}.items", root, deep + 1)
    if isinstance(schema.get("pattern"), str) and not patterns.texts(schema["pattern"], 1):
        yield f"{path}.pattern", "no text was found for this pattern"


def pool(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Different documents that meet a schema, as JSON: the same ones at all times."""
    return _pool(json.dumps(schema, sort_keys=True))


@lru_cache(maxsize=256)
def _pool(written: str) -> tuple[str, ...]:
    maker = _Maker(json.loads(written))
    made = (json.dumps(maker.value(maker.root, "", number, 0), ensure_ascii=False) for number in range(POOL))
    return tuple(dict.fromkeys(made))


class _Maker:
    def __init__(self, root: Any) -> None:
        self.root = root

    def value(self, schema: Any, path: str, number: int, deep: int) -> Any:
        """A value that meets a schema. path: where it stands; number: of which document."""
        schema = self._plain(schema, path, number)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][self._below(len(schema["enum"]), path, number)]
        kinds = schema.get("type", _implied(schema))
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        if schema.get("nullable") and "null" not in kinds:
            kinds = [*kinds, "null"]
        real = [kind for kind in kinds if kind != "null"]
        if not real or (len(real) < len(kinds) and self._below(8, f"{path}?", number) == 0):
            return None
        kind = real[self._below(len(real), f"{path}|", number)]
        if kind == "object":
            return self._object(schema, path, number, deep)
        if kind == "array":
            return self._array(schema, path, number, deep)
        if kind in ("integer", "number"):
            return self._number(schema, path, number, whole=kind == "integer")
        return self._below(2, path, number) == 1 if kind == "boolean" else self._text(schema, path, number)

    def _plain(self, given: Any, path: str, number: int) -> dict[str, Any]:
        """A schema without references and choices."""
        schema: dict[str, Any] = {} if isinstance(given, bool) else dict(given)
        for _ in range(MOST_DEEP * 2):
            if "$ref" in schema:
                schema = _both(_without(schema, "$ref"), _found(self.root, schema["$ref"]) or {})
            elif "allOf" in schema:
                parts, schema = schema["allOf"], _without(schema, "allOf")
                for part in parts:
                    schema = _both(schema, {} if isinstance(part, bool) else part)
            elif word := next((w for w in ("oneOf", "anyOf") if w in schema), ""):
                parts = schema[word]
                chosen = parts[self._below(len(parts), f"{path}/{word}", number)]
                schema = _both(_without(schema, word), {} if isinstance(chosen, bool) else chosen)
            else:
                break
        return dict(schema)

    def _object(self, schema: Mapping[str, Any], path: str, number: int, deep: int) -> dict[str, Any]:
        known, needed = schema.get("properties", {}), list(schema.get("required", ()))
        least = int(schema.get("minProperties", 0))
        out: dict[str, Any] = {}
        for name in dict.fromkeys([*known, *needed]):
            wanted = name in needed or len(needed) < least
            if wanted or (deep < MOST_DEEP and self._below(4, f"{path}.{name}?", number)):
                out[name] = self.value(known.get(name, {}), f"{path}.{name}", number, deep + 1)
        return out

    def _array(self, schema: Mapping[str, Any], path: str, number: int, deep: int) -> list[Any]:
        first = list(schema.get("prefixItems", ()))
        low = int(schema.get("minItems", len(first)))
        high = int(schema.get("maxItems", max(low, len(first) + 3)))
        many = low if deep >= MOST_DEEP else low + self._below(min(high - low, 3) + 1, f"{path}#", number)
        out: list[Any] = []
        for place in range(many):
            part = first[place] if place < len(first) else schema.get("items", {})
            for attempt in range(50):
                value = self.value(part, f"{path}[{place}]{attempt or ''}", number, deep + 1)
                if not schema.get("uniqueItems") or value not in out:
                    out.append(value)
                    break
        return out

    def _number(self, schema: Mapping[str, Any], path: str, number: int, *, whole: bool) -> int | float:
        step = schema.get("multipleOf", 1 if whole else 0.01)
        low, high = schema.get("minimum"), schema.get("maximum")
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        low = above + step if above is not None and (low is None or above >= low) else low
        high = below - step if below is not None and (high is None or below <= high) else high
        low = (0 if high is None or high >= 0 else high - 100 * step) if low is None else low
        high = low + 100 * max(step, 1) if high is None else high
        begin = -int(-low // step)
        value = (begin + self._below(max(1, int(high // step) - begin + 1), path, number)) * step
        return int(value) if whole or (float(value).is_integer() and isinstance(step, int)) else round(value, 6)

    def _text(self, schema: Mapping[str, Any], path: str, number: int) -> str:
        low, high = int(schema.get("minLength", 0)), schema.get("maxLength")
        if "pattern" in schema:
            lengths = tuple(n for n in (low, high) if n)
            some = patterns.texts(schema["pattern"], 40, lengths)
            fine = [text for text in some if low <= len(text) <= (high or 1 << 30)] or some
            return fine[self._below(len(fine), path, number)]
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path.rpartition(".")[2].partition("[")[0]).lower()
        form = schema.get("format") or next((form for pattern, form in _BY_NAME if re.search(pattern, name)), "")
        text = self._formed("country code" if form == "country" and high and high <= 3 else form, path, number)
        while len(text) < low:
            text = f"{text} {TAGS[self._below(len(TAGS), f'{path}+{len(text)}', number)]}"
        return text if high is None or len(text) <= high else text[:high]

    def _formed(self, form: str, path: str, number: int) -> str:
        lists: dict[str, Sequence[str]] = {
            "given": GIVEN, "family": FAMILY, "city": [place.city for place in PLACES], "company": COMPANIES,
            "sentence": SENTENCES, "title": TITLES, "country": [place.country for place in PLACES],
            "country code": [place.code for place in PLACES], "currency": [place.currency for place in PLACES],
            "colour": ("#1b9e77", "#d95f02", "#7570b3"),
        }  # fmt: skip
        if form == "uuid":
            digits = hashlib.blake2b(f"{path} {number}".encode(), digest_size=16).hexdigest()
            return str(uuid.UUID(f"{digits[:12]}8{digits[13:16]}8{digits[17:]}"))
        if form == "phone":
            return f"+1202555{100 + self._below(100, path, number):04d}"
        if form in _SAFE:
            return _SAFE[form].format(
                tag=TAGS[self._below(len(TAGS), path, number)], n=number + 1, small=1 + number % 250,
                month=1 + self._below(12, f"{path}m", number), day=1 + self._below(28, f"{path}d", number),
                hour=self._below(24, f"{path}h", number),
            )  # fmt: skip
        some = lists.get(form, TAGS)
        return some[self._below(len(some), path, number)]

    def _below(self, bound: int, path: str, number: int) -> int:
        digest = hashlib.blake2b(f"{path} {number}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little") % max(bound, 1)


def _implied(schema: Mapping[str, Any]) -> str:
    """The type that its other keywords speak of."""
    for kind, words in (("object", ("properties", "required", "minProperties")), ("array", ("items", "prefixItems",
            "minItems", "maxItems")), ("number", ("minimum", "maximum", "multipleOf"))):  # fmt: skip
        if any(word in schema for word in words):
            return kind
    return "string"


def _without(schema: Mapping[str, Any], word: str) -> dict[str, Any]:
    return {name: part for name, part in schema.items() if name != word}


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What meets both, as far as they speak of different things; of bounds the narrower ones."""
    out = {**one, **other}
    if "properties" in one and "properties" in other:
        names = dict.fromkeys([*one["properties"], *other["properties"]])
        out["properties"] = {name: _both(one["properties"].get(name, {}), other["properties"].get(name, {}))
                             for name in names}  # fmt: skip
    if "required" in one and "required" in other:
        out["required"] = list(dict.fromkeys([*one["required"], *other["required"]]))
    if "enum" in one and "enum" in other:
        out["enum"] = [value for value in one["enum"] if value in other["enum"]] or other["enum"]
    for words, narrower in ((("minimum", "minLength", "minItems", "exclusiveMinimum"), max),
                            (("maximum", "maxLength", "maxItems", "exclusiveMaximum"), min)):  # fmt: skip
        for word in words:
            if word in one and word in other:
                out[word] = narrower(one[word], other[word])
    return out


def _found(root: Any, reference: Any) -> dict[str, Any] | None:
    """What a reference of the same document names."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    at = root
    for step in filter(None, reference[1:].split("/")):
        name = step.replace("~1", "/").replace("~0", "~")
        at = at.get(name) if isinstance(at, dict) else None
    return at if isinstance(at, dict) else None
