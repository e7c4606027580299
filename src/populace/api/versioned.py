"""`/api/v1`: the operations for every world, each with its own path. Long work is a job; lists go on by a cursor."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from populace.api import answers, body
from populace.api.access import Controller, Owner, Reader, The
from populace.api.bodies import (
    FASTEST,
    ISO,
    Bringing,
    Calibrating,
    Cleaning,
    Intervening,
    Pacing,
    Refreshing,
    Repairing,
    Retrying,
    Timing,
    Trying,
    Wanted,
)
from populace.api.feed import MOST_WATCHING
from populace.api.wiring import Service
from populace.errors import BadInput
from populace.event import Listener
from populace.operations import (
    ActivityRequest,
    CalibrateRequest,
    ChangeRequest,
    ChannelRequest,
    CleanupRequest,
    ClockRequest,
    DescribeRequest,
    EnableRequest,
    ExplainRequest,
    LogsRequest,
    MetricsRequest,
    PlanRequest,
    RealismRequest,
    RefreshRequest,
    RepairRequest,
    RetainRequest,
    RunNowRequest,
    SeedRequest,
    UndoRequest,
    activity,
    calibrate,
    change,
    clean,
    count,
    describe,
    doctor,
    explain,
    logs,
    metrics,
    outbox_status,
    pause,
    plan,
    realism,
    refresh,
    repair,
    resume,
    retain,
    retry,
    run_now,
    seed,
    set_clock,
    settings,
    status,
    undo,
    validate,
    worlds,
)
from populace.operations.calibrating.calibrate import EVALUATIONS
from populace.operations.inspection.kpis import kpis
from populace.operations.inspection.ledger import ledger
from populace.operations.inspection.overview import overview, span
from populace.operations.people.listing import MOST_DAYS, PeopleRequest, PersonRequest, people, person
from populace.operations.steering.trial import TrialRequest, trial
from populace.settings import DEFAULT_WORLD

PING_S = 15
JOINED = "Only who came in so many simulated days up to now."
ACTIVE = "Only who did something in so many simulated days up to now."
Key = Annotated[str, Path(description="As /api/v1/people has it.", examples=["7b1c2f0e-5d7a-5c43-9d0e-2a4f6b8c0d1e"])]
Number = Annotated[int, Path(ge=0, lt=2**63, examples=[1])]


def router() -> APIRouter:
    """All of it."""
    routes = APIRouter(prefix="/api/v1")
    for part in (_known(), _planned(), _lived(), _steered(), _kept(), _worked(), _live()):
        routes.include_router(part)
    return routes


def _known() -> APIRouter:
    routes = APIRouter(tags=["worlds"])

    @routes.get("/worlds")
    def list_worlds(service: The, _who: Reader) -> list[dict[str, Any]]:
        """The worlds that are installed."""
        return worlds(service.context).document()

    @routes.get("/worlds/{world}")
    def one_world(service: The, _who: Reader, world: Annotated[str, Path(examples=[DEFAULT_WORLD])]) -> dict[str, Any]:
        """A world: its scenarios, presets, parameters, tables and channels."""
        return describe(service.context, DescribeRequest(_installed(service, world))).document()

    return routes


def _planned() -> APIRouter:
    routes = APIRouter(tags=["seed"])

    @routes.post("/plan", openapi_extra=body.described(Wanted))
    def make_plan(service: The, _who: Reader, given: Annotated[Wanted, Depends(body.of(Wanted))]) -> dict[str, Any]:
        """What a seed would write: rows, bytes, time. Nothing is written."""
        return plan(service.context, PlanRequest(_world(service, given.world), **given.changes())).document()

    @routes.post("/calibrate", status_code=202, openapi_extra=body.described(Calibrating))
    def begin_calibration(
        service: The, _who: Controller, given: Annotated[Calibrating, Depends(body.of(Calibrating))]
    ) -> dict[str, Any]:
        """Fit a scenario to aggregates of a real product, as a job; its result has the scenario's values and file."""
        request = CalibrateRequest(
            _world(service, given.world),
            given.scenario,
            given.seed,
            changes=given.settings,
            aggregates=given.aggregates,
            evaluations=given.evaluations or EVALUATIONS,
        )
        return service.jobs.start(
            "calibrate",
            lambda hear, stop: calibrate(service.context, request, on_event=hear, stop=stop).document(),
            answers.nothing,
        ).document()

    @routes.post("/seed", status_code=202, openapi_extra=body.described(Wanted))
    def begin_seed(service: The, _who: Owner, given: Annotated[Wanted, Depends(body.of(Wanted))]) -> dict[str, Any]:
        """Seed as a job. The same request again continues, or finds that all is there."""
        request = SeedRequest(_world(service, given.world), **given.changes())
        return service.jobs.start(
            "seed",
            lambda hear, stop: seed(service.direct, request, on_event=hear, stop=stop).document(),
            service.resident.aside,
        ).document()

    return _repaired(routes)


