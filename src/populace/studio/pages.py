"""The pages: each asks operations for what it shows, and a template writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from populace import clock
from populace.checks.chart import Chart
from populace.errors import BadInput, PopulaceError
from populace.operations import (
    ActivityRequest,
    ExplainRequest,
    LogsRequest,
    activity,
    doctor,
    explain,
    logs,
    outbox_status,
    settings,
)
from populace.operations.inspection.charts import charts
from populace.operations.inspection.kpis import kpis
from populace.operations.inspection.ledger import ledger
from populace.operations.inspection.overview import Overview
from populace.operations.people.listing import PeopleRequest, PersonRequest, people, person
from populace.operations.playing.played import PictureRequest, PlayedRequest, picture, played
from populace.operations.refreshing import REFRESHED
from populace.operations.steering.settings import SHOWN, Listed, SettingsResult
from populace.spec import Lifecycle, Value, World
from populace.studio import acts, drawing, knobs, wording
from populace.studio.frame import Frame

SPEEDS = (("1", "1×"), ("60", "60×"), ("1440", "1,440×"))
STEPS = ((1, "1 min"), (60, "1 h"), (1440, "1 day"))
SPANS = ((1, "1 hour"), (24, "1 day"), (168, "1 week"))
LATELY = (("1", "Last day"), ("7", "Last 7 days"), ("30", "Last 30 days"), ("90", "Last 90 days"))
JOURNAL, REFRESHES = 200, 5
PICTURES, OTHER = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}, "application/octet-stream"
"""What a browser takes a picture for, by the end of its name."""


def router(frame: Frame) -> APIRouter:
    """All of them."""
    routes = APIRouter(include_in_schema=False)
    for add in (_overview, _people, _behaviour, _settings, _seed, _checks, _cleanup, _runs):
        add(routes, frame)
    return routes


def _overview(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/")
    def overview_page(request: Request) -> Response:
        def fill(state: Overview) -> dict[str, Any]:
            return {"speeds": SPEEDS, "steps": STEPS, "pace": _pace(frame, state)}

        return frame.page(request, "overview", fill, empty="/seed")


def _people(routes: APIRouter, frame: Frame) -> None:
    context = frame.service.context

    @routes.get("/people")
    def people_page(
        request: Request,
        search: Annotated[str, Query(max_length=200)] = "",
        after: str | None = None,
        kind: Annotated[str, Query(max_length=200)] = "",
        state: Annotated[str, Query(max_length=200)] = "",
        joined: Annotated[str, Query(max_length=5)] = "",
        active: Annotated[str, Query(max_length=5)] = "",
    ) -> Response:
        def fill(_state: Overview) -> dict[str, Any]:
            # A choice that was left open arrives as "".
            days = [int(text) if text.isdecimal() else None for text in (joined, active)]
            asked = PeopleRequest(search, after, kind=kind, state=state, joined_days=days[0], active_days=days[1])
            given = {name: str(value) for name, value in ({"search": search} | asked.narrowed).items() if value}
            return {
                "found": people(context, asked),
                "search": search,
                "after": after,
                "given": given,
                "narrowed": asked.narrowed,
                "asked": urlencode(given),
                "spans": LATELY,
            }

        return frame.page(request, "people", fill)

    @routes.get("/people/{key}")
    def person_page(request: Request, key: str, before: str | None = None, on: str | None = None) -> Response:
        def fill(state: Overview) -> dict[str, Any]:
            asked = PersonRequest(key, before)
            found = person(context, asked)
            lived = [flow for flow in _world(frame, state).flows if isinstance(flow, Lifecycle)]
            days = _day(frame, key, on or _today(lived[0], state)) if lived else None
            return {
                "found": found,
                "here": "people",
                "visits": played(context, PlayedRequest(key)),
                "timeline": [
                    (shown, list(lines)) for shown, lines in groupby(found.lines, lambda line: wording.day(line.at))
                ],
                "older": found.lines[-1].at if len(found.lines) == asked.most else None,
                "days": days,
                "acts": acts.of(lived[0], state, days["why"]) if days else [],
            }

        return frame.page(request, "person", fill)

    @routes.get("/people/{key}/visits/{address}/{name}")
    def picture_file(
        request: Request,
        key: str,
        address: Annotated[int, Path(ge=0, lt=1 << 63)],
        name: Annotated[str, Path(max_length=100)],
    ) -> Response:
        def fill() -> bytes:
            return picture(context, PictureRequest(key, address, name))

        return frame.file(request, fill, PICTURES.get(name.rpartition(".")[2], OTHER))


def _behaviour(routes: APIRouter, frame: Frame) -> None:
    context = frame.service.context

    @routes.get("/behaviour")
    def behaviour_page(request: Request, hours: Annotated[int, Query(ge=1, le=8760)] = 24) -> Response:
        return frame.page(request, "behaviour", lambda _state: {"spans": SPANS, "chosen": hours})

    @routes.get("/behaviour/kpis")
    def kpis_part(request: Request) -> Response:
        return frame.part(request, "kpis", lambda: {"kpis": kpis(context)})

    @routes.get("/behaviour/activity")
    def activity_part(request: Request, hours: Annotated[int, Query(ge=1, le=8760)] = 24) -> Response:
        def fill() -> dict[str, Any]:
            counted = activity(context, ActivityRequest(hours)).document()
            return {
                "single": [
                    (name, value) for name, value in counted.items() if name != "period_hours" and _is_number(value)
                ],
                "kinds": [
                    (name, drawing.ranking(wording.words(name), value))
                    for name, value in counted.items()
                    if isinstance(value, Mapping) and value
                ],
            }

        return frame.part(request, "activity", fill)

    @routes.get("/behaviour/charts")
    def charts_part(request: Request) -> Response:
        return frame.part(request, "charts", lambda: {"charts": drawing.arranged(charts(context))})


def _settings(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/settings")
    def settings_page(request: Request) -> Response:
        def fill(state: Overview) -> dict[str, Any]:
            found = settings(frame.service.context)
            return {"knobs": knobs.live(_world(frame, state), found.settings), "history": _history(found)}

        return frame.page(request, "settings", fill)


def _seed(routes: APIRouter, frame: Frame) -> None:
    registry = frame.service.context.registry

    @routes.get("/seed")
    def seed_page(request: Request, world: str | None = None, scenario: str | None = None) -> Response:
        def fill(state: Overview) -> dict[str, Any]:
            chosen = _chosen(frame, state, world)
            called = scenario or state.scenario or chosen.default_scenario
            given = next((s for s in chosen.scenarios if s.name == called), None)
            return {
                "worlds": [registry.find(name) for name in registry.names()],
                "chosen": chosen,
                "scenario": called if given else chosen.default_scenario,
                "knobs": knobs.fixed(chosen, given.values if given else {}),
            }

        return frame.page(request, "seed", fill, anybody=False)


def _checks(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/checks")
    def checks_page(request: Request) -> Response:
        return frame.page(request, "checks", anybody=False)

    @routes.get("/checks/realism")
    def realism_part(request: Request) -> Response:
        return frame.part(request, "realism", lambda: _compared(frame))

    @routes.get("/checks/doctor")
    def doctor_part(request: Request) -> Response:
        return frame.part(
            request, "doctor", lambda: {"findings": doctor(frame.service.context).document(wording.advice)["findings"]}
        )


GROUPS = {"red": "Red", "in": "As in real products", "open": "Open", "left out": "Left out"}
"""Of the metrics of realism, by their verdicts."""


MOST_BARS = 24
"""Values that fit beside each other in a narrow chart: a line takes the whole width."""


def _small(chart: Chart) -> drawing.Drawing:
    return drawing.drawn(replace(chart, kind="bar") if len(chart.rows) <= MOST_BARS else chart)


def _compared(frame: Frame) -> Mapping[str, Any]:
    """What the last comparison with real products found, in the server's memory; None before the first."""
    done = next((job for job in frame.service.jobs if job.kind == "realism" and job.state == "done"), None)
    if done is None or done.result is None:
        return {"found": None, "groups": []}
    metrics = [(m, _small(Chart(**m["chart"])) if "chart" in m else None) for m in done.result["metrics"]]
    groups = [(title, [pair for pair in metrics if pair[0]["verdict"] == verdict]) for verdict, title in GROUPS.items()]
    return {"found": done.result, "groups": [(title, some) for title, some in groups if some]}


