"""The integrations of a runner: who receives events, and who makes accounts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from populace.database import coverage
from populace.database.connection import Connection
from populace.engine import Window
from populace.errors import TargetUnavailable
from populace.sinks.accounts import AccountsSink, User
from populace.sinks.postgres import PostgresSink
from populace.spec import AccountService, Channel, World


class ServiceAway(TargetUnavailable):
    """The account service does not answer, and may do so later; nothing of the window is written."""


@dataclass(frozen=True, slots=True)
class Integrations:
    """heard: channels of events that somebody listens to, by name; their rows are put into the outbox. create: makes
    accounts of people; None: they are rows like all others. accounts: the channel by which they are deleted again.
    done: closes what `create` holds, after a seed or a run.
    """

    heard: frozenset[str] = frozenset()
    create: Callable[[Sequence[User]], Any] | None = None
    accounts: Channel | None = None
    done: Callable[[], None] = lambda: None

    @property
    def by_service(self) -> frozenset[str]:
        """The tables of which a service makes the rows."""
        peer = self.accounts.peer if self.create is not None and self.accounts is not None else None
        return frozenset({peer.users, peer.identities}) if isinstance(peer, AccountService) else frozenset()

    def sink(self, connection: Connection, world: World, *, bulk: bool = False) -> PostgresSink | AccountsSink:
        """Where a runner's rows go. It raises ServiceAway, besides what the sinks raise."""
        if self.create is None or self.accounts is None:
            return PostgresSink(connection, world, bulk=bulk, by_day=world.by_day)
        return AccountsSink(connection, world, self._created, self.accounts, bulk=bulk)

    def covers(self, connection: Connection, window: Window) -> None:
        """Note that the events of a window are queued for whoever listens."""
        for channel in sorted(self.heard):
            coverage.add(connection, channel, coverage.Span(window.start_us, window.end_us))

    def close(self) -> None:
        """Let connections go."""
        self.done()

    def _created(self, users: Sequence[User]) -> None:
        assert self.create is not None
        try:
            self.create(users)
        except TargetUnavailable as error:
            raise ServiceAway(error.what, where=error.where, todo=error.remedies) from None
