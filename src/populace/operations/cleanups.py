"""cleanup and count: delete a population, a batch or old rows from a target; and count its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
import psycopg

from populace import clock
from populace.database import batches, cleanup, views
from populace.database.connection import Connection
from populace.database.filled import Filled, filled
from populace.engine.keys import uuids
from populace.errors import BadInput, Refused, Remedy, nearest
from populace.event import Event, Listener, unheard
from populace.operations import files
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.ownership import Owned, owned
from populace.operations.population import Place, place
from populace.operations.targets import folder_of
from populace.runner import bulk, delegations, lease, records, retention
from populace.runner.records import SQL, PlanRecord
from populace.sinks.accounts import SCHEMA as ACCOUNTS
from populace.spec import Table, World

LONGEST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of ours by table. skipped: tables that the target lacks, or whose mark cannot be read there. others: rows
    that carry a mark and that we did not write. partly: tables of which row level security shows this user some rows
    only, so that there may be more. filled: tables outside the world that the app's triggers fill about its people."""

    target: str
    rows: Mapping[str, int]
    skipped: Mapping[str, str]
    others: Mapping[str, int] = field(default_factory=dict)
    partly: Sequence[str] = ()
    filled: Sequence[Filled] = ()

    def document(self) -> dict[str, Any]:
        """As `count --json` prints it."""
        filled_too = {"filled": [one.document() for one in self.filled]}
        return {**asdict(self), **filled_too, "total": sum(self.rows.values())}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What a clean-up did, or would do. world: whose people lived there; None: nobody on record. called: by what the
    world is named here, its name or path. filled: tables outside the world that the app's triggers fill about its
    people, as they were before.
    """

    target: str
    dry_run: bool
    report: cleanup.Report
    world: str | None
    batch: str | None = None
    plan_too: bool = True
    called: str | None = None
    filled: Sequence[Filled] = ()

    def document(self) -> dict[str, Any]:
        """As `cleanup --all --json` prints it, and with a batch which, and whether the plan goes with it."""
        batch = {} if self.batch is None else {"batch": self.batch, "plan_deleted": self.plan_too}
        return {
            "target": self.target,
            "dry_run": self.dry_run,
            **batch,
            **asdict(self.report),
            "filled": [one.document() for one in self.filled],
            "rows_deleted": sum(self.report.deleted.values()),
            "rows_kept": sum(self.report.kept.values()),
        }


@dataclass(frozen=True, slots=True)
class Retained:
    """What the world's own retention did, or would do. answer: as the world says it, by name."""

    target: str
    dry_run: bool
    days: int
    answer: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """As `cleanup --retain-days --json` prints it."""
        return {"target": self.target, "dry_run": self.dry_run, "retain_days": self.days, **self.answer}


@dataclass(frozen=True, slots=True)
class CountRequest:
    """world: None for the world of the target."""

    world: str | None = None


@dataclass(frozen=True, slots=True)
class CleanupRequest:
    """batch: the id of a simulation batch, of which alone the rows go; None: every synthetic row, and the plan.
    keep_referenced: keep synthetic rows that rows of others refer to. dry_run: change nothing. allow_effects: let
    triggers and rules of the app change other rows.
    """

    batch: str | None = None
    keep_referenced: bool = False
    dry_run: bool = False
    world: str | None = None
    allow_effects: bool = False


@dataclass(frozen=True, slots=True)
class RetainRequest:
    """days: what is older goes, as the world defines it. dry_run: change nothing. allow_effects: let triggers and rules
    of the app change other rows."""

    days: int
    dry_run: bool = False
    world: str | None = None
    allow_effects: bool = False


def count(context: Context, request: CountRequest | None = None, *, on_event: Listener = unheard) -> Counted:
    """How many rows of ours there are, of all that was written up to one moment: those that carry their table's mark
    and whose keys the plans on record give again."""
    request = request or CountRequest()
    folder = folder_of(context, request.world)
    if folder is not None:
        return Counted(folder.redacted(), *files.count(folder))
    with place(context, request.world, "count") as there:
        report = cleanup.EMPTY
        owned_here = owned(there, on_event)
        for one in owned_here:
            report += cleanup.count(there.connection, one.world.tables, one.staged)
        hidden = views.filtered(there.connection)
        beside = _filled(there, owned_here)
    partly = [name for name in report.deleted if name in hidden]
    return Counted(there.shown, report.deleted, report.skipped, report.others, partly, beside)


