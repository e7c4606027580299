"""plan: from what a user says (scenario, seed, times, settings, or a plan file) to a plan and what it comes to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from populace import clock, files
from populace.engine import Window
from populace.engine.estimate import Estimate, estimate
from populace.errors import BadInput, Refused, Remedy, nearest
from populace.operations.context import Context
from populace.operations.plans import scenario_file
from populace.plan import Plan, from_document, resolve
from populace.settings import Settings
from populace.spec import Cost, Parameter, Volume, World


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a plan is made of. Times are ISO texts with a zone.

    scenario: a name, or the path of a `.toml` file with one of the user's own; None: the world's default. seed: of all
    chance; None: 1. now: simulated now; None: the real time, by a wall clock. epoch: where history ends, a UTC
    midnight; None: the one before now. changes: values by path, over those of the settings' file. plan_file: a plan
    that was written to a file; it settles scenario, seed, epoch and changes.
    """

    world: str
    scenario: str | None = None
    seed: int | None = None
    now: str | None = None
    epoch: str | None = None
    changes: Mapping[str, object] = field(default_factory=dict)
    plan_file: Path | None = None

    def now_us(self) -> int:
        """Simulated now. Raises BadInput for what is no time."""
        return clock.now_us() if self.now is None else clock.parse(self.now, "plan.now")

    @property
    def epoch_given(self) -> bool:
        """Whether the epoch was asked for, and does not just follow from now."""
        return self.epoch is not None or self.plan_file is not None


def make_plan(context: Context, request: PlanRequest, now_us: int) -> Plan:
    """The plan that a request and the settings describe. now_us decides the epoch where the request does not.

    Raises BadInput when a plan file is given together with what it already settles.
    """
    world, file = context.registry.find(request.world), request.plan_file
    if file is not None:
        if request.changes or any(given is not None for given in (request.scenario, request.epoch, request.seed)):
            settled = dict.fromkeys(("scenario", "seed", "epoch", "changes"))
            raise BadInput(
                "a plan file settles scenario, seed, epoch and settings",
                where="seed.plan_file",
                given=str(file),
                todo=Remedy("", settled, "leave out {}, or make another plan"),
            )
        again = Remedy("plan", {"world": request.world, "out": str(file)}, "or make another plan: {}")
        return from_document(read_plan_file(file), world, str(file), otherwise=again)
    _check_names(context, world)
    for path, given in context.settings.worlds.get(world.name, {}).items():
        where = f"{context.settings.of_world(world.name, path)}: worlds.{world.name}"
        _require_trusted(context.settings, world.parameter(path, where), where)
        world.parameter(path, where).check(given, where)
    own, scenario = own_values(world, context.settings), request.scenario
    of_file = scenario_file.read(Path(str(scenario)), world) if scenario_file.names_file(scenario) else None
    epoch = request.epoch
    return resolve(
        world,
        of_file.begins_from if of_file else world.default_scenario if scenario is None else scenario,
        seed=1 if request.seed is None else request.seed,
        epoch_us=clock.parse(epoch, "plan.epoch") if epoch is not None else clock.midnight_before(now_us),
        overrides={**(of_file.values if of_file else {}), **own, **request.changes},
    )


def settled(context: Context, request: PlanRequest) -> set[str]:
    """Parameters that the user has set, in the request or in the settings' file."""
    if request.plan_file is not None:
        return set()
    return {*request.changes, *own_values(context.registry.find(request.world), context.settings)}


def own_values(world: World, chosen: Settings) -> Mapping[str, object]:
    """What the file and the environment say of a world's parameters; a variable counts more.

    Raises BadInput for a variable with a value out of bounds.
    """
    by_variable = {
        parameter.path: parameter.check(chosen.environment[name], name)
        for parameter in world.parameters
        for name in reversed(parameter.variables)
        if chosen.environment.get(name)
    }
    return {**chosen.worlds.get(world.name, {}), **by_variable}


def _check_names(context: Context, world: World) -> None:
    """Raise BadInput when the settings' file names a world that there is not."""
    known = {world.name, *context.registry.names()}
    for name in context.settings.worlds:
        if name not in known:
            where = f"{context.settings.of_world(name)}: worlds"
            raise BadInput("there is no such world", where=where, given=name, allowed=nearest(name, known))


