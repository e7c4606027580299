"""wizard: from questions at a terminal to a population. All that it does can be done by plain commands too."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable
from populace.cli.tables import duration, fields, size, table

if TYPE_CHECKING:
    from populace.operations.context import Context
    from populace.operations.plans.making import PlanRequest
    from populace.operations.seeds.forecasting import Forecast
    from populace.operations.seeds.prepared import Prepared
    from populace.operations.seeds.wizard import Standing
    from populace.plan import Plan
    from populace.spec import World
    from populace.spec.parameter import Value

TOP_TABLES = 12
"""So many tables of a plan are named; the others are only counted."""
ABOUT = """\
Populace fills a database with synthetic people and their history. The wizard asks what you want, shows how much it
will be and how long it takes here, and begins when you agree. Nothing is changed before that; Ctrl-C ends it.
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants: a seed that can begin, and how its plan differs from the world's usual one."""

    prepared: Prepared
    changes: dict[str, Value]


def wizard(
    target: options.Target = None,
    world: Annotated[
        str | None, typer.Option("--world", metavar="W", help="A world's name or path; it is then not asked for.")
    ] = None,
) -> None:
    """Ask what you want, show what it takes, and seed it: step by step, at a terminal.

    Before anything begins it shows rows, bytes and the time on this machine, and the plain commands that do the same.
    Another population in the target is deleted only after you type a word. Rows of others stay.

    Examples:

      populace wizard

      populace wizard --world recoverlution --target embedded:./data
    """
    import sys

    from populace.errors import BadInput, Interrupted, Remedy

    out = Output()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        where = {"target": target} if target else {}
        raise BadInput(
            "there is no terminal to answer at",
            where="wizard",
            todo=[
                Remedy("plan", {"world": world}, "{} shows what a seed would write"),
                Remedy("seed", {"world": world, "scenario": None, "changes": None, **where}, "{} writes it"),
            ],
        )
    try:
        from populace.cli import asking

        out.say(ABOUT)
        if not asking.agree("Continue?"):
            out.say("nothing was changed")
            return
        wish = _wish(out, context(target, out, world), world, named=target is not None)
        there = _agreed(out, wish)
        if there is None:
            return
    except (KeyboardInterrupt, EOFError, Interrupted):
        raise Interrupted("stopped; nothing was changed") from None
    _do(out, wish, there)


def _wish(out: Output, here: Context, world: str | None, *, named: bool) -> Wish:
    """Where, what, and how much."""
    from populace.cli import asking
    from populace.operations.opening import parse_target
    from populace.operations.plans.worlds import worlds
    from populace.operations.seeds.seed import prepare

    if not named:
        here = asking.where(here)
    if world is None:
        world = asking.one_of("Which world?", [(w.name, f"{w.name}: {w.about}") for w in worlds(here).worlds])
    target = parse_target(here.registry.find(world).name, here.settings)
    request = _planned(out, here, world)
    out.say(f"target: {target.redacted()}")
    return Wish(prepare(here, request), dict(request.changes))  # type: ignore[arg-type]


def _planned(out: Output, here: Context, called: str) -> PlanRequest:
    """A scenario of the world, or answers to what it asks; answers that do not go together are asked for again.

    Raises BadInput for what no answer cures, such as a wrong value in the settings' file.
    """
    from populace.cli import asking
    from populace.errors import BadInput
    from populace.operations.plans.making import PlanRequest, make_plan
    from populace.operations.seeds import wizard

    world = here.registry.find(called)
    custom = "a configuration of your own: some questions about how much there is"
    scenario = asking.one_of(
        "Which scenario?", [*((s.name, f"{s.name}: {s.about}") for s in world.scenarios), ("", custom)]
    )
    usual = PlanRequest(called, scenario or None)
    base = make_plan(here, usual, usual.now_us())
    if scenario:
        return usual
    while True:
        try:
            request = replace(usual, changes=wizard.changed(base, _answers(out, world, base)))
            make_plan(here, request, request.now_us())
            return request
        except BadInput as error:
            out.say(f"  {wording.said(error)}")


