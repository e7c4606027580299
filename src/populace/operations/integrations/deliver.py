"""deliver: what waits in the outbox, sent until nothing waits, or beside a runner for as long as that lives."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from populace import clock
from populace.database.connection import Connection
from populace.deliver import outbox
from populace.deliver.peer import Peer
from populace.deliver.worker import Level, Worker
from populace.errors import BadInput, PopulaceError, Remedy, TargetUnavailable
from populace.event import Event, Listener, Stage, unheard
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.integrations.channels import Setup
from populace.operations.opening import Opened, session
from populace.operations.population import place
from populace.runner import records

LAST_S = 2.0
"""At its end a runner still sends for so long what it wrote last."""
_POLL_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverRequest:
    """world: as it is named; None: whichever lives in the target. channel: only this one; None: all for which there are
    settings. seconds: end after so many; None: when nothing waits."""

    world: str | None = None
    channel: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a delivery did. channels: by name, rows taken, rows rejected, batches that failed, and rows that still wait.
    away: why a channel's peer takes nothing, by its title, where rows wait for it.
    """

    target: str
    seconds: float = 0.0
    channels: dict[str, dict[str, int]] = field(default_factory=dict)
    away: dict[str, str] = field(default_factory=dict)

    def total(self, what: str) -> int:
        """The sum over all channels."""
        return sum(counts[what] for counts in self.channels.values())

    def document(self) -> dict[str, Any]:
        """The sums, and each channel's."""
        sums = {what: self.total(what) for what in ("delivered", "rejected", "waiting")}
        more = {"seconds": round(self.seconds, 1), "channels": self.channels, "away": self.away}
        return {"target": self.target, **sums, **more}

    def fault(self) -> TargetUnavailable | None:
        """What keeps rows from being taken; None when nothing waits, or what waits is being taken."""
        if not self.away:
            return None
        why = "; ".join(self.away.values())
        return TargetUnavailable(
            f"{self.total('waiting'):,} rows wait, and nothing is accepted: {why}",
            where="deliver",
            todo=Remedy(text="what waits stays in the outbox: when the other side accepts again, run {} again"),
        )


def deliver(
    context: Context, request: DeliverRequest, *, on_event: Listener = unheard, stop: threading.Event | None = None
) -> Delivered:
    """Send what waits, until nothing does, a peer rests by its own limits for more than a minute, or `stop` is set. The
    result's `fault()` says whether a peer takes nothing.

    Raises BadInput for a channel that does not exist or lacks its setting, or whose setting the other side does not
    accept.
    """
    with place(context, request.world, "deliver", looking=True, or_copy=False) as there:
        setup = channels.setup(there)
    peers = _peers(setup, request.channel)
    return drain(setup, peers, on_event, stop or threading.Event(), seconds=request.seconds)


def drain(
    setup: Setup,
    peers: Sequence[Peer],
    on_event: Listener,
    stop: threading.Event,
    *,
    seconds: float | None = None,
) -> Delivered:
    """Send what waits to some peers, as `deliver` does; for so many seconds at most."""
    began, opened = clock.monotonic(), setup.opened
    until = float("inf") if seconds is None else began + seconds
    with session(opened, "deliver", looking=True) as connection:
        total = sum(_waiting(connection, peer.channel.name) for peer in peers)
    end, progress = threading.Event(), Stage(on_event, "deliver", "rows", total)

    threads = [_Draining(_worker(opened, peer, on_event, end)) for peer in peers]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads) and not stop.is_set() and clock.monotonic() < until:
            clock.sleep(min(_POLL_S, max(0.0, until - clock.monotonic())), stop)
            progress.at(sum(t.worker.taken + t.worker.rejected for t in threads))
            if any(thread.error for thread in threads):
                break
    finally:
        end.set()
        for thread in threads:
            thread.join()
            thread.worker.peer.close()
    for thread in threads:
        if thread.error:
            raise thread.error
    progress.over(sum(t.worker.taken + t.worker.rejected for t in threads))
    took_s, done, away = clock.monotonic() - began, {}, {}
    with session(opened, "deliver", looking=True) as connection:
        for thread in threads:
            worker = thread.worker
            done[worker.peer.channel.name] = {
                "delivered": worker.taken,
                "rejected": worker.rejected,
                "failed_batches": worker.failed,
                "waiting": _waiting(connection, worker.peer.channel.name),
            }
            nothing = not (worker.taken or worker.rejected) and not stop.is_set()
            if worker.why and done[worker.peer.channel.name]["waiting"] and (worker.given_up or nothing):
                away[worker.peer.channel.title] = worker.why
    return Delivered(opened.shown, took_s, done, away)


