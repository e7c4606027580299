"""The other side of a channel, as the worker sees it: it receives a batch, and returns the result of each row.

An interface: `deliver/posthog.py` implements it. A row that a peer does not mention in its answer waits unchanged.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from populace.database.connection import Connection
from populace.deliver.outbox import OutboxBatch, Row
from populace.errors import PopulaceError
from populace.spec import Channel


@dataclass(slots=True)
class Answer:
    """The result of a batch.

    taken: the peer has them. refused: it never will, with its words. later: not now; why: for what reason, in its or
    our words; after_s: not before so many seconds. rests_s: by limits of its own the peer takes nothing at all for so
    long (seconds), of which after_s may be a part. fault: nothing at all will be taken until somebody changes the
    settings. record: writes what came back, in the transaction in which the rows leave the outbox.
    """

    taken: list[Row] = field(default_factory=list)
    refused: list[tuple[Row, str]] = field(default_factory=list)
    later: list[Row] = field(default_factory=list)
    why: str = ""
    after_s: float = 0.0
    rests_s: float = 0.0
    fault: PopulaceError | None = None
    record: Callable[[Connection], None] | None = None


class Peer(Protocol):
    """Who takes the rows of a channel. most: rows a batch. per_s: rows a second. most_ahead_us: how far ahead of real
    time a row may lie; None: as far as it will."""

    @property
    def channel(self) -> Channel: ...
    @property
    def most(self) -> int: ...
    @property
    def per_s(self) -> float: ...
    @property
    def most_ahead_us(self) -> int | None: ...

    def send(self, batch: OutboxBatch, stop: threading.Event) -> Answer:
        """Send a batch. Errors of the peer and of the connection are part of the answer; ends early when `stop` is
        set."""
        ...

    def close(self) -> None:
        """Let connections go."""
        ...
