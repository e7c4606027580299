"""A worker process: it is given a task and pieces by a pipe, and answers each with a result or an error.

Started by `executors`, with the number of the pipe. It ends when the pipe closes, which it does with its parent: at
once, in the middle of a piece too, like by a kill.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from queue import SimpleQueue
from typing import Any

from populace import cycles
from populace.spec.authors import blamed


def serve(pipe: Connection) -> None:
    """Do pieces until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cycles.collect_seldom()
    given: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, given), daemon=True).start()
    task = given.get()
    while True:
        piece = given.get()
        try:
            answer: Any = (task(piece), None)
        except Exception as error:
            answer = (None, sent(error))
        pipe.send_bytes(ForkingPickler.dumps(answer))


def _listen(pipe: Connection, given: SimpleQueue[Any]) -> None:
    """Take what comes; with the end of the pipe, end."""
    try:
        while True:
            given.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)


def sent(error: Exception) -> Exception:
    """An error as the parent can raise it: a mistake in a world by its author's line, which the way of the error shows
    only here."""
    said = blamed(error) or error
    try:
        ForkingPickler.dumps(said)
    except Exception:
        return RuntimeError(f"{type(said).__name__}: {said}")
    return said


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
