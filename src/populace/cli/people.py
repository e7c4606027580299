"""init, seed, run: people into a target, and their life there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.output import Output, stoppable, table

if TYPE_CHECKING:
    from populace.runner.bulk import Progress


def init(
    target: options.Target = None,
    world: options.World = options.DEFAULT_WORLD,
    as_json: options.Json = False,
) -> None:
    """Open a target for synthetic data: a marker and Populace's own tables, in the schema populace.

    Nothing is ever written to a target that was not opened. An embedded target is open from birth.

    Example: populace init --target postgresql://app@localhost/staging
    """
    from populace.operations.opening import mark_open, open_target, session, settings

    opened = open_target(world, settings(target))
    with session(opened, "init") as connection:
        mark_open(connection)
    Output(as_json).result({"target": opened.shown, "open": True}, f"{opened.shown} is open for synthetic data")


def seed(
    world: options.WorldName,
    scenario: options.Scenario = None,
    number: options.Seed = None,
    now: options.Now = None,
    epoch: options.Epoch = None,
    changes: options.Set = None,
    plan_file: options.PlanFile = None,
    target: options.Target = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Fill a target with a world's people and their history, exactly once.

    The same seed again changes nothing and says so; an interrupted one goes on where it stopped.

    Examples:

      populace seed recoverlution

      populace seed recoverlution --seed 7 --now 2026-01-09T18:30:00Z --target embedded:./data --yes --json

      populace seed recoverlution --set count_users=100000 --set coverage_per_mindblock=500

      populace seed hogflix --target parquet:./hogflix
    """
    from populace import clock
    from populace.cli.delivery import remark_text
    from populace.operations import login, planning, seeding
    from populace.operations.integrations import channels
    from populace.operations.opening import find_world, open_target, parse_target, settings

    out = Output(as_json, quiet, verbose, log_json)
    found, chosen = find_world(world), settings(target)
    now_us = clock.parse(now, "--now") if now is not None else clock.now_us()
    set_here = planning.pairs(changes or [])
    made = planning.make_plan(
        found,
        chosen,
        scenario=scenario,
        seed=number,
        now_us=now_us,
        epoch=epoch,
        changes=set_here,
        file=plan_file,
    )
    aimed = parse_target(found.name, chosen, or_files=True)
    made, login_given = login.with_login(
        made,
        chosen,
        embedded=aimed.kind == "embedded",
        settled={*set_here, *chosen.worlds.get(found.name, {})} if plan_file is None else (),
        from_file=plan_file is not None,
    )
    given, after = bool(epoch or plan_file), "carries on"

    def tell(progress: Progress) -> None:
        out.progress(progress_text(progress))

    if aimed.kind == "parquet":
        from populace.operations import files

        after = "checks it"
        with stoppable() as stop:
            done = files.seed(aimed, made, now_us, epoch_given=given, login_given=login_given, report=tell, stop=stop)
    else:
        outside = channels.integrations(made, chosen)
        opened = open_target(found.name, chosen)
        options.require_yes(opened, yes=yes)
        for remark in channels.remarks(made, chosen):
            out.say(remark_text(remark))
        with stoppable() as stop:
            done = seeding.seed(
                opened,
                made,
                now_us,
                wall=now is None,
                epoch_given=given,
                login_given=login_given,
                outside=outside,
                stop=stop,
                report=tell,
            )
    doing = "validate" if aimed.kind == "parquet" else "run"
    carry_on = options.again(f"{doing} {world}", aimed.redacted() if target else None)
    if done.unchanged:
        text = (
            f"unchanged: {found.title} (plan {done.plan.digest}) is here already, written up to "
            f"{clock.iso(done.watermark_us)}; {carry_on} {after}"
        )
    else:
        rows = [(name, f"{t.written:,}", f"{t.rejected:,}") for name, t in sorted(done.wrote.tables.items())]
        report = "".join(f"{key.replace('_', ' ')}: {value:,}\n" for key, value in done.report.items())
        report += "\n" if report else ""
        text = (
            f"{table(('TABLE', 'WRITTEN', 'REJECTED'), rows, right=[1, 2])}\n\n{report}"
            f"{done.wrote.written:,} rows in {done.seconds:.1f} s; plan {done.plan.digest}, epoch "
            f"{clock.iso(done.plan.epoch_us)}\nnext: {carry_on}"
        )
    out.result(done.document(), text)


