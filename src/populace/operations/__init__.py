"""Populace from Python: everything that a population can be asked, as plain functions.

Each takes a `Context` and a request, and returns a result with `document()`, the JSON that the command line prints.
Long work reports its progress to `on_event`, and ends at the next safe place when `stop` (a `threading.Event`) is set:
it raises `Interrupted`, and the same call continues from there. Errors are those of `populace.errors`.

    context = Context(Settings(target="embedded:./people"))
    seed(context, SeedRequest("path/to/a/world"))
    run(context, RunRequest(speed="max", until="2026-02-01T00:00:00Z"))

Names are loaded when they are first used, since a command needs few of them. What stands in the modules below and not
here may change in any version.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from populace.event import Event
    from populace.operations.authoring.adopt import AdoptRequest, adopt
    from populace.operations.authoring.check_world import CheckWorldRequest, check_world
    from populace.operations.authoring.new_world import NewWorldRequest, new_world
    from populace.operations.backups import BackupRequest, RestoreRequest, backup, restore
    from populace.operations.calibrating.calibrate import CalibrateRequest, calibrate
    from populace.operations.calibrating.measuring import MeasureRequest, measure
    from populace.operations.cleanups import CleanupRequest, CountRequest, RetainRequest, clean, count, retain
    from populace.operations.context import Connections, Context
    from populace.operations.exports import ExportRequest, export
    from populace.operations.init import InitRequest, init, look
    from populace.operations.inspection.activity import ActivityRequest, LogsRequest, activity, logs
    from populace.operations.inspection.doctor import DoctorRequest, doctor
    from populace.operations.inspection.health import Health, HealthRequest, health
    from populace.operations.inspection.realism import RealismRequest, realism
    from populace.operations.inspection.status import StatusRequest, status
    from populace.operations.inspection.validate import ValidateRequest, validate
    from populace.operations.integrations.backfill import BackfillEventsRequest, backfill_events
    from populace.operations.integrations.deliver import DeliverRequest, deliver
    from populace.operations.integrations.outbox import (
        ChannelRequest,
        events_status,
        outbox_status,
        retry,
        retry_events,
    )
    from populace.operations.integrations.reconcile import ReconcileRequest, reconcile
    from populace.operations.people.explain import ExplainRequest, explain
    from populace.operations.people.metrics import MetricsRequest, metrics
    from populace.operations.people.personas import PersonasRequest, personas
    from populace.operations.people.row import ExplainRowRequest, explain_row
    from populace.operations.plans.making import PlanRequest, plan
    from populace.operations.plans.worlds import DescribeRequest, describe, worlds
    from populace.operations.playing.played import PictureRequest, PlayedRequest, picture, played
    from populace.operations.refreshing import RefreshRequest, refresh
    from populace.operations.runs.run import RunRequest, run
    from populace.operations.runs.tick import TickRequest, tick
    from populace.operations.seeds.demo import DemoRequest, demo
    from populace.operations.seeds.repair import RepairRequest, repair
    from populace.operations.seeds.seed import SeedRequest, seed
    from populace.operations.steering.clocks import ClockRequest, set_clock
    from populace.operations.steering.run_now import RunNowRequest, WaitRequest, run_now, wait_for
    from populace.operations.steering.settings import (
        ChangeRequest,
        EnableRequest,
        SettingsRequest,
        UndoRequest,
        change,
        pause,
        resume,
        settings,
        undo,
    )
    from populace.operations.targets import TargetRequest, start_server, stop_server
    from populace.operations.uninstalling import UninstallRequest, uninstall
    from populace.runner.loop import Tick
    from populace.settings import Settings
    from populace.worlds.registry import Registry

_HOMES = {
    "populace.event": ("Event",),
    "populace.operations.authoring.adopt": ("AdoptRequest", "adopt"),
    "populace.operations.authoring.check_world": ("CheckWorldRequest", "check_world"),
    "populace.operations.authoring.new_world": ("NewWorldRequest", "new_world"),
    "populace.operations.backups": ("BackupRequest", "RestoreRequest", "backup", "restore"),
    "populace.operations.calibrating.calibrate": ("CalibrateRequest", "calibrate"),
    "populace.operations.calibrating.measuring": ("MeasureRequest", "measure"),
    "populace.operations.cleanups": ("CleanupRequest", "CountRequest", "RetainRequest", "clean", "count", "retain"),
    "populace.operations.context": ("Connections", "Context"),
    "populace.operations.exports": ("ExportRequest", "export"),
    "populace.operations.init": ("InitRequest", "init", "look"),
    "populace.operations.inspection.activity": ("ActivityRequest", "LogsRequest", "activity", "logs"),
    "populace.operations.inspection.doctor": ("DoctorRequest", "doctor"),
    "populace.operations.inspection.health": ("Health", "HealthRequest", "health"),
    "populace.operations.inspection.realism": ("RealismRequest", "realism"),
    "populace.operations.inspection.status": ("StatusRequest", "status"),
    "populace.operations.inspection.validate": ("ValidateRequest", "validate"),
    "populace.operations.integrations.backfill": ("BackfillEventsRequest", "backfill_events"),
    "populace.operations.integrations.deliver": ("DeliverRequest", "deliver"),
    "populace.operations.integrations.outbox": (
        "ChannelRequest", "events_status", "outbox_status", "retry", "retry_events",
    ),
    "populace.operations.integrations.reconcile": ("ReconcileRequest", "reconcile"),
    "populace.operations.people.explain": ("ExplainRequest", "explain"),
    "populace.operations.people.metrics": ("MetricsRequest", "metrics"),
    "populace.operations.people.personas": ("PersonasRequest", "personas"),
    "populace.operations.people.row": ("ExplainRowRequest", "explain_row"),
    "populace.operations.plans.making": ("PlanRequest", "plan"),
    "populace.operations.plans.worlds": ("DescribeRequest", "describe", "worlds"),
    "populace.operations.playing.played": ("PictureRequest", "PlayedRequest", "picture", "played"),
    "populace.operations.refreshing": ("RefreshRequest", "refresh"),
    "populace.operations.runs.run": ("RunRequest", "run"),
    "populace.operations.runs.tick": ("TickRequest", "tick"),
    "populace.operations.seeds.demo": ("DemoRequest", "demo"),
    "populace.operations.seeds.repair": ("RepairRequest", "repair"),
    "populace.operations.seeds.seed": ("SeedRequest", "seed"),
    "populace.operations.steering.clocks": ("ClockRequest", "set_clock"),
    "populace.operations.steering.run_now": ("RunNowRequest", "WaitRequest", "run_now", "wait_for"),
    "populace.operations.steering.settings": (
        "ChangeRequest", "EnableRequest", "SettingsRequest", "UndoRequest", "change", "pause", "resume", "settings",
        "undo",
    "uninstall",
    ),
    "populace.operations.targets": ("TargetRequest", "start_server", "stop_server"),
    "populace.operations.uninstalling": ("UninstallRequest", "uninstall"),
    "populace.runner.loop": ("Tick",),
    "populace.settings": ("Settings",),
    "populace.worlds.registry": ("Registry",),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ActivityRequest",
    "AdoptRequest",
    "BackfillEventsRequest",
    "BackupRequest",
    "CalibrateRequest",
    "ChangeRequest",
    "ChannelRequest",
    "CheckWorldRequest",
    "CleanupRequest",
    "ClockRequest",
    "Connections",
    "Context",
    "CountRequest",
    "DeliverRequest",
    "DemoRequest",
    "DescribeRequest",
    "DoctorRequest",
    "EnableRequest",
    "Event",
    "ExplainRequest",
    "ExplainRowRequest",
    "ExportRequest",
    "Health",
    "HealthRequest",
    "InitRequest",
    "LogsRequest",
    "MeasureRequest",
    "MetricsRequest",
    "NewWorldRequest",
    "PersonasRequest",
    "PictureRequest",
    "PlanRequest",
    "PlayedRequest",
    "RealismRequest",
    "ReconcileRequest",
    "RefreshRequest",
    "Registry",
    "RepairRequest",
    "RestoreRequest",
    "RetainRequest",
    "RunNowRequest",
    "RunRequest",
    "SeedRequest",
    "Settings",
    "SettingsRequest",
    "StatusRequest",
    "TargetRequest",
    "Tick",
    "TickRequest",
    "UndoRequest",
    "UninstallRequest",
    "ValidateRequest",
    "WaitRequest",
    "activity",
    "adopt",
    "backfill_events",
    "backup",
    "calibrate",
    "change",
    "check_world",
    "clean",
    "count",
    "deliver",
    "demo",
    "describe",
    "doctor",
    "events_status",
    "explain",
    "explain_row",
    "export",
    "health",
    "init",
    "logs",
    "look",
    "measure",
    "metrics",
    "new_world",
    "outbox_status",
    "pause",
    "personas",
    "picture",
    "plan",
    "played",
    "realism",
    "reconcile",
    "refresh",
    "repair",
    "restore",
    "resume",
    "retain",
    "retry",
    "retry_events",
    "run",
    "run_now",
    "seed",
    "set_clock",
    "settings",
    "start_server",
    "status",
    "stop_server",
    "tick",
    "undo",
    "uninstall",
    "validate",
    "wait_for",
    "worlds",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
