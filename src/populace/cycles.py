"""How often Python looks for cycles of objects."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Have it look seldom, in a process that is ours: we make plain values by the million and hardly a cycle, and
    looking for some takes a tenth of a seed's time."""
    gc.set_threshold(50_000, 20, 20)
