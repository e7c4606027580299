"""Supabase Realtime: news for whoever subscribes to a topic of a project; sent beside everything else, not waited for.

What is sent is news and no record: where the project is slow or away, older news make room for newer ones.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from populace import clock
from populace.deliver import address

PATH = "/realtime/v1/api/broadcast"
KEY_VARIABLE, URL_VARIABLE = "POPULACE_SERVICE_ROLE_KEY", "SUPABASE_URL"
TIMEOUT_S = 5.0
LONGEST_WAIT_S = 60.0
"""So long at most it is waited after a failure, twice as long after each."""


@dataclass(slots=True)
class Broadcast:
    """Sends to a topic of the project at `url`. sent, dropped, failed: messages so far. why: the last failure, until
    one is sent again.

    Raises BadInput for an address or a key that cannot be one, Refused for an address that the key may not be sent to.
    """

    url: str
    key: str = field(repr=False)
    topic: str
    timeout_s: float = TIMEOUT_S
    sent: int = 0
    dropped: int = 0
    failed: int = 0
    why: str = ""
    _next: tuple[str, Mapping[str, Any]] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _there: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        url = address.checked(self.url, URL_VARIABLE, what="the address of a project", secret=True, bare=True)
        self.key = address.checked_key(self.key, KEY_VARIABLE, "a service role key")
        self.url = f"{url}{PATH}"
        self._client = address.client(self.url, self.timeout_s)

    def start(self) -> None:
        """Begin to send what is offered."""
        threading.Thread(target=self._run, name="broadcast", daemon=True).start()

    def shut(self) -> None:
        """Send nothing more; nobody waits for what is under way."""
        self._stop.set()
        self._there.set()

    def offer(self, event: str, payload: Mapping[str, Any]) -> None:
        """Send this, unless newer news come before the turn of it; returns at once."""
        with self._lock:
            self.dropped += self._next is not None
            self._next = (event, payload)
        self._there.set()

    def document(self) -> dict[str, Any]:
        """What the API says of it."""
        return {
            "topic": self.topic,
            "sent": self.sent,
            "dropped": self.dropped,
            "failed": self.failed,
            "why": self.why,
        }

    def _run(self) -> None:
        wait_s = 0.0
        while not self._stop.is_set():
            self._there.wait()
            clock.sleep(wait_s, self._stop)
            with self._lock:
                held, self._next = self._next, None
                self._there.clear()
            if held is None or self._stop.is_set():
                continue
            self.why = self._post(*held)
            if self.why:
                self.failed += 1
                wait_s = min(LONGEST_WAIT_S, max(1.0, 2 * wait_s))
            else:
                self.sent += 1
                wait_s = 0.0
        self._client.close()

    def _post(self, event: str, payload: Mapping[str, Any]) -> str:
        """Send a message; why it was not taken, or nothing."""
        message = {"topic": self.topic, "event": event, "payload": payload, "private": False}
        headers = {"apikey": self.key, "authorization": f"Bearer {self.key}", "content-type": "application/json"}
        try:
            content = json.dumps({"messages": [message]}, ensure_ascii=False, default=str).encode()
            answer = self._client.post(self.url, content=content, headers=headers)
        except httpx.HTTPError as error:
            return f"it does not answer ({type(error).__name__})"
        return "" if answer.is_success else f"it answered {answer.status_code}"
