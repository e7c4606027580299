"""worlds, describe: which worlds are at hand, and what one of them declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from populace.operations.context import Context
from populace.settings import VARIABLES
from populace.spec import World


@dataclass(frozen=True, slots=True)
class Worlds:
    """The worlds that are installed."""

    worlds: Sequence[World]

    def document(self) -> list[dict[str, Any]]:
        """As `worlds --json` prints it."""
        return [
            {
                "name": w.name,
                "title": w.title,
                "about": w.about,
                "default_scenario": w.default_scenario,
                "scenarios": [s.name for s in w.scenarios],
            }
            for w in self.worlds
        ]


@dataclass(frozen=True, slots=True)
class DescribeRequest:
    """world: a name, or the path of one's own."""

    world: str


@dataclass(frozen=True, slots=True)
class Described:
    """A world, and what of it a user may know."""

    world: World

    def document(self) -> dict[str, Any]:
        """As `describe --json` prints it."""
        found = self.world
        return {
            "name": found.name,
            "title": found.title,
            "about": found.about,
            "version": found.version,
            "scenarios": [{"name": s.name, "about": s.about, "values": dict(s.values)} for s in found.scenarios],
            "presets": [{"name": p.name, "about": p.about, "values": dict(p.values)} for p in found.presets],
            "parameters": [
                {
                    "path": p.path,
                    "default": p.default,
                    "allowed": p.allowed,
                    "unit": p.unit,
                    "means": p.means,
                    "source": p.source,
                    "live": p.live,
                }
                for p in found.parameters
            ],
            "tables": [
                {"name": t.full_name, "columns": [c.name for c in t.columns], "mark": t.mark.explains}
                for t in found.tables
            ],
            "channels": [
                {
                    "name": c.name,
                    "title": c.title,
                    "needs": [VARIABLES[name][0] for name in c.peer.needs],
                    "when": {c.when.path: c.when.value} if c.when else {},
                }
                for c in found.channels
            ],
        }


def worlds(context: Context) -> Worlds:
    """The worlds that are installed, by name."""
    return Worlds([context.registry.find(name) for name in context.registry.names()])


def describe(context: Context, request: DescribeRequest) -> Described:
    """A world: its scenarios, parameters, tables and channels. Raises BadInput when there is none of that name."""
    return Described(context.registry.find(request.world))
