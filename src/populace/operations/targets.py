"""url, start, stop, password: a target itself, whatever it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from psycopg.conninfo import conninfo_to_dict

from populace.database import libpq
from populace.database.binaries import psql_program
from populace.database.embedded import EmbeddedServer
from populace.database.target import Target
from populace.errors import BadInput
from populace.operations.context import Context
from populace.operations.opening import Opened, locate, parse_target, reach, whose

if TYPE_CHECKING:
    from populace.operations.login import Login


@dataclass(frozen=True, slots=True)
class TargetRequest:
    """world: whose folder a bare `embedded:` is; None: see `whose`."""

    world: str | None = None


@dataclass(frozen=True, slots=True)
class Resident:
    """Who lives in a target, or would: for whoever has to agree to something. shown: the target, without a password.
    title: the world's; None where no population is on record. is_elsewhere: the database is not ours.
    """

    shown: str
    title: str | None
    is_elsewhere: bool

    def document(self) -> dict[str, Any]:
        """As plain data."""
        return {"target": self.shown, "title": self.title, "elsewhere": self.is_elsewhere}


@dataclass(frozen=True, slots=True)
class Url:
    """Where a target's database is. url: with its password, for whoever connects."""

    url: str = field(repr=False)

    def document(self) -> dict[str, Any]:
        """As `db url --json` prints it."""
        return {"url": self.url}


@dataclass(frozen=True, slots=True)
class Started:
    """An embedded server that runs. url: without its password. started: by this call."""

    url: str
    port: int
    pid: int
    started: bool

    def document(self) -> dict[str, Any]:
        """As `db start --json` prints it."""
        return {"url": self.url, "port": self.port, "pid": self.pid, "started": self.started}


@dataclass(frozen=True, slots=True)
class Stopped:
    """An embedded server that does not run. stopped: by this call."""

    stopped: bool

    def document(self) -> dict[str, Any]:
        """As `db stop --json` prints it."""
        return {"stopped": self.stopped}


@dataclass(frozen=True, slots=True)
class Password:
    """How people of a target log in. asked_for: whether a password stands in the settings."""

    login: Login
    asked_for: bool

    def document(self) -> dict[str, Any]:
        """As `db password --json` prints it."""
        return {"login": self.login.kind, "password": self.login.password}


@dataclass(frozen=True, slots=True)
class Psql:
    """How psql is called on a target. password: for the environment, since arguments are seen by everybody. own: the
    server is one of ours, and nothing of libpq's variables is meant for it.
    """

    program: str
    url: str
    password: str | None = field(repr=False)
    own: bool = False

    def environment(self, around: Mapping[str, str]) -> dict[str, str]:
        """What psql is given of the environment `around`."""
        kept = libpq.without(around) if self.own else dict(around)
        return kept | ({"PGPASSWORD": self.password} if self.password else {})


def resident(context: Context, request: TargetRequest | None = None) -> Resident:
    """Who lives in a target that is there. Raises Refused for one that is not open, or holds another world."""
    from populace.operations.population import place

    request = request or TargetRequest()
    with place(context, request.world, "status", looking=True) as there:
        record = there.record
        title = None if record is None else there.world.title if there.is_at_hand else record.world
        return Resident(there.shown, title, there.opened.target.kind == "postgresql")


def url(context: Context, request: TargetRequest | None = None) -> Url:
    """A plain URL of the target, password included; an embedded server is started if needed.

    Raises Refused for an embedded folder without a database.
    """
    return Url(_locate(context, request).url)


def start_server(context: Context, request: TargetRequest | None = None) -> Started:
    """Start the embedded server; it outlives this process. Raises BadInput for a database that is not ours."""
    info = _server(context, request).start()
    return Started(_reach(context, request).shown_url, info.port, info.pid, info.started)


def stop_server(context: Context, request: TargetRequest | None = None) -> Stopped:
    """Stop the embedded server; its data stays. Raises BadInput for a database that is not ours."""
    return Stopped(_server(context, request).stop())


def password(context: Context, request: TargetRequest | None = None) -> Password:
    """The one password with which every seeded person logs in, where it is known.

    Raises BadInput for a world without login, Refused without a population.
    """
    from populace.operations import login
    from populace.operations.population import place

    request = request or TargetRequest()
    with place(context, request.world, "password", looking=True) as there:
        found = login.find(there, context.settings)
    return Password(found, context.settings.login_password is not None)


def psql(context: Context, request: TargetRequest | None = None) -> Psql:
    """How to call psql on the target. Raises Refused for an embedded folder without a database."""
    opened = _locate(context, request)
    secret = conninfo_to_dict(opened.url).get("password")
    shown, word = opened.shown_url, None if secret is None else str(secret)
    return Psql(psql_program(context.settings.pg_bin), shown, word, opened.target.kind == "embedded")


def folder_of(context: Context, world: str | None) -> Target | None:
    """The target, where it is a folder of files; None for a database."""
    target = parse_target(whose(context, world), context.settings, or_files=True)
    return target if target.kind == "parquet" else None


def _reach(context: Context, request: TargetRequest | None) -> Opened:
    return reach(context, named_world(context, request))


def _locate(context: Context, request: TargetRequest | None) -> Opened:
    return locate(context, named_world(context, request), must_exist=True)


def named_world(context: Context, request: TargetRequest | None) -> str:
    """The name of the world whose folder a bare `embedded:` is."""
    return whose(context, request.world if request else None)


def _server(context: Context, request: TargetRequest | None) -> EmbeddedServer:
    target = parse_target(named_world(context, request), context.settings)
    if target.directory is None:
        raise BadInput(
            "Populace cannot start or stop this database",
            where=context.settings.source("target"),
            given=target.redacted(),
            allowed="embedded:, embedded:DIR",
        )
    return EmbeddedServer(target.directory, context.settings.pg_bin)
