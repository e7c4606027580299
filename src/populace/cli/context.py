"""What a command knows before it calls an operation: the settings of this folder and environment, and the flags."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from populace.operations.context import Context


def context(target: str | None = None) -> Context:
    """Settings of file, environment and `--target`; worlds that are installed, or found from this folder."""
    from populace.operations.context import Context
    from populace.settings import load
    from populace.worlds.registry import Registry

    folder = Path.cwd()
    return Context(load(folder, target=target), Registry(folder))
