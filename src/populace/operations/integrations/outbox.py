"""What became of the rows of each channel, and another try for what was rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from populace import clock
from populace.database import coverage
from populace.database.connection import Connection
from populace.database.coverage import Span
from populace.deliver import outbox
from populace.deliver.outbox import Rejection, Sent
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.population import Place, place
from populace.spec import Channel, EventBatches, World


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRequest:
    """world: as it is named; None: whichever lives in the target. channel: only this one; None: all of the world's."""

    world: str | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """waiting: rows by kind, without rejected ones. failed: how many of them have failed attempts. ahead: how many of
    them lie too far ahead of real time to be sent, and wait until it has caught up."""

    waiting: Mapping[str, int]
    failed: int
    ahead: int
    sent: Sequence[Sent]
    rejected: Sequence[Rejection]

    def document(self) -> dict[str, Any]:
        """Rows by where they are."""
        return {
            "waiting": dict(self.waiting),
            "failed_attempts": self.failed,
            "ahead_of_real_time": self.ahead,
            "delivered": {s.kind: s.rows for s in self.sent},
            "rejected": [
                {"kind": r.kind, "rows": r.rows, "error": r.error, "example": r.example} for r in self.rejected
            ],
        }


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """The state of channels, by name."""

    target: str
    channels: Mapping[str, ChannelStatus]

    def document(self) -> dict[str, Any]:
        """Each channel's."""
        return {"target": self.target, "channels": {name: one.document() for name, one in self.channels.items()}}


@dataclass(frozen=True, slots=True)
class EventsStatus:
    """The state of a channel of events. key_set: whether there is a key, which is never part of it.

    covered: the simulated time whose events were queued; gaps: what was never queued since history began, up to the
    watermark.
    """

    target: str
    channel: str
    host: str
    key_set: bool
    status: ChannelStatus
    covered: Sequence[Span]
    gaps: Sequence[Span]

    def document(self) -> dict[str, Any]:
        """The same, with the days of what was delivered."""
        found = self.status
        return {
            "target": self.target,
            "channel": self.channel,
            "host": self.host,
            "key_set": self.key_set,
            "waiting": dict(found.waiting),
            "failed_attempts": found.failed,
            "ahead_of_real_time": found.ahead,
            "delivered": {s.kind: {"events": s.rows, "first": str(s.first), "last": str(s.last)} for s in found.sent},
            "rejected": [
                {"event": r.kind, "events": r.rows, "error": r.error, "example": r.example} for r in found.rejected
            ],
            "covered": _shown(self.covered),
            "gaps": _shown(self.gaps),
        }


@dataclass(frozen=True, slots=True)
class Retried:
    """rows: that wait again. channel: in which; None: in all."""

    target: str
    channel: str | None
    rows: int

    def document(self) -> dict[str, Any]:
        """How many wait again."""
        return {"target": self.target, "waiting_again": self.rows}


def outbox_status(context: Context, request: ChannelRequest | None = None) -> OutboxStatus:
    """What waits in channels, what was delivered, and what was refused for good and why.

    Raises BadInput for a channel that the world does not declare.
    """
    request = request or ChannelRequest()
    with place(context, request.world, "outbox status", looking=True) as there:
        named = _named(there.world, request.channel, "outbox_status.channel")
        return OutboxStatus(there.shown, {one.name: status_of(there.connection, one) for one in named})


def events_status(context: Context, request: ChannelRequest | None = None) -> EventsStatus:
    """The state of a channel of events; without a name, of the only one. Raises BadInput where there is none such."""
    request = request or ChannelRequest()
    from populace.deliver.posthog import checked_host

    with place(context, request.world, "events status", looking=True) as there:
        channel = channels.events_channel(there.world, request.channel, "events_status.channel")
        covered, lived = coverage.read(there.connection, channel.name), _lived(there)
        return EventsStatus(
            there.shown,
            channel.name,
            checked_host(
                channel, getattr(context.settings, channel.peer.address), context.settings.source(channel.peer.address)
            ),
            bool(getattr(context.settings, channel.peer.key)),
            status_of(there.connection, channel),
            covered,
            coverage.gaps(covered, lived) if lived else (),
        )


def retry(context: Context, request: ChannelRequest | None = None) -> Retried:
    """Let what was rejected wait again, as if it were new. Raises BadInput for a channel that does not exist."""
    request = request or ChannelRequest()
    with place(context, request.world, "retry") as there:
        named = _named(there.world, request.channel, "retry.channel")
        return Retried(there.shown, request.channel, sum(outbox.retry(there.connection, one.name) for one in named))


def retry_events(context: Context, request: ChannelRequest | None = None) -> Retried:
    """The same for a channel of events; without a name, for the only one."""
    request = request or ChannelRequest()
    with place(context, request.world, "retry") as there:
        name = channels.events_channel(there.world, request.channel, "retry_events.channel").name
        return Retried(there.shown, name, outbox.retry(there.connection, name))


def _named(world: World, channel: str | None, where: str) -> Sequence[Channel]:
    return world.channels if channel is None else (world.channel(channel, where),)


def status_of(connection: Connection, channel: Channel) -> ChannelStatus:
    """The state of a channel."""
    waiting = outbox.waiting(connection, channel.name)
    return ChannelStatus(
        {kind: n for kind, (n, _) in waiting.items()},
        sum(failed for _, failed in waiting.values()),
        _ahead(connection, channel),
        outbox.sent(connection, channel.name),
        outbox.rejected(connection, channel.name),
    )


def _ahead(connection: Connection, channel: Channel) -> int:
    if not isinstance(channel.peer, EventBatches):
        return 0
    return outbox.ahead(connection, channel.name, now_us=clock.now_us(), most_ahead_us=outbox.MOST_AHEAD_US)


def _lived(there: Place) -> Span | None:
    """The simulated time that is written; None without a population."""
    if there.record is None or there.record.state != "ready":
        return None
    people = there.population()
    return Span(people.plan.origin_us, people.watermark_us)


def _shown(spans: Sequence[Span]) -> list[dict[str, str]]:
    return [{"from": clock.iso(s.low_us), "to": clock.iso(s.high_us)} for s in spans]
