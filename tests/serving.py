"""A real server of the control API on loopback, in a thread of the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from populace.api.app import Mount
from populace.api.server import bound, serve
from populace.api.wiring import Service, Serving

ANON, OWNER, SECRET = "an-anon-key-of-the-tests", "a-service-key-of-the-tests", "a-secret-of-tokens-" * 4


@contextmanager
def answering(service: Service, mount: Mount | None = None) -> Iterator[str]:
    """The URL of a server, while it answers. mount: adds pages to it."""
    stop, ready = threading.Event(), threading.Event()
    listening = bound(Serving(port=0), chosen=True)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    thread = threading.Thread(
        target=serve, args=(service, listening, stop), kwargs={"on_ready": ready.set, "mount": mount}
    )
    thread.start()
    try:
        assert ready.wait(20)
        yield url
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def client(url: str, key: str | None) -> httpx.Client:
    """Calls a server as whoever has this key."""
    return httpx.Client(base_url=url, headers={} if key is None else {"authorization": f"Bearer {key}"}, timeout=60)
