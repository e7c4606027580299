"""The Studio and a site beside a command that has work of its own: servers in threads, which end with the command."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from populace.api.wiring import Service
    from populace.cli.output import Output
    from populace.event import Event, Listener
    from populace.operations.context import Context
    from populace.operations.runs.run import RunResult

END_LIMIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Beside:
    """A server that answers. link: opens its Studio in a browser, once."""

    service: Service
    link: str

    def running(self, speed: float | None) -> Callable[[threading.Event], RunResult]:
        """What continues a population by this server's runner, whose speed a page may change, until an event is set."""
        from populace.operations.runs.run import RunResult
        from populace.runner.loop import Tick

        def runs(stop: threading.Event) -> RunResult:
            done, runner = RunResult(), self.service.resident
            heard = runner.on_event

            def hear(event: Event) -> None:
                if isinstance(event, Tick):
                    done.add(event)
                heard(event)

            runner.on_event, runner.speed = hear, None if speed is None else str(speed)
            runner.start()
            stop.wait()
            runner.shut()
            return done

        return runs


@contextmanager
def studio_beside(
    context: Context, world: str, port: int | None, on_event: Listener, out: Output
) -> Iterator[Beside | None]:
    """A server on this machine, while a command works; None where nothing can listen, which is said.

    port: None for the usual one, or the next that is free. Raises BadInput for a port that was asked for and is taken.
    """
    from populace.api.server import address, bound, serve
    from populace.api.wiring import PORT, Service, Serving
    from populace.errors import BadInput
    from populace.studio import mount

    serving = Serving(port=port or PORT, world=world, runner=False)
    service = Service(context, serving, on_event)
    try:
        listening = bound(serving, chosen=port is not None)
    except BadInput as error:
        if port is not None:
            raise
        out.say(f"without the Studio: {error.what}")
        yield None
        return
    with listening:
        service.settle()
        with _answering(partial(serve, service, listening, mount=mount), "studio"):
            yield Beside(service, f"{address(listening, serving.host)}/enter/{service.sessions.link()}")


@dataclass(frozen=True, slots=True)
class SiteBeside:
    """The site of a target that has its port. It answers from when it is started until the command ends."""

    url: str
    _start: Callable[[], None]

    def start(self) -> None:
        """Answer from here on. Raises Refused where nobody lives at the target."""
        self._start()


@contextmanager
def site_beside(context: Context, world: str, port: int | None) -> Iterator[SiteBeside]:
    """The site of a target on this machine, while a command works. port: None for the usual one, or the next that is
    free. Raises BadInput for a port that cannot be had."""
    from populace.api.server import address, bound, listen
    from populace.api.wiring import Serving
    from populace.sites.opening import HOST, PORT, open_site

    serving = Serving(HOST, port or PORT)
    with bound(serving, chosen=port is not None, where="demo", option="site_port") as listening, ExitStack() as ends:

        def start() -> None:
            app, _place = open_site(context, world)
            ends.enter_context(_answering(partial(listen, app, listening), "site"))

        yield SiteBeside(address(listening, HOST), start)


@contextmanager
def _answering(serves: Callable[..., None], name: str) -> Iterator[None]:
    """A server in a thread, from when it answers to the end of this."""
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=serves, args=(stop,), kwargs={"on_ready": ready.set}, name=name, daemon=True)
    thread.start()
    ready.wait(END_LIMIT_S)
    try:
        yield
    finally:
        stop.set()
        thread.join(END_LIMIT_S)


def open_in_browser(url: str) -> None:
    """Open an address, where somebody sits at a display and a terminal."""
    display = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if display and sys.stderr.isatty():
        webbrowser.open(url)
