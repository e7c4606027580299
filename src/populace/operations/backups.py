"""backup and restore: a target's database into one file, and back.

A backup reads the database as of one moment, while others go on writing. A restore replaces what is there at once or
not at all, and only in a database that is open for synthetic data and in which nobody is at work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from populace import clock
from populace.database import backups, dumping, identity, restoring
from populace.database.backups import About, Backup
from populace.database.connection import Connection
from populace.errors import BadInput, Refused, Remedy
from populace.event import Event, Listener, unheard
from populace.operations.context import Context
from populace.operations.opening import Opened
from populace.operations.population import place
from populace.runner import lease, ledger, records
from populace.trust import data_folder

LONGEST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class BackupRequest:
    """out: the folder to write into; None: one of the target's own, below the user's data. keep_days: backups of this
    database that are from so many days before or more are deleted.
    """

    world: str | None = None
    out: Path | None = None
    keep_days: int = backups.KEPT_DAYS


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was taken. removed: older ones of the same database."""

    target: str
    backup: Backup
    removed: Sequence[Path]
    seconds: float

    def document(self) -> dict[str, Any]:
        """As `db backup --json` prints it."""
        return {
            "target": self.target,
            "file": str(self.backup.file),
            **self.backup.about.document(),
            "removed": [str(file) for file in self.removed],
            "seconds": round(self.seconds, 2),
        }


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """file: the backup; None: the latest of the target's own. other_database: it may be one of another database."""

    file: Path | None = None
    world: str | None = None
    other_database: bool = False


@dataclass(frozen=True, slots=True)
class Restorable:
    """A backup that fits a target, for whoever has to agree to it."""

    shown: str
    backup: Backup


@dataclass(frozen=True, slots=True)
class Restored:
    """A target that is what it was when the backup was taken."""

    target: str
    backup: Backup
    seconds: float

    def document(self) -> dict[str, Any]:
        """As `db restore --json` prints it."""
        about = self.backup.about.document()
        return {"target": self.target, "file": str(self.backup.file), **about, "seconds": round(self.seconds, 2)}


def backup(context: Context, request: BackupRequest | None = None, *, on_event: Listener = unheard) -> BackedUp:
    """Write all that is the app's and Populace's in a database into one file, then delete old backups of it.

    Raises Refused for a target that is not open, TargetUnavailable for a pg_dump that is too old or fails, and where
    there is no room; BadInput for a folder that cannot be written to. No part of a file is left then.
    """
    request = request or BackupRequest()
    require_days(request.keep_days)
    began_s = clock.monotonic()
    with place(context, request.world, "backup", looking=True) as there:
        connection, own = there.connection, there.opened.target.kind == "embedded"
        programs = dumping.for_server(connection, context.settings.pg_bin, own=own)
        about = _about(connection, there.opened, programs.version)
        folder = _folder(request.out, about)
        if there.left:
            said = "a refresh has begun here and not ended: this is a backup of what it has left"
            on_event(Event("note", f"{said}, and the old data is in {there.left}"))

        def hear(done: int) -> None:
            on_event(Event("backup", f"{done / 1e6:,.1f} MB", 0, 1))

        with backups.new(folder, about) as draft:
            dumping.dump(connection, programs, about.schemas, draft.path, own=own, hear=hear)
            about = draft.finish()
    removed = backups.retire(folder, about, request.keep_days, Path(there.left) if there.left else None)
    on_event(Event("backup", f"{about.bytes / 1e6:,.1f} MB", 1, 1))
    return BackedUp(there.shown, Backup(draft.file, about), removed, clock.monotonic() - began_s)


def require_folder(connection: Connection, opened: Opened, out: Path | None) -> None:
    """Raise BadInput for a folder that backups of a database cannot be written to. out: as `BackupRequest` has it."""
    backups.require_folder(_folder(out, _about(connection, opened, "")))


def require_days(keep_days: int) -> None:
    """Raise BadInput for what is no number of days that backups are kept."""
    if not 1 <= keep_days <= LONGEST_DAYS:
        raise BadInput("this is not a number of days to keep backups", where="backup.keep_days",
                       given=keep_days, allowed=f"1 to {LONGEST_DAYS:,}")  # fmt: skip


