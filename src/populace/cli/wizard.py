"""wizard: from a question to a population, with somebody at a terminal. All that it does is a plain command too."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options
from populace.cli.output import Output, size, stoppable, table

if TYPE_CHECKING:
    from populace.operations.calibration import Forecast
    from populace.operations.opening import Opened
    from populace.operations.wizard import Standing
    from populace.plan import Plan
    from populace.runner.bulk import Report
    from populace.settings import Settings
    from populace.spec import World
    from populace.spec.parameter import Value

TOP_TABLES = 12
"""So many tables of a plan are named; of the others their number."""
ABOUT = """\
Populace fills a database with people who have a past. This asks what you want, shows how much it will be and how long
it takes here, and begins when you have agreed. Nothing is changed before that; Ctrl-C ends it.
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: a plan, by a scenario and changes to it, and where."""

    chosen: Settings
    opened: Opened
    plan: Plan
    changes: dict[str, Value]
    login_given: bool
    now_us: int


def wizard(
    target: options.Target = None,
    world: Annotated[
        str | None, typer.Option("--world", metavar="W", help="A world's name or path; it is then not asked for.")
    ] = None,
) -> None:
    """Ask what you want, show what it takes, and seed it: a population step by step, for somebody at a terminal.

    Before anything begins it shows rows, bytes and the time on this machine, and the plain commands that do the same.
    A population that is in the way is deleted only after you have typed what is asked for. Rows of others stay.

    Examples:

      populace wizard

      populace wizard --world recoverlution --target embedded:./data
    """
    import sys

    from populace.errors import BadInput, Interrupted
    from populace.operations.opening import settings

    out = Output()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        where = f" --target {settings(target).target}" if target else ""
        raise BadInput(
            "nobody is there to answer: this is no terminal",
            where="wizard",
            todo=f"populace plan {world or 'WORLD'} shows what a seed would write, and "
            f"populace seed {world or 'WORLD'} --scenario S --set PATH=VALUE{where} writes it",
        )
    try:
        from populace.cli import asking

        out.say(ABOUT)
        if not asking.agree("Continue?"):
            out.say("nothing was changed")
            return
        wish = _wish(out, settings(target), world, named=target is not None)
        there = _agreed(out, wish)
        if there is None:
            return
    except (KeyboardInterrupt, EOFError, Interrupted):
        raise Interrupted("stopped; nothing was changed") from None
    _do(out, wish, there)


def _wish(out: Output, chosen: Settings, world: str | None, *, named: bool) -> Wish:
    """Where, what, and how much."""
    from populace import clock
    from populace.cli import asking
    from populace.operations import login
    from populace.operations.opening import find_world, open_target, parse_target
    from populace.worlds import registry

    if not named:
        chosen = asking.where(chosen)
    if world is None:
        worlds = [registry.find(name) for name in registry.names()]
        world = asking.one_of("Which world?", [(w.name, f"{w.name}: {w.about}") for w in worlds])
    found = find_world(world)
    target = parse_target(found.name, chosen)
    now_us = clock.now_us()
    made, changes = _planned(out, found, chosen, now_us)
    made, login_given = login.with_login(
        made,
        chosen,
        embedded=target.kind == "embedded",
        settled={*changes, *chosen.worlds.get(found.name, {})},
    )
    out.say(f"target: {target.redacted()}")
    return Wish(chosen, open_target(found.name, chosen), made, changes, login_given, now_us)


def _planned(out: Output, world: World, chosen: Settings, now_us: int) -> tuple[Plan, dict[str, Value]]:
    """A scenario of the world, or answers to what it asks; answers that do not go together are asked for again.

    Raises BadInput for what no answer cures, such as a wrong value in the settings' file.
    """
    from populace.cli import asking
    from populace.errors import BadInput
    from populace.operations import planning, wizard

    custom = "a configuration of your own: some questions about how much there is"
    scenario = asking.one_of(
        "Which scenario?", [*((s.name, f"{s.name}: {s.about}") for s in world.scenarios), ("", custom)]
    )

    def made(changes: dict[str, Value]) -> Plan:
        return planning.make_plan(
            world,
            chosen,
            scenario=scenario or None,
            seed=None,
            now_us=now_us,
            epoch=None,
            changes=changes,
        )

    base = made({})
    if scenario:
        return base, {}
    while True:
        try:
            changes = wizard.changed(base, _answers(out, world, base))
            return made(changes), changes
        except BadInput as error:
            out.say(f"  {error}")


def _answers(out: Output, world: World, base: Plan) -> dict[str, Value]:
    """What somebody wants otherwise than the world's usual scenario has it, and what follows from that."""
    from populace.cli import asking
    from populace.operations import wizard

    answers: dict[str, Value] = {}
    for question in wizard.questions(world):
        about = replace(world.parameter(question.path), default=base.settings[question.path])
        if question.follows is None:
            about = question.about(about)
            answers[question.path] = asking.value(question.asks, about)
        else:
            answers[question.path] = about.check(question.follows(answers), world.name)
            out.say(f"  {about.means}: {wizard.written(answers[question.path])}")
    return answers | asking.others(world)


