"""How many examples a property is tried on: as many as the test says, or fewer in a quick run."""

from __future__ import annotations

import os

MOST = int(os.environ.get("POPULACE_TEST_EXAMPLES", "1000000"))


def examples(many: int) -> int:
    """The number of examples for a property that a full run tries on `many`."""
    return min(many, MOST)
