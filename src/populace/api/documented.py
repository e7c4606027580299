"""The control API as its first app documented it: paths, keys and messages that others already call.

Every world answers in the same shapes: what is counted is the world's own (`status.sql`, `activity.sql`, `reported`).
Nothing is stored: each answer is computed from rows, or from the plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import Field

from populace import clock
from populace.api import body
from populace.api.access import Controller, Owner, Reader, The
from populace.api.body import Body, Open, shown
from populace.api.wiring import Service
from populace.errors import PopulaceError, Refused
from populace.event import Event
from populace.operations import (
    ActivityRequest,
    ChangeRequest,
    RetainRequest,
    RunNowRequest,
    SeedRequest,
    Tick,
    TickRequest,
    activity,
    change,
    pause,
    resume,
    retain,
    run_now,
    seed,
    tick,
)
from populace.operations import settings as settings_of
from populace.operations.inspection.overview import Overview, overview
from populace.operations.people.simulated import SimulatedRequest, simulated
from populace.operations.steering.run_now import RunNow, bring
from populace.sinks.sink import Tallies
from populace.spec import Value

NOBODY = "No sim_users found. Run seed-synthetics first."
DISABLED = "Synthetics are disabled. Enable them with POST /synthetics/toggle, or send force with a target."
RETAIN_DAYS = 45
TARGET = 5

SERVER = "make-server-49b28b8a"
PREFIXES = ("/synthetics", f"/{SERVER}/synthetics", f"/functions/v1/{SERVER}/synthetics")


class Toggle(Body):
    """enabled: whether sessions may begin."""

    model_config = shown(enabled=True)

    enabled: bool


class Changes(Open):
    """Live parameters by their names."""

    model_config = shown(sessions_per_min=3, max_per_run=10, abandon_rate=0.2)


class Sessions(Body):
    """target: so many sessions; none: as many as the settings bring. force: also while disabled."""

    model_config = shown(target=5)

    target: int | None = Field(None, ge=0, le=1000)
    force: bool = False


class Retention(Body):
    """retain_days: what is older goes."""

    model_config = shown(retain_days=RETAIN_DAYS)

    retain_days: int = Field(RETAIN_DAYS, ge=0, le=36_500)


class Wanted(Open):
    """Parameters of the world by their names: count_users, days, cohort_label, …"""

    model_config = shown(count_users=3000, coverage_per_mindblock=15, days=45, cohort_label="synthetics_v1")


def control() -> APIRouter:
    """The endpoints under `/synthetics`, of which the same stand under several prefixes."""
    routes = APIRouter(tags=["documented"])

    @routes.get("/status")
    def status(service: The, _who: Reader) -> dict[str, Any]:
        """Settings in effect, what happens now, and whether it is running or paused."""
        now = _lived(overview(service.context))
        return {
            "settings": dict(now.settings),
            "activity": dict(now.activity),
            "status": "running" if now.enabled else "paused",
            "world": now.world,
            "runner": now.runner,
        }

    @routes.post("/toggle", openapi_extra=body.described(Toggle, required=True))
    def toggle(service: The, _who: Controller, given: Annotated[Toggle, Depends(body.of(Toggle))]) -> dict[str, Any]:
        """Pause or resume; it takes effect with the runner's next window."""
        (resume if given.enabled else pause)(service.context)
        message = "Synthetics enabled" if given.enabled else "Synthetics paused"
        return {"success": True, "enabled": given.enabled, "message": message}

    @routes.post("/settings", openapi_extra=body.described(Changes))
    def settings(
        service: The, _who: Controller, given: Annotated[Changes, Depends(body.of(Changes))]
    ) -> dict[str, Any]:
        """Change live parameters, within their bounds; an empty body shows them."""
        changes = given.fields
        if changes:
            change(service.context, ChangeRequest(changes, by="api"))
        return {"success": True, "settings": dict(settings_of(service.context).settings)}

    @routes.post("/run-now", openapi_extra=body.described(Sessions))
    def run_sessions(
        service: The, _who: Controller, given: Annotated[Sessions, Depends(body.of(Sessions))]
    ) -> dict[str, Any]:
        """Bring sessions now: what they will write is answered at once."""
        result = _brought(service, given.target or TARGET, force=given.force, lead=False)
        return {"success": result["success"], "result": result}

    @routes.get("/activity/{hours}")
    def what_happened(
        service: The, _who: Reader, hours: Annotated[int, Path(ge=1, le=8760, examples=[24])]
    ) -> dict[str, Any]:
        """What happened in so many hours, by kind."""
        return activity(service.context, ActivityRequest(hours)).document()

    @routes.post("/cleanup", openapi_extra=body.described(Retention))
    def cleanup(
        service: The, _who: Controller, given: Annotated[Retention, Depends(body.of(Retention))]
    ) -> dict[str, Any]:
        """Delete synthetic rows that are older, as the world defines it."""
        days = given.retain_days
        done = retain(service.direct, RetainRequest(days)).document()
        cutoff = clock.iso(overview(service.context).watermark_us - days * clock.DAY_US)
        message = f"Synthetic data older than {days} days was deleted"
        return {"success": True, "message": message, "cutoff_date": cutoff, **done}

    @routes.get("/sim-users")
    def sim_users(service: The, _who: Reader, limit: int = 100) -> dict[str, Any]:
        """The people of the simulation: how many there are, and the first of them."""
        return simulated(service.context, SimulatedRequest(limit)).document()

    return routes


