"""From the text of a target to a session on it, opened for synthetic data or refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg

from populace import clock
from populace.database import guard
from populace.database.connection import Connection, is_lost, translate
from populace.database.embedded import EmbeddedServer
from populace.database.target import Target, redact
from populace.errors import BadInput, PopulaceError, Refused, Remedy, TargetUnavailable
from populace.event import Event
from populace.operations.context import Connections, Context, Direct
from populace.settings import DEFAULT_WORLD, Settings
from populace.trust import data_folder
from populace.worlds.registry import is_name

if TYPE_CHECKING:
    from populace.spec import World


@dataclass(frozen=True, slots=True)
class Opened:
    """A target that answers. url: with its password, if it has one; shown: the target as it was named, without it."""

    target: Target
    url: str = field(repr=False)
    shown: str
    connections: Connections = field(default_factory=Direct, repr=False)

    @property
    def shown_url(self) -> str:
        """The URL without a password."""
        return redact(self.url)

    def connect(self, purpose: str, *, autocommit: bool = False) -> Connection:
        """A session; purpose is shown to whoever looks at the server's sessions."""
        return self.connections.open(self.url, purpose, autocommit=autocommit)

    def writing(self, purpose: str) -> Connection:
        """A session for those who come back after the last one was lost: something else may have been restored there.

        Raises Refused unless it is the database that was opened.
        """
        connection = self.connect(purpose)
        try:
            guard.require_same(connection, self.shown)
            connection.commit()
        except BaseException:
            connection.close()
            raise
        return connection


def whose(context: Context, world: str | None) -> str:
    """The name of the world whose folder a bare `embedded:` is. world: as a caller names it, by name or path; None for
    that of the target, which is then the only database in the data folder, or the default world's among several.

    A name that is not installed is one all the same where there may be people of that world: their own record says
    where it was found. Raises BadInput for any other, and where there are several databases and none is named.
    """
    bare = Target.is_bare(context.settings.target)
    if world is None:
        return _only_database() if bare else DEFAULT_WORLD
    try:
        return context.registry.find(world).name
    except BadInput:
        if not is_name(world) or (bare and world not in _databases()):
            raise
        return world


def settled(context: Context, world: str | None) -> Context:
    """The same context, whose bare `embedded:` is the database of one world from here on: for what asks again and again
    without naming a world, while other databases may lie beside it. world: as for `whose`, which raises.
    """
    if not Target.is_bare(context.settings.target):
        return context
    return context.at(parse_target(whose(context, world), context.settings).redacted())


def _only_database() -> str:
    there = _databases()
    if DEFAULT_WORLD in there or not there:
        return DEFAULT_WORLD
    if len(there) > 1:
        raise BadInput(
            "several populations are here, each in a database of its own, and none is named",
            where="target",
            given="embedded:",
            allowed=", ".join(there),
            todo=Remedy("", {"world": None}, "say which with {}"),
        )
    return there[0]


def _databases() -> list[str]:
    """The worlds that have a database in the user's data folder."""
    folder = data_folder()
    return sorted(place.parent.parent.name for place in folder.glob("*/data/PG_VERSION")) if folder.is_dir() else []


def parse_target(world: str, chosen: Settings, *, or_files: bool = False) -> Target:
    """The current target. or_files: a folder of files is accepted. Raises Refused for one where it is not: files hold
    history only.
    """
    target = Target.parse(chosen.target, world, chosen.folder, chosen.source("target"))
    if target.kind == "parquet" and not or_files:
        raise Refused(
            "files hold history only: what is written there is never changed or removed",
            where=chosen.source("target"),
            given=chosen.target,
            allowed="here embedded:, embedded:DIR, postgresql://…; for files seed, validate, status, count",
            todo="seed a database with the same settings: it holds the same people, and they can continue there",
        )
    return target


def reach(context: Context, world: World | str, *, must_exist: bool = False) -> Opened:
    """Connect to the target; an embedded server is started when it is not running, and is open from the start. Where
    sessions are pooled, this was done once before.

    world, must_exist: as for `locate`.
    """
    opened = locate(context, world, must_exist=must_exist)
    if opened.target.kind == "embedded" and context.connections.opens:
        with session(opened, "init") as connection:
            mark_open(connection)
    return opened


def locate(context: Context, world: World | str, *, must_exist: bool = False) -> Opened:
    """The target's database, whatever it holds; an embedded server is started when it is not running.

    world: whose folder a bare `embedded:` is. must_exist: an embedded folder without a database is refused, for
    operations that only inspect or continue: nothing is made where a folder is mistyped.
    """
    target = parse_target(world if isinstance(world, str) else world.name, context.settings)
    if must_exist:
        _require_database(target, context.registry.called(world))
    with _announced(context, target):
        url = context.connections.reach(target, context.settings.pg_bin)
    return Opened(target, url, target.redacted(), context.connections)


def world_sql(world: World, file: str) -> str | None:
    """A file of the world's own, such as `activity.sql`; None when it ships none of that name."""
    source = files(world.package).joinpath(file)
    return source.read_text(encoding="utf-8") if source.is_file() else None


@contextmanager
def _announced(context: Context, target: Target) -> Iterator[None]:
    """Say that an embedded server is made or started, while it is."""
    doing = _needed(EmbeddedServer(target.directory)) if target.directory else ""
    if doing:
        context.on_note(Event("server", doing, 0, 1))
    yield
    if doing:
        context.on_note(Event("server", "runs", 1, 1))


def _needed(server: EmbeddedServer) -> str:
    """What has to be done before a server answers; "" where it runs, and where it cannot: whoever starts it says so."""
    try:
        if not server.is_made():
            return "makes its files, once"
        return "" if server.status() else "starts"
    except PopulaceError:
        return ""


def _require_database(target: Target, called: str) -> None:
    if target.directory is None:
        return
    if not EmbeddedServer(target.directory).is_made():
        raise Refused(
            "there is no database here",
            where=target.redacted(),
            todo=Remedy("seed", {"world": called}, "{}, on the same target, makes one; or correct the folder"),
        )


def mark_open(connection: Connection) -> None:
    """Open the target for synthetic data: Populace's own schema, and the mark."""
    connection.commit()
    guard.open_target(connection, clock.now_us(), "init")


@contextmanager
def session(opened: Opened, purpose: str, *, autocommit: bool = False, looking: bool = False) -> Iterator[Connection]:
    """A session whose database errors come out as ours. looking: read only, and all of it as of one moment."""
    connection = opened.connect(purpose, autocommit=autocommit)
    if looking:
        connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
    try:
        yield connection
        if not connection.closed and not autocommit:
            connection.commit()
    except psycopg.Error as error:
        known = _out_of_room(opened) if is_lost(error) else None
        known = known or translate(error, purpose)
        if known is None:
            raise
        raise known from error
    finally:
        opened.connections.close(connection)


def _out_of_room(opened: Opened) -> PopulaceError | None:
    """Whether an embedded server that went away did so because its disk is full: its log says it, the client cannot."""
    if opened.target.directory is None:
        return None
    log = opened.target.directory / "server.log"
    last = log.read_bytes()[-4000:] if log.is_file() else b""
    if b"No space left on device" not in last:
        return None
    return TargetUnavailable(
        "no space left on the disk of the embedded server",
        where=opened.shown,
        todo=Remedy(text="free some space, then run {} again"),
    )
