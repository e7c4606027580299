"""A scenario of the user's own, in a file: the scenario that it begins from, and values for some parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from populace import files
from populace.errors import BadInput, nearest
from populace.spec import World

ENDING = ".toml"
_NAMES = ("begins_from", "values")
MOST_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """begins_from: a scenario of the world. values: by path, over that scenario's."""

    begins_from: str
    values: Mapping[str, object]


def names_file(scenario: str | None) -> bool:
    """Whether a scenario is a file's path, and not one of the world's own scenarios."""
    return scenario is not None and scenario.endswith(ENDING)


def read(path: Path, world: World) -> ScenarioFile:
    """The scenario in a file. Raises BadInput for one that cannot be read, has another name in it, or a value that
    does not fit.
    """
    with files.readable("plan.scenario", path, "the scenario"):
        held = files.content(path, MOST_BYTES)
        content = files.toml_of(held)

    def place(*names: str) -> str:
        line = files.line_of(held, *names)
        return str(path) if line is None else f"{path}:{line}"

    for name in content:
        if name not in _NAMES:
            raise BadInput("there is no such name", where=place(name), given=name, allowed=nearest(name, _NAMES))
    values = content.get("values", {})
    if not isinstance(values, Mapping):
        raise BadInput("the values of a scenario are a table", where=f"{place('values')}: values", given=values)
    begins_from = content.get("begins_from", world.default_scenario)
    if not isinstance(begins_from, str):
        raise BadInput("this is not a scenario's name", where=place("begins_from"), given=begins_from)
    try:
        world.scenario(begins_from)
    except BadInput as error:
        raise BadInput(error.what, where=place("begins_from"), given=error.given, allowed=error.allowed) from None
    for name, given in values.items():
        world.parameter(name, f"{place('values', name)}: values").check(given, f"{place('values', name)}: values")
    return ScenarioFile(begins_from, values)
