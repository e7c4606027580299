"""What operations on people share: the target's plan, its lifecycle, and up to when it is written."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from populace import clock
from populace.engine.processes.pools.folding import Folding, lifecycle_of
from populace.errors import BadInput
from populace.operations.context import Context
from populace.operations.population import Population, population
from populace.plan import Plan
from populace.spec import Lifecycle, World
from populace.spec.personas import Personas
from populace.worlds.registry import is_name


@dataclass(frozen=True, slots=True)
class Lived:
    """A population as it stands. watermark_us: everything before it is written, and what comes later is open."""

    plan: Plan
    flow: Lifecycle
    watermark_us: int

    @property
    def pools(self) -> int:
        """How many pools there are."""
        return self.plan.sizes[self.flow.root]

    @property
    def days(self) -> Folding:
        """Days of these lives, by their numbers."""
        return Folding(self.plan, self.flow, (0, 0))


@contextmanager
def lived(context: Context, world: str | None, purpose: str) -> Iterator[tuple[Population, Lived]]:
    """The population of a target, seen as lives. Raises BadInput for a world whose people have none, and that before
    the target is reached where an installed world or a path is named; Refused without a finished seed.
    """
    if world is not None and (world in context.registry.names() or not is_name(world)):
        lifecycle_of(context.registry.find(world))
    with population(context, world, purpose, looking=True) as there:
        yield there, Lived(there.plan, lifecycle_of(there.world), there.watermark_us)


def personas_of(world: World) -> Personas:
    """How a world describes its people. Raises BadInput for one that does not say."""
    name = f"{world.package}.personas"
    try:
        found = importlib.import_module(name).PERSONAS
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise BadInput(
            "this world does not describe its people",
            where=world.name,
            todo=None if world.built_in else "a world does so in a module personas, as PERSONAS",
        ) from None
    assert isinstance(found, Personas)
    return found


def moment_of(lived: Lived, at: str | None) -> int:
    """A moment at which people are inspected. Raises BadInput for one that is not written."""
    if at is None:
        return lived.watermark_us
    moment_us = clock.parse(at, "personas.at")
    if not lived.plan.origin_us <= moment_us <= lived.watermark_us:
        raise BadInput(
            "this moment is not written",
            where="personas.at",
            given=at,
            allowed=f"{clock.iso(lived.plan.origin_us)} to {clock.iso(lived.watermark_us)}",
        )
    return moment_us
