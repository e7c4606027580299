"""demo: one command that makes a database, fills it and keeps it active."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable
from populace.settings import ALIAS

if TYPE_CHECKING:
    from populace.cli.beside import SiteBeside
    from populace.event import Event
    from populace.operations.context import Context
    from populace.operations.seeds.demo import MovedIn


def demo(
    world: options.World = None,
    speed: Annotated[
        float | None,
        typer.Option(
            "--speed", metavar="X", min=0.001, max=86_400.0, callback=options.finite, help="Simulated seconds a second."
        ),
    ] = None,
    seconds: options.Seconds = None,
    port: options.Port = None,
    site: Annotated[bool, typer.Option("--site", help="Show the site of the world too, to visit it.")] = False,
    site_port: Annotated[
        int | None,
        typer.Option("--site-port", metavar="N", min=1, max=65_535, help="Of the site; default: as populace site."),
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Open no browser.")] = False,
    target: options.Target = None,
    yes: options.Yes = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    log_json: options.LogJson = False,
) -> None:
    """Start a database, fill it with people and their history, and add new activity until Ctrl-C.

    What is there already is kept: the second time, the same people continue. The first line that is printed is a link
    to the Studio, which shows them; where there is a display, a browser opens it. With --site the app of the world
    answers beside it, on the same database, and a person's page in the Studio leads there.

    Examples:

      populace demo

      populace demo --speed 60 --for 120

      populace demo --world hogflix --site
    """
    from populace.cli.beside import open_in_browser, site_beside, studio_beside
    from populace.cli.ticker import Ticker, summary
    from populace.operations.opening import settled
    from populace.operations.seeds.demo import DemoRequest, MovedIn, find_home
    from populace.operations.seeds.demo import demo as operation
    from populace.operations.seeds.preview import preview

    out = Output(as_json, quiet, verbose=False, log_json=log_json)
    here, request = (
        context(target, out, world, alias=False),
        DemoRequest(world, speed, seconds, site or site_port is not None),
    )
    home = find_home(here, request)
    called = here.registry.called(home.world)
    here = settled(here, called)
    ticker = Ticker(out, feed=_feed(here))
    # Where the shell names another database, the commands that are shown have to name this one.
    named = home.shown if target or here.settings.environment.get(ALIAS) else None

    def hear(event: Event) -> None:
        if isinstance(event, MovedIn):
            if films is not None:
                visit(films)
            entry = _how_to_log_in(here, called, named) if films is not None else ()
            for line in _welcome(event, named, called, seconds, entry):
                out.say(line)
        else:
            ticker.hear(event)

    def visit(films: SiteBeside) -> None:
        films.start()
        if studio is not None:
            studio.service.site = films.url
        if opens:
            open_in_browser(films.url)

    if home.prepared is not None and home.is_elsewhere and (makings := preview(home.prepared)):
        out.say(options.shown_makings(makings), asked=options.asks(yes=yes))
    options.require_yes(home, yes=yes)
    opens = not (no_open or as_json or quiet)
    beside = site_beside(here, called, site_port) if request.site else nullcontext()
    with stoppable() as stop, studio_beside(here, called, port, hear, out) as studio, beside as films:
        if studio is not None:
            out.say(f"Studio      {studio.link}")
            if opens:
                open_in_browser(studio.link)
        if films is not None:
            out.say(f"site        {films.url}")
        out.say(f"{home.world.title}: {home.world.about}")
        out.say(f"database    {home.opened.shown_url}")
        runs = None if studio is None else studio.running(speed)
        done = operation(here, request, home, on_event=hear, stop=stop, runs=runs)
    out.result(
        {**done.document(), **({"site": films.url} if films else {})},
        f"{summary(done.lived)}\nthe database keeps running: {done.url}\n"
        f"{wording.again('demo', target=named)} continues"
        + (f"\n{wording.again('db', 'stop', target=named)} stops the database" if home.opened.target.directory else ""),
    )


def _feed(here: Context) -> Callable[[int], list[str]]:
    """What people did since a simulated time, in words; nothing when the database is away for a moment."""
    from populace.errors import PopulaceError
    from populace.operations.inspection.overview import span

    def lines(since_us: int) -> list[str]:
        try:
            return [line.text.replace("*", "") for line in span(here, since_us, minutes=1).lines]
        except PopulaceError:
            return []

    return lines


def _how_to_log_in(here: Context, world: str, named: str | None) -> Iterator[str]:
    """Somebody as whom the site can be visited, where people of this world have a password."""
    from populace.operations.login import has_login
    from populace.operations.people.listing import PeopleRequest, people

    if has_login(here.registry.find(world)):
        for somebody in people(here, PeopleRequest(world=world, most=1, active_days=30)).people:
            shows = wording.again("db", "password", target=named)
            yield f"log in      as {somebody.email}; {shows} shows the password"


def _welcome(
    event: MovedIn, named: str | None, world: str, seconds: float | None, entry: Iterable[str]
) -> Iterator[str]:
    """Who is there now, and what can be done with them."""
    done, found = event.result, event.result.plan.world
    news = "are here already" if done.unchanged else f"written ({done.wrote.written:,} rows, {done.seconds:.1f} s)"
    history_days = done.plan.eras[0].values[found.history_days]
    yield f"{found.inhabitants:<11} {event.people:,} {news}, with {history_days} days of history"
    tries = {
        wording.again("status", target=named): "what is there, and who runs it",
        wording.again("db", "psql", target=named): "look at the rows yourself",
        wording.again("validate", world, target=named): "whether it is what was asked for",
    }
    width = max(map(len, tries))
    for at, (command, means) in enumerate(tries.items()):
        yield f"{'' if at else 'try':12}{command:{width}}  {means}"
    yield from entry
    yield "New activity is written now; " + ("Ctrl-C ends it." if seconds is None else f"this ends in {seconds:g} s.")