def _cleanup(routes: APIRouter, frame: Frame) -> None:
    @routes.get("/cleanup")
    def cleanup_page(request: Request) -> Response:
        return frame.page(request, "cleanup")


def _runs(routes: APIRouter, frame: Frame) -> None:
    service = frame.service

    @routes.get("/runs")
    def runs_page(request: Request) -> Response:
        def fill(_state: Overview) -> dict[str, Any]:
            return {
                "runner": service.document()["runner"],
                "ledger": ledger(service.context),
                "journal": list(reversed(logs(service.context, LogsRequest(JOURNAL)).document())),
                "refreshes": list(reversed(logs(service.context, LogsRequest(REFRESHES, event=REFRESHED)).document())),
                "channels": outbox_status(service.context).document()["channels"],
                "jobs": [job.document() for job in service.jobs],
            }

        return frame.page(request, "runs", fill)


def _world(frame: Frame, state: Overview) -> World:
    world = frame.world(state)
    if world is None:
        raise BadInput("the world of these people is not at hand", where="world", given=state.world)
    return world


@dataclass(frozen=True, slots=True)
class _Pace:
    """How fast the server's runner goes. speed: as the buttons name it; "": as none of them. note: about the clock."""

    speed: str
    note: str


def _pace(frame: Frame, state: Overview) -> _Pace:
    given = frame.service.document()["runner"]["speed"]
    rate = state.speed if given is None else float(given) if given != "max" else 0.0
    return _Pace(f"{rate:g}" if rate else "", clock_note(state))


