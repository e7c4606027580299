"""init, and db: a target itself, and the embedded PostgreSQL server, which keeps running afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output

if TYPE_CHECKING:
    from populace.operations.init import Look
    from populace.operations.uninstalling import Uninstalled

app = typer.Typer(
    help="The database of a target: its backups, and the embedded PostgreSQL server.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def init(
    target: options.Target = None,
    world: options.World = None,
    adopt_copy: Annotated[
        bool,
        typer.Option("--adopt-copy", help="It is a copy of the database that was opened, and may be written to too."),
    ] = False,
    staging: Annotated[
        bool, typer.Option("--staging", help="Mark it as staging: populace refresh may empty it and fill it again.")
    ] = False,
    yes: options.Yes = False,
    i_know: Annotated[
        str | None,
        typer.Option("--i-know", metavar="NAME", help="The database's name; of a copy, what the refusal printed."),
    ] = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Open a target for synthetic data: make Populace's own tables, in the schema populace, and record that it is open.

    Nothing is ever written to a target that was not opened. It is looked at first: where somebody seems to live there,
    or it looks like production, its name has to be typed. An embedded target is open from the start.

    Examples:

      populace init --target postgresql://app@localhost/staging

      populace init --target postgresql://app@localhost/staging --yes --i-know staging

      populace init --staging --target postgresql://app@localhost/staging
    """
    from populace.operations.init import InitRequest, look
    from populace.operations.init import init as operation
    from populace.operations.targets import TargetRequest

    out = Output(as_json, quiet)
    here = context(target, out, world)
    if i_know is None:
        there = look(here, TargetRequest(world))
        _show(out, there, yes=yes)
        i_know = _agreed(there, adopt_copy=adopt_copy, yes=yes)
    done = operation(here, InitRequest(world=world, adopt_copy=adopt_copy, staging=staging, i_know=i_know))
    said = "is taken for the database that was opened" if done.adopted else "is open for synthetic data"
    out.result(done.document(), f"{done.target} {said}{', and is marked as staging' if done.staging else ''}")


