"""Which worlds can be fitted."""

from __future__ import annotations

from populace.checks.realism import judging
from populace.errors import BadInput
from populace.spec import Realism, World


def declared_of(world: World) -> Realism:
    """What a world says of its people. Raises BadInput for one that does not say how they are fitted."""
    declared = world.realism
    if declared is None or declared.fitting is None:
        raise BadInput(
            "this world does not say how its people are read and what moves them, so that nothing can be fitted",
            where=f"{world.name}.realism",
            todo="set its parameters in a scenario's file yourself; a world with a populace.spec.Realism and its "
            "Fitting can be fitted",
        )
    judging.require(declared, f"{world.name}.realism")
    return declared
