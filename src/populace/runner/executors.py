"""Where pieces of work are done: in this process, or by worker processes beside it. What comes out is the same.

A piece is a value, and so is the task that is applied to it: a worker is given both, and answers with a result. It
needs nothing else of this process, and ends with it: when its pipe closes.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, TypeVar

from populace.errors import TargetUnavailable

Piece = TypeVar("Piece")
Result = TypeVar("Result")

MOST_WORKERS = 64
MOST_DEATHS = 3
"""A piece at which so many workers died is taken to be what kills them."""
_POLL_S = 0.2
_END_S = 5.0


class Executor(Protocol):
    """Applies a task to pieces. workers: so many at a time."""

    workers: int

    def map(
        self, task: Callable[[Piece], Result], pieces: Sequence[Piece], stop: threading.Event
    ) -> Generator[tuple[Piece, Result], None, None]:
        """Each piece with its result, in the order in which they are done. It ends early when `stop` is set; closing it
        ends what is under way. Raises what the task raised.
        """


class InProcess:
    """One piece after the other, here."""

    workers = 1

    def map(
        self, task: Callable[[Piece], Result], pieces: Sequence[Piece], stop: threading.Event
    ) -> Generator[tuple[Piece, Result], None, None]:
        """As `Executor.map`; a piece that is under way is done to its end."""
        for piece in pieces:
            if stop.is_set():
                return
            yield piece, task(piece)


class Processes:
    """Worker processes, each with a piece at a time. Task, pieces and results are pickled.

    A piece whose worker died is given to another one: the task has to find out for itself whether it was done.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def map(
        self, task: Callable[[Piece], Result], pieces: Sequence[Piece], stop: threading.Event
    ) -> Generator[tuple[Piece, Result], None, None]:
        """As `Executor.map`; what is under way when it ends is ended with it, like by a kill.

        Raises TargetUnavailable when workers die again and again at one piece.
        """
        waiting, deaths = deque(range(len(pieces))), Counter[int]()
        crew: dict[Connection, _Worker] = {}
        try:
            while waiting or crew:
                while waiting and len(crew) < self.workers:
                    worker = _Worker(task)
                    worker.give(waiting.popleft(), pieces)
                    crew[worker.pipe] = worker
                ready = wait(list(crew), _POLL_S)
                if stop.is_set():
                    return
                for pipe in ready:
                    assert isinstance(pipe, Connection)
                    worker = crew[pipe]
                    place = worker.place
                    try:
                        result, error = pipe.recv()
                    except (EOFError, OSError):
                        del crew[pipe]
                        code = worker.end()
                        deaths[place] += 1
                        if deaths[place] == MOST_DEATHS:
                            raise _given_up(code) from None
                        waiting.appendleft(place)
                        continue
                    if error is not None:
                        raise error
                    if waiting:
                        worker.give(waiting.popleft(), pieces)
                    else:
                        del crew[pipe]
                        worker.end()
                    yield pieces[place], result
        finally:
            for worker in crew.values():
                worker.end()


class _Worker:
    """A worker process. place: of the piece that it has."""

    def __init__(self, task: Callable[[Any], Any]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "populace.runner.worker", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # Modules are found where they are found here. Ctrl-C at a terminal is not for workers.
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"},
                start_new_session=True,
            )
        self.pipe = Connection(ours.detach())
        self.place = -1
        self._send(task)

    def give(self, place: int, pieces: Sequence[Any]) -> None:
        """Have it do a piece."""
        self.place = place
        self._send(pieces[place])

    def _send(self, what: Any) -> None:
        # Where it has died, the pipe says so when it is read.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(what)

    def end(self) -> int:
        """Have it end, at once, and wait until it has; its exit code."""
        self.pipe.close()
        try:
            return self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def _given_up(code: int) -> TargetUnavailable:
    """Why a piece is. code: with which the last worker ended."""
    how = f"by signal {-code}" if code < 0 else f"with {code}"
    return TargetUnavailable(
        f"{MOST_DEATHS} worker processes in turn ended {how} at the same piece of work",
        where="workers",
        todo="if the machine is short of memory, use fewer workers; what is written stays",
    )