def _answers(out: Output, world: World, base: Plan) -> dict[str, Value]:
    """What somebody wants otherwise than the world's usual scenario has it, and what follows from that."""
    from populace.cli import asking
    from populace.operations.seeds import wizard

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
    from populace.errors import Refused
    from populace.operations.seeds import forecasting, wizard
    from populace.operations.seeds.preview import preview

    prepared = wish.prepared
    plan, shown = prepared.plan, prepared.shown
    there = wizard.standing(prepared)
    if there.state == "same":
        assert there.written_us is not None
        carry_on = wording.again("run", plan.world.name, target=shown)
        out.say(
            f"this population is here already (plan {there.digest}), written up to {clock.iso(there.written_us)}: "
            f"nothing to do; {carry_on} continues"
        )
        if asking.agree("Run it now? (Ctrl-C ends it)", offered=False):
            from populace.cli import runs

            runs.run(plan.world.name, target=prepared.context.settings.target)
        return None
    for remark in prepared.remarks:
        out.say(wording.advice(remark.text))
    out.say("measuring this machine for some seconds, in a temporary database beside the target's …")
    out.say(_shown(wish, forecasting.forecast(prepared)))
    if there.state == "unfinished":
        out.say("an interrupted seed of this plan is here: it continues where it stopped")
    out.say(_commands(wish, there))
    if prepared.is_elsewhere and (makings := preview(prepared)):
        out.say(options.shown_makings(makings))
    if there.state == "other":
        out.say(_doomed(wish, there))
        word = wizard.confirmation(prepared)
        if asking.typed(f"Type {word} to delete these rows and seed again; anything else changes nothing:") != word:
            raise Refused("not confirmed; nothing was changed", where=shown)
    elif not asking.agree(f"Seed it into {shown} now?"):
        raise Refused("not confirmed; nothing was changed", where=shown)
    return there


def _doomed(wish: Wish, there: Standing) -> str:
    """What a clean-up would delete, by a dry run of it. Raises Refused when rows of others are in its way."""
    from populace.operations.seeds import wizard

    report = wizard.doomed(wish.prepared, there).report
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

    plan, guess = wish.prepared.plan, forecast.guess
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
        f"history {clock.iso(plan.origin_us)} to {clock.iso(plan.epoch_us)}, then life to "
        f"{clock.iso(wish.prepared.now_us)}\n\n"
        f"{table(('TABLE', 'ROWS, ABOUT'), shown, right=[1])}\n\n"
        f"about {guess.total:,} rows, {size(guess.bytes_on_disk)} with indexes; {how}\n"
    )


def _commands(wish: Wish, there: Standing) -> str:
    """The same as plain commands."""
    from populace.database.target import has_password
    from populace.operations.seeds import wizard

    prepared = wish.prepared
    todo = [wizard.cleaning(prepared, there)] if there.state == "other" else []
    lines = [wording.command(one) for one in (*todo, wizard.seeding(prepared, wish.changes))]
    without = f"\n{wording.WITHOUT}" if has_password(prepared.target.url) else ""
    return "the same as plain commands:\n" + "".join(f"\n  {line}" for line in lines) + f"{without}\n"


def _do(out: Output, wish: Wish, there: Standing) -> None:
    """Delete what must be deleted, seed, and report."""
    from populace.cli import asking, validation
    from populace.operations.seeds import wizard

    prepared = wish.prepared
    plan = prepared.plan
    with stoppable() as stop:
        done = wizard.replace(prepared, there, on_event=out.hear, stop=stop)
    rows = [(name, f"{t.written:,}", f"{t.rejected:,}") for name, t in sorted(done.wrote.tables.items())]
    report = fields([(key.replace("_", " "), f"{value:,}") for key, value in done.report.items()])
    rate = done.wrote.written / max(done.seconds, 0.001)
    text = (
        f"\n{table(('TABLE', 'WRITTEN', 'REJECTED'), rows, right=[1, 2])}\n\n{report}{chr(10) * 2 if report else ''}"
        f"{done.wrote.written:,} rows in {duration(done.seconds)}: {rate:,.0f} rows/s; plan {done.plan.digest}\n\n"
        f"{_commands(wish, there)}\nnext: {wording.again('run', plan.world.name, target=prepared.shown)}"
    )
    out.result(done.document(), text)
    try:
        check = asking.agree("Check it now? (populace validate)", offered=False)
    except (KeyboardInterrupt, EOFError):
        return
    if check:
        validation.validate(plan.world.name, target=prepared.context.settings.target)