def clean(context: Context, request: CleanupRequest, *, on_event: Listener = unheard) -> Cleaned:
    """Delete the population: its rows, then Populace's records of it, all at once or not at all.

    With a batch its rows go alone; the records only when it is the plan's. The app's tables and the rows of others
    stay, and so does the mark of an open target. Raises Refused for a target that is not opened, holds another world,
    has a seed or a runner at work, or has rows of others that refer to synthetic ones (unless they are to be kept);
    BadInput for a batch that is not there, and for a world without batches.
    """
    batch, dry_run = request.batch, request.dry_run
    with place(context, request.world, "cleanup") as there:
        connection, record = there.connection, there.record
        kept_in = None if batch is None else _batches(there)
        lease.take_now(connection, there.shown)
        connection.commit()
        found = owned(there, on_event)
        beside = _filled(there, found)
        connection.commit()
        for each in beside:
            on_event(Event("note", f"{each}; {each.todo}"))
        if batch is not None and there.world.name not in [one.world.name for one in found]:
            raise records.unfinished(there.world, record, there.called)
        # After the locks are had, every statement must see what others have committed; a dry run has none.
        levels = psycopg.IsolationLevel
        connection.isolation_level = levels.REPEATABLE_READ if dry_run else levels.READ_COMMITTED
        report, of_plan = cleanup.EMPTY, True
        with connection.transaction(force_rollback=dry_run):
            for one in found:
                if record is not None and one.world.name == record.world:
                    delegations.end_left(connection, one.world)
                tables: Sequence[Table] = one.world.tables
                if batch is not None and kept_in is not None:
                    if one.world.name != there.world.name:
                        continue
                    tables, of_plan = _of_batch(connection, one, kept_in, batch, record)
                report += _cleaned(there, one, tables, request, on_event)
            if not dry_run:
                if of_plan:
                    _complete(connection, found, record)
                    _forget(connection, found, record, report)
                for one in found:
                    views.refresh(connection, one.world.tables)
                gone, kept = sum(report.deleted.values()), sum(report.kept.values())
                said = f"{gone} rows of {', '.join(one.world.name for one in found) or 'nobody'} deleted"
                said += f", {kept} kept" if kept else ""
                said += f", batch {batch}" if batch is not None else ""
                done = {"effects": [str(effect) for effect in report.effects]} if report.effects else {}
                records.journal(connection, "info", "cleanup", said, deleted=report.deleted, kept=report.kept, **done)
        if not dry_run:
            cleanup.analyse(connection, [table for one in found for table in one.world.tables], report)
    world = found[0].world.name if found else None
    return Cleaned(there.shown, dry_run, report, world, batch, of_plan, _called(there, world), beside)


def _filled(there: Place, found: Sequence[Owned]) -> list[Filled]:
    """Tables outside the worlds whose rows are there that the app's triggers fill about their people."""
    return [one for each in found for one in filled(there.connection, each.world)]


def _called(there: Place, world: str | None) -> str | None:
    """What a world is called here: as somebody named it, or by the path on record."""
    called = None if world is None else there.context.registry.called(world)
    recorded = there.record.world_path if there.record is not None and there.record.world == world else None
    return recorded if recorded and called == world else called


def _cleaned(
    there: Place, one: Owned, tables: Sequence[Table], request: CleanupRequest, on_event: Listener
) -> cleanup.Report:
    """Delete what is there of one world."""
    try:
        return cleanup.clean(
            there.connection,
            tables,
            one.staged,
            shown=there.shown,
            keep_referenced=request.keep_referenced,
            dry_run=request.dry_run,
            allow_effects=request.allow_effects,
            on_event=on_event,
        )
    except psycopg.errors.InsufficientPrivilege as error:
        refused = _kept_out(there.shown, one.world, error)
        if refused is None:
            raise
        raise refused from error


def _forget(connection: Connection, found: Sequence[Owned], record: PlanRecord | None, report: cleanup.Report) -> None:
    """Empty the records of a population. The plan stays on record where rows of it may be left: it proves them."""
    left = sum(report.kept.values()) > 0 or any(why != cleanup.ABSENT for why in report.skipped.values())
    if left and record is not None:
        connection.execute(SQL["keep_plan"])
    if not left:
        for one in found:
            connection.execute(SQL["forget_former"], {"world": one.world.name})
        connection.execute(SQL["forget_own_rows"])
    cleanup.forget(connection)


