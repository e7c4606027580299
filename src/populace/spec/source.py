"""The source of a world of one's own, as its plans remember it: a hash of every file that can change its rows."""

from __future__ import annotations

from collections.abc import Mapping

Source = Mapping[str, str]
"""Hashes by file: by its path in the world's folder, or `import NAME: FILE` for a module of the author's elsewhere."""


def changes(then: Source, now: Source) -> str:
    """In which files two sources differ, in words; "" when they are the same."""
    kinds = (
        ("changed", [name for name in then if name in now and then[name] != now[name]]),
        ("new", [name for name in now if name not in then]),
        ("gone", [name for name in then if name not in now]),
    )
    return "; ".join(f"{kind}: {', '.join(sorted(names))}" for kind, names in kinds if names)
