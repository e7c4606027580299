"""A run of bots: claims visits, has them played, records how each went, and stops where a site does not do its part."""

from __future__ import annotations

import ctypes
import gc
import os
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from populace import __version__, clock
from populace.bots import chromium, page_map
from populace.bots.crew import Answer, Crew
from populace.bots.page_map import PageMap
from populace.bots.request import SPEED, PlayRequest, PlayResult, Preview, checked
from populace.engine.upcoming import Upcoming
from populace.errors import BadInput, CheckFailed, PopulaceError, Refused, Remedy, TargetUnavailable
from populace.event import Event, Listener, unheard
from populace.operations.context import Context
from populace.operations.playing.claims import Claims, ClaimsRequest, claims, navigation_of, preview
from populace.operations.playing.pictures import PROFILE
from populace.operations.population import population
from populace.runner.delegations import Done

IN_A_ROW = 3
"""So many visits that fail in the same way, one after another, end a run: the site does not do its part."""
BEYOND_S = 120.0
"""Longer than a visit should take it may take so much; then its browser hangs."""
GIVEN_BACK = 5
"""Visits after which memory that is free goes back to the system: what each of them takes for a moment differs."""
AGAIN_S = 2.0
_POLL_S = 0.2
_SITE_KINDS = ("down", "slow", "broken", "refused", "elsewhere", "challenge", "changed")


def dry_run(context: Context, request: PlayRequest) -> Preview:
    """The visits that would be played next, and their steps; no browser is started, and nothing is claimed."""
    checked(request)
    pages = _pages(context, request)
    given = ClaimsRequest(request.site, "", request.real_time, request.world, request.folder, pages.signs_up)
    return Preview(preview(context, given, request.sessions or 10))


def play(
    context: Context,
    request: PlayRequest,
    *,
    on_event: Listener = unheard,
    stop: threading.Event | None = None,
) -> PlayResult:
    """Play visits in a browser until there are as many as asked for, or `stop` is set.

    Raises BadInput for a request, page map or profile folder that cannot be used, or where there is no browser;
    TargetUnavailable where the site does not answer: nothing is claimed then. What goes wrong later is in the result.
    """
    stop = stop or threading.Event()
    checked(request)
    chromium.require_playwright()
    program = chromium.chromium(request.chromium)
    pages = _pages(context, request)
    origins = _origins(context, request)
    _probe(request, pages)
    settings = {
        "chromium": str(program),
        "headless": not request.headed,
        "arguments": list(chromium.arguments()),
        "hosts": [_host(origin) for origin in origins],
        "version": __version__,
    }
    by = f"process {os.getpid()} on {socket.gethostname()}"
    given = ClaimsRequest(request.site, by, request.real_time, request.world, request.folder, pages.signs_up)
    began = clock.monotonic()
    with claims(context, given, on_event=on_event, stop=stop) as mine:
        if pages.needs_password and mine.password is None:
            raise Refused(
                "people log in on this site, and their password is not known here",
                where="bots",
                todo="set POPULACE_LOGIN_PASSWORD to the one that they were seeded with",
            )
        _require_room(mine.folder.person("."))
        crew = Crew(request.concurrency, settings)
        run = _Run(request, pages, origins, mine, crew, on_event, stop, PlayResult(request.site))
        run.result.interrupted_before = mine.interrupted
        with ExitStack() as ending:
            ending.callback(crew.end)
            run.all()
    run.result.seconds = clock.monotonic() - began
    return run.result