def _repaired(routes: APIRouter) -> APIRouter:
    @routes.post("/repair", status_code=202, openapi_extra=body.described(Repairing))
    def begin_repair(
        service: The, _who: Owner, given: Annotated[Repairing, Depends(body.of(Repairing))]
    ) -> dict[str, Any]:
        """Insert what is missing of the population, as a job; on request also mend what was changed."""
        request = RepairRequest(mend_changed=given.mend_changed, dry_run=given.dry_run)
        return service.jobs.start(
            "repair",
            lambda hear, stop: repair(service.direct, request, on_event=hear, stop=stop).document(),
            service.resident.aside,
        ).document()

    @routes.post("/refresh", status_code=202, openapi_extra=body.described(Refreshing))
    def begin_refresh(
        service: The, _who: Owner, given: Annotated[Refreshing, Depends(body.of(Refreshing))]
    ) -> dict[str, Any]:
        """Make a staging database as good as new, as a job: backup, reset, migrations, seed, images, health checks."""
        world = _world(service, given.world)
        if not given.dry_run and given.confirm != world:
            raise BadInput("a refresh is confirmed by the name of the world", where="body.confirm", allowed=world)
        request = RefreshRequest(world, **given.changes())

        def work(hear: Listener, stop: threading.Event) -> dict[str, Any]:
            done = refresh(service.direct, request, on_event=hear, stop=stop)
            if done.fault is not None:
                raise done.fault
            return done.document()

        return service.jobs.start("refresh", work, service.resident.aside).document()

    return routes


def _lived() -> APIRouter:
    routes = APIRouter(tags=["population"])

    @routes.get("/overview")
    def now(service: The, _who: Reader, request: Request) -> Response:
        """How the population is now; cheap, for polling."""
        found = overview(service.context).document() | {"server": service.document()}
        return _tagged(request, found)

    @routes.get("/status")
    def whole_status(service: The, _who: Reader, request: Request) -> Response:
        """The same with rows by table and the world's report."""
        return _tagged(request, status(service.context).document())

    @routes.get("/activity")
    def counted(service: The, _who: Reader, hours: Annotated[int, Query(ge=1, le=8760)] = 24) -> dict[str, Any]:
        """What happened in so many simulated hours, by kind."""
        return activity(service.context, ActivityRequest(hours)).document()

    @routes.get("/people")
    def list_people(
        service: The,
        _who: Reader,
        search: Annotated[str, Query(max_length=200)] = "",
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        kind: Annotated[str, Query(max_length=200, description="A value of the filter `kind`.")] = "",
        state: Annotated[str, Query(max_length=200, description="A value of the filter `state`.")] = "",
        joined: Annotated[int | None, Query(ge=1, le=MOST_DAYS, description=JOINED)] = None,
        active: Annotated[int | None, Query(ge=1, le=MOST_DAYS, description=ACTIVE)] = None,
    ) -> dict[str, Any]:
        """People by a part of their name or address, and by what their world knows of them: `filters` says what it
        offers. `next` is the cursor of the next page."""
        asked = PeopleRequest(search, cursor, limit, kind=kind, state=state, joined_days=joined, active_days=active)
        return people(service.context, asked).document()

    @routes.get("/people/{key}")
    def one_person(
        service: The,
        _who: Reader,
        key: Key,
        before: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
    ) -> dict[str, Any]:
        """Somebody, and what they did, newest first."""
        return person(service.context, PersonRequest(key, before, limit)).document()

    @routes.get("/people/{key}/days/{on}")
    def one_day(
        service: The, _who: Reader, key: Key, on: Annotated[str, Path(examples=["2026-01-08"])]
    ) -> dict[str, Any]:
        """Why somebody came on a day, or did not; in worlds whose people have lives."""
        return explain(service.context, ExplainRequest(key, on)).document()

    @routes.get("/kpis")
    def figures(service: The, _who: Reader) -> list[dict[str, Any]]:
        """The figures that the world's documents want to be watched, each against its target."""
        return [one.document() for one in kpis(service.context)]

    @routes.get("/metrics")
    def daily(service: The, _who: Reader, days: Annotated[int, Query(ge=1, le=3660)] = 90) -> list[dict[str, Any]]:
        """The numbers of each finished day; in worlds whose people have lives."""
        return metrics(service.context, MetricsRequest(None, days)).document()

    return routes


