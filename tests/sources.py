"""Our own source texts as trees: each is parsed once, whichever tests look at it."""

from __future__ import annotations

import ast
from functools import lru_cache


@lru_cache(maxsize=1024)
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Every node of a source text."""
    return tuple(ast.walk(ast.parse(source)))
