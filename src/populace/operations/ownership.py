"""What of a target is ours, by its own records: every plan that wrote there, with the keys that prove its rows.

Without a record nothing is ours: no world's table names say whose rows are in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from populace.database.ownership import Staged
from populace.errors import Refused
from populace.event import Listener
from populace.operations.population import Place, recorded
from populace.plan.plan import source_of
from populace.runner import proof
from populace.runner.records import PlanRecord
from populace.spec import World
from populace.spec.source import changes


@dataclass(frozen=True, slots=True)
class Owned:
    """A world of which rows may be in a target, and the keys of its plans. lives: its population is there."""

    world: World
    staged: Staged
    lives: bool


def owned(there: Place, on_event: Listener) -> list[Owned]:
    """Whose rows may be there: of the population, and of those that ended and left rows behind.

    The keys are in temporary tables of the session. Raises Refused for a world that is not installed, and for a plan
    that this version would give other people.
    """
    return [Owned(world, staged, lives) for world, staged, lives in _staged(there, on_event)]


def _staged(there: Place, on_event: Listener) -> Iterator[tuple[World, Staged, bool]]:
    connection, former = there.connection, proof.former(there.connection)
    names = dict.fromkeys([*([there.record.world] if there.record else []), *(one.world for one in former)])
    if there.record is None and there.named is not None:
        names = {name: None for name in names if name == there.named.name}
    plans: list[tuple[World, list[proof.Written], bool]] = []
    for name in names:
        record = there.record if there.record is not None and there.record.world == name else None
        ended = [(one, _as_seeded(there, one)) for one in former if one.world == name]
        written = [one.written(world) for one, world in ended]
        if record is not None:
            written.insert(0, proof.current(connection, _as_seeded(there, record), record))
        plans.append((written[0].plan.world, written, record is not None))
    connection.commit()
    for world, written, lives in plans:
        yield world, proof.stage(connection, world, written, on_event), lives


def _as_seeded(there: Place, record: PlanRecord | proof.Former) -> World:
    """The world that gave a plan's rows: as it stands, or, where its author has changed it since, as it was kept.

    Raises Refused when it can be had in neither way.
    """
    context, source = there.context, source_of(record.document)
    try:
        world = there.named if there.named and there.named.name == record.world else None
        world = world or recorded(context, record.world, record.world_path, there.shown)
        if not (changed := changes(source, world.source)):
            return world
    except Refused:
        if (kept := context.registry.kept(source)) is None:
            raise
        return kept
    if (kept := context.registry.kept(source)) is not None:
        return kept
    raise Refused(
        "the files of this world have changed since, and only as they were do they show which rows are its own",
        where=record.world_path or there.shown,
        given=changed,
        todo=[
            "restore these files, and do this again (no copy of them was kept for this user on this machine)",
            "or do it as the user, and on the machine, that seeded here: there a copy was kept",
        ],
    )
