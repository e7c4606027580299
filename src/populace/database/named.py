"""Named queries: a `.sql` file of statements, each under a line `-- name: …`, with bound parameters."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)[^\n]*\n", re.MULTILINE)


@lru_cache(maxsize=64)
def named(package: str, file: str) -> dict[str, str]:
    """The statements of a package's file, by name."""
    parts = _NAME.split(files(package).joinpath(file).read_text(encoding="utf-8"))
    return {name: text.strip().rstrip(";") for name, text in zip(parts[1::2], parts[2::2], strict=True)}
