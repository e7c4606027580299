"""Interventions: changes from outside that draws read, each in effect from the moment that the runner gave it.

An intervention changes live parameters, or brings some visits at once, or both.

They belong to the plan, but not to its digest: the same plan with one more intervention is the same population up to
that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from populace import clock
from populace.errors import BadInput, nearest
from populace.spec import Value, World


@dataclass(frozen=True, slots=True)
class Intervention:
    """New values for live parameters. number: its order. at_us: in effect from this moment on.

    sessions: so many visits arrive within the minute that begins at `at_us`, whatever the rate, the cap and the switch
    say.
    """

    number: int
    at_us: int
    values: Mapping[str, Value]
    sessions: int = 0

    def document(self) -> dict[str, object]:
        """As plain data, for a plan file."""
        asked = {"sessions": self.sessions} if self.sessions else {}
        return {"number": self.number, "at": clock.iso(self.at_us), "values": dict(self.values), **asked}


MOST_SESSIONS = 1_000
"""Visits that one intervention may bring."""


def check_sessions(given: object, where: str) -> int:
    """A number of visits to bring; BadInput when it is none."""
    if type(given) is not int or not 0 < given <= MOST_SESSIONS:
        raise BadInput(
            "so many sessions cannot be requested",
            where=where,
            given=given,
            allowed=f"a whole number from 1 to {MOST_SESSIONS:,}",
        )
    return given


def check_changes(world: World, changes: Mapping[str, object], where: str) -> dict[str, Value]:
    """Typed values for live parameters; BadInput for an unknown name, a bad value, or a number fixed by the plan."""
    out: dict[str, Value] = {}
    for path, given in changes.items():
        known = [p.path for p in world.parameters]
        live = [p.path for p in world.parameters if p.live]
        if path not in known:
            raise BadInput("there is no such setting", where=where, given=path, allowed=nearest(path, live))
        parameter = world.parameter(path, where)
        if not parameter.live:
            raise BadInput(
                "this number is fixed by the plan and cannot change while the population runs",
                where=f"{where}.{path}",
                given=given,
                allowed=", ".join(live),
                todo="seed another database with it",
            )
        out[path] = parameter.check(given, where)
    return out
