"""personas: all people of a population, as their world describes them; written to a file, or compared with one.

A population is a function of its plan: a file of personas is never needed to continue, so it can only be checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from populace import clock
from populace.engine.processes.pools.people import described_people
from populace.errors import BadInput, nearest
from populace.operations.context import Context
from populace.operations.people import documents
from populace.operations.people.documents import Compared
from populace.operations.people.lived import lived, moment_of, personas_of
from populace.spec.personas import Personas


@dataclass(frozen=True, slots=True)
class PersonasRequest:
    """pool, state: of these only. at: as of this moment, ISO with a zone; None: up to when all is written. limit: so
    many; None: everybody.
    """

    world: str | None = None
    limit: int | None = None
    pool: int | None = None
    state: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """People at a moment (µs). total: how many there were to choose from. personas: how their world describes them."""

    documents: Sequence[Mapping[str, Any]]
    at_us: int
    plan: str
    total: int
    personas: Personas

    def document(self) -> list[dict[str, Any]]:
        """As `personas --json` prints them."""
        return [dict(one) for one in self.documents]


def personas(context: Context, request: PersonasRequest | None = None) -> Listed:
    """People of a target at a moment.

    Raises BadInput for a world without lives or descriptions, a moment, a pool or a state that there is not.
    """
    request = request or PersonasRequest()
    with lived(context, request.world, "personas") as (_, people):
        described = personas_of(people.plan.world)
    flow, state, pool, limit = people.flow, request.state, request.pool, request.limit
    names = [s.name for s in flow.states]
    if state is not None and state.upper() not in names:
        raise BadInput(
            "there is no such state", where="personas.state", given=state, allowed=nearest(state.upper(), names)
        )
    if pool is not None and not 0 <= pool < people.pools:
        raise BadInput("there is no such pool", where="personas.pool", given=pool, allowed=f"0 to {people.pools - 1}")
    moment_us = moment_of(people, request.at)
    members = (0, people.pools) if pool is None else (pool, pool + 1)
    wanted = None if state is None else names.index(state.upper())
    found: list[Mapping[str, object]] = []
    total = 0
    for one in described_people(people.plan, flow, described, members, moment_us):
        if wanted is None or one.state == wanted:
            total += 1
            if limit is None or total <= limit:
                found.append(one.document)
    return Listed(found, moment_us, people.plan.digest, total, described)


def differences(found: Listed, file: Path) -> Compared:
    """What differs between people and a file. Raises BadInput for a file of something else."""
    by = found.personas.known_by
    theirs = documents.read(file, by, "personas.imported")
    return Compared(found.total, list(documents.differences(found.documents, theirs, by)), clock.iso(found.at_us))