def clock_note(state: Overview) -> str:
    """What is to be said of a population's time."""
    if state.mode == "free":
        return f"a clock of its own, at {state.speed:g}×"
    if state.ahead_us:
        return f"{clock.length(state.ahead_us)} ahead of real time"
    return "real time"


@dataclass(frozen=True, slots=True)
class _Entry:
    """An intervention in the history. waits: it can be undone. back: what changes it back; {}: nothing is known."""

    listed: Listed
    waits: bool
    back: Mapping[str, Value]


def _history(found: SettingsResult) -> list[_Entry]:
    """Newest first, as it comes; each with what would bring back the values before it, as far as the list knows."""
    listed, out = found.interventions, []
    for index, one in enumerate(listed):
        before = dict(found.seeded) if len(listed) < SHOWN else {}
        for older in reversed(listed[index + 1 :]):
            if older.applies_at is not None and not older.refused:
                before |= older.changes
        applied, waits = (one.refused is None and (one.applies_at is None) is open_ for open_ in (False, True))
        known = applied and bool(one.changes) and all(path in before for path in one.changes)
        out.append(_Entry(one, waits, {path: before[path] for path in one.changes} if known else {}))
    return out


def _today(life: Lifecycle, state: Overview) -> str:
    """The day that goes on now; it may begin in the morning."""
    return clock.iso(state.watermark_us - life.day_starts_us)[:10]


def _day(frame: Frame, key: str, on: str) -> dict[str, Any]:
    """A day of somebody: why they came, or the error that says why that is not known."""
    out: dict[str, Any] = {"on": on, "before": None, "after": None, "error": None, "why": None}
    try:
        one = date.fromisoformat(on)
        out |= {"before": one - timedelta(days=1), "after": one + timedelta(days=1)}
        why = explain(frame.service.context, ExplainRequest(key, on)).document()
    except ValueError:
        return out | {"error": BadInput("this is not a date", where="on", given=on, allowed="such as 2026-01-08")}
    except PopulaceError as error:
        return out | {"error": error}
    today = why["today"]
    return out | {"why": why, "fall": drawing.waterfall(today["steps"], today["drawn"]) if today else None}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _chosen(frame: Frame, state: Overview, named: str | None) -> World:
    """The world to seed: as named, where it is installed; else whose people live there; else the server's."""
    registry = frame.service.context.registry
    if named is not None and named in registry.names():
        return registry.find(named)
    return frame.world(state) or registry.find(frame.service.world)
