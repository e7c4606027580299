"""Where a seed has its slices written: here, by processes beside this one, or by a cluster; what a worker is given."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from populace.database.connection import Connection
from populace.database.pins import Backend
from populace.database.target import Target
from populace.engine import Window
from populace.errors import BadInput, Refused, Remedy
from populace.operations.context import Context
from populace.operations.opening import Opened, session
from populace.plan import Plan, from_document
from populace.runner.bulk import SliceWriter
from populace.runner.clusters import Address
from populace.runner.executors import MOST_WORKERS, Executor, InProcess, Processes
from populace.runner.integrations import Integrations
from populace.runner.ledger import Piece
from populace.runner.manifest import Slice
from populace.runner.parquet import SliceFiles, Wrote
from populace.sinks.sink import Tallies
from populace.stores import Bucket
from populace.worlds.registry import Registry

if TYPE_CHECKING:
    from populace.runner.cluster import Cluster

ROWS_WORTH_A_WORKER = 400_000
"""A process takes about as long to begin as these rows to be written: with fewer for each there are fewer workers."""


def checked(workers: int | None) -> int | None:
    """How many workers somebody asked for, None where nobody did. Raises BadInput for a number that cannot be."""
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise BadInput(
            "so many workers cannot be", where="seed.workers", given=workers, allowed=f"from 1 to {MOST_WORKERS}"
        )
    return workers


def at_cluster(cluster: str | None, workers: int | None) -> Address | None:
    """The cluster that somebody asked for. Raises BadInput for what is none, and beside a number of workers."""
    if cluster is None:
        return None
    if workers is not None:
        raise BadInput(
            "rows are written by workers of this machine or of a cluster, not by both",
            where="seed.cluster",
            given=cluster,
            todo=Remedy("", {"workers": workers}, "leave out one of both: {}, or the cluster, whose size is its own"),
        )
    return Address.parse(cluster, "seed.cluster")


def executor(
    context: Context,
    plan: Plan,
    rows: int,
    *,
    asked: int | None,
    cluster: Cluster | None = None,
    alone: bool = False,
    beside_server: bool = False,
) -> Executor:
    """Where the slices of a seed are written. rows: estimated. asked: how many workers somebody wants.

    alone: only this process can. So it is, too, with a world that another process would not find. beside_server: the
    server is on this machine and needs a processor for itself. Raises Refused for a cluster where only this process
    can.
    """
    if cluster is not None:
        if alone or _found_again(context, plan) is None:
            raise Refused(
                "these rows are written by one process, on this machine",
                where="seed.cluster",
                allowed="a cluster writes into tables that the seed has made, of a world that workers find by its name",
                todo="leave out the cluster; what is written stays",
            )
        return cluster
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
    # It may hold what nobody is to read in a log.
    document: Mapping[str, Any] = field(repr=False)
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
    _connection: Connection | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def __call__(self, piece: Piece) -> Tallies:
        if self._write is None:
            plan = self.sent.plan()
            opened = Opened(self.target, self.url, self.shown)
            connection = self._open.enter_context(session(opened, f"seed worker {plan.world.name}"))
            self._connection = connection
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

    def end(self) -> None:
        """From another thread: leave what is under way. The server takes it back, and a call that runs fails."""
        connection = self._connection
        if connection is None or connection.closed:
            return
        with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)

    @classmethod
    def of(
        cls, context: Context, plan: Plan, opened: Opened, until_us: int, *, heard: frozenset[str], leader: Backend
    ) -> DatabaseTask:
        """The task of a seed into tables that it made."""
        sent = _Sent.of(context, plan)
        return cls(sent, opened.target, opened.url, opened.shown, until_us, heard, leader)


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """Asked of a worker: which database it reaches under a URL."""

    target: Target
    url: str = field(repr=False)
    shown: str

    def __call__(self) -> tuple[int, int]:
        """When the server was started (µs), and the number of the database."""
        with session(Opened(self.target, self.url, self.shown), "seed worker", looking=True) as connection:
            row = connection.execute(
                "SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint, oid::bigint"
                " FROM pg_database WHERE datname = current_database()"
            ).fetchone()
        assert row is not None
        return int(row[0]), int(row[1])


def require_reach(cluster: Cluster, opened: Opened) -> None:
    """Raise Refused where a worker of a cluster does not reach the very database that is meant."""
    seen = DatabaseSeen(opened.target, opened.url, opened.shown)
    todo = "name a database by a URL that every worker reaches, or have workers beside it"
    if opened.target.kind == "embedded":
        todo = "an embedded server is reached from its own machine only: name a server, or use workers on this machine"
    cluster.require(seen, seen(), "does not reach this database", todo)


@dataclass(slots=True)
class FilesTask:
    """Writes slices as files of a folder, in a worker process."""

    sent: _Sent
    folder: Path | Bucket
    until_us: int
    _write: SliceFiles | None = None

    def __call__(self, piece: Slice) -> Wrote:
        if self._write is None:
            plan = self.sent.plan()
            self._write = SliceFiles(self.folder, plan, Window(plan.origin_us, self.until_us))
        return self._write(piece)

    @classmethod
    def of(cls, context: Context, plan: Plan, folder: Path | Bucket, until_us: int) -> FilesTask:
        """The task of a seed into a folder."""
        return cls(_Sent.of(context, plan), folder, until_us)
