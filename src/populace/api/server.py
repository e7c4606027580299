"""Listening: a socket, the application on it, and an end that nobody has to wait for."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager

import uvicorn
from fastapi import FastAPI

from populace.api.app import Mount, create
from populace.api.wiring import HOST, Service, Serving
from populace.errors import BadInput, Remedy

END_LIMIT_S = 5
_NEXT = 20
"""So many ports after the usual one are tried, when nobody has chosen one."""


def bound(serving: Serving, *, chosen: bool, where: str = "serve", option: str = "port") -> socket.socket:
    """A socket that listens where a server is to be. chosen: whether the port was asked for, and no other will do.
    where, option: the command, and what of it names the port, for errors.

    Raises BadInput for a host or a port that cannot be had.
    """
    ports = [serving.port] if chosen else range(serving.port, serving.port + _NEXT)
    for port in ports:
        try:
            family = socket.AF_INET6 if ":" in serving.host else socket.AF_INET
            listening = socket.create_server((serving.host, port), family=family, backlog=128)
            # Those that it accepts have it from here: else each answer waits 40 ms for an acknowledgement.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return listening
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            part = option if isinstance(error, PermissionError) else "host"
            raise BadInput(
                f"nothing can listen there: {error.strerror}", where=f"{where}.{part}", given=serving.host
            ) from None
    raise BadInput(
        "another program listens there",
        where=f"{where}.{option}",
        given=serving.port,
        todo=Remedy("", {option: None}, "choose {}"),
    )


def address(listening: socket.socket, host: str) -> str:
    """The URL of a socket that was bound for a host, as somebody on this machine opens it."""
    shown = HOST if host in ("0.0.0.0", "") else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"


def serve(
    service: Service,
    listening: socket.socket,
    stop: threading.Event,
    *,
    on_ready: Callable[[], None],
    mount: Mount | None = None,
) -> None:
    """Answer until `stop` is set; then end what is under way, and return. on_ready: called once it answers. mount: adds
    pages to the API."""
    # Streams end by themselves, and nobody waits for them.
    listen(create(service, mount), listening, stop, on_ready=on_ready, on_end=service.feed.shut)


def listen(
    app: FastAPI,
    listening: socket.socket,
    stop: threading.Event,
    *,
    on_ready: Callable[[], None],
    on_end: Callable[[], None] = lambda: None,
) -> None:
    """Answer by an application until `stop` is set. on_end: called then, before what is under way has ended."""
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, date_header=False,
        timeout_graceful_shutdown=END_LIMIT_S, timeout_keep_alive=30, h11_max_incomplete_event_size=32 << 10,
        ws="none", limit_concurrency=1000,
    )  # fmt: skip
    server = _Server(config)

    def watch() -> None:
        while not (server.started or stop.is_set()):
            stop.wait(0.05)
        if server.started:
            on_ready()
        stop.wait()
        on_end()
        server.should_exit = True

    threading.Thread(target=watch, name="watch", daemon=True).start()
    with closing(listening):
        server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """uvicorn's, which leaves signals to the command."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
