"""docs/safety.md names a test for every promise, and each of these tests is there."""

from __future__ import annotations

import re

import pytest

from docs import pages

PAGE = "docs/safety.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows() -> list[list[str]]:
    """The lines of the tables, threat by threat."""
    return [row for row in pages.cells(pages.section(PAGE, "## Threat by threat")) if len(row) == 3]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:60])
def test_each_promise_has_tests_that_exist(row: list[str]) -> None:
    named = NAMED.findall(row[2])
    assert named
    for file, name in named:
        assert name in functions(file), f"{file}::{name}"


def functions(file: str) -> set[str]:
    """The functions of a file of tests."""
    path = pages.ROOT / file
    assert path.is_file(), file
    return set(re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE))
