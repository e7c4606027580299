"""Opens a population: a target that answers and is open, the world of its people, and their plan.

The target's own record says which world it is. A caller who names a world has to name that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from populace.database import backups, guard, identity
from populace.database.backups import About
from populace.database.connection import Connection
from populace.database.identity import Difference
from populace.errors import BadInput, Refused, Remedy
from populace.event import Event
from populace.operations.context import Context
from populace.operations.opening import Opened, reach, session, whose
from populace.plan import Plan
from populace.runner import ledger, records
from populace.runner.records import PlanRecord
from populace.settings import DEFAULT_WORLD
from populace.spec import World


@dataclass(frozen=True)
class Place:
    """A target, seen from a session on it. is_open: for synthetic data. record: of the plan there; None: nobody lives
    there. named: the world that the caller named, None for that on record. difference: in what it differs from the
    database that was opened.
    """

    context: Context
    opened: Opened
    connection: Connection
    is_open: bool
    record: PlanRecord | None
    named: World | None
    difference: Difference | None = None

    @property
    def shown(self) -> str:
        """The target as it was named, without a password."""
        return self.opened.shown

    @cached_property
    def world(self) -> World:
        """The world of the people there, or of those to come. Raises Refused for one that is not at hand."""
        record, former = self.record, self._former
        if self.named is not None:
            return self.named
        if former is not None and former.world is not None:
            return recorded(self.context, former.world, former.world_path, self.shown)
        if record is None:
            return self.context.registry.find(DEFAULT_WORLD)
        return recorded(self.context, record.world, record.world_path, self.shown)

    @property
    def is_at_hand(self) -> bool:
        """Whether the world of whoever lives there can be had."""
        try:
            return self.record is not None and self.world.name == self.record.world
        except Refused:
            return False

    @property
    def called(self) -> str:
        """What the world is called here."""
        return self.context.registry.called(self.world)

    @cached_property
    def left(self) -> str | None:
        """The file with the old data of a refresh that has begun and not ended; None where none has."""
        return left_by_refresh(self.connection) if self.is_open else None

    @cached_property
    def _former(self) -> About | None:
        """What that old data is of, where it can be read, and nobody lives there now."""
        try:
            return backups.read(Path(self.left)).about if self.left and self.record is None else None
        except BadInput:
            return None

    def finished(self) -> PlanRecord:
        """The record of a finished seed. Raises Refused where there is none, or of another world."""
        try:
            return records.finished(self.connection, self.world, self.called)
        except Refused as error:
            if self.left is None or (self._former and self.world.name != self._former.world):
                raise
            # To seed would go on with what a refresh left, and the next refresh would take that away again.
            raise not_ended(self.left, error.what, self.called, self.shown) from None

    def population(self) -> Population:
        """The plan there. Raises Refused without a population, or when this version would give other people."""
        record = self.finished()
        plan = records.stored_plan(self.connection, self.world, record)
        mark_us = ledger.watermark(self.connection)
        assert mark_us is not None
        return Population(self, record, plan, mark_us)


@dataclass(frozen=True, slots=True)
class Population:
    """People of a finished seed. plan: with the interventions in force. watermark_us: everything before it is
    written, and what comes later is open.
    """

    place: Place
    record: PlanRecord
    plan: Plan
    watermark_us: int

    @property
    def world(self) -> World:
        """Whose people they are."""
        return self.plan.world

    @property
    def connection(self) -> Connection:
        """The session in which they were read."""
        return self.place.connection

    @property
    def opened(self) -> Opened:
        """Their target."""
        return self.place.opened

    @property
    def called(self) -> str:
        """What their world is called here."""
        return self.place.called


@contextmanager
def place(
    context: Context,
    world: str | None,
    purpose: str,
    *,
    looking: bool = False,
    autocommit: bool = False,
    or_closed: bool = False,
    or_copy: bool | None = None,
) -> Iterator[Place]:
    """A session on a target that is there. world: as the caller names it, None for the world of the target. looking:
    read only, as of one moment. or_closed: also on one that is not open for synthetic data. or_copy: also on one that
    is not the database that was opened, and the caller hears of it; None: where the session only looks.

    Raises BadInput for a world that there is not, Refused for a target that is not open, or holds another world.
    """
    opened = reach(context, whose(context, world), must_exist=True)
    with session(opened, purpose, looking=looking, autocommit=autocommit) as connection:
        is_open = guard.is_open(connection)
        if not (is_open or or_closed):
            guard.require_open(connection, opened.shown)
        difference = identity.difference(connection) if is_open else None
        if difference:
            if not (looking if or_copy is None else or_copy):
                raise guard.not_the_same(difference, opened.shown)
            context.on_note(Event("note", f"{opened.shown} is not the database that was opened: {difference}"))
        record = records.read_plan(connection) if is_open else None
        yield Place(context, opened, connection, is_open, record, _named(context, world, record), difference)


@contextmanager
def population(
    context: Context,
    world: str | None,
    purpose: str,
    *,
    looking: bool = False,
    autocommit: bool = False,
    or_copy: bool | None = None,
) -> Iterator[Population]:
    """The population of a target, in a session; see `place`. Raises Refused besides where there is no finished seed."""
    with place(context, world, purpose, looking=looking, autocommit=autocommit, or_copy=or_copy) as there:
        yield there.population()


def left_by_refresh(connection: Connection) -> str | None:
    """Of an open target, the file with the old data of a refresh that has begun and not ended; None where none has."""
    return guard.refreshing(connection) if guard.is_staging(connection) else None


def not_ended(file: str, state: str, called: str, shown: str) -> Refused:
    """Why nothing is done in what a refresh has left. file: with the old data. state: of what is there. called: the
    world."""
    return Refused(
        "a refresh of this database has begun and not ended",
        where=shown,
        given=state,
        todo=[
            Remedy("refresh", {"world": called}, "unless it is under way, run {}: it puts the old data back first"),
            Remedy("restore", {"file": file, "target": shown}, "or only put the old data back: {}"),
        ],
    )


def _named(context: Context, world: str | None, record: PlanRecord | None) -> World | None:
    """The world that a caller names; None without a name, or for the name of the people there."""
    if world is None or (record is not None and world == record.world):
        return None
    named = context.registry.find(world)
    if record is not None and named.name != record.world:
        raise records.unfinished(named, record)
    return named


def recorded(context: Context, name: str, path: str | None, shown: str) -> World:
    """The world that a target names: an installed one, or where it was found when it was seeded.

    Raises Refused when it is not there any more, or is another one now, with the reason.
    """
    registry, why = context.registry, None
    for called in dict.fromkeys((registry.called(name), path or name)):
        try:
            world = registry.find(called)
        except BadInput as error:
            why = error if called == path else why
            continue
        if world.name == name:
            return world
        why = why or BadInput(f"another world is there now: {world.name}", where=called)
    if path is None:
        raise Refused(
            "the population here is of a world that is not installed",
            where=shown,
            given=name,
            todo="install it, or name another target",
        )
    raise Refused(
        f"the population here is of a world that cannot be found again: {why}",
        where=shown,
        given=name,
        allowed=f"it was found at {path}",
        todo="put it there again, name it by its path, or name another target",
    )
