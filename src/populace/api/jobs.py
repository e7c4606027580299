"""Long work that goes on after its request was answered: one at a time, with its progress, and a way to stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

from populace import clock
from populace.api import answers
from populace.errors import Interrupted, PopulaceError, Refused
from populace.event import Event, Listener

MOST_KEPT = 50
END_LIMIT_S = 10.0
State = Literal["running", "done", "failed", "stopped"]
Work = Callable[[Listener, threading.Event], Mapping[str, Any]]


@dataclass(slots=True)
class Job:
    """One piece of work. progress: the last event of each stage, by name. result, error: how it ended."""

    number: int
    kind: str
    began_us: int
    state: State = "running"
    ended_us: int | None = None
    progress: dict[str, Event] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None
    error: PopulaceError | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "job": self.number,
            "kind": self.kind,
            "state": self.state,
            "began": clock.iso(self.began_us),
            "ended": None if self.ended_us is None else clock.iso(self.ended_us),
            "progress": [
                {
                    "stage": event.stage,
                    "text": str(event.text),
                    "done": event.done,
                    "total": event.total,
                    "unit": event.unit,
                    "seconds_left": event.seconds_left,
                }
                for event in list(self.progress.values())
            ],
            "result": self.result,
            "error": None if self.error is None else answers.document(self.error),
        }


@dataclass(slots=True)
class Jobs:
    """The jobs of a server, the last ones. on_defect: hears of an error that is none of ours."""

    on_defect: Callable[[BaseException], None]
    _jobs: dict[int, Job] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: int = 0

    def __iter__(self) -> Iterator[Job]:
        """Newest first."""
        return iter(sorted(self._jobs.values(), key=lambda job: -job.number))

    def start(self, kind: str, work: Work, around: Callable[[], AbstractContextManager[None]]) -> Job:
        """Begin one. around: entered for as long as it works. Raises Refused while another one works."""
        with self._lock:
            busy = next((job for job in self._jobs.values() if job.state == "running"), None)
            if busy is not None:
                raise Refused(
                    f"job {busy.number} ({busy.kind}) is at work",
                    where="jobs",
                    todo="wait until it has ended, or stop it",
                )
            self._last += 1
            job = Job(self._last, kind, clock.now_us())
            self._jobs[job.number] = job
            while len(self._jobs) > MOST_KEPT:
                self._jobs.pop(next(iter(self._jobs)))
        threading.Thread(target=self._run, args=(job, work, around), name=f"{kind} {job.number}", daemon=True).start()
        return job

    def get(self, number: int) -> Job:
        """A job by its number. Raises Absent when there is none (any more)."""
        job = self._jobs.get(number)
        if job is None:
            raise answers.Absent("there is no such job", where="job", given=number)
        return job

    def shut(self) -> None:
        """Stop what works, and wait for its end for a while."""
        for job in self:
            job.stop.set()
        for job in self:
            job.ended.wait(END_LIMIT_S)

    def _run(self, job: Job, work: Work, around: Callable[[], AbstractContextManager[None]]) -> None:
        def hear(event: Event) -> None:
            job.progress[event.stage] = event

        state: State = "failed"
        try:
            with around():
                job.result = work(hear, job.stop)
            state = "done"
        except Interrupted as error:
            job.error, state = error, "stopped"
        except PopulaceError as error:
            job.error = error
        except BaseException as error:
            self.on_defect(error)
            job.error = answers.DEFECT
        job.ended_us = clock.now_us()
        job.state = state
        job.ended.set()