def uninstall(
    leave_used: Annotated[
        bool, typer.Option("--leave-used", help="What others need stays, and belongs to the app from then on.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")] = False,
    yes: options.Yes = False,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Take away all that Populace made in a database and its server: tables of a world, what it lacked of Supabase, the
    schema populace, and roles that nothing else needs.

    The population has to be deleted before (populace cleanup --all). What others need is never dropped: it is listed,
    and nothing is changed, unless --leave-used is given.

    Examples:

      populace uninstall --dry-run --target postgresql://app@localhost/staging

      populace uninstall --yes --target postgresql://app@localhost/staging
    """
    from populace.operations.uninstalling import UninstallRequest
    from populace.operations.uninstalling import uninstall as operation

    out = Output(as_json, quiet)
    here = context(target, out, world)
    request = UninstallRequest(leave_used=leave_used, dry_run=dry_run, world=world)
    if not (yes or dry_run):
        first = operation(here, UninstallRequest(leave_used=leave_used, dry_run=True, world=world))
        out.say(_went(first), asked=options.asks(yes=yes))
        options.confirm(first.target, f"Remove all this from {first.target}?", "nothing was removed")
    done = operation(here, request)
    out.result(done.document(), _went(done))


def _went(done: Uninstalled) -> str:
    """What goes, and what stays."""
    for_all = [what for what in done.removed if what.startswith("role ")]
    here = [what for what in done.removed if not what.startswith("role ")]
    head = "would be removed" if done.dry_run else "removed"
    parts = [f"{head} from the database:\n  " + "\n  ".join(here)] if here else ["nothing of Populace was here"]
    parts += [f"{head} from the whole server:\n  " + "\n  ".join(for_all)] if for_all else []
    parts += ["left:\n  " + "\n  ".join(map(str, done.left))] if done.left else []
    return "\n\n".join(parts)


def _show(out: Output, there: Look, *, yes: bool) -> None:
    """What was seen in a database of others, and what will be made."""
    if not there.is_elsewhere or (there.is_open and not there.difference):
        return
    asked = options.asks(yes=yes)
    if there.difference:
        out.say(
            "not the database that was opened:" + "".join(f"\n  {line}" for line in there.difference.lines), asked=asked
        )
    if there.saw:
        out.say(f"in the database {there.database}:" + "".join(f"\n  {sight.text}" for sight in there.saw), asked=asked)
    if there.makes:
        made = "".join(f"\n  {what}" for what in there.makes)
        out.say(f"will be made, in this database only and nothing for the whole server:{made}", asked=asked)


def _agreed(there: Look, *, adopt_copy: bool, yes: bool) -> str | None:
    """Ask at a terminal, where there is something to agree to; what was agreed to, as the operation wants it. Raises
    Refused for a no.
    """
    from populace.errors import Refused

    copy = there.difference if adopt_copy else None
    if there.difference and not copy:
        return None
    if not options.asks(yes=yes) or not there.is_elsewhere or (there.is_open and not copy):
        return None
    if there.warns or copy:
        typed = typer.prompt(f"Type the name of the database to open it ({there.database})", err=True).strip()
        if typed == there.database:
            return copy.token if copy else typed
    elif typer.confirm(f"Open {there.shown} for synthetic data?", err=True):
        return None
    raise Refused("not confirmed; nothing was made", where=there.shown)


@app.command()
def url(
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Print a plain URL of the target, password included; an embedded server is started if needed.

    Nothing else that Populace prints holds the password. An argument of a command is seen by every user of the machine:
    hand the URL on in the environment or by a pipe. For psql there is populace db psql.

    Example: DATABASE_URL="$(populace db url)" npm run dev
    """
    from populace.operations import targets

    out = Output(as_json, quiet)
    done = targets.url(context(target, out, world, alias=False), targets.TargetRequest(world))
    out.result(done.document(), done.url)


@app.command()
def start(
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Start the embedded server; it runs until populace db stop.

    Example: populace db start
    """
    from populace.operations import targets

    out = Output(as_json, quiet)
    done = targets.start_server(context(target, out, world, alias=False), targets.TargetRequest(world))
    word = "started" if done.started else "is running already"
    out.result(done.document(), f"{word} on port {done.port}, process {done.pid}")


@app.command()
def stop(
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Stop the embedded server; its data stays.

    Example: populace db stop
    """
    from populace.operations import targets

    out = Output(as_json, quiet)
    done = targets.stop_server(context(target, out, world, alias=False), targets.TargetRequest(world))
    out.result(done.document(), "stopped" if done.stopped else "it was not running")


@app.command()
def password(
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Print the password that all seeded people share, where it is known.

    Example: populace db password
    """
    from populace.operations import login, targets

    out = Output(as_json, quiet)
    done = targets.password(context(target, out, world), targets.TargetRequest(world))
    answer = done.login
    said = {
        "derived": answer.password or "",
        "variable": f"the one in {login.VARIABLE}",
        "none": "none: the people here have no password",
        "unknown": f"not the one in {login.VARIABLE}; it was set when seeding, and is not stored"
        if done.asked_for
        else "it was set when seeding, and is not stored",
    }
    out.result(done.document(), said[answer.kind])


@app.command()
def backup(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="The folder to write to. Default: one for this database, with your data."
        ),
    ] = None,
    keep_days: Annotated[
        int, typer.Option("--keep-days", metavar="D", help="Delete its backups that are D days old or older.")
    ] = 7,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Write a backup of the target's database, by the server's own pg_dump.

    It is one file, which nobody else may read and which pg_restore reads too; it appears when it is whole. What belongs
    to a hosted service (auth and storage of Supabase) is left out, and listed.

    Examples:

      populace db backup

      populace db backup --target postgresql://app@localhost/staging --out backups --keep-days 14
    """
    from populace.operations import backups

    printer = Output(as_json, quiet, verbose)
    done = backups.backup(
        context(target, printer, world), backups.BackupRequest(world, out, keep_days), on_event=printer.hear
    )
    about = done.backup.about
    lines = [f"{done.backup.file}: {about.bytes / 1e6:,.1f} MB in {done.seconds:.1f} s"]
    lines += [f"left out, since they are not this user's: {', '.join(about.left_out)}"] if about.left_out else []
    lines += [f"deleted, {keep_days} days old or older: {file.name}" for file in done.removed]
    printer.result(done.document(), "\n".join(lines))


@app.command()
def restore(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="A backup. Default: the latest of this database.")
    ] = None,
    other_database: Annotated[
        bool, typer.Option("--other-database", help="The backup may be of another database.")
    ] = False,
    yes: options.Yes = False,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Put the target's database back to what a backup holds, all at once or not at all.

    Everything in its schemas is replaced, also what was made since. Only a database that is open for synthetic data is
    restored, and only while nobody is at work in it.

    Examples:

      populace db restore

      populace db restore backups/staging-worldchef-20260109T030000Z.dump --yes --target postgresql://app@localhost/staging
    """
    from populace import clock
    from populace.operations import backups

    printer = Output(as_json, quiet, verbose)
    here = context(target, printer, world)
    request = backups.RestoreRequest(file, world, other_database)
    found = backups.restorable(here, request)
    if not yes:
        about = found.backup.about
        of = f"{about.name} as of {clock.iso(about.taken_us)}"
        options.confirm(found.shown, f"Replace everything in {found.shown} by {of}?", "nothing was changed")
    done = backups.restore(here, replace(request, file=found.backup.file), on_event=printer.hear)
    when = clock.iso(done.backup.about.taken_us)
    printer.result(done.document(), f"{done.target} is as it was at {when} ({done.backup.file.name})")


@app.command()
def psql(
    target: options.Target = None,
    world: options.World = None,
    command: Annotated[
        list[str] | None,
        typer.Option("--command", "-c", metavar="SQL", help="Run this and leave; several run in their order."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Errors and what SQL answers only.")] = False,
) -> None:
    """Open psql on the target.

    Examples:

      populace db psql

      populace db psql -c 'SELECT count(*) FROM sim_users'
    """
    import os
    import subprocess

    from populace.operations import targets

    found = targets.psql(context(target, Output(quiet=quiet), world), targets.TargetRequest(world))
    silent = ["--quiet"] if quiet else []
    # Whoever asks one question wants its answer, and no pager to leave.
    paged = ["--pset=pager=off"] if command else []
    arguments = [found.program, *silent, *paged, found.url, *(word for text in command or () for word in ("-c", text))]
    raise typer.Exit(subprocess.run(arguments, env=found.environment(os.environ), check=False).returncode)