@dataclass(slots=True)
class _Run:
    """One run. under_way: the visits that are played now, by address. row: how the last visits failed, if they did."""

    request: PlayRequest
    pages: PageMap
    origins: Sequence[str]
    mine: Claims
    crew: Crew
    on_event: Listener
    stop: threading.Event
    result: PlayResult
    waiting: list[Upcoming] = field(default_factory=list)
    under_way: dict[int, Upcoming] = field(default_factory=dict)
    begun: int = 0
    row: list[str] = field(default_factory=list)
    next_at: float = 0.0
    nobody: bool = False

    def all(self) -> None:
        """Play until all is done."""
        while not self._over():
            if not (self._may_begin() and self._begin_one()):
                answer = self.crew.answer(_POLL_S if self.under_way else 0.0)
                if answer is not None:
                    self._done(answer)
                elif not self.under_way:
                    clock.sleep(_POLL_S, self.stop)
        for visit in self.under_way.values():
            self.mine.end(visit, "interrupted", fault="the run was stopped")
            self.result.states["interrupted"] += 1

    def _over(self) -> bool:
        if self.stop.is_set():
            return True
        enough = self.request.sessions is not None and self.begun >= self.request.sessions
        return not self.under_way and (enough or self.nobody or self.result.stopped is not None)

    def _may_begin(self) -> bool:
        enough = self.request.sessions is not None and self.begun >= self.request.sessions
        return not (enough or self.nobody or self.result.stopped or clock.monotonic() < self.next_at)

    def _begin_one(self) -> bool:
        """Hand out a visit; False when there is nobody to play it, or none whose moment has come."""
        worker = self.crew.idle()
        if worker is None:
            return False
        people = {one.key for one in self.under_way.values()}
        visit = next((one for one in self.waiting if one.key not in people), None)
        if visit is None:
            if self.waiting:
                return False
            left = (self.request.sessions or 1 << 30) - self.begun
            self.waiting = self.mine.next(min(left, 4 * self.request.concurrency))
            if not self.waiting:
                # Where others run the population, people may be free for a visit a little later.
                self.nobody, self.next_at = self.mine.stands, clock.monotonic() + AGAIN_S
                return False
            return True
        if not self.mine.due(visit):
            return False
        self.waiting.remove(visit)
        if not self.mine.begin(visit):
            self.result.states["cancelled"] += 1
            return True
        self.under_way[visit.address] = visit
        self.begun += 1
        if self.request.rate:
            self.next_at = clock.monotonic() + 60 / self.request.rate
        worker.give(self._assignment(visit), self._within_s(visit))
        return True

    def _within_s(self, visit: Upcoming) -> float:
        """So long the browser may take for a visit, real time."""
        paused = (visit.ends_us - visit.begins_us) / clock.SECOND_US / self._speed if self._speed else 0.0
        return paused + BEYOND_S + 2 * self.request.patience_s + len(visit.deeds)

    @property
    def _speed(self) -> float:
        if self.request.speed is not None:
            return self.request.speed
        return 1.0 if self.request.real_time else SPEED

    def _assignment(self, visit: Upcoming) -> Mapping[str, Any]:
        navigation, folder = self.mine.navigation, self.mine.folder
        return {
            "address": visit.address,
            "site": self.request.site,
            "origins": list(self.origins),
            "map": self.pages.document(),
            "marker": navigation.marker,
            "medium": navigation.medium,
            "campaign": navigation.campaign,
            "storage": navigation.storage,
            "person": dict(visit.browser),
            "signs_up": visit.signs_up,
            "password": self.mine.password if self.pages.needs_password else None,
            "deeds": [
                {"step": d.step, "at_ms": d.at_ms, "times": d.times, "fields": dict(d.fields)} for d in visit.deeds
            ],
            "speed": self._speed,
            "patience_ms": self.request.patience_s * 1000,
            "profile": str(folder.person(visit.key) / PROFILE),
            "pictures": str(folder.root / folder.visit(visit.key, visit.address)),
        }

    def _done(self, answer: Answer) -> None:
        address, said = answer.outcome["address"], answer.outcome
        if address is None:
            # The process ended: whatever it played has failed with it.
            address = answer.worker.address
            self.crew.dismiss(answer.worker)
        visit = self.under_way.pop(address, None) if address is not None else None
        answer.worker.address = None
        if visit is None:
            return
        folder = self.mine.folder
        kind, fault = said["kind"], said["fault"] or None
        if visit.signs_up and not fault and not self.mine.has_account(visit):
            kind, fault = "changed", "the site made no account under the key that populace.sign_up_key gives it"
        steps = [Done(s["step"], s["times"], s["ms"], s.get("picture", ""), s.get("fault", "")) for s in said["steps"]]
        state = "failed" if fault else "played"
        has_folder = (folder.root / folder.visit(visit.key, visit.address)).is_dir()
        rows = self.mine.end(
            visit,
            "failed" if fault else "played",
            fault=fault,
            steps=steps,
            pictures=folder.visit(visit.key, visit.address) if has_folder else None,
        )
        if has_folder:
            folder.trim(visit.key)
        if sum(self.result.states.values()) % GIVEN_BACK == 0:
            _give_back()
        if kind == "browser":
            self.crew.dismiss(answer.worker)
        self.result.sign_ups += visit.signs_up and not fault
        self._count(visit, state, kind, fault, steps, rows, said)

    def _count(
        self,
        visit: Upcoming,
        state: str,
        kind: str,
        fault: str | None,
        steps: Sequence[Done],
        rows: int,
        said: Mapping[str, Any],
    ) -> None:
        result = self.result
        result.states[state] += 1
        result.rows += rows
        result.carried += bool(said.get("carried"))
        result.elsewhere.update(said.get("elsewhere", ()))
        for step in steps:
            if not step.fault:
                result.steps[step.step] += step.times
        line = f"{visit.called}: {fault}" if fault else f"{visit.called}: {len(steps)} steps, {rows} rows"
        self.on_event(Event("visit", f"{sum(result.states.values())} · {line}"))
        if fault is None:
            self.row = []
            return
        many, first = result.faults.get(kind, (0, fault))
        result.faults[kind] = (many + 1, first)
        self.row = [*self.row, kind] if self.row[-1:] == [kind] else [kind]
        if kind == "profile" or len(self.row) >= IN_A_ROW:
            result.stopped = _why(kind, first, len(self.row), self.request.site)


