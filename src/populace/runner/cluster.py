"""Pieces of work done by the workers of a Dask scheduler, on this machine or on others.

What is sent to a worker is a task, once, and pieces; what comes back are results. A worker needs this package in this
version, and nothing else of whoever sends: a new one that joins is given the task too. Dask gives the piece of a worker
that died to another one; the task has to find out for itself whether the piece was done.
"""

from __future__ import annotations

import itertools
import logging
import pickle
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import metadata
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from distributed import Client, Future, Worker, WorkerPlugin, get_worker
from distributed.scheduler import KilledWorker
from distributed.versions import VersionMismatchWarning

from populace import clock
from populace.errors import BadInput, PopulaceError, Refused, Remedy, TargetUnavailable
from populace.runner.worker import sent

if TYPE_CHECKING:
    from populace.runner.clusters import Address

Piece = TypeVar("Piece")
Result = TypeVar("Result")

WHERE = "seed.cluster"
CONNECT_S = 10.0
FIRST_WORKER_S = 60.0
NOBODY_S = 60.0
"""So long a cluster may be without any worker: somebody may be starting new ones."""
_POLL_S = 0.2
_LOOK_S = 5.0
_numbers = itertools.count()


class Crew(WorkerPlugin):
    """What each worker has of one `map`: the task, one for each thread. Nothing of it is shown by Dask."""

    def __init__(self, name: str, task: bytes) -> None:
        self.name = name
        self._task = task

    def setup(self, worker: Worker) -> None:
        """As Dask's: in a worker, before it gets pieces."""
        self._mine, self._all = threading.local(), list[Any]()

    def teardown(self, worker: Worker) -> None:
        """As Dask's: what is under way is left, and taken back by the server."""
        for task in self._all:
            if (end := getattr(task, "end", None)) is not None:
                end()

    def do(self, piece: Any) -> tuple[Any, Exception | None]:
        """A piece's result or error."""
        try:
            task = getattr(self._mine, "task", None)
            if task is None:
                task = self._mine.task = pickle.loads(self._task)
                self._all.append(task)
            return task(piece), None
        except Exception as error:
            return None, sent(error)

    def __repr__(self) -> str:
        return f"Crew({self.name!r})"


def do(crew: str, piece: Any) -> tuple[Any, Exception | None]:
    """Have the worker that runs this do a piece."""
    found = get_worker().plugins[crew]
    assert isinstance(found, Crew)
    return found.do(piece)


class Cluster:
    """An executor whose pieces are done by a scheduler's workers. workers: threads of theirs when it was joined."""

    def __init__(self, client: Client, address: Address, workers: int) -> None:
        self._client, self._address, self.workers = client, address, workers

    def require(self, ask: Callable[[], Any], wanted: object, what: str, todo: str) -> None:
        """Raise Refused where a worker answers otherwise than is wanted. what: it is then."""
        for worker, said in self._client.run(ask, on_error="return").items():
            if said == wanted:
                continue
            why = f" ({_first_line(said)})" if isinstance(said, Exception) else ""
            raise Refused(f"worker {worker} {what}{why}", where=WHERE, given=str(self._address), todo=todo)

    def map(
        self, task: Callable[[Piece], Result], pieces: Sequence[Piece], stop: threading.Event
    ) -> Generator[tuple[Piece, Result], None, None]:
        """As `Executor.map`; when it ends, what is under way loses its session.

        Raises TargetUnavailable when the scheduler or all workers have left, or workers die again and again at a piece.
        """
        name = f"populace-{self._client.id}-{next(_numbers)}"
        ended: SimpleQueue[Future[Any]] = SimpleQueue()
        left: dict[str, tuple[int, Future[Any]]] = {}
        try:
            self._client.register_plugin(Crew(name, pickle.dumps(task)), name=name)
            for place, piece in enumerate(pieces):
                key = f"{name}-{place}"
                future = self._client.submit(do, name, piece, key=key, pure=False, priority=-place)
                left[key] = place, future
                future.add_done_callback(ended.put)
            seen = clock.monotonic()
            while left:
                try:
                    future = ended.get(timeout=_POLL_S)
                except Empty:
                    if stop.is_set():
                        return
                    seen = self._seen(seen)
                    continue
                if stop.is_set():
                    return
                place, _ = left.pop(str(future.key))
                result, error = self._of(future)
                if error is not None:
                    raise error
                yield pieces[place], result
        finally:
            self._leave(name, [future for _, future in left.values()])

    def _of(self, future: Future[Any]) -> tuple[Any, Exception | None]:
        """What came of a piece: as its worker said, or why no worker could say it."""
        if future.status == "finished":
            result, error = future.result()
            return result, error
        if future.status != "error":
            return None, self._lost("the scheduler has ended, or is out of reach")
        error = future.exception()
        if isinstance(error, KilledWorker):
            return None, TargetUnavailable(
                "workers died again and again at the same piece of work",
                where=WHERE, given=str(self._address),
                todo="if their machines are short of memory, give them more or use fewer; what is written stays",
            )  # fmt: skip
        return None, TargetUnavailable(
            f"a worker could not do its piece: {type(error).__name__}: {error}", where=WHERE, given=str(self._address)
        )

    def _seen(self, last: float) -> float:
        """When there was a worker; last: when there was one before. Raises TargetUnavailable after a while without."""
        now = clock.monotonic()
        if now < last + _LOOK_S:
            return last
        with suppress(OSError, TimeoutError):
            if self._client.nthreads():
                return now
        if now > last + NOBODY_S:
            raise self._lost("it has no workers any more")
        return last

    def _lost(self, what: str) -> PopulaceError:
        return TargetUnavailable(
            what,
            where=WHERE,
            given=str(self._address),
            todo=Remedy(text="run {} again to continue; what is written stays"),
        )

    def _leave(self, name: str, futures: Sequence[Future[Any]]) -> None:
        """Nobody is to do what is left."""
        if self._client.status != "running":
            return
        # The scheduler may have ended, and whoever leaves has a reason of their own.
        with suppress(Exception):
            self._client.cancel(list(futures), force=True)
        with suppress(Exception):
            self._client.unregister_worker_plugin(name)