def beside(setup: Setup, on_event: Listener) -> AbstractContextManager[None]:
    """Deliver while the body runs, on every channel for which there are settings; at its end what was written last.

    Nothing that happens there reaches the body. A setting with which nothing can be sent is said once, and rows wait.
    """
    return _beside(setup.opened, known(setup, on_event), on_event)


@contextmanager
def _beside(opened: Opened, peers: Sequence[Peer], on_event: Listener) -> Iterator[None]:
    stop = threading.Event()
    threads = [_Living(_worker(opened, peer, on_event, stop)) for peer in peers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        until = clock.monotonic() + LAST_S
        for thread in threads:
            # One that hangs in a request is left behind: what it holds is free again when the process ends.
            thread.join(max(0.0, until - clock.monotonic()))


class _Draining(threading.Thread):
    """A worker that goes on until nothing waits. error: what ended it."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(name=f"deliver {worker.peer.channel.name}", daemon=True)
        self.worker = worker
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.worker.drain()
        except Exception as error:  # shown where the command ends
            self.error = error


class _Living(threading.Thread):
    """A worker beside a runner."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(name=f"deliver {worker.peer.channel.name}", daemon=True)
        self.worker = worker

    def run(self) -> None:
        try:
            self.worker.live()
            self.worker.last(LAST_S)
        except Exception as error:  # an error of ours must not end the runner
            self.worker.report("warning", f"delivery has ended; what waits stays: {type(error).__name__}: {error}")
        finally:
            self.worker.peer.close()


def _worker(opened: Opened, peer: Peer, on_event: Listener, stop: threading.Event) -> Worker:
    def report(level: Level, message: str) -> None:
        _report(opened, on_event, level, message)

    return Worker(lambda: opened.writing(f"deliver {peer.channel.name}"), peer, report, stop)


def _report(opened: Opened, on_event: Listener, level: Level, message: str) -> None:
    """Say something of a delivery, here and in the journal."""
    on_event(Event("note", message))
    try:
        with session(opened, "deliver journal") as connection:
            records.journal(connection, level, "deliver", message)
    except (psycopg.Error, PopulaceError):
        return  # the database is not reachable: it was reported, and nothing more can be done


def known(setup: Setup, on_event: Listener) -> list[Peer]:
    """The peers of all channels that are of use here and have their settings.

    Settings and variables with which nothing can be sent are said, each once for all channels, and their rows wait.
    """
    found: list[Peer] = []
    faults: dict[str, list[str]] = {}
    for one in setup.world.channels:
        try:
            peer = channels.peer(setup, one)
        except PopulaceError as error:
            faults.setdefault(str(error), []).append(one.title)
        else:
            found += [peer] if peer else []
    for why, titles in faults.items():
        said = f"nothing is sent to {' and '.join(titles)}; what waits stays in the outbox: {why}"
        _report(setup.opened, on_event, "warning", said)
    return found


def _peers(setup: Setup, channel: str | None) -> list[Peer]:
    """Those of a channel, or of all that have their settings. Raises BadInput where there is none."""
    named = setup.world.channels if channel is None else (setup.world.channel(channel, "deliver.channel"),)
    peers = [peer for one in named if (peer := channels.peer(setup, one))]
    if peers:
        return peers
    lacking = [" and ".join(channels.missing(one, setup.chosen)) for one in named if channel or setup.used(one)]
    variables = "; or ".join(names for names in lacking if names)
    raise BadInput(
        "no integration is configured",
        where="deliver",
        todo=f"set {variables}" if variables else "no channel of this world is of use here",
    )


def _waiting(connection: Connection, channel: str) -> int:
    return sum(n for n, _ in outbox.waiting(connection, channel).values())
