"""settings, change, pause, resume, undo: live parameters as they are in effect, and new values for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from populace import clock
from populace.database.connection import Connection
from populace.errors import BadInput, Refused, Remedy
from populace.operations.context import Context
from populace.operations.population import Population, population
from populace.plan import Plan, check_changes
from populace.runner import records
from populace.runner.records import SQL
from populace.spec import Value

SHOWN = 20
"""So many interventions are listed, the last ones."""


@dataclass(frozen=True, slots=True)
class SettingsRequest:
    """world: None for the world of the target."""

    world: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An intervention as it stands. Times are ISO texts; applies_at: None while it waits."""

    number: int
    changes: Mapping[str, Any]
    sessions: int
    asked_at: str
    asked_by: str
    not_before: str | None
    applies_at: str | None
    refused: str | None

    @property
    def undone(self) -> bool:
        """Whether it was undone, and not refused by a runner."""
        return self.refused == records.UNDONE


@dataclass(frozen=True, slots=True)
class SettingsResult:
    """settings: live parameters as the next window will have them. interventions: the last ones, newest first. seeded:
    live parameters as the seed had them.
    """

    settings: Mapping[str, Value]
    interventions: Sequence[Listed]
    seeded: Mapping[str, Value] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As `settings --json` prints it."""
        return {"settings": dict(self.settings), "interventions": [asdict(i) for i in self.interventions]}


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """changes: values by path, over those of the preset. at: a simulated time, ISO with a zone; None: the next window.
    by: who asks, for the record.
    """

    changes: Mapping[str, object] = field(default_factory=dict)
    preset: str | None = None
    at: str | None = None
    world: str | None = None
    by: str = "settings"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. changes: with the types of their parameters. from_us: it takes force no earlier."""

    number: int
    changes: Mapping[str, Value]
    from_us: int

    def document(self) -> dict[str, Any]:
        """As `settings PATH=VALUE --json` prints it."""
        return {"intervention": self.number, "changes": dict(self.changes)}


@dataclass(frozen=True, slots=True)
class EnableRequest:
    """at: a simulated time, ISO with a zone; None: the next window."""

    at: str | None = None
    world: str | None = None


@dataclass(frozen=True, slots=True)
class Enabled:
    """A population that was paused or resumed. title: its world's."""

    enabled: bool
    number: int
    from_us: int
    title: str

    def document(self) -> dict[str, Any]:
        """As `pause --json` and `resume --json` print it."""
        return {"enabled": self.enabled, "intervention": self.number}


@dataclass(frozen=True, slots=True)
class UndoRequest:
    """number: of an intervention, as `settings` lists it."""

    number: int
    world: str | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """An intervention that was undone."""

    number: int

    def document(self) -> dict[str, Any]:
        """As `undo --json` prints it."""
        return {"undone": self.number}


def settings(context: Context, request: SettingsRequest | None = None) -> SettingsResult:
    """The live parameters in effect, and the last interventions."""
    request = request or SettingsRequest()
    with population(context, request.world, "settings", looking=True) as there:
        rows = there.connection.execute(SQL["listed"], {"most": SHOWN}).fetchall()
        return SettingsResult(
            in_force(there.connection, there.plan),
            [
                Listed(
                    number,
                    changes,
                    sessions,
                    clock.iso(clock.from_datetime(asked_at)),
                    asked_by,
                    _iso(not_before),
                    _iso(applies_at),
                    refused,
                )
                for number, changes, sessions, asked_at, asked_by, not_before, applies_at, refused in rows
            ],
            {path: there.plan.settings[path] for path in _live(there.plan)},
        )


def change(context: Context, request: ChangeRequest) -> Asked:
    """Request new values of live parameters, for the next window or from a later moment on.

    Raises BadInput for values that are out of bounds or contradict each other, Refused for a moment in the past.
    """
    at_us = None if request.at is None else clock.parse(request.at, "settings.at")
    with population(context, request.world, request.by) as there:
        preset = {} if request.preset is None else there.world.preset(request.preset).values
        return _ask(there, {**preset, **request.changes}, request.by, at_us)


def pause(context: Context, request: EnableRequest | None = None) -> Enabled:
    """Let no new visit begin; those under way end as they would."""
    return _enable(context, request or EnableRequest(), enabled=False)


def resume(context: Context, request: EnableRequest | None = None) -> Enabled:
    """Let visits begin again, at the rate of the settings."""
    return _enable(context, request or EnableRequest(), enabled=True)


def undo(context: Context, request: UndoRequest) -> Undone:
    """Undo an intervention that is not in effect yet. Raises Refused when it is, BadInput when there is none."""
    number = request.number
    with population(context, request.world, "undo") as there:
        if records.undo(there.connection, number):
            return Undone(number)
        fate = records.fate(there.connection, number)
    if fate is None:
        raise BadInput(
            "there is no such intervention",
            where="undo",
            given=number,
            todo=Remedy("settings", text="see {} for their numbers"),
        )
    at_us, why = fate
    raise Refused(
        "it was undone already"
        if why == records.UNDONE
        else "it was refused and never took effect"
        if why
        else "it is in effect already; the past does not change",
        where=f"intervention {number}",
        given=None if why == records.UNDONE else why or clock.iso(at_us or 0),
        todo="ask for other settings instead",
    )


def in_force(connection: Connection, plan: Plan) -> dict[str, Value]:
    """The live parameters as of the next window: those in effect, with the changes that wait for it."""
    current = plan.latest()
    for asked in records.pending(connection):
        if asked.not_before_us is None:
            current |= asked.changes
    return {path: current[path] for path in _live(plan)}


def require_enabled(there: Population, or_else: Remedy | None = None) -> None:
    """Raise Refused while the population is paused, or will be with the next window. or_else: what helps too."""
    current = in_force(there.connection, there.plan)
    if not all(current[path] for path in there.world.switches):
        todo = [Remedy("resume"), *([or_else] if or_else else [])]
        raise Refused("paused: no session begins", where=there.opened.shown, todo=todo)


def _live(plan: Plan) -> list[str]:
    return [p.path for p in plan.world.parameters if p.live]


def _enable(context: Context, request: EnableRequest, *, enabled: bool) -> Enabled:
    by = "resume" if enabled else "pause"
    at_us = None if request.at is None else clock.parse(request.at, f"{by}.at")
    with population(context, request.world, by) as there:
        asked = _ask(there, dict.fromkeys(there.world.switches, enabled), by, at_us)
        return Enabled(enabled, asked.number, asked.from_us, there.world.title)


def _ask(there: Population, changes: Mapping[str, object], by: str, at_us: int | None) -> Asked:
    """Put an intervention where a runner finds it."""
    checked = check_changes(there.world, changes, there.world.name)
    there.plan.check_values(checked)
    if at_us is not None and at_us < there.watermark_us:
        raise Refused(
            "the past does not change",
            where=f"{by}.at",
            given=clock.iso(at_us),
            allowed=f"{clock.iso(there.watermark_us)} or later",
        )
    number = records.add_intervention(
        there.connection, checked, asked_at_us=clock.now_us(), asked_by=by, not_before_us=at_us
    )
    return Asked(number, checked, there.watermark_us if at_us is None else at_us)


def _iso(at: Any) -> str | None:
    return None if at is None else clock.iso(clock.from_datetime(at))
