"""What options of a column are wrong, each with its path: words, bounds, a JSON Schema, weights of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from populace import files
from populace.declared import documents
from populace.declared.constants import fits
from populace.declared.kinds.cell import WHOLE
from populace.declared.kinds.numbers import BOUNDS, most
from populace.declared.schema import Column
from populace.errors import nearest

At = tuple[str, ...]
Wrong = tuple[str, At, Any, str | None]
"""What is wrong, where it stands in the file, what is given, and what is allowed."""


def _wrong(what: str, path: At, given: Any = None, allowed: str | None = None) -> Wrong:
    return what, path, given, allowed


def weights_faults(options: Mapping[str, Any], path: At) -> Iterator[Wrong]:
    """How often rows of the app are taken, by their keys."""
    weights = options.get("weights", {"": 1})
    if isinstance(weights, dict) and (
        any(type(n) is not int or not 0 <= n <= 1_000_000 for n in weights.values()) or not any(weights.values())
    ):
        yield _wrong("these are no keys with weights", (*path, "weights"), weights,
                    "{ first = 3, second = 1 }, whole numbers, one not 0")  # fmt: skip


def option_faults(kind: str, column: Column, options: dict[str, Any], path: At, here: Path) -> Iterator[Wrong]:
    """What is wrong with the options of a column of some kind. here: the folder of the file."""
    if kind == "words":
        words = options.get("words")
        numbers = list(words.values()) if isinstance(words, dict) else [1] * len(words or ())
        if not numbers or any(type(n) not in (int, float) or n < 0 for n in numbers) or not any(numbers):
            yield _wrong("these are no words with weights", (*path, "words"), words, '["a", "b"], or { a = 3, b = 1 }')
        strange = [str(w) for w in words or () if column.labels and str(w) not in column.labels]
        if strange:
            yield _wrong(
                f"the enum {column.type} has no such word",
                (*path, "words"),
                strange[0],
                nearest(strange[0], column.labels),
            )
        elif column.base in WHOLE and (wrong := [w for w in words or () if not fits(w, column)]):
            yield _wrong(f"the type {column.type} has no such value", (*path, "words"), wrong[0])
        if "begins" in options and options["begins"] not in (words or ()):
            yield _wrong("it begins with none of its words", (*path, "begins"), options["begins"],
                        nearest(options["begins"], map(str, words or ())))  # fmt: skip
    if kind == "json" and "schema" in options:
        yield from _schema_faults(options, path, here)
    if kind == "constant" and "value" not in options:
        yield _wrong("a constant has a value", path, None, 'value = "…"')
    elif kind == "constant" and not fits(options["value"], column):
        yield _wrong(f"the type {column.type} has no such value", (*path, "value"), options["value"])
    yield from _bounds_faults(kind, column, options, path)
    if "share" in options and not 0 <= options["share"] <= 1:
        yield _wrong("the value is out of bounds", (*path, "share"), options["share"], "a share from 0 to 1")
    for name in ("minutes", "days", "width", "bytes"):
        if name in options and not 1 <= options[name] <= 10_000_000:
            yield _wrong("the value is out of bounds", (*path, name), options[name], "a whole number from 1")


def _schema_faults(options: dict[str, Any], path: At, here: Path) -> Iterator[Wrong]:
    """A JSON Schema, written here or in a file beside this one, which then stands among the options."""
    at, given = (*path, "schema"), options["schema"]
    if "example" in options:
        yield _wrong("a column has either `example` or `schema`", (*path, "example"), options["example"])
    if isinstance(given, str):
        file = here / given
        if not file.resolve().is_relative_to(here.resolve()) or not file.is_file():
            yield _wrong("there is no such file in the folder of this world", at, given)
            return
        try:
            options["schema"] = given = files.json_of(files.content(file))
        except (ValueError, OSError) as error:
            yield _wrong(f"this file is no JSON: {error}", at, given)
            return
    for where, why in documents.faults(given):
        yield _wrong(f"this JSON Schema is not understood at {where}: {why}", at)


def _bounds_faults(kind: str, column: Column, options: Mapping[str, Any], path: At) -> Iterator[Wrong]:
    """Numbers from `low` to `high`: in this order, and in the room that the column has."""
    if kind not in BOUNDS or not options.keys() & {"low", "high"}:
        return
    low, high = (options.get(name, otherwise) for name, otherwise in zip(("low", "high"), BOUNDS[kind], strict=True))
    if low > high:
        name = "low" if "low" in options else "high"
        said = "`low` is above `high`" + (
            "" if {"low", "high"} <= options.keys() else f", which is {high}" if name == "low" else f": it is {low}"
        )
        yield _wrong(said, (*path, name), options[name], f"at most {high}" if name == "low" else f"at least {low}")
    for name in options.keys() & {"low", "high"}:
        if not -most(column) - 1 <= options[name] <= most(column):
            yield _wrong("the column has no room for it", (*path, name), options[name], f"at most {most(column):,}")
