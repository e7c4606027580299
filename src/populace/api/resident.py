"""The runner inside a server: it lives in a thread, waits for a population, and makes room for a seed or a clean-up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from populace import clock
from populace.errors import PopulaceError, Refused, TargetUnavailable
from populace.event import Event, Listener
from populace.operations import Context, RunRequest, run

AGAIN_S = 2.0
"""A runner that has nobody to run looks again after so long."""
END_LIMIT_S = 15.0


@dataclass(slots=True)
class Resident:
    """Runs the population of a context until it is shut. context: with sessions of its own (they hold the lease).

    speed: simulated seconds a second, `max`, or None for the target's clock; of this server's run alone. until: with a
    speed, a simulated time at which it ends, and the target's clock counts again.
    """

    context: Context
    on_event: Listener
    on_defect: Callable[[BaseException], None]
    speed: str | None = None
    until: str | None = None
    state: str = "off"
    """off, waiting (nobody lives there, or another runner does), running, paused (for other work), failed."""
    why: str = ""
    _thread: threading.Thread | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self) -> None:
        """Begin to run."""
        with self._lock:
            if self._thread is None:
                self._stop, self._over = threading.Event(), threading.Event()
                self._thread = threading.Thread(
                    target=self._live, args=(self._stop, self._over), name="runner", daemon=True
                )
                self._thread.start()

    def shut(self, state: str = "off") -> None:
        """End the run at the next safe point. Raises Refused when that takes too long."""
        with self._lock:
            if self._thread is None:
                return
            self._stop.set()
            self._over.wait(END_LIMIT_S)
            if not self._over.is_set():
                raise Refused("the runner of this server does not end", where="runner", todo="try again soon")
            self._thread, self.state, self.why = None, state, ""

    @contextmanager
    def aside(self) -> Iterator[None]:
        """A while without this runner, for what has to lead itself; it continues afterwards."""
        with self._lock:
            was = self._thread is not None
            self.shut("paused")
            try:
                yield
            finally:
                if was:
                    self.start()

    def go(self, speed: str | None, until: str | None = None) -> None:
        """Continue at another speed."""
        with self.aside():
            self.speed, self.until = speed, until

    def _live(self, stop: threading.Event, over: threading.Event) -> None:
        try:
            while not stop.is_set():
                self._run(stop)
                clock.sleep(AGAIN_S, stop)
        except BaseException as error:
            self.state, self.why = "failed", "a fault of Populace; the server's log says more"
            self.on_defect(error)
        finally:
            over.set()

    def _run(self, stop: threading.Event) -> None:
        """One run. What ends it is kept in `why`, and tried again: there may be people later."""

        def hear(event: Event) -> None:
            self.state = "running" if event.stage == "window" else "waiting" if event.stage == "wait" else self.state
            self.why = "" if self.state == "running" else str(event.text)
            self.on_event(event)

        try:
            run(self.context, RunRequest(speed=self.speed, until=self.until), on_event=hear, stop=stop)
            if self.until is not None and not stop.is_set():
                self.speed = self.until = None
        except (Refused, TargetUnavailable) as error:
            self.state, self.why = "waiting", error.what
        except PopulaceError as error:
            self.state, self.why = "failed", str(error)
            clock.sleep(AGAIN_S * 5, stop)
