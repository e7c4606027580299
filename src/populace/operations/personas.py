"""personas: everybody of a population, as her world describes her; written to a file, and a file held against them.

A population is a function of its plan: a file of personas is never needed to go on, and so it can only be checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from populace.engine.processes.pools.people import census
from populace.errors import BadInput, nearest
from populace.operations import comparing, lives
from populace.operations.opening import Opened, session
from populace.spec import World
from populace.spec.personas import Personas


@dataclass(frozen=True, slots=True)
class Listed:
    """People at a moment (µs). total: how many there were to choose from."""

    documents: Sequence[Mapping[str, Any]]
    at_us: int
    plan: str
    total: int


def listed(
    opened: Opened,
    world: World,
    *,
    at: str | None = None,
    pool: int | None = None,
    state: str | None = None,
    limit: int | None = None,
) -> Listed:
    """People of a target at a moment; None: up to when it is written.

    Raises BadInput for a world without lives or descriptions, a moment, a pool or a state that there is not.
    """
    with session(opened, "personas", looking=True) as connection:
        lived = lives.read(connection, opened, world)
    personas, flow = lives.personas_of(world), lived.flow
    names = [s.name for s in flow.states]
    if state is not None and state.upper() not in names:
        raise BadInput("there is no such state", where="--state", given=state, allowed=nearest(state.upper(), names))
    if pool is not None and not 0 <= pool < lived.pools:
        raise BadInput("there is no such pool", where="--pool", given=pool, allowed=f"0 to {lived.pools - 1}")
    moment_us = lives.moment_of(lived, at)
    members = (0, lived.pools) if pool is None else (pool, pool + 1)
    wanted = None if state is None else names.index(state.upper())
    found: list[Mapping[str, Any]] = []
    total = 0
    for one in census(lived.plan, flow, personas, members, moment_us):
        if wanted is None or one.state == wanted:
            total += 1
            if limit is None or total <= limit:
                found.append(one.document)
    return Listed(found, moment_us, lived.plan.digest, total)


def differences(found: Listed, personas: Personas, file: Path) -> list[str]:
    """What differs between people and a file. Raises BadInput for a file of something else."""
    return list(comparing.differences(found.documents, comparing.read(file, personas.known_by), personas.known_by))
