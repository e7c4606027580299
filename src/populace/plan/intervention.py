"""Interventions: changes from outside that draws read, each in force from the moment the runner stamped on it.

They belong to the plan, apart from its digest: the same plan with one more intervention is the same population up to
that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from populace import clock
from populace.errors import BadInput
from populace.spec import Value, World


@dataclass(frozen=True, slots=True)
class Intervention:
    """New values for live parameters. number: its order. at_us: in force from this moment on."""

    number: int
    at_us: int
    values: Mapping[str, Value]

    def document(self) -> dict[str, object]:
        """As plain data, for a plan file."""
        return {"number": self.number, "at": clock.iso(self.at_us), "values": dict(self.values)}


def check_changes(world: World, changes: Mapping[str, object], where: str) -> dict[str, Value]:
    """Typed values for live parameters; BadInput for an unknown name, a bad value, or a number fixed by the plan."""
    out: dict[str, Value] = {}
    for path, given in changes.items():
        parameter = world.parameter(path, where)
        if not parameter.live:
            live = ", ".join(p.path for p in world.parameters if p.live)
            raise BadInput(
                "this number is fixed by the plan and cannot change while the population lives",
                where=f"{where}.{path}",
                given=given,
                allowed=live,
                todo="seed another database with it",
            )
        out[path] = parameter.check(given, where)
    return out