def retain(context: Context, request: RetainRequest) -> Retained:
    """Run the world's own retention (`retention.sql`) for so many days. A dry run takes it all back.

    Raises BadInput for a number out of bounds or a world without retention, Refused without a finished seed of it.
    """
    days = request.days
    if not 0 <= days <= LONGEST_DAYS:
        raise BadInput(
            "this number of days is out of bounds",
            where="cleanup.retain_days",
            given=days,
            allowed=f"a whole number from 0 to {LONGEST_DAYS:,}",
        )
    with place(context, request.world, "cleanup") as there:
        connection, world = there.connection, there.world
        retention.rule(world)
        population = there.population()
        old = retention.look(connection, population.plan, retention.now_us(connection), days)
        connection.commit()
        with connection.transaction(force_rollback=request.dry_run):
            answer = retention.apply(connection, world, old, allow_effects=request.allow_effects)
            if not request.dry_run:
                cutoff = clock.iso(old.at_us - days * clock.DAY_US)
                records.journal(connection, "info", "cleanup", f"retain {days} days", **{**answer, "cutoff": cutoff})
    return Retained(there.shown, request.dry_run, days, answer)


def _batches(there: Place) -> Table:
    """The table of a world's batches. Raises BadInput for a world that has none."""
    world, registry = there.world, there.context.registry
    if world.batches is None:
        having = [name for name in registry.names() if registry.find(name).batches]
        raise BadInput(
            "this world has no simulation batches",
            where="cleanup.batch",
            given=world.name,
            allowed=f"worlds that do: {', '.join(having) or 'none is installed'}",
            todo=Remedy("cleanup", {"everything": True, "world": there.called}, "{} takes everything out"),
        )
    return world.table(world.batches)


def _of_batch(
    connection: Connection, one: Owned, kept_in: Table, batch: str, record: PlanRecord | None
) -> tuple[Sequence[Table], bool]:
    """The tables with marks of this batch's rows only, and whether it is the plan's batch.

    Raises BadInput for an id that is not there, Refused for a batch that Populace did not make.
    """
    world, there = one.world, batches.read(connection, kept_in, one.staged)
    found = next((b for b in there if str(b.id) == batch.strip().lower()), None)
    ours = [str(b.id) for b in there if b.ours]
    if found is None:
        raise BadInput(
            "there is no such batch",
            where="cleanup.batch",
            given=batch,
            allowed=nearest(batch, ours) if ours else "none: no batch of Populace's is here",
        )
    if not found.ours:
        raise Refused(
            "this batch is not Populace's: no plan of this target gives its id",
            where="cleanup.batch",
            given=batch,
            allowed=", ".join(ours) or None,
            todo="delete it with the program that made it",
        )
    of_plan = record is not None and found.id == _plans_batch(record, kept_in)
    if of_plan and len(ours) == 1:
        return world.tables, True
    return batches.narrowed(connection, world.tables, kept_in, found.id, of_plan=of_plan), of_plan


def _plans_batch(record: PlanRecord, kept_in: Table) -> UUID:
    """The id of the row that the plan of a target writes to its batches table."""
    return UUID(bytes=uuids(int(record.document["seed"]), kept_in.name, np.zeros(1, dtype=np.int64))[0].tobytes())


def _kept_out(shown: str, world: World, error: psycopg.Error) -> Refused | None:
    """What to do about accounts that often cannot be deleted by SQL; None where the error is not about them."""
    said = error.diag.message_primary or ""
    held = [t for t in world.tables if t.schema == ACCOUNTS]
    if not any(said.endswith(f"table {table.name}") for table in held):
        return None
    service = channels.service_channel(world)
    by_service = "{} deletes only accounts of people who have left"
    return Refused(
        f"this role may not delete accounts, and nothing was changed ({said})",
        where=shown,
        todo=[
            f"clean up as a role that may write {' and '.join(t.full_name for t in held)} (on Supabase: postgres)",
            *([Remedy("deliver", {"channel": service.name}, by_service)] if service else []),
            "all others can be deleted in Supabase's dashboard",
        ],
    )


def _complete(connection: Connection, found: Sequence[Owned], record: PlanRecord | None) -> None:
    """Give tables that an unfinished seed made the keys and indexes that they still lack: from here on they are tables
    that were there before, and the next seed loads them as they are."""
    if record is None or record.in_place or record.state == "ready":
        return
    ran = {number for number, _ in connection.execute(SQL["steps"])}
    bulk.constrain(connection, next(one.world for one in found if one.lives), ran)