def restorable(context: Context, request: RestoreRequest | None = None) -> Restorable:
    """The backup of a request, when it is whole enough to be asked about and of the target; nothing is changed.

    Raises Refused for a backup of another database unless it may be one, and where there is none; BadInput for a file
    that is none.
    """
    request = request or RestoreRequest()
    with place(context, request.world, "restore", looking=True) as there:
        return Restorable(there.shown, _chosen(there.connection, there.opened, request))


def restore(context: Context, request: RestoreRequest | None = None, *, on_event: Listener = unheard) -> Restored:
    """Put a database back to what a backup holds: all at once or not at all.

    Raises what `restorable` raises; BadInput for a file that is cut off or damaged, Refused while a seed or a runner is
    at work, TargetUnavailable when the server has no room or goes away. The old data is in place then.
    """
    request = request or RestoreRequest()
    began_s = clock.monotonic()
    with place(context, request.world, "restore") as there:
        lease.take_now(there.connection, there.shown)
        there.connection.commit()
        chosen = _chosen(there.connection, there.opened, request)
        there.connection.commit()
        put_back(context, there.connection, there.opened, chosen, on_event)
    refreshed(there.opened)
    return Restored(there.shown, chosen, clock.monotonic() - began_s)


def put_back(
    context: Context, connection: Connection, opened: Opened, chosen: Backup, on_event: Listener = unheard
) -> None:
    """Restore a backup in a session that leads, and commit."""
    own = opened.target.kind == "embedded"
    total = max(chosen.about.bytes, 1)
    backups.require_whole(chosen, lambda done: on_event(Event("checking the file", "", done, total, "bytes")))
    programs = dumping.for_archive(int(chosen.about.pg_dump.split(".")[0]), context.settings.pg_bin, own=own)
    listed = dumping.listed(programs, chosen.file)

    def hear(said: str, done: int) -> None:
        on_event(Event("restore", f"{said}, {done / 1e6:,.1f} MB" if done else said, 0, 1))

    with connection.transaction():
        restoring.restore(connection, chosen, programs, listed, hear)
        taken = clock.iso(chosen.about.taken_us)
        records.journal(connection, "info", "restored", f"put back to {taken} from {chosen.file.name}")
    on_event(Event("restore", "the old data is back", 1, 1))


def refreshed(opened: Opened) -> None:
    """Have the planner know the tables again; without it they are slow until the server does so itself."""
    try:
        with opened.connect("restore", autocommit=True) as connection:
            connection.execute("ANALYZE")
    except psycopg.Error:
        return


def _folder(out: Path | None, about: About) -> Path:
    return (out or backups.folder_of(data_folder(), about)).expanduser().absolute()


def _chosen(connection: Connection, opened: Opened, request: RestoreRequest) -> Backup:
    here = _about(connection, opened, "")
    if request.file is not None:
        chosen = backups.read(request.file.expanduser().absolute())
    else:
        folder = backups.folder_of(data_folder(), here)
        found = backups.of_target(folder, here)
        if not found:
            raise Refused("there is no backup of this database", where=opened.shown, given=str(folder),
                          todo=Remedy("restore", {"file": None}, "name a file: {}"))  # fmt: skip
        chosen = found[-1]
    if not (request.other_database or chosen.about.same_database(here)):
        about = chosen.about
        raise Refused(
            f"this is a backup of another database: {about.name} (oid {about.oid}) of the server "
            f"{about.system or about.host}, and this is {here.name} (oid {here.oid}) of {here.system or here.host}",
            where="restore.file",
            given=str(chosen.file),
            todo=Remedy("", {"other_database": True}, "if what is here may be replaced by it, add {}"),
        )
    return chosen


def _about(connection: Connection, opened: Opened, version: str) -> About:
    """What a backup that is taken now is of."""
    here = identity.current(connection)
    record = records.read_plan(connection)
    ours, others = restoring.schemas(connection)
    number = connection.info.server_version
    return About(
        taken_us=clock.now_us(),
        host=f"{connection.info.host}:{connection.info.port}",
        system=here.system,
        oid=here.oid,
        name=here.name,
        world=record.world if record else None,
        world_path=record.world_path if record else None,
        plan=record.digest if record else None,
        watermark_us=ledger.watermark(connection) if record else None,
        server=f"{number // 10_000}.{number % 10_000}",
        pg_dump=version,
        schemas=ours,
        left_out=others,
        extensions=restoring.extensions(connection),
        made=restoring.made_numbers(connection),
        ties=restoring.ties(connection, ours),
    )
