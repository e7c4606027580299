"""Columns as worlds describe them, turned into Arrow: each description, whole and with only some rows kept."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from populace.batch import ARROW
from populace.clock import DAY_US, SECOND_US, from_datetime, parse
from populace.engine.keys import uuids
from populace.engine.tables import Block, arrow_schema
from populace.spec import Along, Column, Joined, Json, Key, Mark, Number, Optional, Stamp, Table, Words
from populace.spec.table import TYPES

NOW = parse("2026-01-09T18:30:00Z", "now")
N = 6
NUMBERS = np.array([0, 7, 12345, -3, 2**40, 99])
AT = NOW + np.array([0, 1_000, 999_999, DAY_US, 40 * DAY_US + 61 * SECOND_US, -5 * SECOND_US])
YES = np.array([True, False, True, True, False, False])
CODES = np.array([0, 1, 2, 3, 4, 0])
WORDS = ("plain", 'say "hi"', "back\\slash", "Ærø – 日本 🎈", "tab\tline\n")
TEXTS = [WORDS[c] for c in CODES]
KEY = Key("visits", np.arange(N), AT)
KEYS = [uuid.UUID(bytes=row.tobytes()) for row in uuids(1, "visits", np.arange(N), AT)]
INDEX = np.array([2, 2, 0, 1, 0, 2])
SHORT = Words(np.array([3, 1, 0]), WORDS)
STAMPS = ["2026-01-09T18:30:00.000Z", "2026-01-09T18:30:00.001Z", "2026-01-09T18:30:00.999Z",
          "2026-01-10T18:30:00.000Z", "2026-02-18T18:31:01.000Z", "2026-01-09T18:29:55.000Z"]  # fmt: skip


@pytest.fixture(params=[list(range(N)), [4], [5, 0, 3], [1, 1, 2]], ids=["all", "one", "some", "twice"])
def kept(request: pytest.FixtureRequest) -> np.ndarray:
    return np.array(request.param, dtype=np.int64)


def realised(value: Any, kind: str, kept: np.ndarray) -> list[Any]:
    array = Block(1, kept).array(value, kind)
    assert array.type == ARROW[kind]
    array.validate(full=True)
    return array.to_pylist()


CASES: dict[str, tuple[Any, str, list[Any]]] = {
    "nothing": (None, "text", [None] * N),
    "no uuid": (None, "uuid", [None] * N),
    "scalar text": ("one", "text", ["one"] * N),
    "scalar whole number": (5, "int4", [5] * N),
    "scalar fraction": (0.5, "float8", [0.5] * N),
    "scalar switch": (False, "bool", [False] * N),
    "scalar moment": (NOW, "timestamptz", [datetime(2026, 1, 9, 18, 30, tzinfo=UTC)] * N),
    "scalar uuid": (str(KEYS[3]), "uuid", [KEYS[3].bytes] * N),
    "scalar list": (["a", "b"], "text[]", [["a", "b"]] * N),
    "whole numbers": (NUMBERS, "int8", NUMBERS.tolist()),
    "small whole numbers": (CODES, "int4", CODES.tolist()),
    "unsigned": (CODES.astype(np.uint64), "int8", CODES.tolist()),
    "fractions": (NUMBERS / 8, "float8", (NUMBERS / 8).tolist()),
    "switches": (YES, "bool", YES.tolist()),
    "numbers as text": (NUMBERS, "text", [str(n) for n in NUMBERS]),
    "switches as text": (YES, "text", ["true" if y else "false" for y in YES]),
    "words": (Words(CODES, WORDS), "text", TEXTS),
    "words in a list": (Words(CODES, list(WORDS)), "text", TEXTS),
    "keys": (KEY, "uuid", [k.bytes for k in KEYS]),
    "keys as text": (KEY, "text", [str(k) for k in KEYS]),
    "padded": (Number(np.abs(NUMBERS), 3), "text", ["000", "007", "12345", "003", str(2**40), "099"]),
    "unpadded": (Number(NUMBERS), "text", [str(n) for n in NUMBERS]),
    "stamps": (Stamp(AT), "text", STAMPS),
    "joined": (Joined(("<", Words(CODES, WORDS), "-", Number(CODES, 2), KEY, ">")), "text",
               [f"<{t}-0{c}{k}>" for t, c, k in zip(TEXTS, CODES, KEYS, strict=True)]),
    "joined in joined": (Joined((Joined((Number(CODES), "/")), Stamp(AT))), "text",
                         [f"{c}/{s}" for c, s in zip(CODES, STAMPS, strict=True)]),
    "along words": (Along(SHORT, INDEX), "text", [(WORDS[3], WORDS[1], WORDS[0])[i] for i in INDEX]),
    "along a join": (Along(Joined(("#", Number(np.array([8, 9, 10])))), INDEX), "text",
                     [("#8", "#9", "#10")[i] for i in INDEX]),
    "along keys": (Along(Key("visits", np.arange(3), AT[:3]), INDEX), "uuid", [KEYS[i].bytes for i in INDEX]),
    "along keys as text": (Along(Key("visits", np.arange(3), AT[:3]), INDEX), "text", [str(KEYS[i]) for i in INDEX]),
    "maybe words": (Optional(YES, Words(CODES, WORDS)), "text",
                    [t if y else None for t, y in zip(TEXTS, YES, strict=True)]),
    "maybe keys": (Optional(YES, KEY), "uuid", [k.bytes if y else None for k, y in zip(KEYS, YES, strict=True)]),
    "maybe numbers": (Optional(YES, NUMBERS), "int8",
                      [int(n) if y else None for n, y in zip(NUMBERS, YES, strict=True)]),
    "maybe a scalar": (Optional(YES, 9), "int4", [9 if y else None for y in YES]),
    "maybe a switch": (Optional(YES, ~YES), "bool", [False if y else None for y in YES]),
    "maybe a list": (Optional(YES, ["a"]), "text[]", [["a"] if y else None for y in YES]),
    "maybe along": (Optional(YES, Along(SHORT, INDEX)), "text",
                    [(WORDS[3], WORDS[1], WORDS[0])[i] if y else None for i, y in zip(INDEX, YES, strict=True)]),
}  # fmt: skip
CASES["moments"] = (AT, "timestamptz", AT.tolist())
CASES["maybe moments"] = (
    Optional(YES, AT),
    "timestamptz",
    [int(a) if y else None for a, y in zip(AT, YES, strict=True)],
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_description_becomes_its_column(case: str, kept: np.ndarray):
    value, kind, wanted = CASES[case]
    got = realised(value, kind, kept)
    if kind == "timestamptz" and "scalar" not in case:
        got = [None if g is None else from_datetime(g) for g in got]
    assert got == [wanted[i] for i in kept]


MEMBERS: dict[str, tuple[Any, list[Any]]] = {
    "nothing": (None, [None] * N),
    "yes": (True, [True] * N),
    "text": ('a "b" \\ Ærø\n', ['a "b" \\ Ærø\n'] * N),
    "number": (-5, [-5] * N),
    "whole numbers": (NUMBERS, NUMBERS.tolist()),
    "switches": (YES, YES.tolist()),
    "words": (Words(CODES, WORDS), TEXTS),
    "key": (KEY, [str(k) for k in KEYS]),
    "padded": (Number(CODES, 2), [f"0{c}" for c in CODES]),
    "stamp": (Stamp(AT), STAMPS),
    "object": (Json({"a": Words(CODES, WORDS), "b": Json({"c": NUMBERS})}),
               [{"a": t, "b": {"c": n}} for t, n in zip(TEXTS, NUMBERS.tolist(), strict=True)]),
    "joined": (Joined(("a", Number(CODES))), [f"a{c}" for c in CODES]),
    "joined with quotes": (Joined(('"', Words(CODES, WORDS), "\\")), [f'"{t}\\' for t in TEXTS]),
    "along words": (Along(SHORT, INDEX), [(WORDS[3], WORDS[1], WORDS[0])[i] for i in INDEX]),
    "along numbers": (Along(np.array([5, 6, 7]), INDEX), [(5, 6, 7)[i] for i in INDEX]),
    "along an object": (Along(Json({"a": np.array([5, 6, 7])}), INDEX), [{"a": (5, 6, 7)[i]} for i in INDEX]),
}  # fmt: skip


@pytest.mark.parametrize("maybe", [False, True], ids=["always", "maybe"])
@pytest.mark.parametrize("case", MEMBERS, ids=str)
def test_a_member_of_an_object_is_itself_in_json(case: str, maybe: bool, kept: np.ndarray):
    """Between two others; absent where it is optional and not there."""
    value, wanted = MEMBERS[case]
    name = 'the "odd" näme'
    got = realised(Json({"first": 1, name: Optional(YES, value) if maybe else value, "last": CODES}), "jsonb", kept)
    expected = [{"first": 1, name: wanted[i], "last": int(CODES[i])} for i in kept]
    for row, i in zip(expected, kept, strict=True):
        if maybe and not YES[i]:
            del row[name]
    assert [json.loads(text) for text in got] == expected
    assert all("  " not in text and '", "' not in text for text in got)


def test_an_object_that_is_the_same_everywhere_and_one_that_is_empty(kept: np.ndarray):
    assert realised(Json({"a": 1, "b": "x"}), "jsonb", kept) == ['{"a":1,"b":"x"}'] * len(kept)
    assert realised(Json({}), "jsonb", kept) == ["{}"] * len(kept)
    both = Json({"a": 1, "b": Optional(YES, 2), "c": Optional(~YES, "x")})
    assert realised(both, "jsonb", kept) == ['{"a":1,"b":2}' if YES[i] else '{"a":1,"c":"x"}' for i in kept]


def table(*columns: Column) -> Table:
    return Table(name="things", columns=columns, key=("id",), root="person", mark=Mark("true", ""))


def test_a_batch_has_the_columns_in_declared_order(kept: np.ndarray):
    things = table(Column("id", "uuid"), Column("name", "text", nullable=True), Column("n", "int4"))
    batch = Block(1, kept).record_batch(things, {"n": CODES, "id": KEY, "name": None})
    assert batch.schema == arrow_schema(things)
    assert batch.schema.names == ["id", "name", "n"]
    assert batch.num_rows == len(kept)


@pytest.mark.parametrize("columns", [{"id": KEY}, {"id": KEY, "n": CODES, "m": CODES}, {"id": KEY, "m": CODES}])
def test_a_column_too_few_or_too_many_is_reported(columns: dict[str, Any], kept: np.ndarray):
    with pytest.raises(ValueError, match=r"public.things: .*differ: "):
        Block(1, kept).record_batch(table(Column("id", "uuid"), Column("n", "int4")), columns)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(NUMBERS, "int4"), (KEY, "int4"), (CODES, "uuid"), (object(), "text"), (Stamp(AT), "bool")],
    ids=["too large", "key", "number", "object", "stamp"],
)
def test_what_does_not_fit_its_column_is_reported(value: Any, kind: str):
    with pytest.raises((TypeError, pa.ArrowInvalid, ValueError)):
        Block(1, np.arange(N)).array(value, kind)


def test_nothing_where_something_must_be_is_reported():
    things = table(Column("id", "uuid"))
    with pytest.raises(ValueError, match="things"):
        Block(1, np.arange(N)).record_batch(things, {"id": Optional(YES, KEY)})


def test_every_type_a_world_may_declare_has_an_arrow_type():
    assert set(ARROW) == set(TYPES)
