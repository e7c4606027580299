"""serve: the control API and the Studio, with the runner beside them."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from populace.cli import options
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable


def serve(
    host: Annotated[str, typer.Option("--host", metavar="H", help="The address to listen on.")] = "127.0.0.1",
    port: options.Port = None,
    no_runner: Annotated[bool, typer.Option("--no-runner", help="Another process runs the population.")] = False,
    anon: Annotated[
        Literal["read", "control"] | None,
        typer.Option(
            "--anon", help="What the key anon may do. Default: control on this machine; else it must be said."
        ),
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option("--origin", metavar="URL", help="Pages of this site may call the API; may be repeated."),
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="HOST", help="A name by which the server is called; may be repeated."),
    ] = None,
    broadcast: Annotated[
        str | None,
        typer.Option("--broadcast", metavar="TOPIC", help="Send news to this topic of Supabase Realtime too."),
    ] = None,
    new_keys: Annotated[bool, typer.Option("--new-keys", help="Make new keys; the old ones end.")] = False,
    world: options.World = None,
    target: options.Target = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    log_json: options.LogJson = False,
) -> None:
    """Serve the control API and the Studio until Ctrl-C, and keep the population active.

    Keys are made with the first start and shown once; POPULACE_ANON_KEY, POPULACE_SERVICE_ROLE_KEY and
    POPULACE_JWT_SECRET set them. The link that is printed opens the Studio in a browser, once.

    Examples:

      populace serve

      populace serve --port 8080 --no-runner

      populace serve --host 0.0.0.0 --anon read --name people.example.com
    """
    from populace.api.server import address, bound
    from populace.api.server import serve as listen
    from populace.api.wiring import PORT, Service, Serving
    from populace.operations.opening import settled
    from populace.studio import mount

    out = Output(as_json, quiet, verbose=False, log_json=log_json)
    serving = Serving(
        host, port or PORT, world, not no_runner, None if anon is None else anon == "control",
        tuple(origin or ()), tuple(name or ()), broadcast,
    )  # fmt: skip
    service = Service(settled(context(target, out, world), world), serving)
    serving.require_decided()
    with stoppable() as stop, bound(serving, chosen=port is not None) as listening:
        opened = service.settle(again=new_keys)
        url = address(listening, host)
        link = f"{url}/enter/{service.sessions.link()}"

        def ready() -> None:
            document = {"url": url, "studio": link, "target": opened.shown, "keys": dict(service.made)}
            lines = [f"Studio      {link}", f"API         {url}/api/v1", f"database    {opened.shown}"]
            for role, key in service.made.items():
                lines.append(f"{'key':12}{role}: {key}  (shown this once)")
            if not service.made and not (service.direct.settings.anon_key or service.direct.settings.service_role_key):
                lines.append(f"{'keys':12}as they were shown when they were made; --new-keys makes and shows new ones")
            out.result(document, "\n".join(lines))
            out.say("Ctrl-C ends it.")

        listen(service, listening, stop, on_ready=ready, mount=mount)
