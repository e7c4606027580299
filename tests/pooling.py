"""A pooler in transaction mode, in small: each transaction of a client is served by the next free session.

It speaks as much of PostgreSQL's protocol as it needs to see where transactions end.
"""

from __future__ import annotations

import queue
import socket
import struct
from contextlib import suppress
from types import TracebackType

import psycopg
from psycopg.conninfo import conninfo_to_dict

from accepting import Accepting


class TransactionPooler(Accepting):
    """Serves a database on a port of its own. sessions: of the server, at most."""

    def __init__(self, url: str, sessions: int = 2) -> None:
        self._url = url
        self._free: queue.LifoQueue[_Served] = queue.LifoQueue()
        self._kept = [_Served(url) for _ in range(sessions)]
        for served in self._kept:
            self._free.put(served)
        super().__init__()

    @property
    def url(self) -> str:
        """Where clients connect to."""
        given = conninfo_to_dict(self._url)
        return f"postgresql://{given['user']}@127.0.0.1:{self.port}/{given['dbname']}"

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        super().__exit__(kind, error, at)
        for served in self._kept:
            served.close()

    def _serve(self, client: socket.socket) -> None:
        with client:
            while _startup(client) != 196_608:
                client.sendall(b"N")  # neither TLS nor GSS
            said = b"".join(_message(b"S", f"{k}\0{v}\0".encode()) for k, v in self._kept[0].parameters.items())
            client.sendall(_message(b"R", struct.pack("!i", 0)) + said + _message(b"Z", b"I"))
            served: _Served | None = None
            try:
                while (message := _read(client)) and message[:1] != b"X":
                    served = served or self._free.get()
                    if served.pass_on(message, client):
                        self._free.put(served)
                        served = None
            except OSError:
                pass
            finally:
                if served:
                    with suppress(OSError):
                        served.roll_back()
                    self._free.put(served)


class _Served:
    """A session of the server."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        info = self._connection.info
        self.parameters = {name: info.parameter_status(name) or "" for name in (
            "server_version", "server_encoding", "client_encoding", "standard_conforming_strings", "TimeZone",
            "DateStyle", "integer_datetimes", "IntervalStyle")}  # fmt: skip
        self._socket = socket.socket(fileno=socket.dup(self._connection.fileno()))
        self._socket.setblocking(True)

    def pass_on(self, message: bytes, client: socket.socket) -> bool:
        """Whether a transaction has ended with it."""
        self._socket.sendall(message)
        if message[:1] not in (b"Q", b"S"):
            return False
        while True:
            answer = _read(self._socket)
            with suppress(OSError):  # a client that has left gets no answer, and the server's is read to its end
                client.sendall(answer)
            if answer[:1] == b"Z":
                return answer[5:6] == b"I"

    def roll_back(self) -> None:
        """End the transaction that a client has left."""
        self._socket.sendall(_message(b"Q", b"ROLLBACK\0"))
        while _read(self._socket)[:1] not in (b"Z", b""):
            pass

    def close(self) -> None:
        self._socket.close()
        self._connection.close()


def _startup(client: socket.socket) -> int:
    """The kind of a first message: the version of the protocol, or a question."""
    (length,) = struct.unpack("!i", _exactly(client, 4))
    return int(struct.unpack("!i", _exactly(client, length - 4)[:4])[0])


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _read(one: socket.socket) -> bytes:
    """The next message; nothing at the end."""
    head = _exactly(one, 5)
    return head + _exactly(one, struct.unpack("!i", head[1:])[0] - 4) if head else b""


def _exactly(one: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        more = one.recv(length - len(found))
        if not more:
            return b""
        found += more
    return found
