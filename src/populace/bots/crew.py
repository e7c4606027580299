"""The processes that play: each has one browser, gets visits one by one, and is ended when it answers too late."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from populace import clock

MOST_VISITS = 60
"""Visits of one browser: then another one is started, so that what a browser forgets to give back goes."""
ENDING_S = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a visit: what the player says of it, or that its process has ended."""

    worker: Worker
    outcome: Mapping[str, Any]


@dataclass(slots=True, eq=False)
class Worker:
    """A process with a browser. address: of the visit that it plays; None: it waits. until: when it must have answered.

    played: how many visits it has played.
    """

    process: subprocess.Popen[str]
    address: int | None = None
    until: float = 0.0
    played: int = 0

    def give(self, assignment: Mapping[str, Any], within_s: float) -> None:
        """Let it play a visit."""
        self.address, self.until = assignment["address"], clock.monotonic() + within_s
        self.played += 1
        assert self.process.stdin is not None
        # A process that has just ended says so by the end of its answers.
        with suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(assignment) + "\n")
            self.process.stdin.flush()

    def end(self) -> None:
        """End it and its browser: kindly first, and then for certain. One that has ended took its browser along."""
        if self.process.poll() is not None:
            return
        below = _below(self.process.pid)
        with suppress(OSError):
            if self.process.stdin:
                self.process.stdin.close()
        if self.address is None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(ENDING_S)
        self.process.kill()
        for pid, since in below.items():
            # The same process still, and not another one under its number.
            if _since(pid) == since:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()


@dataclass(slots=True)
class Crew:
    """Some workers. settings: what each is started with. answers: what they say, in the order in which it came."""

    many: int
    settings: Mapping[str, Any]
    answers: queue.SimpleQueue[Answer] = field(default_factory=queue.SimpleQueue)
    workers: list[Worker] = field(default_factory=list)

    def idle(self) -> Worker | None:
        """A worker that waits; None where all are at work."""
        for worker in [one for one in self.workers if one.address is None and one.played >= MOST_VISITS]:
            self.dismiss(worker)
        waiting = next((one for one in self.workers if one.address is None), None)
        if waiting is None and len(self.workers) < self.many:
            waiting = self._started()
            self.workers.append(waiting)
        return waiting

    @property
    def busy(self) -> list[Worker]:
        """Those that play."""
        return [one for one in self.workers if one.address is not None]

    def answer(self, wait_s: float) -> Answer | None:
        """The next answer; None when none came. A worker that is too late is ended, and that is its answer."""
        with suppress(queue.Empty):
            return self.answers.get(timeout=wait_s)
        for worker in self.busy:
            if clock.monotonic() > worker.until:
                address = worker.address
                self.dismiss(worker)
                said = "the browser did not answer in time, and was ended"
                return Answer(worker, {"address": address, "kind": "browser", "fault": said, "steps": []})
        return None

    def dismiss(self, worker: Worker) -> None:
        """End a worker; another one takes its place when there is a visit."""
        if worker in self.workers:
            self.workers.remove(worker)
        worker.end()

    def end(self) -> None:
        """End all of them."""
        for worker in list(self.workers):
            self.dismiss(worker)

    def _started(self) -> Worker:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "populace.bots.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        worker = Worker(process)
        assert process.stdin is not None
        process.stdin.write(json.dumps(self.settings) + "\n")
        process.stdin.flush()
        threading.Thread(target=self._hear, args=(worker,), name="bots", daemon=True).start()
        return worker

    def _hear(self, worker: Worker) -> None:
        assert worker.process.stdout is not None
        last: Mapping[str, Any] = {"kind": "browser", "fault": "the process of the browser ended", "steps": []}
        with worker.process.stdout as lines:
            for line in lines:
                said = json.loads(line)
                if said["address"] is None:
                    last = said
                else:
                    self.answers.put(Answer(worker, said))
        self.answers.put(Answer(worker, {**last, "address": None}))


def _below(pid: int) -> dict[int, str]:
    """The processes that a process has started, and those that these have, and since when each is there; none where
    that cannot be seen."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if said := _stat(int(folder.name)):
            parents.setdefault(int(said[1]), []).append(int(folder.name))
    found, waiting = {}, [pid]
    while waiting:
        for child in parents.get(waiting.pop(), []):
            found[child] = _since(child)
            waiting.append(child)
    return found


def _since(pid: int) -> str:
    """When a process began, as the system counts; "" for one that is not there."""
    return (_stat(pid) or [""] * 20)[19]


def _stat(pid: int) -> list[str]:
    """What the system says of a process, after its name."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
