"""PostHog's capture endpoint: events by POST to `/batch/`, and what each of its answers means for the outbox.

Plain HTTP and no library of PostHog's: the queue is a table, so nothing may be kept, retried or dropped on the way.
The project key stands in the body of a request and nowhere else.
"""

from __future__ import annotations

import gzip
import json
import math
import threading
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime

import httpx

from populace import clock
from populace.deliver import address
from populace.deliver.outbox import MOST_AHEAD_US, OutboxBatch, Row
from populace.deliver.peer import Answer
from populace.errors import BadInput, PopulaceError
from populace.settings import VARIABLES
from populace.spec import Channel

MOST_ROWS = 500
MOST_BYTES = 1_000_000
"""Of a request before it is compressed; PostHog takes 20 MB."""
PER_S = 2_000.0
"""Events a second, at most. PostHog sets capture no limit; this is what a small project can well be asked to take."""
TIMEOUT_S = 10.0
SPLITTING_S = 30.0
"""So long one batch may be split and tried; what is left then is taken up again with the next."""
LONGEST_RETRY_AFTER_S = 3_600.0
QUOTA_WAIT_S = 600.0

_REFUSED = (400, 413, 422)
_LATER = (408, 425, 429)


class Capture:
    """The capture endpoint of one project. where, key_where: what both came from, for errors.

    Raises BadInput for a host or a key that cannot be one, Refused for a host that the key may not be sent to.
    """

    most = MOST_ROWS
    most_ahead_us: int | None = MOST_AHEAD_US

    def __init__(
        self,
        channel: Channel,
        host: str,
        key: str,
        *,
        where: str | None = None,
        key_where: str | None = None,
        per_s: float = PER_S,
        timeout_s: float = TIMEOUT_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.channel, self.per_s = channel, per_s
        self._where = where or variable(channel.peer.address)
        self._url = f"{checked_host(channel, host, self._where, secret=True)}/batch/"
        self._key_where = key_where or variable(channel.peer.key)
        self._key = address.checked_key(key, self._key_where, "a project API key")
        self._client = address.client(self._url, timeout_s, transport)

    def send(self, batch: OutboxBatch, stop: threading.Event) -> Answer:
        """Post a batch in pieces of a bearable size; one that is refused is split until it is known which event is."""
        answer, until = Answer(), clock.monotonic() + SPLITTING_S
        waiting = list(pieces(batch.rows))[::-1]
        while waiting and not stop.is_set() and clock.monotonic() < until:
            piece = waiting.pop()
            try:
                response = self._post(piece, historical=batch.historical)
            except httpx.HTTPError as error:
                return _later(answer, piece, f"it does not answer ({type(error).__name__})")
            if response.is_success:
                if "events" in _quota_limited(response):
                    return _later(answer, piece, "the project is over its quota of events", QUOTA_WAIT_S)
                answer.taken += piece
            elif response.status_code in _REFUSED:
                if len(piece) > 1:
                    waiting += [piece[len(piece) // 2 :], piece[: len(piece) // 2]]
                else:
                    answer.refused.append((piece[0], self._words(response)))
            elif response.status_code in _LATER or response.is_server_error:
                return _later(answer, piece, self._words(response), retry_after_s(response.headers.get("Retry-After")))
            else:
                answer.fault = self._fault(response)
                return answer
        return answer

    def close(self) -> None:
        """Let the connection go."""
        self._client.close()

    def _post(self, rows: Sequence[Row], *, historical: bool) -> httpx.Response:
        body = {"api_key": self._key, "historical_migration": historical, "batch": [row.payload for row in rows]}
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        return self._client.post(self._url, content=gzip.compress(_encoded(body), 5, mtime=0), headers=headers)

    def _words(self, response: httpx.Response) -> str:
        """What was answered, without the key, should it have been repeated."""
        said = " ".join(response.text[:2_000].replace(self._key, "***").split())[:300]
        return f"{response.status_code} {said or response.reason_phrase}".strip()

    def _fault(self, response: httpx.Response) -> PopulaceError:
        words = self._words(response)
        if response.status_code == 401:
            return BadInput(
                f"{self.channel.title} does not know this project key ({words})",
                where=self._key_where,
                todo="set it to the project API key of the project's settings; events wait until then",
            )
        return BadInput(
            f"this host accepts no events ({words})",
            where=self._where,
            given=self._url,
            todo="set it to the address that the project's settings show; events wait until then",
        )


def variable(setting: str) -> str:
    """The variable by which a setting is given."""
    return VARIABLES[setting][0]


def checked_host(channel: Channel, host: str, where: str, *, secret: bool = False) -> str:
    """The host without a slash at its end. Raises as `address.checked` does."""
    return address.checked(host, where, what=f"the address of a {channel.title}", secret=secret, bare=True)


def pieces(rows: Sequence[Row], most_rows: int = MOST_ROWS, most_bytes: int = MOST_BYTES) -> Iterator[list[Row]]:
    """The rows in order, cut so that no piece has more rows, nor more bytes of events, than it may; an event that is
    too large by itself makes a piece of its own."""
    piece: list[Row] = []
    held = 0
    for row in rows:
        size = len(_encoded(row.payload)) + 1
        if piece and (len(piece) == most_rows or held + size > most_bytes):
            yield piece
            piece, held = [], 0
        piece.append(row)
        held += size
    if piece:
        yield piece


def retry_after_s(header: str | None) -> float:
    """Seconds that a Retry-After asks to wait, given as a number or as a date; at most an hour, 0 for anything else."""
    try:
        seconds = float(header or 0)
    except ValueError:
        try:
            then_us = clock.from_datetime(parsedate_to_datetime(header or ""))
        except (ValueError, TypeError):
            return 0.0
        seconds = (then_us - clock.now_us()) / clock.SECOND_US
    return min(LONGEST_RETRY_AFTER_S, max(0.0, seconds)) if math.isfinite(seconds) else 0.0


def _later(answer: Answer, piece: list[Row], why: str, after_s: float = 0.0) -> Answer:
    answer.later, answer.why, answer.after_s = piece, why, after_s
    return answer


def _encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _quota_limited(response: httpx.Response) -> Sequence[str]:
    try:
        found = response.json()
    except ValueError:
        return ()
    limited = found.get("quota_limited") if isinstance(found, dict) else None
    return limited if isinstance(limited, list) else ()
