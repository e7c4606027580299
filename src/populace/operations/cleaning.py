"""cleanup and count: a population out of a target, or what of it is old; and how much of it there is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
import psycopg

from populace.database import batches, cleanup, guard, views
from populace.engine.keys import uuids
from populace.errors import BadInput, Refused, nearest
from populace.operations.opening import Connection, Opened, session
from populace.runner import bulk, lease, records, retention
from populace.runner.records import SQL, PlanRecord
from populace.spec import Table, World
from populace.worlds import registry

LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows with a mark by table; skipped: tables that the target lacks, or whose mark cannot be read there."""

    target: str
    rows: Mapping[str, int]
    skipped: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """As `count --json` prints it."""
        return {**asdict(self), "total": sum(self.rows.values())}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a clean-up did, or would do."""

    target: str
    dry_run: bool
    report: cleanup.Report
    batch: str | None = None
    plan_too: bool = True

    def document(self) -> dict[str, Any]:
        """As `cleanup --all --json` prints it, and with a batch which, and whether the plan goes with it."""
        batch = {} if self.batch is None else {"batch": self.batch, "plan_deleted": self.plan_too}
        return {
            "target": self.target,
            "dry_run": self.dry_run,
            **batch,
            **asdict(self.report),
            "rows_deleted": sum(self.report.deleted.values()),
            "rows_kept": sum(self.report.kept.values()),
        }


def count(opened: Opened, world: World) -> Counted:
    """How many synthetic rows there are, all counted as of one moment."""
    with session(opened, "count", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        _same_world(connection, world)
        rows, skipped = cleanup.count(connection, world.tables)
    return Counted(opened.shown, rows, skipped)


def clean(opened: Opened, world: World, *, keep_referenced: bool, dry_run: bool, batch: str | None = None) -> Cleaned:
    """Take the population out: its rows, then Populace's records of it, all at once or not at all.

    batch: the id of a simulation batch, of which alone the rows go; the records only when it is the plan's. The app's
    tables and the rows of others stay, and so does the mark of an open target. Raises Refused for a target that is not
    opened, holds another world, has a seed or a runner at work, or has rows of others that refer to synthetic ones
    (unless keep_referenced); BadInput for a batch that is not there, and for a world without batches.
    """
    kept_in = None if batch is None else _batches(world)
    with session(opened, "cleanup") as connection:
        guard.require_open(connection, opened.shown)
        if not lease.take(connection):
            raise Refused(
                f"{lease.leader(connection) or 'another session'} is at work on this target",
                where=opened.shown,
                todo="stop it first",
            )
        record = _same_world(connection, world)
        connection.commit()
        # After the locks are had, every statement must see what others have committed; a dry run has none.
        levels = psycopg.IsolationLevel
        connection.isolation_level = levels.REPEATABLE_READ if dry_run else levels.READ_COMMITTED
        with connection.transaction(force_rollback=dry_run):
            tables: Sequence[Table] = world.tables
            of_plan = True
            if batch is not None and kept_in is not None:
                tables, of_plan = _of_batch(connection, world, kept_in, batch, record)
            try:
                report = cleanup.clean(
                    connection, tables, shown=opened.shown, keep_referenced=keep_referenced, dry_run=dry_run
                )
            except psycopg.errors.InsufficientPrivilege as error:
                if not re.search(r"table (users|identities)$", error.diag.message_primary or ""):
                    raise
                raise _kept_out(opened, error) from error
            if not dry_run:
                if of_plan:
                    _complete(connection, world, record)
                    cleanup.forget(connection)
                views.refresh(connection, world.tables)
                gone, kept = sum(report.deleted.values()), sum(report.kept.values())
                said = f"{gone} rows of {world.name} deleted" + (f", {kept} kept" if kept else "")
                said += f", batch {batch}" if batch is not None else ""
                records.journal(connection, "info", "cleanup", said, deleted=report.deleted, kept=report.kept)
    return Cleaned(opened.shown, dry_run, report, batch, of_plan)


def _batches(world: World) -> Table:
    """The table of a world's batches. Raises BadInput for a world that has none."""
    if world.batches is None:
        having = [name for name in registry.names() if registry.find(name).batches]
        raise BadInput(
            "this world keeps no simulation batches",
            where="--batch",
            given=world.name,
            allowed=f"worlds that do: {', '.join(having) or 'none is installed'}",
            todo=f"populace cleanup --all --world {world.name} takes everything out",
        )
    return world.table(world.batches)


