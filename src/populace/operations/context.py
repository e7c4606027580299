"""What every operation is given: settings, worlds, and where sessions on a target come from.

An interface (the command line, an API, a user's program) makes a `Context` once, from what only it may read: options,
the environment, the working folder. Operations read only this and their request.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from populace.event import Listener, unheard
from populace.settings import Settings
from populace.worlds.registry import Registry

if TYPE_CHECKING:
    from populace.database.connection import Connection
    from populace.database.target import Target


class Connections(Protocol):
    """A source of sessions on databases. Each is opened when it is needed, or comes from a pool.

    opens: whether an embedded database that is reached is opened for synthetic data, which it is from the start.
    """

    opens: bool

    def reach(self, target: Target, pg_bin: Path | None) -> str:
        """The URL of the target's database; an embedded server is started if need be."""

    def open(self, url: str, purpose: str, *, autocommit: bool = False) -> Connection:
        """A session in time zone UTC; purpose is shown to whoever looks at the server's sessions."""

    def close(self, connection: Connection) -> None:
        """Give a session back. Whoever leads holds an advisory lock, which has to end with it."""


class Direct:
    """A new session each time: the process ends soon, or talks to a pooler. The driver is loaded with the first one."""

    opens = True

    def reach(self, target: Target, pg_bin: Path | None) -> str:
        from populace.database.connection import open_database

        return open_database(target, pg_bin)

    def open(self, url: str, purpose: str, *, autocommit: bool = False) -> Connection:
        from populace.database.connection import connect

        return connect(url, application_name=f"populace {purpose}", autocommit=autocommit)

    def close(self, connection: Connection) -> None:
        connection.close()


@dataclass(frozen=True, slots=True)
class Context:
    """settings: in force, the target among them. registry: the worlds at hand. connections: where sessions come from.
    on_note: hears what a caller should know about the target, whatever they asked.

    A context may be shared by threads; one for another target comes from `at`.
    """

    settings: Settings = field(default_factory=Settings)
    registry: Registry = field(default_factory=Registry)
    connections: Connections = field(default_factory=Direct)
    on_note: Listener = unheard

    def at(self, target: str) -> Context:
        """The same for another target."""
        return replace(self, settings=self.settings.at(target))