def _agreed(out: Output, wish: Wish) -> Standing | None:
    """Show what will happen, and ask for it; None when there is nothing to do. Raises Refused for a no."""
    from populace import clock
    from populace.cli import asking
    from populace.cli.delivery import remark_text
    from populace.errors import Refused
    from populace.operations import calibration, wizard
    from populace.operations.integrations import channels

    opened, plan = wish.opened, wish.plan
    there = wizard.standing(opened, plan, login_given=wish.login_given)
    if there.state == "same":
        assert there.written_us is not None
        carry_on = options.again(f"run {plan.world.name}", opened.shown)
        out.say(
            f"this population is here already (plan {there.digest}), written up to {clock.iso(there.written_us)}: "
            f"nothing to do; {carry_on} carries on"
        )
        if asking.agree("Let it live on now? (Ctrl-C ends it)", offered=False):
            from populace.cli import people

            people.run(plan.world.name, target=wish.chosen.target)
        return None
    for remark in channels.remarks(plan, wish.chosen):
        out.say(remark_text(remark))
    out.say("measuring this machine, for some seconds, in a database of its own beside the target's …")
    heard = channels.heard(plan, wish.chosen)
    out.say(_shown(wish, calibration.forecast(opened, plan, wish.now_us, heard=heard)))
    if there.state == "unfinished":
        out.say("an interrupted seed of this very plan is here: it goes on where it stopped")
    out.say(_commands(wish, there))
    if there.state == "other":
        out.say(_doomed(wish, there))
        word = wizard.confirmation(opened)
        if asking.typed(f"Type {word} to delete these rows and seed anew; anything else changes nothing:") != word:
            raise Refused("not confirmed; nothing was changed", where=opened.shown)
    elif not asking.agree(f"Seed it into {opened.shown} now?"):
        raise Refused("not confirmed; nothing was changed", where=opened.shown)
    return there


def _doomed(wish: Wish, there: Standing) -> str:
    """What a clean-up would delete, by a dry run of it. Raises Refused when rows of others are in its way."""
    from populace.operations import cleaning

    report = cleaning.clean(wish.opened, there.world, keep_referenced=False, dry_run=True).report
    gone = [(name, f"{count:,}") for name, count in report.deleted.items() if count]
    why = "; ".join(there.differing[:5]) if there.differing else there.world.title
    return (
        f"ANOTHER POPULATION LIVES HERE (plan {there.digest}: {why}).\n"
        "It has to go first: these rows will be DELETED, and no row of anybody else.\n\n"
        f"{table(('TABLE', 'DELETED'), [*gone, ('', f'{sum(report.deleted.values()):,}')], right=[1])}\n"
    )


def _shown(wish: Wish, forecast: Forecast) -> str:
    """The plan, with what it takes."""
    from populace import clock

    plan, guess = wish.plan, forecast.guess
    rows = sorted(guess.rows.items(), key=lambda pair: -pair[1])
    more = rows[TOP_TABLES:]
    shown = [(plan.world.table(name).full_name, f"{count:,}") for name, count in rows[:TOP_TABLES]]
    if more:
        shown.append((f"{len(more)} more tables", f"{sum(count for _, count in more):,}"))
    shown.append(("all together", f"{guess.total:,}"))
    takes = duration(forecast.seconds)
    how = (
        f"about {takes} on this machine and this target, measured with a sample"
        if forecast.measured
        else f"roughly {takes}, which could not be measured here ({forecast.remark})"
    )
    return (
        f"\n{plan.world.title}, scenario {plan.scenario}{', with changes' if wish.changes else ''}, seed {plan.seed}, "
        f"plan {plan.digest}\n"
        f"history {clock.iso(plan.origin_us)} to {clock.iso(plan.epoch_us)}, then life to {clock.iso(wish.now_us)}\n\n"
        f"{table(('TABLE', 'ROWS, ABOUT'), shown, right=[1])}\n\n"
        f"about {guess.total:,} rows, {size(guess.bytes_on_disk)} with indexes; {how}\n"
    )