def _of_batch(
    connection: Connection, world: World, kept_in: Table, batch: str, record: PlanRecord | None
) -> tuple[Sequence[Table], bool]:
    """The tables with marks of this batch's rows only, and whether it is the plan's batch.

    Raises BadInput for an id that is not there, Refused for a batch that Populace did not make.
    """
    there = batches.read(connection, kept_in)
    found = next((b for b in there if str(b.id) == batch.strip().lower()), None)
    ours = [str(b.id) for b in there if b.ours]
    if found is None:
        raise BadInput(
            "there is no such batch here",
            where="--batch",
            given=batch,
            allowed=nearest(batch, ours) if ours else "none: no batch of Populace's is here",
        )
    if not found.ours:
        raise Refused(
            f"this batch is not Populace's ({kept_in.mark.explains})",
            where="--batch",
            given=batch,
            allowed=", ".join(ours) or None,
            todo="take it out with what made it",
        )
    of_plan = record is not None and found.id == _plans_batch(record, kept_in)
    if of_plan and len(ours) == 1:
        return world.tables, True
    return batches.narrowed(connection, world.tables, kept_in, found.id, of_plan=of_plan), of_plan


def _plans_batch(record: PlanRecord, kept_in: Table) -> UUID:
    """The id of the row that the plan of a target writes to its batches table."""
    return UUID(bytes=uuids(int(record.document["seed"]), kept_in.name, np.zeros(1, dtype=np.int64))[0].tobytes())


def retain(opened: Opened, world: World, days: int, *, dry_run: bool) -> Mapping[str, Any]:
    """Run the world's own retention (`retention.sql`) for so many days; what it answers. A dry run takes it all back.

    Raises BadInput for a number out of bounds or a world without retention, Refused without a finished seed of it.
    """
    if not 0 <= days <= LONGEST_DAYS:
        raise BadInput(
            "so many days cannot be kept",
            where="--retain-days",
            given=days,
            allowed=f"a whole number from 0 to {LONGEST_DAYS:,}",
        )
    retention.rule(world)
    with session(opened, "cleanup") as connection:
        guard.require_open(connection, opened.shown)
        records.finished(connection, world)
        connection.commit()
        with connection.transaction(force_rollback=dry_run):
            answer = retention.apply(connection, world, days)
            if not dry_run:
                records.journal(connection, "info", "cleanup", f"retain {days} days", **answer)
    return {"target": opened.shown, "dry_run": dry_run, "retain_days": days, **answer}


def _kept_out(opened: Opened, error: psycopg.Error) -> Refused:
    """What to do about accounts that a service made: they are often not ours to delete by SQL."""
    return Refused(
        f"this role may not delete accounts, and nothing was changed ({error.diag.message_primary})",
        where=opened.shown,
        todo="clean up as a role that may delete from auth.users and auth.identities (on Supabase: postgres); "
        "populace deliver --channel auth deletes only accounts of people who have left, and all others can be deleted "
        "in Supabase's dashboard",
    )


def _same_world(connection: Connection, world: World) -> PlanRecord | None:
    """The plan's record, if there is one. Raises Refused when it is of another world."""
    record = records.read_plan(connection)
    if record is not None and record.world != world.name:
        raise records.unfinished(world, record)
    return record


def _complete(connection: Connection, world: World, record: PlanRecord | None) -> None:
    """Give tables that an unfinished seed made the keys and indexes that they still lack: from here on they are tables
    that were there before, and the next seed loads them as they are."""
    if record is None or record.in_place or record.state == "ready":
        return
    bulk.constrain(connection, world, {number for number, _ in connection.execute(SQL["steps"])})
