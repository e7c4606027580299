"""How many processes a seed has slices written by, and what each of them is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from populace.database.pins import Backend
from populace.database.target import Target
from populace.engine import Window
from populace.errors import BadInput
from populace.operations.context import Context
from populace.operations.opening import Opened, session
from populace.plan import Plan, from_document
from populace.runner.bulk import SliceWriter
from populace.runner.executors import MOST_WORKERS, Executor, InProcess, Processes
from populace.runner.integrations import Integrations
from populace.runner.ledger import Piece
from populace.runner.manifest import Slice
from populace.runner.parquet import SliceFiles, Wrote
from populace.sinks.sink import Tallies
from populace.worlds.registry import Registry

ROWS_WORTH_A_WORKER = 400_000
"""A process takes about as long to begin as these rows to be written: with fewer for each there are fewer workers."""


def checked(workers: int | None) -> int | None:
    """How many workers somebody asked for, None where nobody did. Raises BadInput for a number that cannot be."""
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise BadInput(
            "so many workers cannot be", where="seed.workers", given=workers, allowed=f"from 1 to {MOST_WORKERS}"
        )
    return workers


def executor(
    context: Context, plan: Plan, rows: int, *, asked: int | None, alone: bool = False, beside_server: bool = False
) -> Executor:
    """Where the slices of a seed are written. rows: estimated. asked: how many workers somebody wants.

    alone: only this process can. So it is, too, with a world that another process would not find. beside_server: the
    server is on this machine and needs a processor for itself.
    """
    free = _processors() - beside_server
    many = min(free, rows // ROWS_WORTH_A_WORKER) if asked is None else asked
    if many < 2 or alone or _found_again(context, plan) is None:
        return InProcess()
    return Processes(many)


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _found_again(context: Context, plan: Plan) -> str | None:
    """The name or path by which another process finds a plan's world; None where it would not."""
    path = context.registry.path_of(plan.world)
    called = plan.world.name if path is None else str(path)
    try:
        return called if context.registry.find(called) is plan.world else None
    except BadInput:
        return None


@dataclass(frozen=True, slots=True)
class _Sent:
    """A plan as it is sent to another process. world: the name or path of its world."""

    world: str
    document: Mapping[str, Any]
    digest: str

    @classmethod
    def of(cls, context: Context, plan: Plan) -> _Sent:
        world = _found_again(context, plan)
        assert world is not None
        return cls(world, plan.document(), plan.digest)

    def plan(self) -> Plan:
        """The plan. Raises BadInput where this process would make other people of it."""
        plan = from_document(self.document, Registry().find(self.world), "the plan of this seed", files=self.world)
        if plan.digest != self.digest:
            raise BadInput(
                "a worker process made another plan of it",
                where="the plan of this seed",
                given=plan.digest,
                allowed=self.digest,
                todo="seed with one worker",
            )
        return plan


@dataclass(slots=True)
class DatabaseTask:
    """Writes slices into a database, in a worker process with a session of its own. leader: the session of whoever
    seeds."""

    sent: _Sent
    target: Target
    url: str = field(repr=False)
    shown: str
    until_us: int
    heard: frozenset[str]
    leader: Backend
    _write: Callable[[Piece], Tallies] | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def __call__(self, piece: Piece) -> Tallies:
        if self._write is None:
            plan = self.sent.plan()
            opened = Opened(self.target, self.url, self.shown)
            connection = self._open.enter_context(session(opened, f"seed worker {plan.world.name}"))
            self._write = SliceWriter(
                connection,
                plan,
                self.until_us,
                in_place=False,
                integrations=Integrations(heard=self.heard),
                led_by=self.leader,
            )
        try:
            return self._write(piece)
        except BaseException as error:
            self._write = None
            self._open.__exit__(type(error), error, error.__traceback__)
            raise

    @classmethod
    def of(
        cls, context: Context, plan: Plan, opened: Opened, until_us: int, *, heard: frozenset[str], leader: Backend
    ) -> DatabaseTask:
        """The task of a seed into tables that it made."""
        sent = _Sent.of(context, plan)
        return cls(sent, opened.target, opened.url, opened.shown, until_us, heard, leader)


@dataclass(slots=True)
class FilesTask:
    """Writes slices as files of a folder, in a worker process."""

    sent: _Sent
    folder: Path
    until_us: int
    _write: SliceFiles | None = None

    def __call__(self, piece: Slice) -> Wrote:
        if self._write is None:
            plan = self.sent.plan()
            self._write = SliceFiles(self.folder, plan, Window(plan.origin_us, self.until_us))
        return self._write(piece)

    @classmethod
    def of(cls, context: Context, plan: Plan, folder: Path, until_us: int) -> FilesTask:
        """The task of a seed into a folder."""
        return cls(_Sent.of(context, plan), folder, until_us)
