"""Values are read by kind; whoever asks for another kind, or for a value that is not there, hears its path."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import populace
from populace.clock import DAY_US
from populace.errors import BadInput
from populace.plan import resolve
from populace.spec import Values
from tiny import CLUB

VALUES = Values(
    {
        "people": 23, "counted": np.int64(7), "rate": 0.5, "open": True, "zone": "UTC",
        "weights": (1.0, 2), "edges": [(1, 2), [3, 4]],
    }
)  # fmt: skip


def test_every_kind_has_its_reading():
    assert VALUES.whole("people") == 23
    assert type(VALUES.whole("counted")) is int
    assert VALUES.number("rate") == 0.5
    assert type(VALUES.number("people")) is float
    assert VALUES.flag("open") is True
    assert VALUES.text("zone") == "UTC"
    assert VALUES.series("weights") == (1.0, 2)
    assert VALUES.table("edges") == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    ("reading", "path"),
    [
        ("whole", "rate"), ("whole", "open"), ("whole", "zone"), ("number", "open"), ("number", "zone"),
        ("number", "weights"), ("flag", "people"), ("flag", "zone"), ("text", "people"), ("text", "open"),
        ("series", "zone"), ("series", "people"), ("series", "edges"), ("table", "weights"), ("table", "zone"),
    ],
)  # fmt: skip
def test_another_kind_is_an_error_with_the_path(reading: str, path: str):
    with pytest.raises(BadInput, match=f"^{path}: the value is of the wrong kind; given: .*allowed: "):
        getattr(VALUES, reading)(path)


def test_a_misspelt_path_is_answered_with_the_nearest():
    with pytest.raises(BadInput, match=r"^peoples: there is no such value; allowed: did you mean 'people'"):
        VALUES.whole("peoples")


def test_values_are_a_mapping_that_nobody_changes():
    assert dict(VALUES) == {path: VALUES[path] for path in VALUES}
    assert len(VALUES) == 7
    source = {"people": 1}
    held = Values(source)
    source["people"] = 2
    assert held.whole("people") == 1
    with pytest.raises(TypeError):
        held["people"] = 3  # type: ignore[index]


def test_nobody_reads_a_value_by_way_of_its_text():
    sources = {file: file.read_text(encoding="utf-8") for file in Path(populace.__file__).parent.rglob("*.py")}
    assert len(sources) > 200
    assert [str(f) for f, text in sources.items() if re.search(r"\b(int|float)\(str\(", text)] == []


def test_a_plan_reads_its_world_by_kind():
    plan = resolve(CLUB, "default", seed=1, epoch_us=20_000 * DAY_US)
    assert plan.eras[0].values.whole("people") == 23
    assert plan.eras[0].values.series("weights") == (1.0, 2.0, 0.5)
