"""A context for operations in a test's own process: any target, and worlds that are not installed."""

from __future__ import annotations

from typing import Any

from populace.database.target import Target
from populace.operations.context import Context
from populace.operations.opening import Opened, reach
from populace.operations.seeds.prepared import Prepared
from populace.plan import Plan
from populace.settings import Settings
from populace.spec import World
from populace.worlds.registry import Registry


class Worlds(Registry):
    """Worlds at hand, by name: these, and those that are installed."""

    def __init__(self, *worlds: World) -> None:
        super().__init__()
        self._own = {world.name: world for world in worlds}

    def names(self) -> list[str]:
        return sorted({*super().names(), *self._own})

    def find(self, name: str) -> World:
        return self._own.get(name) or super().find(name)


def at(target: str, *worlds: World, **settings: Any) -> Context:
    """A context for a target."""
    return Context(Settings(target=target, **settings), Worlds(*worlds))


def prepared(target: str, plan: Plan, now_us: int, **given: Any) -> Prepared:
    """A seed of a plan, whose clock is no real one."""
    context = at(target, plan.world)
    parsed = Target.parse(target, plan.world.name)
    opened: Opened | None = None if parsed.kind == "parquet" else reach(context, plan.world)
    return Prepared(context, plan, now_us, parsed, opened, wall=False, **{"epoch_given": True, **given})
