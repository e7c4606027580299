"""Interventions: changes from outside that draws read, each in effect from the moment that the runner gave it.

An intervention changes live parameters, brings some visits at once, or leaves some to another actor.

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

    sessions: so many visits, or items of the schedule that answers, begin within the minute that begins at `at_us`,
    whatever the rate, the cap and the switch say. delegated: addresses of visits that begin later and are played by
    another actor, such as a browser: they count as visits, and none of their rows is ours.
    """

    number: int
    at_us: int
    values: Mapping[str, Value]
    sessions: int = 0
    delegated: tuple[int, ...] = ()

    @property
    def only_delegates(self) -> bool:
        """Whether all settings stay as they are, and nobody is to come."""
        return bool(self.delegated) and not self.values and not self.sessions

    def document(self) -> dict[str, object]:
        """As plain data, for a plan file."""
        more: dict[str, object] = {"sessions": self.sessions} if self.sessions else {}
        if self.delegated:
            more["delegated"] = list(self.delegated)
        return {"number": self.number, "at": clock.iso(self.at_us), "values": dict(self.values), **more}


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


MOST_ADDRESS = 1 << 57
"""Addresses of visits are below."""


def check_delegated(given: object, where: str) -> tuple[int, ...]:
    """Addresses of visits; BadInput when they are none, or one is there twice."""
    listed = tuple(given) if isinstance(given, list) else ()
    fits = all(type(one) is int and 0 <= one < MOST_ADDRESS for one in listed)
    if not listed or not fits or len(set(listed)) < len(listed):
        raise BadInput(
            "these are not the addresses of visits",
            where=f"{where}.delegated",
            given=given,
            allowed="a list of different whole numbers below 2^57, at least one",
        )
    return listed


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