def _give_back() -> None:
    """Give free memory back to the system, where it takes it; that of cycles, for which Python looks seldom, too."""
    import pyarrow as pa

    gc.collect()
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _why(kind: str, first: str, many: int, site: str) -> PopulaceError:
    """Why a run ends early."""
    said = f"{many} visits in a row failed: {first}" if many > 1 else first
    if kind in _SITE_KINDS:
        todo: dict[str, str | Remedy] = {
            "challenge": "let the site ask no such thing of visitors marked as synthetic, or play on another one",
            "changed": Remedy("", {"pages": None}, "correct the page map, and name it with {}"),
            "elsewhere": "browsers stay on the address that they were given; name the one that the site leads to",
        }
        return TargetUnavailable(said, where=site, todo=todo.get(kind, "see to the site, then play again"))
    room = "make room there, or set XDG_DATA_HOME to another folder" if kind == "profile" else None
    return CheckFailed(said, where="bots", todo=room)


def _pages(context: Context, request: PlayRequest) -> PageMap:
    with population(context, request.world, "bots", looking=True) as there:
        world = there.world
    navigation = navigation_of(world)
    if request.pages is None:
        return page_map.of_world(world, navigation)
    return page_map.of_file(request.pages, world, navigation)


def _origins(context: Context, request: PlayRequest) -> list[str]:
    """Where a browser may go: to the site, and to the host of its analytics where one is configured."""
    settings = context.settings
    found = [request.site, *([settings.posthog_host] if settings.posthog_key else [])]
    return [f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, found)]


def _host(origin: str) -> str:
    parts = urlsplit(origin)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _probe(request: PlayRequest, pages: PageMap) -> None:
    """Raise TargetUnavailable unless the site answers: visits that nobody can play are not claimed."""
    url = request.site.rstrip("/") + pages.arrive
    try:
        answer = httpx.get(url, timeout=request.patience_s, follow_redirects=False, trust_env=False)
    except httpx.HTTPError as error:
        what = "the site does not answer in time" if isinstance(error, httpx.TimeoutException) else "no site answers"
        raise TargetUnavailable(
            what, where="bots.site", given=url, todo="start it (populace site), or name another address"
        ) from None
    if answer.status_code >= 400:
        raise TargetUnavailable(
            f"the site answers with {answer.status_code}",
            where="bots.site",
            given=url,
            todo="see to the site, then play again",
        )
    to = urlsplit(answer.headers.get("location", ""))
    if answer.is_redirect and to.netloc and f"{to.scheme}://{to.netloc}" != _origin(request.site):
        raise TargetUnavailable(
            "the site leads to another one, where nobody follows",
            where="bots.site",
            given=answer.headers["location"],
            todo="name that address, if it is meant",
        )


def _origin(site: str) -> str:
    parts = urlsplit(site)
    return f"{parts.scheme}://{parts.netloc}"


def _require_room(folder: Path) -> None:
    """Raise BadInput where no profile can be kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".{os.getpid()}.part"
        probe.write_bytes(b"\0" * 65_536)
        probe.unlink()
    except OSError as error:
        raise BadInput(
            f"the profiles of browsers cannot be kept: {error.strerror}",
            where="bots.folder",
            given=str(folder),
            todo="make room there, or set XDG_DATA_HOME to another folder",
        ) from None