def _require_trusted(chosen: Settings, parameter: Parameter, where: str) -> None:
    """Refuse a log-in of somebody else's choice: a file in the current folder may be anybody's."""
    if parameter.secret and chosen.file is not None and not chosen.file.trusted:
        raise Refused(
            "this file sets a secret value, and is not trusted",
            where=f"{where}.{parameter.path}",
            todo=Remedy("trust", {"file": str(chosen.file.path)}, "if you know what stands in it, {}"),
        )


@dataclass(frozen=True, slots=True)
class PlanResult:
    """A plan, and what a seed of it to `now_us` would write. costs: what of it is limited or paid for outside."""

    plan: Plan
    now_us: int
    guess: Estimate
    costs: Sequence[Cost]

    def document(self) -> dict[str, Any]:
        """As `plan --json` prints it."""
        out: dict[str, object] = {
            "plan": self.plan.digest,
            "document": self.plan.document(),
            "until": clock.iso(self.now_us),
            "estimate": {
                "rows": dict(self.guess.rows),
                "total_rows": self.guess.total,
                "bytes": self.guess.bytes_on_disk,
                "generate_seconds": round(self.guess.generate_s, 2),
            },
        }
        if self.costs:
            out["costs"] = [{**asdict(c), "amount": round(c.amount, 1), "share": c.share} for c in self.costs]
        return out


def plan(context: Context, request: PlanRequest, *, out: Path | None = None) -> PlanResult:
    """What a seed would write, without writing any of it. out: a file for the plan.

    Raises BadInput for what is out of bounds or does not go together, Refused for a span that is too long.
    """
    now_us = request.now_us()
    made = make_plan(context, request, now_us)
    guess = estimated(made, now_us)
    if out is not None:
        write_plan_file(made, out)
    return PlanResult(made, now_us, guess, costs(made, guess, now_us))


def read_plan_file(file: Path) -> Mapping[str, object]:
    """A plan file's document. Raises BadInput when there is none, or it is no JSON."""
    with files.readable("seed.plan_file", file, "the plan file"):
        document = files.json_of(files.content(file))
    if not isinstance(document, dict):
        raise BadInput(
            "this is not a plan", where=str(file), todo=Remedy("plan", {"world": None, "out": None}, "make one with {}")
        )
    return document


def write_plan_file(plan: Plan, file: Path) -> None:
    """Write a plan file, whole or not at all. Raises BadInput when that fails, Refused for a file that is no plan."""
    text = json.dumps(plan.document(), indent=2, ensure_ascii=False) + "\n"
    files.write(file, text.encode(), "plan.out", "a plan", _is_plan, secret=plan.holds_secret)


def _is_plan(head: bytes) -> bool:
    return re.match(rb'\{\s*"format": \d+,\s*"engine": ', head) is not None


def first_window(plan: Plan, now_us: int) -> Window:
    """The window of a seed. Raises BadInput for a now before the epoch: documented counts would not hold."""
    if now_us < plan.epoch_us:
        raise BadInput(
            "now lies before the epoch of the plan",
            where="plan.now",
            given=clock.iso(now_us),
            allowed=f"{clock.iso(plan.epoch_us)} or later",
        )
    if now_us - plan.epoch_us > 3 * 366 * clock.DAY_US:
        raise Refused(
            "now lies more than three years after the epoch",
            where="plan.now",
            given=clock.iso(now_us),
            todo=[
                Remedy("", {"epoch": None}, "take a later {}"),
                Remedy("run", {"world": plan.world.name}, "or seed earlier and let {} continue"),
            ],
        )
    return Window(plan.origin_us, now_us)


def estimated(plan: Plan, now_us: int) -> Estimate:
    """What a seed to `now` would write, and for a world that knows its costs what would be sent."""
    return estimate(plan, first_window(plan, now_us), events=plan.world.costs is not None)


def costs(plan: Plan, guess: Estimate, now_us: int) -> Sequence[Cost]:
    """What of a seed integrations limit or charge for; nothing where the world does not know."""
    if plan.world.costs is None:
        return ()
    days = (now_us - plan.origin_us) / clock.DAY_US
    return plan.world.costs(plan.eras[-1].values, Volume(days, guess.rows, guess.leaving, guess.bytes_on_disk))
