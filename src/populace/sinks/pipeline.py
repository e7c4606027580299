"""A sink that writes in the background, so that rows are made while the server still stores the earlier ones."""

from __future__ import annotations

import threading
from contextlib import suppress
from queue import Full, Queue

from populace.batch import Batch
from populace.sinks.sink import Sink, Tallies

WAITING = 4
"""So many batches may wait, ten megabytes each or so; then the thread that makes them waits."""


class Pipeline:
    """A sink in front of `sink`, to be used in a `with` by one thread; a second one writes, in the same order.

    While the `with` lasts nobody else may use what `sink` writes to. Leaving it waits until all is written; leaving it
    by an exception (Ctrl-C is one) drops what waits, and ends what is under way by the sink's `cancel`, if it has one.
    An error of the sink is raised by the next `write`, or at the end; nothing is written after it.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._queue: Queue[Batch | None] = Queue(WAITING)
        self._error: BaseException | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="populace-writer", daemon=True)

    def __enter__(self) -> Pipeline:
        self._thread.start()
        return self

    def write(self, batch: Batch) -> None:
        """Hand in a batch; waits while too many wait. Raises the error that an earlier batch met."""
        self._raise()
        self._queue.put(batch)
        self._raise()

    def flush(self) -> None:
        """Write what the sink held back; after the `with`."""
        self._sink.flush()

    def tallies(self) -> Tallies:
        """What was written since the last call; complete only after the `with`."""
        return self._sink.tallies()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._queue.put(None)
                self._thread.join()
                self._raise()
        finally:
            self._abandon()

    def _abandon(self) -> None:
        """Write no more, and wait for the other thread to end, if it has not."""
        self._stopped = True
        cancel = getattr(self._sink, "cancel", lambda: None)
        while self._thread.is_alive():
            with suppress(Full):
                self._queue.put_nowait(None)
            if self._error is None:
                cancel()  # more than once: the first may come just before the statement that waits
            self._thread.join(1)

    def _run(self) -> None:
        """Write until the queue ends; after an error go on taking batches, so that nobody waits for us."""
        while (batch := self._queue.get()) is not None:
            if self._stopped:
                continue
            try:
                self._sink.write(batch)
            except BaseException as error:
                self._error, self._stopped = error, True

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error