def _commands(wish: Wish, there: Standing) -> str:
    """The same as plain commands."""
    from populace.operations import wizard

    lines = [wizard.cleanup_command(wish.opened, there)] if there.state == "other" else []
    lines.append(wizard.seed_command(wish.opened, wish.plan, wish.changes))
    without = "\n(without the password: put it into PGPASSWORD)" if wizard.has_password(wish.opened) else ""
    return "the same as plain commands:\n" + "".join(f"\n  {line}" for line in lines) + f"{without}\n"


def _do(out: Output, wish: Wish, there: Standing) -> None:
    """Delete what has to go, seed, and tell."""
    from populace.cli import asking, looking
    from populace.errors import Interrupted
    from populace.operations import cleaning, seeding
    from populace.operations.integrations import channels

    opened, plan = wish.opened, wish.plan
    with closing(channels.integrations(plan, wish.chosen)) as outside:
        if there.state == "other":
            try:
                gone = cleaning.clean(opened, there.world, keep_referenced=False, dry_run=False)
            except (KeyboardInterrupt, Interrupted):
                raise Interrupted(f"stopped; {_left(wish)}") from None
            out.say(f"{sum(gone.report.deleted.values()):,} synthetic rows deleted")
        with stoppable() as stop:
            done = seeding.seed(
                opened,
                plan,
                wish.now_us,
                wall=True,
                epoch_given=False,
                login_given=wish.login_given,
                outside=outside,
                stop=stop,
                report=_stages(out),
            )
    rows = [(name, f"{t.written:,}", f"{t.rejected:,}") for name, t in sorted(done.wrote.tables.items())]
    report = "".join(f"{key.replace('_', ' ')}: {value:,}\n" for key, value in done.report.items())
    rate = done.wrote.written / max(done.seconds, 0.001)
    text = (
        f"\n{table(('TABLE', 'WRITTEN', 'REJECTED'), rows, right=[1, 2])}\n\n{report}{chr(10) if report else ''}"
        f"{done.wrote.written:,} rows in {duration(done.seconds)}: {rate:,.0f} rows/s; plan {done.plan.digest}\n\n"
        f"{_commands(wish, there)}\nnext: {options.again(f'run {plan.world.name}', opened.shown)}"
    )
    out.result(done.document(), text)
    try:
        check = asking.agree("Check it against the documents now? (populace validate)", offered=False)
    except (KeyboardInterrupt, EOFError):
        return
    if check:
        looking.validate(plan.world.name, target=wish.chosen.target)


def _left(wish: Wish) -> str:
    """What a clean-up has done that was interrupted: all or nothing, and only the target knows which."""
    from populace.errors import PopulaceError
    from populace.operations import wizard

    try:
        gone = wizard.standing(wish.opened, wish.plan, login_given=wish.login_given).state == "nobody"
    except (PopulaceError, KeyboardInterrupt):
        return "populace status says whether the rows were deleted"
    return "the rows were deleted, and nothing is seeded yet" if gone else "nothing was changed"


def _stages(out: Output) -> Report:
    """A line for every stage that is over, with its seconds, and a moving one for what is going on."""
    from populace import clock
    from populace.cli.people import progress_text
    from populace.runner.bulk import Progress

    now: list[tuple[str, float]] = []

    def report(progress: Progress) -> None:
        if not now or now[-1][0] != progress.stage:
            now.append((progress.stage, clock.monotonic()))
        if progress.stage != "tables" and progress.done >= progress.total:
            out.say(f"{progress_text(progress)}, {clock.monotonic() - now[-1][1]:.1f} s")
        elif progress.stage == "tables":
            out.say(f"tables: {progress.what}")
        else:
            out.progress(progress_text(progress))

    return report


def duration(seconds: float) -> str:
    """Seconds for a reader: `2.7 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
