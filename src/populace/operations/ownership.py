"""What of a target is ours, by its own records: every plan that wrote there, with the keys that prove its rows.

Without a record nothing is ours: no world's table names say whose rows are in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from populace.database.ownership import Staged
from populace.event import Listener
from populace.operations.population import Place, recorded
from populace.runner import proof
from populace.spec import World


@dataclass(frozen=True, slots=True)
class Owned:
    """A world of which rows may be in a target, and the keys of its plans. lives: its population is there."""

    world: World
    staged: Staged
    lives: bool


def owned(there: Place, on_event: Listener) -> list[Owned]:
    """Whose rows may be there: of the population, and of those that ended and left rows behind.

    The keys are in temporary tables of the session. Raises Refused for a world that is not installed, and for a plan
    that this version would give other people; and as `Place.world` does for another world than was named.
    """
    return [Owned(world, staged, lives) for world, staged, lives in _staged(there, on_event)]


def _staged(there: Place, on_event: Listener) -> Iterator[tuple[World, Staged, bool]]:
    connection, former = there.connection, proof.former(there.connection)
    names = dict.fromkeys([*([there.record.world] if there.record else []), *(one.world for one in former)])
    if there.record is None and there.named is not None:
        names = {name: None for name in names if name == there.named.name}
    plans: list[tuple[World, list[proof.Written], bool]] = []
    for name in names:
        lives = there.record is not None and there.record.world == name
        ended = [one for one in former if one.world == name]
        world = there.world if lives else recorded(there.context, name, ended[0].world_path, there.shown)
        written = [one.written(world) for one in ended]
        if lives:
            assert there.record is not None
            written.insert(0, proof.current(connection, world, there.record))
        plans.append((world, written, lives))
    connection.commit()
    for world, written, lives in plans:
        yield world, proof.stage(connection, world, written, on_event), lives
