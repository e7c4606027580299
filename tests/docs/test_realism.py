"""docs/concepts/realism.md has every metric, its bands and their sources, as the code has them."""

from __future__ import annotations

import re

import pytest

from docs import pages
from populace.checks.realism import described
from populace.checks.realism.reading import FRAMES

PAGE = "docs/concepts/realism.md"


@pytest.mark.parametrize("part", ["metrics", "bands", "sources"])
def test_the_page_has_what_the_code_has(part: str) -> None:
    found = re.search(rf"<!-- {part} -->\n(.*?)\n<!-- /{part} -->", pages.text(PAGE), flags=re.DOTALL)
    assert found is not None
    assert found[1] == getattr(described, part)()


def test_the_page_names_every_frame() -> None:
    named = [row[0] for row in pages.cells(pages.section(PAGE, "## For a world of your own"))]
    assert sorted(named) == sorted(f"`{name}.sql`" for name in FRAMES)
