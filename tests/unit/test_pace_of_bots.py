"""When a run of bots begins a visit: not before its moment, and as often as is allowed; by a clock of the test's."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from populace.bots import playing
from populace.bots.crew import Answer, Crew, Worker
from populace.bots.page_map import PageMap
from populace.bots.request import PlayRequest, PlayResult
from populace.engine.upcoming import Upcoming
from populace.event import unheard
from populace.operations.playing.claims import Claims
from populace.operations.playing.pictures import Folder

SECOND_US = 1_000_000


@dataclass
class Clock:
    """Time that passes when somebody waits, and in no other way."""

    now_s: float = 0.0
    SECOND_US: int = SECOND_US

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float, _stop: object = None) -> None:
        self.now_s += seconds


@dataclass
class Claimed:
    """Claims on visits that begin at moments (seconds), a person each."""

    clock: Clock
    moments: list[float]
    folder: Folder
    waits: bool
    navigation: Any = None
    stands: bool = True
    newcomers: frozenset[int] = frozenset()
    without_account: frozenset[int] = frozenset()
    began: dict[int, float] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    def next(self, most: int) -> list[Upcoming]:
        known = len(self.began)
        some = list(enumerate(self.moments))[known : known + most]
        return [Upcoming(address=n, key=f"{n}", called=f"p_{n}", begins_us=int(at * SECOND_US), ends_us=0,
                         free_from_us=0, browser={}, deeds=[], signs_up=n in self.newcomers)
                for n, at in some]  # fmt: skip

    def has_account(self, visit: Upcoming) -> bool:
        return visit.address not in self.without_account

    def due(self, visit: Upcoming) -> bool:
        return not self.waits or self.clock.now_s * SECOND_US >= visit.begins_us

    def begin(self, visit: Upcoming) -> bool:
        self.began[visit.address] = self.clock.now_s
        return True

    def end(self, _visit: Upcoming, state: str, **_more: object) -> int:
        self.ended.append(state)
        return 0


@dataclass
class Quick:
    """Workers that play a visit in two seconds."""

    clock: Clock
    many: int
    busy: dict[int, float] = field(default_factory=dict)

    def idle(self) -> Worker | None:
        return None if len(self.busy) >= self.many else cast(Worker, self)

    def give(self, assignment: dict[str, Any], _within_s: float) -> None:
        self.busy[assignment["address"]] = self.clock.now_s + 2

    def answer(self, wait_s: float) -> Answer | None:
        done = next((one for one, at in self.busy.items() if at <= self.clock.now_s), None)
        if done is None:
            self.clock.sleep(wait_s)
            return None
        del self.busy[done]
        worker = cast(Worker, type("Idle", (), {"address": None})())
        return Answer(worker, {"address": done, "kind": "", "fault": "", "steps": []})

    def dismiss(self, _worker: Worker) -> None:
        raise AssertionError


def began(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, request: PlayRequest, moments: list[float]) -> list[float]:
    """When each visit began."""
    clock = Clock()
    monkeypatch.setattr(playing, "clock", clock)
    monkeypatch.setattr(playing._Run, "_assignment", lambda _self, visit: {"address": visit.address})
    claimed = Claimed(clock, moments, Folder(tmp_path, "x"), request.real_time)
    run = playing._Run(
        request, cast(PageMap, None), [], cast(Claims, claimed), cast(Crew, Quick(clock, request.concurrency)), unheard,
        threading.Event(), PlayResult(request.site),
    )  # fmt: skip
    run.all()
    assert claimed.ended == ["played"] * len(claimed.began)
    assert run.result.states["played"] == len(claimed.began)
    return [claimed.began[n] for n in sorted(claimed.began)]


def test_no_more_visits_begin_in_a_minute_than_the_rate_allows(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    request = PlayRequest("http://127.0.0.1:1", 9, rate=12, speed=0, concurrency=4)
    at = began(monkeypatch, tmp_path, request, [0.0] * 20)
    assert len(at) == 9
    assert min(b - a for a, b in itertools.pairwise(at)) >= 5
    # It does what it may: nobody waits much longer than that.
    assert at[-1] < 9 * 5.5
    free = began(monkeypatch, tmp_path, PlayRequest("http://127.0.0.1:1", 9, speed=0, concurrency=4), [0.0] * 20)
    assert free[3] == 0
    assert 0 < free[4] <= 3


def test_each_visit_waits_for_its_moment(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    moments = [3.0, 3.5, 40.0, 41.0, 300.0]
    request = PlayRequest("http://127.0.0.1:1", 5, real_time=True, speed=0, concurrency=2)
    at = began(monkeypatch, tmp_path, request, moments)
    assert len(at) == 5
    for moment, seen in zip(moments, at, strict=True):
        assert moment <= seen < moment + 3
    sooner = began(monkeypatch, tmp_path, PlayRequest("http://127.0.0.1:1", 5, speed=0), moments)
    assert sooner[-1] < 20


def test_a_sign_up_after_which_there_is_no_account_has_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    clock = Clock()
    monkeypatch.setattr(playing, "clock", clock)
    monkeypatch.setattr(playing._Run, "_assignment", lambda _self, visit: {"address": visit.address})
    claimed = Claimed(clock, [0.0] * 3, Folder(tmp_path, "x"), waits=False)
    claimed.newcomers, claimed.without_account = frozenset({0, 1}), frozenset({1, 2})
    run = playing._Run(
        PlayRequest("http://127.0.0.1:1", 3, speed=0), cast(PageMap, None), [], cast(Claims, claimed),
        cast(Crew, Quick(clock, 1)), unheard, threading.Event(), PlayResult("here"),
    )  # fmt: skip
    run.all()
    assert claimed.ended == ["played", "failed", "played"]
    assert run.result.sign_ups == 1
    assert "populace.sign_up_key" in str(run.result.fault())


def test_where_nobody_says_how_fast_people_are_themselves_when_they_come_at_their_moments() -> None:
    def speed(**more: Any) -> float:
        none = cast(Any, None)
        request = PlayRequest("http://127.0.0.1:1", **more)
        return playing._Run(request, none, [], none, none, unheard, threading.Event(), none)._speed

    assert [speed(), speed(real_time=True), speed(speed=0.0), speed(real_time=True, speed=7.0)] == [60, 1, 0, 7]
