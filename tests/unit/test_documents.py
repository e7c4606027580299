"""JSON documents of a JSON Schema: they meet it as an independent judge sees it, and reach nobody."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from populace.declared import documents

ADDRESS = {
    "type": "object", "required": ["city", "country"],
    "properties": {"city": {"type": "string"}, "country": {"type": "string", "maxLength": 2}},
}  # fmt: skip
SCHEMAS: dict[str, Any] = {
    "order": {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": False,
        "required": ["sku", "lines", "ship_to", "state"], "$defs": {"address": ADDRESS},
        "properties": {
            "sku": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"}, "state": {"enum": ["new", "paid", 3, None]},
            "ship_to": {"$ref": "#/$defs/address"}, "email": {"type": "string", "format": "email"},
            "website": {"type": "string", "format": "uri"}, "phone": {"type": ["string", "null"]},
            "lines": {"type": "array", "minItems": 1, "maxItems": 3, "items": {
                "type": "object", "required": ["id", "amount", "step"], "properties": {
                    "id": {"type": "string", "format": "uuid"}, "amount": {"type": "number", "exclusiveMinimum": 0},
                    "step": {"type": "integer", "minimum": -7, "maximum": 20, "multipleOf": 5}}}},
        },
    },
    "choices": {
        "allOf": [{"type": "object", "required": ["kind"]}, {"required": ["at"]}],
        "properties": {
            "kind": {"const": "x"}, "at": {"type": "string", "format": "date-time"},
            "size": {"oneOf": [{"type": "integer", "maximum": -1}, {"type": "string", "minLength": 30}]},
            "tags": {"type": "array", "uniqueItems": True, "minItems": 2, "items": {"enum": ["a", "b", "c"]}},
        },
    },
    "pair": {"type": "array", "prefixItems": [{"type": "boolean"}, {"type": "integer"}], "maxItems": 2},
    "tree": {"$defs": {"node": {"type": "object", "required": ["name"], "properties": {
        "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}},
        "$ref": "#/$defs/node"},
}  # fmt: skip


@pytest.mark.parametrize("name", SCHEMAS)
def test_documents_meet_their_schema_and_differ(name: str) -> None:
    schema = SCHEMAS[name]
    assert list(documents.faults(schema)) == []
    made = documents.pool(schema)
    judge = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [str(error) for text in made for error in judge.iter_errors(json.loads(text))] == []
    assert made == documents.pool(json.loads(json.dumps(schema)))
    assert len(made) > (1 if name == "pair" else 20)


def test_what_would_reach_somebody_is_reserved() -> None:
    text = " ".join(documents.pool(SCHEMAS["order"]))
    assert set(re.findall(r"@[\w.]+", text)) == {"@example.com"}
    assert set(re.findall(r"https?://[\w.]+", text)) == {"https://example.com"}
    assert set(re.findall(r'"phone": "(\+\d{7})', text)) == {"+1202555"}


def test_what_is_not_understood_is_named_with_its_place() -> None:
    wrong = {"type": "object", "properties": {
        "a": {"not": {"type": "null"}}, "b": {"$ref": "#/$defs/none"}, "c": False, "d": {"pattern": "("},
    }}  # fmt: skip
    assert [where for where, _ in documents.faults(wrong)] == [
        "schema.properties.a.not", "schema.properties.b.$ref", "schema.properties.c", "schema.properties.d.pattern",
    ]  # fmt: skip
