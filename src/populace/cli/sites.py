"""site: an app of a world as its visitors see it, on the world's own database."""

from __future__ import annotations

from typing import Annotated

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable


def site(
    world: options.WorldOfTarget = None,
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="N", min=1, max=65_535, help="Default: 7080, or the next that is free."),
    ] = None,
    opens: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    log_json: options.LogJson = False,
) -> None:
    """Show the app of a world to visitors, on its own database, until Ctrl-C.

    Seeded people log in with the password that populace db password explains, and visitors sign up. What a visitor does
    is written into the app's tables. The site listens on this machine only, sends no mail and takes no payment.

    Examples:

      populace site hogflix

      populace site hogflix --port 8090 --target embedded:./films --open
    """
    import webbrowser

    from populace.api.server import address, bound, listen
    from populace.api.wiring import Serving
    from populace.sites.opening import HOST, PORT, open_site

    out = Output(as_json, quiet, verbose=False, log_json=log_json)
    serving = Serving(HOST, port or PORT)
    with stoppable() as stop, bound(serving, chosen=port is not None, where="site") as listening:
        app, place = open_site(context(target, out, world), world)
        url, chat = address(listening, HOST), getattr(app.state, "chat", "")

        def ready() -> None:
            events = place.analytics.host if place.analytics else None
            document = {
                "url": url,
                "target": place.opened.shown,
                "events": events,
                "chat": f"{url}{chat}" if chat else None,
            }
            lines = [
                f"site        {url}",
                f"database    {place.opened.shown}",
                f"events      {events or 'sent to nobody: no PostHog is configured'}",
            ]
            if chat:
                lines.append(f"chat        {url}{chat}")
            out.result(document, "\n".join(lines))
            out.say("Ctrl-C ends it.")
            if opens:
                webbrowser.open(url)

        listen(app, listening, stop, on_ready=ready)