def _steered() -> APIRouter:
    routes = APIRouter(tags=["steering"])

    @routes.get("/interventions")
    def list_interventions(service: The, _who: Reader) -> dict[str, Any]:
        """Live parameters in effect, and the last changes to them."""
        return settings(service.context).document()

    @routes.post("/interventions", status_code=201, openapi_extra=body.described(Intervening))
    def intervene(
        service: The, _who: Controller, given: Annotated[Intervening, Depends(body.of(Intervening))]
    ) -> dict[str, Any]:
        """Change settings, or pause and resume."""
        if given.enabled is None:
            if not given.settings and given.preset is None:
                raise BadInput("nothing is to change", where="body", allowed="settings, preset or enabled")
            return change(service.context, ChangeRequest(given.settings, given.preset, given.at, by="api")).document()
        if given.settings or given.preset is not None:
            raise BadInput("enabled stands alone", where="body.enabled", given=given.enabled)
        return (resume if given.enabled else pause)(service.context, EnableRequest(given.at)).document()

    @routes.post("/interventions/trial", openapi_extra=body.described(Trying))
    def try_out(service: The, _who: Reader, given: Annotated[Trying, Depends(body.of(Trying))]) -> dict[str, Any]:
        """What a change would do: the next simulated day with it and without it. Nothing is changed."""
        return trial(service.direct, TrialRequest(given.settings, given.preset)).document()

    @routes.delete("/interventions/{number}")
    def take_back(service: The, _who: Controller, number: Number) -> dict[str, Any]:
        """Undo a change that is not in effect yet."""
        return undo(service.context, UndoRequest(number)).document()

    @routes.post("/run-now", status_code=201, openapi_extra=body.described(Bringing))
    def bring(service: The, _who: Controller, given: Annotated[Bringing, Depends(body.of(Bringing))]) -> dict[str, Any]:
        """Bring sessions: what they will write, and when."""
        done = run_now(service.context, RunNowRequest(given.sessions, given.force)).document()
        return done | {"runner": overview(service.context).runner}

    @routes.get("/clock")
    def which_clock(service: The, _who: Reader) -> dict[str, Any]:
        """By which clock the population lives, and how this server's runner goes."""
        return set_clock(service.context).document() | {"runner": service.document()["runner"]}

    @routes.put("/clock", openapi_extra=body.described(Timing, required=True))
    def other_clock(
        service: The, _who: Controller, given: Annotated[Timing, Depends(body.of(Timing))]
    ) -> dict[str, Any]:
        """Live by real time (`wall`), or by a clock of its own (`free`)."""
        with service.resident.aside():
            return set_clock(service.direct, ClockRequest(given.mode, given.speed)).document()

    @routes.put("/pace", openapi_extra=body.described(Pacing))
    def other_pace(
        service: The, _who: Controller, given: Annotated[Pacing, Depends(body.of(Pacing))]
    ) -> dict[str, Any]:
        """How fast this server's runner goes."""
        _require_pace(given)
        service.resident.go(None if given.speed is None else str(given.speed), given.until)
        return dict(service.document()["runner"])

    return routes