def functions() -> APIRouter:
    """The two documented functions beside the control server."""
    routes = APIRouter(prefix="/functions/v1", tags=["documented"])

    @routes.post("/seed-synthetics", openapi_extra=body.described(Wanted))
    def seed_synthetics(
        service: The, _who: Owner, given: Annotated[Wanted, Depends(body.of(Wanted))]
    ) -> dict[str, Any]:
        """Seed, and answer when it is done; a second call changes nothing."""
        request = SeedRequest(service.world, changes=given.fields)
        with service.resident.aside():
            return seed(service.direct, request).document()

    @routes.post("/synthetics/run", openapi_extra=body.described(Sessions))
    def run(service: The, _who: Owner, given: Annotated[Sessions, Depends(body.of(Sessions))]) -> dict[str, Any]:
        """What a schedule calls each minute: with a target so many sessions, else the time since the last call.

        Where nobody runs the population, this call does.
        """
        if given.target:
            return _brought(service, given.target, force=given.force, lead=True)
        return _scheduled(service)

    return routes


def _lived(now: Overview) -> Overview:
    if now.state != "ready":
        raise Refused(NOBODY, where=now.target, given=now.state)
    return now


def _brought(service: Service, target: int, *, force: bool, lead: bool) -> dict[str, Any]:
    """Sessions on request, as documented: a failure is an answer too."""
    now = overview(service.context)
    if now.state != "ready":
        return _failed(NOBODY)
    if not now.enabled and not force:
        return _failed(DISABLED)
    request = RunNowRequest(target, force)
    try:
        leads = lead and now.runner is None
        done = bring(service.direct, request) if leads else run_now(service.context, request)
    except PopulaceError as error:
        return _failed(str(error))
    return _answered(service, done, now)


def _answered(service: Service, done: RunNow, now: Overview) -> dict[str, Any]:
    """What sessions on request will write, in the documented keys."""
    known, reported = done.forecast, service.context.registry.find(now.world or service.world).reported
    writes = known.will_write if known else {}
    written = known.written if known else {}
    out: dict[str, Any] = {
        "success": True,
        "sessions_created": known.sessions if known else 0,
        **{name: writes.get(table, 0) for name, table in reported.items()},
        "settings": {"target": done.asked, **_rates(done.settings)},
        "timestamp": clock.iso(clock.now_us()),
        "intervention": done.number,
        "written_so_far": {name: written.get(table, 0) for name, table in reported.items()},
        "complete_at": clock.iso(known.ends_us) if known and known.ends_us else None,
        "runner": now.runner,
    }
    if now.runner is None and done.at_us is None:
        out["message"] = "nobody runs this population: these sessions begin when somebody does"
    return out


def _rates(settings: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in settings.items() if name.endswith("_rate")}


def _scheduled(service: Service) -> dict[str, Any]:
    """The time since the last call, lived now; by this server's runner, where it has one."""
    now = overview(service.context)
    if now.state != "ready":
        return _failed(NOBODY)
    if not now.enabled:
        return _failed(DISABLED)
    sessions, created = 0, Tallies()

    def hear(event: Event) -> None:
        nonlocal sessions
        if isinstance(event, Tick):
            sessions += event.arrivals
            created.add(event.wrote)

    if now.runner is None:
        # Time stands still under a free clock: each call is worth a minute of it.
        until = None if now.mode == "wall" else clock.iso(now.watermark_us + clock.MINUTE_US)
        tick(service.direct, TickRequest(until=until), on_event=hear)
    reported = service.context.registry.find(now.world or service.world).reported
    return {
        "success": True,
        "sessions_created": sessions,
        **{name: created.of(table).written for name, table in reported.items()},
        "settings": {"target": None, **_rates(now.settings)},
        "timestamp": clock.iso(clock.now_us()),
        "runner": now.runner,
        **({"message": "a runner is at work: sessions come by themselves"} if now.runner else {}),
    }


def _failed(message: str) -> dict[str, Any]:
    return {"success": False, "error": message, "message": message, "timestamp": clock.iso(clock.now_us())}
