"""refresh: a staging database as good as new: backup, reset, migrations, seed, images, health, and a message.

Whatever could be known before is looked at before anything is changed. From the reset on a step that fails puts the old
data back; a process that is killed leaves a note in the database, and the next refresh puts it back first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

import psycopg

from populace import clock
from populace.database import backups, dumping, guard, restoring, uninstall
from populace.database.backups import Backup
from populace.database.connection import Connection, translate
from populace.deliver import slack, storage
from populace.errors import BadInput, CheckFailed, Interrupted, PopulaceError, Refused, Remedy
from populace.event import Event, Listener, unheard
from populace.operations import backups as backing
from populace.operations import cleanups
from populace.operations.context import Context
from populace.operations.inspection.health import RUNS, HealthRequest, health
from populace.operations.opening import Opened, mark_open, session
from populace.operations.plans.making import PlanRequest
from populace.operations.population import place
from populace.operations.refreshing import images, killed, migrating
from populace.operations.refreshing.report import NAMES, Refreshed, Step, message
from populace.operations.seeds.seed import SeedRequest, fill, prepare
from populace.runner import lease, records
from populace.settings import VARIABLES

REFRESHED = "refreshed"
"""What the journal calls the end of a refresh; its detail is the report."""
KEY = int.from_bytes(b"pop refr")
"""The advisory lock of whoever refreshes a database."""
LEAST_LIMIT_S, MOST_LIMIT_S = 1.0, clock.DAY_US / clock.SECOND_US


@dataclass(frozen=True, slots=True)
class RefreshRequest(PlanRequest):
    """What to seed, and how to go about it.

    reset_schemas: schemas of the app that are emptied, whoever made what is in them; without any, the synthetic rows go
    and the tables that Populace made. migrate: the app's own command that makes its tables, None: that of the settings.
    migrate_limit_s: it may take so long. images: where placeholder images go (see `deliver.storage`), None: that of the
    settings. functions, runs: as `HealthRequest` has them. out, keep_days: as `BackupRequest` has them. dry_run: say
    what would be done, and change nothing.
    """

    reset_schemas: Sequence[str] = ()
    migrate: str | None = None
    migrate_limit_s: float = migrating.LIMIT_S
    images: str | None = None
    functions: str | None = None
    runs: int = RUNS
    out: Path | None = None
    keep_days: int = backups.KEPT_DAYS
    dry_run: bool = False


def refresh(
    context: Context,
    request: RefreshRequest,
    *,
    on_event: Listener = unheard,
    stop: threading.Event | None = None,
) -> Refreshed:
    """Refresh a database that is marked as staging. A step that fails is in the result, and the old data in place; so
    it is where `stop` is set, and the step that was next has failed.

    Raises BadInput and Refused for what can be known before: a program, a storage or a webhook that cannot be used, a
    target that is not open, not staging, held by another world, at work or being refreshed; nothing is changed then.
    """
    course = _Course(context, request, on_event, stop or threading.Event())
    with _alone(context, request) as (there, left):
        course.begin(there, left)
        if request.dry_run:
            return course.planned()
        return course.run()


@contextmanager
def _alone(context: Context, request: RefreshRequest) -> Iterator[tuple[Opened, Backup | None]]:
    """The target, while nobody else refreshes it, and the old data of a refresh that was killed. Raises Refused where
    somebody does, or lives there, and where that data cannot be put back or is of another world."""
    with place(context, request.world, "refresh", autocommit=True, or_copy=False) as there:
        connection = there.connection
        guard.require_staging(connection, there.shown)
        if there.named is not None and there.record is not None and there.named.name != there.record.world:
            raise records.unfinished(there.named, there.record)
        row = connection.execute("SELECT pg_catalog.pg_try_advisory_lock(%s)", (KEY,)).fetchone()
        if row != (True,):
            raise Refused("another refresh of this database is under way", where=there.shown,
                          todo="wait until it has ended")  # fmt: skip
        leader = lease.leader(connection)
        if leader is not None:
            raise Refused(
                f"{leader} is at work on this target, and a refresh empties it",
                where=there.shown,
                todo="stop it for the time of the refresh",
            )
        yield there.opened, killed.left(there) if there.left else None


class _Course:
    """One refresh, from what is looked at before to the message after."""

    def __init__(self, context: Context, request: RefreshRequest, on_event: Listener, stop: threading.Event) -> None:
        chosen = context.settings
        self.context, self.request, self.hear, self.stop = context, request, on_event, stop
        self.world = context.registry.find(request.world)
        self.command = self._command()
        where = request.images or chosen.images
        source = "refresh.images" if request.images else chosen.source("images")
        self.store = storage.store(where, source, chosen, images.NAME) if where else None
        webhook = chosen.slack_webhook
        self.webhook = slack.address(webhook, VARIABLES["slack_webhook"][0]) if webhook else None
        if not LEAST_LIMIT_S <= request.migrate_limit_s <= MOST_LIMIT_S:
            raise BadInput("this is no time limit", where="refresh.migrate_limit_s", given=request.migrate_limit_s,
                           allowed=f"{LEAST_LIMIT_S:g} to {MOST_LIMIT_S:,.0f} seconds")  # fmt: skip
        backing.require_days(request.keep_days)
        if "populace" in request.reset_schemas:
            raise BadInput("the schema populace is not the app's", where="refresh.reset_schemas", given="populace")
        self.began_s = clock.monotonic()
        self.opened: Opened | None = None
        self.left: Backup | None = None  # of a refresh that was killed
        self.taken: Backup | None = None
        self.begun = False  # the reset
        self.report = Refreshed(
            "", self.world.name, clock.now_us(), request.dry_run, [Step(name, "not reached") for name in NAMES]
        )

    def _command(self) -> list[str] | None:
        chosen, given = self.context.settings, self.request.migrate
        command = given or chosen.migrate
        if not command:
            return None
        return migrating.words(command, "refresh.migrate" if given else chosen.source("migrate"), chosen)

    def begin(self, opened: Opened, left: Backup | None) -> None:
        """What else can be known before anything is changed. left: the old data of a refresh that was killed."""
        self.opened, self.left, self.report.target = opened, left, opened.shown
        with session(opened, "refresh", looking=True) as connection:
            dumping.for_server(connection, self.context.settings.pg_bin, own=opened.target.kind == "embedded")
            ours, others = restoring.schemas(connection)
            backing.require_folder(connection, opened, self.request.out)
        for name in self.request.reset_schemas:
            if name not in ours:
                raise BadInput("there is no such schema of this user", where="refresh.reset_schemas", given=name,
                               allowed=", ".join(name for name in ours if name != "populace"))  # fmt: skip
        if beyond := sorted({table.schema for table in self.world.tables} & set(others)):
            raise Refused(
                f"this world writes into schemas that a backup cannot hold, since they are not this user's: "
                f"{', '.join(beyond)}",
                where=opened.shown,
                todo="refresh a database whose owner you are",
            )
        # A wrong scenario or setting is met here too.
        prepare(self.context, self._seed_request())
        if self.store is not None and not self.request.dry_run:
            self.store.check()

    def planned(self) -> Refreshed:
        """What each step would do."""
        for step, said in zip(self.report.steps, self._plan(), strict=True):
            step.state, step.said = "planned" if said else "skipped", said
        self.report.seconds = clock.monotonic() - self.began_s
        return self.report

    def _plan(self) -> list[str]:
        request, opened = self.request, self._there()
        with session(opened, "refresh", looking=True) as connection:
            row = connection.execute("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())").fetchone()
            record = records.read_plan(connection)
        reset = (
            f"empty the schemas {', '.join(request.reset_schemas)}"
            if request.reset_schemas
            else f"delete the synthetic rows of {record.world}, and drop the tables that Populace made"
            if record
            else "drop the tables that Populace made"
        )
        before = f"put back {self.left.file}, from before a refresh that was killed; then " if self.left else ""
        return [
            f"{before}write a backup of {(row[0] if row else 0) / 1e6:,.0f} MB on disk",
            reset,
            f"run {' '.join(self.command)}" if self.command else "",
            f"seed {self.world.title}",
            f"write {images.COUNT} images to {self.store.shown}, and delete others there" if self.store else "",
            "look at counts, queries and functions",
        ]

    def run(self) -> Refreshed:
        """All steps, then the message."""
        report = self.report
        acts: Sequence[Callable[[], str]] = (
            self._backup, self._reset, self._migrate, self._seed, self._images, self._health,
        )  # fmt: skip
        try:
            for number, (step, act) in enumerate(zip(report.steps, acts, strict=True)):
                self._do(number, step, act)
                if step.state == "failed":
                    break
            else:
                with session(self._there(), "refresh") as connection:
                    guard.set_refreshing(connection, None)
        except BaseException:
            # Stopped by somebody: the old data comes back before the command ends.
            self._roll_back()
            self._say("was stopped")
            raise
        if report.fault is not None:
            self._roll_back()
        self._say("failed" if report.fault else "")
        return report

    def _say(self, how: str) -> None:
        """Say how it went, in the journal and to the webhook; that this fails is a warning."""
        report = self.report
        report.seconds = self._seconds()
        failed = report.failed
        why = f": {failed.name}: {failed.said}" if failed else ""
        try:
            with session(self._there(), "refresh") as connection:
                records.journal(
                    connection, "error" if how else "info", REFRESHED,
                    f"the refresh of {report.world} {how or 'is done'}, after {report.seconds:.1f} s{why}",
                    **report.document(),
                )  # fmt: skip
        except (PopulaceError, psycopg.Error) as error:
            report.warnings.append(f"the journal has no line of it: {str(error).partition(chr(10))[0]}")
        self._notify(how)

    def _do(self, number: int, step: Step, act: Callable[[], str]) -> None:
        began_s = clock.monotonic()
        self.hear(Event("refresh", step.name, number, len(NAMES), "steps"))
        try:
            if self.stop.is_set():
                raise Interrupted("stopped", where=step.name)
            step.said = act()
            step.state = "done" if step.said else "skipped"
        except PopulaceError as error:
            step.state, step.said, self.report.fault = "failed", error.what, error
        except psycopg.Error as error:
            known = translate(error, step.name) or CheckFailed(str(error).partition("\n")[0], where=step.name)
            step.state, step.said, self.report.fault = "failed", known.what, known
        step.seconds = clock.monotonic() - began_s

    def _backup(self) -> str:
        request = self.request
        if self.left:
            # What is there is the half of a refresh that was killed: it is no backup's content.
            self._put_back(self.left)
            self.report.recovered = True
        done = backing.backup(
            self.context, backing.BackupRequest(request.world, request.out, request.keep_days), on_event=self.hear
        )
        self.taken, self.report.backup = done.backup, done.backup.file
        old = f", {len(done.removed)} old ones deleted" if done.removed else ""
        before = "the old data of a refresh that was killed put back; " if self.report.recovered else ""
        return f"{before}{done.backup.about.bytes / 1e6:,.1f} MB{old}"

    def _reset(self) -> str:
        opened, request = self._there(), self.request
        assert self.taken is not None
        self.begun = True
        with session(opened, "refresh") as connection:
            guard.set_refreshing(connection, str(self.taken.file))
        gone = 0
        if self.taken.about.world is not None:
            # Where schemas are emptied, what refers to these rows goes too; triggers of the app may do what they do.
            cleaning = cleanups.CleanupRequest(
                keep_referenced=bool(request.reset_schemas), world=request.world, allow_effects=True
            )
            gone = self._cleaned(cleaning)
        with session(opened, "refresh") as connection:
            lease.take_now(connection, opened.shown)
            connection.commit()
            if request.reset_schemas:
                dropped = restoring.empty(connection, request.reset_schemas)
                connection.execute(records.SQL["forget_all_former"])
                return f"{gone:,} synthetic rows deleted, {dropped:,} objects dropped"
            tables = [name for name in uninstall.remove_world(connection) if name.startswith("table ")]
        return f"{gone:,} synthetic rows deleted, {len(tables)} tables dropped"

    def _cleaned(self, cleaning: cleanups.CleanupRequest) -> int:
        """Delete the synthetic rows; how many those were."""
        try:
            return sum(cleanups.clean(self.context, cleaning, on_event=self.hear).report.deleted.values())
        except Refused as error:
            # Its remedies are those of a clean-up.
            schemas = Remedy("", {"reset_schemas": None}, "or empty the app's own schemas with {}")
            raise Refused(error.what, where=error.where, given=error.given, todo=["correct that", schemas]) from error

    def _migrate(self) -> str:
        if self.command is None:
            return ""
        opened = self._there()
        migrating.run(self.command, opened.url, self.context.settings, self.request.migrate_limit_s)
        with session(opened, "refresh") as connection:
            self._open_again(connection, opened)
        return " ".join([Path(self.command[0]).name, *self.command[1:]])

    def _open_again(self, connection: Connection, opened: Opened) -> None:
        """A command that makes the whole database again takes the mark away, which this target had."""
        if not guard.is_open(connection):
            mark_open(connection)
            guard.mark_staging(connection)
            assert self.taken is not None
            guard.set_refreshing(connection, str(self.taken.file))
        guard.require_same(connection, opened.shown)

    def _seed(self) -> str:
        prepared = replace(prepare(self.context, self._seed_request()), refreshing=True)
        done = fill(prepared, on_event=self.hear, stop=self.stop)
        self.report.rows = {name: tally.written for name, tally in sorted(done.wrote.tables.items())}
        return f"{done.wrote.written:,} rows"

    def _images(self) -> str:
        if self.store is None:
            return ""
        size, names = 0, []
        for name, content in images.images():
            self.store.put(name, content, images.KIND)
            size += len(content)
            names.append(name)
            self.hear(Event("images", name, len(names), images.COUNT, "images"))
        others = [name for name in self.store.names() if name not in names]
        self.store.remove(others)
        return f"{len(names)} images, {size / 1e6:,.1f} MB, to {self.store.shown}; {len(others)} other files deleted"

    def _health(self) -> str:
        request = self.request
        asked = HealthRequest(request.world, request.functions, request.runs)
        done = health(self.context, asked, on_event=self.hear)
        checks = sum(v.status != "info" for v in done.verdicts)
        if done.failed:
            raise CheckFailed(
                f"{len(done.failed)} of {checks} health checks failed: "
                + "; ".join(f"{v.id} {v.title}: {v.measured}, not {v.target}" for v in done.failed[:5]),
                where="health",
            )
        return f"{checks} checks"

    def _roll_back(self) -> None:
        """Put the old data back, when the reset had begun."""
        if self.taken is None or not self.begun:
            return
        try:
            self._put_back(self.taken)
            self.report.restored = True
        except (PopulaceError, psycopg.Error) as error:
            text = error.what if isinstance(error, PopulaceError) else str(error).partition("\n")[0]
            again = f"the old data could not be put back: {text}; it is in {self.taken.file}"
            self.report.warnings.append(again)

    def _put_back(self, old: Backup) -> None:
        opened = self._there()
        with session(opened, "restore") as connection:
            lease.take_now(connection, opened.shown)
            connection.commit()
            backing.put_back(self.context, connection, opened, old, self.hear)
        backing.refreshed(opened)

    def _notify(self, how: str) -> None:
        """Say how it went to the webhook; that this fails is a warning."""
        if self.webhook is None:
            return
        self.hear(Event("refresh", "message", len(NAMES), len(NAMES), "steps"))
        why = slack.send(self.webhook, message(self.report, how))
        if why is not None:
            self.report.warnings.append(f"no message was sent: {why}")

    def _seed_request(self) -> SeedRequest:
        given = {one.name: getattr(self.request, one.name) for one in fields(PlanRequest)}
        return SeedRequest(**given, allow_effects=True)

    def _seconds(self) -> float:
        return clock.monotonic() - self.began_s

    def _there(self) -> Opened:
        assert self.opened is not None
        return self.opened