def _kept() -> APIRouter:
    routes = APIRouter(tags=["target"])

    @routes.get("/count")
    def count_rows(service: The, _who: Reader) -> dict[str, Any]:
        """Rows that are provably synthetic, by table."""
        return count(service.direct).document()

    @routes.post("/cleanup", openapi_extra=body.described(Cleaning))
    def clean_up(service: The, _who: Owner, given: Annotated[Cleaning, Depends(body.of(Cleaning))]) -> dict[str, Any]:
        """Delete synthetic rows; without `confirm` only count them."""
        world = overview(service.context).world
        if not given.dry_run and given.confirm != world:
            raise BadInput("a clean-up is confirmed by the name of the world", where="body.confirm", allowed=world)
        with service.resident.aside():
            if given.retain_days is not None:
                kept = RetainRequest(given.retain_days, given.dry_run, allow_effects=given.allow_effects)
                return retain(service.direct, kept).document()
            gone = CleanupRequest(given.batch, given.keep_referenced, given.dry_run, allow_effects=given.allow_effects)
            return clean(service.direct, gone).document()

    @routes.get("/journal")
    def journal(
        service: The,
        _who: Reader,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> dict[str, Any]:
        """What seeds and runners did; `next` is the cursor of newer lines."""
        lines = logs(service.context, LogsRequest(limit, after)).document()
        return {"lines": lines, "next": lines[-1]["id"] if lines else after}

    @routes.get("/ledger")
    def written(service: The, _who: Reader) -> dict[str, Any]:
        """Which slices are written up to when, and rows by table since the seed."""
        return ledger(service.context).document()

    @routes.get("/deliveries")
    def deliveries(service: The, _who: Reader) -> list[dict[str, Any]] | dict[str, Any]:
        """What waits in the outbox, and what was rejected, by channel."""
        return outbox_status(service.context).document()

    @routes.post("/deliveries/retry", openapi_extra=body.described(Retrying))
    def retry_rejected(
        service: The, _who: Owner, given: Annotated[Retrying, Depends(body.of(Retrying))]
    ) -> dict[str, Any]:
        """Send rejected rows again."""
        return retry(service.context, ChannelRequest(channel=given.channel)).document()

    @routes.get("/doctor")
    def examine(service: The, _who: Reader) -> dict[str, Any]:
        """Everything that keeps the population from living, each with what to do."""
        return doctor(service.context).document()

    return routes


def _worked() -> APIRouter:
    routes = APIRouter(tags=["jobs"])

    @routes.post("/validate", status_code=202)
    def begin_checks(service: The, _who: Controller) -> dict[str, Any]:
        """Every check, as a job; its result is the report."""
        return service.jobs.start(
            "validate", lambda hear, _stop: validate(service.direct, on_event=hear).document(), answers.nothing
        ).document()

    @routes.post("/validate/realism", status_code=202)
    def begin_comparison(service: The, _who: Controller) -> dict[str, Any]:
        """Whether people look like those of real products, as a job; its result has every metric, with its chart."""
        asked = RealismRequest(charts=True)
        return service.jobs.start(
            "realism",
            lambda hear, _stop: realism(service.direct, asked, on_event=hear).document(),
            answers.nothing,
        ).document()

    @routes.get("/jobs")
    def list_jobs(service: The, _who: Reader) -> list[dict[str, Any]]:
        """The last jobs, newest first."""
        return [job.document() for job in service.jobs]

    @routes.get("/jobs/{number}")
    def one_job(service: The, _who: Reader, request: Request, number: Number) -> Response:
        """A job: its progress, then its result or error."""
        return _tagged(request, service.jobs.get(number).document())

    @routes.delete("/jobs/{number}")
    def stop_job(service: The, _who: Owner, number: Number) -> dict[str, Any]:
        """Stop a job at its next safe point; what is committed stays."""
        job = service.jobs.get(number)
        job.stop.set()
        return job.document()

    return routes


def _live() -> APIRouter:
    routes = APIRouter(tags=["live"])

    @routes.get("/live")
    def lately(service: The, _who: Reader, since: Annotated[int | None, Query(ge=0)] = None) -> dict[str, Any]:
        """What people did lately, for whoever cannot keep a stream open; `next` is the number of the last window."""
        found = span(service.context, since)
        return found.document() | {"next": found.end_us}

    @routes.get("/events", response_class=EventSourceResponse)
    async def events(service: The, _who: Reader, request: Request) -> EventSourceResponse:
        """What happens, as it happens (server-sent events). `Last-Event-ID` continues after a window."""
        if service.feed.watching >= MOST_WATCHING:
            raise answers.TooMany("too many listen to this server", PING_S)
        last = request.headers.get("last-event-id", "")
        after_us = int(last) if last.isdecimal() and len(last) < 19 else None

        async def stream() -> AsyncIterator[ServerSentEvent]:
            async for item in service.feed.listen(after_us):
                yield ServerSentEvent(json.dumps(item["data"], ensure_ascii=False), event=item["event"], id=item["id"])

        return EventSourceResponse(stream(), ping=PING_S, headers={"x-accel-buffering": "no"})

    return routes


def _world(service: Service, given: str | None) -> str:
    return service.world if given is None else _installed(service, given)


def _installed(service: Service, name: str) -> str:
    """A world by its name: a path of this machine is nothing for a request to load."""
    names = service.context.registry.names()
    if name not in names and name != service.serving.world:
        raise answers.Absent("there is no such world", where="world", given=name, allowed=", ".join(names))
    return name


def _require_pace(given: Pacing) -> None:
    if given.speed == "max" and given.until is None:
        raise BadInput("full speed needs an end time", where="body.until", allowed=f"a simulated time, such as {ISO}")
    if isinstance(given.speed, float) and not 0.001 <= given.speed <= FASTEST:
        raise BadInput(
            "this is not a speed", where="body.speed", given=given.speed, allowed="0.001 to 1,000,000, or max"
        )


def _tagged(request: Request, document: Mapping[str, Any]) -> Response:
    """A document with its hash; nothing but the hash where the caller has it already."""
    held = json.dumps(document, default=str, sort_keys=True)
    tag = f'"{hashlib.sha256(held.encode()).hexdigest()[:24]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    return JSONResponse(json.loads(held), headers={"etag": tag, "cache-control": "no-cache"})