def run(
    world: options.WorldName,
    speed: Annotated[
        str | None,
        typer.Option("--speed", metavar="X", help="Simulated seconds a second, or max. Default: the clock's."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="Stop at this simulated time, ISO with a zone.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Live one simulated minute and stop.")] = False,
    sessions: Annotated[
        int,
        typer.Option(
            "--sessions",
            metavar="N",
            min=0,
            max=1000,
            help="With --once: N sessions more, and on until they have ended.",
        ),
    ] = 0,
    every: Annotated[
        str | None,
        typer.Option(
            "--every", metavar="D", help="Write only at multiples of D (such as 30m), and as people's days begin."
        ),
    ] = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Let the population live on from where it is, until Ctrl-C or a given time.

    One runner a target: a second one waits and takes over. When the database goes away it waits for it.

    Examples:

      populace run recoverlution

      populace run recoverlution --speed 60

      populace run recoverlution --speed max --until 2026-02-01T00:00:00Z

      populace run recoverlution --once --sessions 5

      populace run hogflix --every 30m
    """
    from populace import clock
    from populace.cli.delivery import remark_text
    from populace.cli.ticker import Ticker
    from populace.errors import BadInput
    from populace.operations import living
    from populace.operations.integrations import channels
    from populace.operations.integrations.deliver import beside
    from populace.operations.opening import find_world, open_target, settings
    from populace.runner.loop import Pace

    out = Output(as_json, quiet, verbose, log_json)
    found, chosen = find_world(world), settings(target)
    every_us = _period(every)
    until_us = clock.parse(until, "--until") if until is not None else None
    if once and (until or speed or every):
        todo = "leave out --until, --speed and --every"
        raise BadInput("--once lives one minute at full speed", where="run", todo=todo)
    if sessions and not once:
        raise BadInput("--sessions belongs to --once", where="run", todo="add --once, or use populace run-now N")
    pace_speed = _speed(speed)
    if pace_speed == 0 and until_us is None:
        raise BadInput("full speed needs an end", where="--speed", given=speed, todo="add --until T")
    opened = open_target(found.name, chosen, must_exist=True)
    if once:
        pace_speed, until_us = 0.0, living.watermark_us(opened, found) + clock.MINUTE_US
    elif until_us is not None and until_us <= (mark_us := living.watermark_us(opened, found)):
        out.result(
            {"watermark": clock.iso(mark_us), "windows": 0, "rows_written": 0},
            f"nothing to do: written up to {clock.iso(mark_us)} already",
        )
        return
    elif until_us is not None and pace_speed is None and until_us > clock.now_us():
        out.say(f"until {until} by the clock of the target; --speed X or --speed max goes faster")
    ticker, plan = Ticker(out), channels.lives(opened, found)
    for remark in channels.remarks(plan, chosen):
        out.say(remark_text(remark))
    with stoppable() as stop:
        living.run(
            opened,
            found,
            Pace(pace_speed, until_us, keep_clock=once, every_us=every_us, marks_us=found.day_starts),
            on_tick=ticker.tick,
            on_wait=out.say,
            stop=stop,
            wait=not once,
            sessions=sessions,
            outside=channels.integrations(plan, chosen),
            beside=beside(channels.read_setup(opened, found, chosen), out.say),
        )
    out.result(ticker.document(), ticker.summary())


def progress_text(progress: Progress) -> str:
    """A line about a seed."""
    if progress.stage == "rows":
        return f"rows: {progress.done:,} of about {progress.total:,} ({progress.what})"
    return f"{progress.stage}: {progress.done} of {progress.total} {progress.what}"


def _period(text: str | None) -> int | None:
    """Simulated µs of a text such as 30m; None: no such thing was asked for."""
    from populace import clock
    from populace.errors import BadInput

    if text is None:
        return None
    unit = {"s": clock.SECOND_US, "m": clock.MINUTE_US, "h": clock.HOUR_US}.get(text[-1:], 0)
    number = int(text[:-1]) if text[:-1].isdecimal() and len(text) < 9 else 0
    if not clock.MINUTE_US <= number * unit <= clock.DAY_US:
        raise BadInput("this is no such time", where="--every", given=text, allowed="1m to 24h, such as 30m or 6h")
    return number * unit


def _speed(text: str | None) -> float | None:
    """None: as the clock; 0: as fast as possible."""
    from populace.errors import BadInput

    if text is None:
        return None
    if text == "max":
        return 0.0
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0.001 <= speed <= 1e6:
        raise BadInput(
            "this is not a speed",
            where="--speed",
            given=text,
            allowed="max, or simulated seconds a real second from 0.001 to 1,000,000",
        )
    return speed
