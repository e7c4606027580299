"""The Studio beside a command that has work of its own: a server in threads, which ends with the command."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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

    def open(self) -> None:
        """Open the Studio, where somebody sits at a display and a terminal."""
        display = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if display and sys.stderr.isatty():
            webbrowser.open(self.link)

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
    service, stop, ready = Service(context, serving, on_event), threading.Event(), threading.Event()
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
        thread = threading.Thread(
            target=serve, args=(service, listening, stop), kwargs={"on_ready": ready.set, "mount": mount}, name="studio"
        )
        thread.daemon = True
        thread.start()
        ready.wait(END_LIMIT_S)
        try:
            yield Beside(service, f"{address(listening, serving.host)}/enter/{service.sessions.link()}")
        finally:
            stop.set()
            thread.join(END_LIMIT_S)