@contextmanager
def joined(url: str, address: Address, workers: int = 1) -> Iterator[Cluster]:
    """A scheduler's cluster with workers that have this version of the package. workers: wait for so many.

    Raises as `clusters.connected`.
    """
    with silent():
        try:
            client = Client(url, timeout=CONNECT_S, set_as_default=False, name="populace")
        except (OSError, TimeoutError, ValueError) as error:
            raise TargetUnavailable(
                f"no scheduler answers here ({_first_line(error)})", where=WHERE, given=str(address),
                todo="start one with: dask scheduler; a port of another kind, or another version of Dask, is none",
            ) from error  # fmt: skip
        try:
            try:
                client.wait_for_workers(workers, timeout=FIRST_WORKER_S)
            except TimeoutError:
                raise TargetUnavailable(
                    f"nobody works for this scheduler after {FIRST_WORKER_S:g} s", where=WHERE, given=str(address),
                    todo=f"start workers with: dask worker --nthreads 1 {url}",
                ) from None  # fmt: skip
            _require_version(client, address)
            yield Cluster(client, address, sum(client.nthreads().values()))
        finally:
            with suppress(Exception):
                client.close(timeout=CONNECT_S)


def _require_version(client: Client, address: Address) -> None:
    """Raise BadInput where a worker, or the scheduler, would not understand what it is sent, or make other people."""
    ours, package = metadata.version("populace"), "populace"
    found = {"the scheduler": _of_scheduler(client, package)}
    found |= {f"worker {name}": said for name, said in _versions(client, package).items()}
    faults = [
        f"{who} has {f'version {said}' if isinstance(said, str) else 'none'}"
        for who, said in found.items()
        if said != ours
    ]
    if faults:
        raise BadInput(
            f"scheduler and workers need version {ours} of {package}: {'; '.join(faults[:4])}"
            + (f"; and {len(faults) - 4} more" if len(faults) > 4 else ""),
            where=WHERE, given=str(address),
            todo=f"install it where they run: pip install '{package}[dask]=={ours}'",
        )  # fmt: skip


def _of_scheduler(client: Client, package: str) -> Any:
    try:
        return client.run_on_scheduler(metadata.version, package)
    except Exception as error:
        return error


def _versions(client: Client, package: str) -> dict[str, Any]:
    return dict(client.run(metadata.version, package, on_error="return"))


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


@contextmanager
def silent() -> Iterator[None]:
    """Dask writes to standard error what our errors say, and which other packages differ: no row depends on these."""
    log = logging.getLogger("distributed")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)
            yield
    finally:
        log.setLevel(before)
