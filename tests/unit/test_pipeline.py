"""Writing in the background: in order, bounded, and without anybody left waiting."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pytest

from populace.batch import Batch
from populace.sinks.pipeline import WAITING, Pipeline
from populace.sinks.sink import Tallies


class Recording:
    """A sink that waits for leave to begin, and fails at the batch of one number."""

    def __init__(self, fails_at: int | None = None, *, begins: bool = True) -> None:
        self.seen: list[int] = []
        self.leave = threading.Event()
        self._fails_at = fails_at
        if begins:
            self.leave.set()

    def write(self, batch: Batch) -> None:
        self.leave.wait()
        number = batch.rows.column(0)[0].as_py()
        self.seen.append(number)
        if number == self._fails_at:
            raise ZeroDivisionError("the sink is full")

    def tallies(self) -> Tallies:
        return Tallies()


def numbered(number: int) -> Batch:
    return Batch("numbers", "append", pa.RecordBatch.from_pydict({"number": [number]}))


def feed(sink: Recording, batches: Iterable[Batch]) -> None:
    with Pipeline(sink) as front:
        write(front, batches)


def write(front: Pipeline, batches: Iterable[Batch]) -> None:
    for batch in batches:
        front.write(batch)


def writers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "populace-writer"]


def test_batches_are_written_in_order_and_all_of_them() -> None:
    sink = Recording()
    feed(sink, map(numbered, range(30)))
    assert sink.seen == list(range(30))
    assert writers() == []


def test_the_producer_waits_when_too_many_batches_wait() -> None:
    sink = Recording(begins=False)
    made: list[int] = []

    def batches() -> Iterator[Batch]:
        for number in range(30):
            made.append(number)
            yield numbered(number)

    producer = threading.Thread(target=feed, args=(sink, batches()))
    producer.start()
    producer.join(0.2)
    assert len(made) <= WAITING + 2  # one is being written, one is in the producer's hands
    sink.leave.set()
    producer.join()
    assert sink.seen == list(range(30))


def test_an_error_comes_back_soon_and_ends_the_writing() -> None:
    sink, counter = Recording(fails_at=3), itertools.count()
    with pytest.raises(ZeroDivisionError):
        feed(sink, map(numbered, counter))
    assert sink.seen == [0, 1, 2, 3]
    assert next(counter) <= 4 + WAITING + 2
    assert writers() == []


def test_an_error_of_the_last_batch_comes_at_the_end() -> None:
    sink = Recording(fails_at=2)
    with pytest.raises(ZeroDivisionError):
        feed(sink, map(numbered, range(3)))
    assert writers() == []


def test_an_error_that_was_ignored_comes_again() -> None:
    front = Pipeline(Recording(fails_at=0))
    front.__enter__()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            write(front, map(numbered, itertools.count()))
    with pytest.raises(ZeroDivisionError):
        front.__exit__(None)
    assert writers() == []


@pytest.mark.parametrize("kind", [KeyboardInterrupt, RuntimeError])
def test_an_exception_of_the_producer_drops_what_waits(kind: type[BaseException]) -> None:
    sink = Recording(begins=False)

    def batches() -> Iterator[Batch]:
        yield from map(numbered, range(WAITING))
        threading.Timer(0.05, sink.leave.set).start()
        raise kind

    with pytest.raises(kind):
        feed(sink, batches())
    assert sink.seen in ([], [0])
    assert writers() == []
