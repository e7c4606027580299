"""Live parameters as fields of a form: which kind of field, and how far its slider reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from populace.spec import Parameter, Value, World

Kind = Literal["switch", "choice", "number", "text"]

REACH = 10
"""A slider goes so many times as far as the default, where the bounds are much wider: nobody could aim otherwise."""
LEAST_REACH = 20


@dataclass(frozen=True, slots=True)
class Knob:
    """A parameter and its value. low, high: where a slider ends; None: it has none. The field itself takes all that is
    allowed."""

    parameter: Parameter
    value: Value
    kind: Kind
    low: float | None = None
    high: float | None = None
    step: float | None = None

    @property
    def name(self) -> str:
        """A heading: the path as words."""
        text = self.parameter.path.replace("_", " ").replace(".", ": ")
        return text[:1].upper() + text[1:]


def live(world: World, values: Mapping[str, Value]) -> list[Knob]:
    """The live parameters of a world, in its order; the switches that pause it have their own button."""
    return [
        of(parameter, values[parameter.path])
        for parameter in world.parameters
        if parameter.live and not parameter.secret and parameter.path not in world.switches
    ]


def fixed(world: World, values: Mapping[str, Value]) -> list[Knob]:
    """The parameters that a seed settles, in the world's order."""
    return [
        of(parameter, values.get(parameter.path, parameter.default))
        for parameter in world.parameters
        if not (parameter.secret or parameter.variables)
    ]


def of(parameter: Parameter, value: Value) -> Knob:
    """The field of a parameter."""
    default = parameter.default
    if isinstance(default, bool):
        return Knob(parameter, value, "switch")
    if parameter.choices:
        return Knob(parameter, value, "choice")
    if isinstance(default, str):
        return Knob(parameter, value, "text")
    if parameter.low is None or parameter.high is None:
        return Knob(parameter, value, "number")
    high = min(parameter.high, max(default * REACH, float(value) * 2, LEAST_REACH))
    return Knob(parameter, value, "number", parameter.low, high, _step(parameter, high))


def _step(parameter: Parameter, high: float) -> float:
    if isinstance(parameter.default, int):
        return 1
    span = high - (parameter.low or 0)
    return 0.01 if span <= 2 else 0.1 if span <= 20 else 1
