"""demo: one command from nothing to a living database."""

from __future__ import annotations

from typing import Annotated

import typer

from populace.cli import options
from populace.cli.output import Output, stoppable


def demo(
    world: options.World = options.DEFAULT_WORLD,
    speed: Annotated[
        float | None,
        typer.Option(
            "--speed", metavar="X", min=0.001, max=86_400.0, callback=options.finite, help="Simulated seconds a second."
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--for", metavar="SECONDS", min=0.0, callback=options.finite, help="End by itself after so long."),
    ] = None,
    target: options.Target = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    log_json: options.LogJson = False,
) -> None:
    """Start a database, fill it with people who have a past, and let them live in it until Ctrl-C.

    What is there already is kept: the second time, the same people go on.

    Examples:

      populace demo

      populace demo --speed 60 --for 120
    """
    from populace import clock
    from populace.cli.delivery import remark_text
    from populace.cli.people import progress_text
    from populace.cli.ticker import Ticker
    from populace.operations import living, login, planning, seeding
    from populace.operations.integrations import channels
    from populace.operations.integrations.deliver import beside
    from populace.operations.opening import find_world, open_target, settings
    from populace.runner.loop import Pace

    out = Output(as_json, quiet, verbose=False, log_json=log_json)
    found, chosen = find_world(world), settings(target)
    out.say(f"{found.title}: {found.about}")
    opened = open_target(found.name, chosen)
    out.say(f"database    {opened.shown_url}")
    named = opened.shown if target else None
    with stoppable() as stop:
        scenario = next((s.name for s in found.scenarios if s.name == "demo"), found.default_scenario)
        done = seeding.lived_in(opened, found)
        if done is None:
            options.require_yes(opened, yes=yes)
            now_us = clock.now_us()
            made = planning.make_plan(
                found, chosen, scenario=scenario, seed=None, now_us=now_us, epoch=None, changes={}
            )
            made, login_given = login.with_login(
                made,
                chosen,
                embedded=opened.target.kind == "embedded",
                settled=chosen.worlds.get(found.name, {}),
            )
            done = seeding.seed(
                opened,
                made,
                now_us,
                wall=True,
                epoch_given=False,
                login_given=login_given,
                outside=channels.integrations(made, chosen),
                stop=stop,
                report=lambda progress: out.progress(progress_text(progress)),
            )
        people = done.report[found.counted] if found.counted else None
        people = done.plan.sizes[found.people_root] if people is None else people
        news = "are here already" if done.unchanged else f"moved in ({done.wrote.written:,} rows, {done.seconds:.1f} s)"
        history_days = done.plan.eras[0].values[found.history_days]
        out.say(f"{found.inhabitants:<11} {people:,} {news}, with {history_days} days of history")
        for head, command, means in (
            ("try", "status", "what is there, and who runs it"),
            ("", "db psql", "look at the rows yourself"),
        ):
            out.say(f"{head:12}{options.again(command, named, world)}  {means}")
        out.say(f"{'':12}{options.again(f'validate {world}', named)}")
        out.say("They live on; " + ("Ctrl-C ends it." if seconds is None else f"this ends by itself in {seconds:g} s."))
        for remark in channels.remarks(done.plan, chosen):
            out.say(remark_text(remark))
        ticker = Ticker(out)
        if seconds is not None:
            clock.after(seconds, stop)
        living.run(
            opened,
            found,
            Pace(speed),
            on_tick=ticker.tick,
            on_wait=out.say,
            stop=stop,
            outside=channels.integrations(done.plan, chosen),
            beside=beside(channels.read_setup(opened, found, chosen), out.say),
        )
    document = {"url": opened.shown_url, "people": people, **ticker.document()}
    out.result(
        document,
        f"{ticker.summary()}\nthe database goes on running: {opened.shown_url}\n"
        f"{options.again('demo', named, world)} carries on"
        + (f"\n{options.again('db stop', named, world)} stops the database" if opened.target.directory else ""),
    )
