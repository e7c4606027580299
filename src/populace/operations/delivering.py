"""What waits in the outbox, sent beside a runner or by itself; and the state of each channel."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from populace import clock
from populace.database import coverage, guard
from populace.deliver import outbox
from populace.deliver.peer import Peer
from populace.deliver.worker import Level, Worker
from populace.errors import BadInput, PopulaceError
from populace.operations import outward
from populace.operations.opening import Connection, Opened, resident, session
from populace.runner import ledger, records
from populace.settings import Settings
from populace.spec import Channel, World

LAST_S = 2.0
"""So long a runner that ends sends what it wrote in its last moment."""
_POLL_S = 0.2

Say = Callable[[str], None]


@dataclass(slots=True)
class Delivered:
    """What a delivery did. by channel: rows taken, rows rejected, batches that failed, and rows that still wait."""

    target: str
    seconds: float = 0.0
    channels: dict[str, dict[str, int]] = field(default_factory=dict)

    def total(self, what: str) -> int:
        """The sum over all channels."""
        return sum(counts[what] for counts in self.channels.values())

    def document(self) -> dict[str, Any]:
        """As `deliver --json` prints it."""
        sums = {what: self.total(what) for what in ("delivered", "rejected", "waiting")}
        return {"target": self.target, **sums, "seconds": round(self.seconds, 1), "channels": self.channels}


def deliver(
    opened: Opened,
    chosen: Settings,
    *,
    channel: str | None,
    stop: threading.Event,
    say: Say,
    progress: Callable[[int, int], None],
    world: World,
    needed: bool = True,
) -> Delivered:
    """Send what waits, until nothing does, a peer rests by its own limits for more than a minute, or `stop` is set.

    channel: only this one; None: all for which there are settings. progress(done, of about so many): told while it
    goes on. world: whose people live here, where the target does not say. needed: that there is anybody to send to.
    Raises BadInput for a channel that does not exist or lacks its setting, or whose setting the other side does not
    accept.
    """
    peers = _peers(opened, world, chosen, channel, needed=needed)
    began = clock.monotonic()
    with session(opened, "deliver", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        total = sum(_waiting(connection, peer.channel.name) for peer in peers)
    end = threading.Event()
    threads = [_Draining(_worker(opened, peer, say, end)) for peer in peers]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads) and not stop.is_set():
            clock.sleep(_POLL_S, stop)
            progress(sum(t.worker.taken + t.worker.rejected for t in threads), total)
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
    done = Delivered(opened.shown, clock.monotonic() - began)
    with session(opened, "deliver", looking=True) as connection:
        for thread in threads:
            worker = thread.worker
            done.channels[worker.peer.channel.name] = {
                "delivered": worker.taken,
                "rejected": worker.rejected,
                "failed_batches": worker.failed,
                "waiting": _waiting(connection, worker.peer.channel.name),
            }
    return done


def beside(opened: Opened, chosen: Settings, say: Say, world: World) -> AbstractContextManager[None]:
    """Deliver while the body runs, on every channel for which there are settings; at its end what was written last.

    world: whose people live here, where the target does not say. Nothing that happens there reaches the body. Raises
    BadInput at once for a setting that cannot be one.
    """
    return _beside(opened, _peers(opened, world, chosen, None, needed=False), say)


@contextmanager
def _beside(opened: Opened, peers: Sequence[Peer], say: Say) -> Iterator[None]:
    stop = threading.Event()
    threads = [_Living(_worker(opened, peer, say, stop)) for peer in peers]
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


def events_status(opened: Opened, world: World, chosen: Settings, name: str | None = None) -> Mapping[str, Any]:
    """What waits in a channel of events, what its peer has, what it refused, and which simulated time was queued.

    name: of the channel; None: the only one of the world. The key is never part of it. Gaps are those since history
    began, up to the watermark.
    """
    from populace.deliver.posthog import checked_host

    with session(opened, "events status", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        world = outward.here(connection, world)
        declared = outward.events_channel(world, name)
        channel, peer = declared.name, declared.peer
        waiting = outbox.waiting(connection, channel)
        spans = coverage.read(connection, channel)
        lived = _lived(connection, world)
        sent = outbox.sent(connection, channel)
        return {
            "target": opened.shown,
            "channel": channel,
            "host": checked_host(declared, getattr(chosen, peer.address)),
            "key_set": bool(getattr(chosen, peer.key)),
            "waiting": {kind: n for kind, (n, _) in waiting.items()},
            "failed_attempts": sum(tried for _, tried in waiting.values()),
            "delivered": {s.kind: {"events": s.rows, "first": str(s.first), "last": str(s.last)} for s in sent},
            "rejected": [
                {"event": r.kind, "events": r.rows, "error": r.error, "example": r.example}
                for r in outbox.rejected(connection, channel)
            ],
            "covered": _shown(spans),
            "gaps": _shown(coverage.gaps(spans, lived)) if lived else [],
        }


def outbox_status(opened: Opened, world: World, channel: str | None) -> Mapping[str, Any]:
    """What waits by channel and kind, how much of it has failed attempts, and what was refused for good and why.

    channel: only this one. Raises BadInput for one that does not exist.
    """
    with session(opened, "outbox status", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        channels = {}
        for name in (c.name for c in _named(outward.here(connection, world), channel)):
            waiting = outbox.waiting(connection, name)
            channels[name] = {
                "waiting": {kind: n for kind, (n, _) in waiting.items()},
                "failed_attempts": sum(tried for _, tried in waiting.values()),
                "delivered": {s.kind: s.rows for s in outbox.sent(connection, name)},
                "rejected": [
                    {"kind": r.kind, "rows": r.rows, "error": r.error, "example": r.example}
                    for r in outbox.rejected(connection, name)
                ],
            }
    return {"target": opened.shown, "channels": channels}


@dataclass(frozen=True, slots=True)
class Retried:
    """Rows that wait again, in one channel; None: in all."""

    target: str
    channel: str | None
    rows: int

    def document(self) -> dict[str, Any]:
        """As `outbox retry --json` prints it."""
        return {"target": self.target, "waiting_again": self.rows}


def retry(opened: Opened, world: World, channel: str | None, *, events: bool = False) -> Retried:
    """Let what was rejected wait again, in one channel or in all. events: in a channel of events, without a name in the
    only one. Raises BadInput for a channel that does not exist.
    """
    with session(opened, "retry") as connection:
        guard.require_open(connection, opened.shown)
        world = outward.here(connection, world)
        name = outward.events_channel(world, channel).name if events else channel
        return Retried(opened.shown, name, sum(outbox.retry(connection, one.name) for one in _named(world, name)))


def _named(world: World, channel: str | None) -> Sequence[Channel]:
    """A channel, or all of them. Raises BadInput for one that does not exist."""
    return world.channels if channel is None else [world.channel(channel)]


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
        except Exception as error:  # a fault of ours must not end the runner
            self.worker.report("warning", f"delivery has ended; what waits stays: {type(error).__name__}: {error}")
        finally:
            self.worker.peer.close()


def _worker(opened: Opened, peer: Peer, say: Say, stop: threading.Event) -> Worker:
    def report(level: Level, message: str) -> None:
        say(message)
        try:
            with session(opened, "deliver journal") as connection:
                records.journal(connection, level, "deliver", message)
        except (psycopg.Error, PopulaceError):
            return  # the database is away: it was said, and that is all that can be done

    return Worker(lambda: opened.connect(f"deliver {peer.channel.name}"), peer, report, stop)


def _peers(
    opened: Opened, world: World, chosen: Settings, channel: str | None, *, needed: bool = True
) -> list[Peer]:  # fmt: skip
    """Those of a channel, or of all that have their settings. Raises BadInput where there is none and one is needed."""
    setup = outward.setup(opened, world, chosen)
    named = _named(setup.world, channel)
    peers = [peer for one in named if (peer := outward.peer(setup, one))]
    if needed and not peers:
        lacking = [" and ".join(outward.missing(one, chosen)) for one in named if channel or setup.used(one)]
        variables = "; or ".join(names for names in lacking if names)
        raise BadInput(
            "nobody is named who would take anything",
            where="deliver",
            todo=f"set {variables}" if variables else "none of this world's channels is of use here",
        )
    return peers


def _waiting(connection: Connection, channel: str) -> int:
    return sum(n for n, _ in outbox.waiting(connection, channel).values())


def _lived(connection: Connection, world: World) -> coverage.Span | None:
    """The simulated time that is written; None where nobody lives."""
    record, mark_us = records.read_plan(connection), ledger.watermark(connection)
    if record is None or record.state != "ready" or mark_us is None:
        return None
    world = resident(world, record)
    if record.world != world.name:
        return None
    return coverage.Span(records.stored_plan(connection, world, record).origin_us, mark_us)


def _shown(spans: Sequence[coverage.Span]) -> list[dict[str, str]]:
    return [{"from": clock.iso(s.low_us), "to": clock.iso(s.high_us)} for s in spans]
