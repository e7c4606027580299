"""A scenario of the user's own, in a file: the scenario that it begins from, and values for some parameters."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from populace.errors import BadInput, nearest
from populace.spec import World

ENDING = ".toml"
_NAMES = ("begins_from", "values")


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
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise BadInput(f"the scenario cannot be read: {said}", where="plan.scenario", given=str(path)) from None
    for name in content:
        if name not in _NAMES:
            raise BadInput("there is no such name", where=str(path), given=name, allowed=nearest(name, _NAMES))
    values = content.get("values", {})
    if not isinstance(values, Mapping):
        raise BadInput("the values of a scenario are a table", where=f"{path}: values", given=values)
    begins_from = str(content.get("begins_from", world.default_scenario))
    world.scenario(begins_from)
    for name, given in values.items():
        world.parameter(name, f"{path}: values").check(given, f"{path}: values")
    return ScenarioFile(begins_from, values)
