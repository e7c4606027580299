"""A network that can vanish: a TCP proxy on loopback that stops passing anything on, and closes nothing."""

from __future__ import annotations

import selectors
import socket
import threading
from types import TracebackType

from accepting import Accepting


class StallingProxy(Accepting):
    """Passes connections on to a port until `stall`, and again after `flow`; what comes meanwhile is kept from both."""

    def __init__(self, port: int) -> None:
        self._to = ("127.0.0.1", port)
        self._flows, self._ends = threading.Event(), threading.Event()
        self._flows.set()
        super().__init__()

    def stall(self) -> None:
        """From now on nothing arrives, and nothing says so."""
        self._flows.clear()

    def flow(self) -> None:
        """New connections are served again; those from before stay silent, as after a change of the network."""
        self._flows.set()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ends.set()
        super().__exit__(kind, error, at)

    def _serve(self, client: socket.socket) -> None:
        if not self._flows.is_set():
            with client:
                self._ends.wait(600)
            return
        with client, socket.create_connection(self._to) as server, selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            silent = False
            while not self._ends.is_set():
                for key, _ in ready.select(0.05):
                    silent = silent or not self._flows.is_set()
                    if silent:
                        self._ends.wait(600)
                        return
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data:
                        return
                    key.data.sendall(data)
                silent = silent or not self._flows.is_set()
