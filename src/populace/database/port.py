"""TCP ports on the loopback address: which one a folder's server should try, and whether one is in use."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

from populace.errors import TargetUnavailable

LOOPBACK = "127.0.0.1"

# Below the range that systems hand out to outgoing connections, so that no browser sits on it at the next start.
_FIRST, _COUNT = 20_000, 10_000
_TRIES = 200


def candidates(directory: Path, kept: int | None) -> Iterator[int]:
    """Free ports to try in turn: the one kept from last time, then those the folder's name leads to.

    A port may be taken between this answer and its use; the caller then asks for the next one.
    Raises TargetUnavailable when none is left.
    """
    if kept is not None and is_free(kept):
        yield kept
    start = int.from_bytes(hashlib.sha256(str(directory).encode()).digest()[:4], "big")
    for step in range(_TRIES):
        port = _FIRST + (start + step) % _COUNT
        if port != kept and is_free(port):
            yield port
    raise TargetUnavailable("no free TCP port was found", where=f"{LOOPBACK}:{_FIRST}-{_FIRST + _COUNT - 1}")


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As PostgreSQL does: connections of an earlier server that linger do not keep the port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            return False
    return True


def answers(port: int, timeout_s: float = 2.0) -> bool:
    """Whether something accepts connections on the port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=timeout_s).close()
    except OSError:
        return False
    return True
