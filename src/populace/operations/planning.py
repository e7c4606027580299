"""Plans from what a user says: scenario, seed, times, settings, or a plan file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from populace import clock
from populace.engine import Window
from populace.engine.estimate import Estimate, estimate
from populace.errors import BadInput, Refused, nearest
from populace.operations import scenario_file
from populace.plan import Plan, from_document, resolve
from populace.settings import FILE, Settings
from populace.spec import Cost, Volume, World
from populace.worlds import registry


def pairs(given: Sequence[str], where: str = "--set") -> dict[str, str]:
    """`path=value` texts as a mapping. Raises BadInput for a text without `=` or a path given twice."""
    out: dict[str, str] = {}
    for text in given:
        path, equals, value = text.partition("=")
        if not equals or not path.strip():
            raise BadInput("this is not a setting", where=where, given=text, allowed="path=value")
        if path.strip() in out:
            raise BadInput("the setting is given twice", where=where, given=path.strip())
        out[path.strip()] = value.strip()
    return out


def make_plan(
    world: World,
    chosen: Settings,
    *,
    scenario: str | None,
    seed: int | None,
    now_us: int,
    epoch: str | None,
    changes: Mapping[str, object],
    file: Path | None = None,
) -> Plan:
    """The plan that flags and file describe. scenario: a name, or the path of a file with one. now_us decides the epoch
    unless `epoch` does; without a seed it is 1.

    Raises BadInput when a plan file is given together with what it already settles.
    """
    if file is not None:
        if scenario or epoch or changes or seed is not None:
            raise BadInput(
                "a plan file settles scenario, seed, epoch and settings",
                where="--plan",
                given=str(file),
                todo="leave out --scenario, --seed, --epoch and --set, or make another plan",
            )
        return from_document(read_plan_file(file), world, str(file))
    for name in chosen.worlds:
        if name not in {world.name, *registry.names()}:
            raise BadInput(
                "there is no such world",
                where=f"{FILE}: worlds",
                given=name,
                allowed=nearest(name, {world.name, *registry.names()}),
            )
    given_here = own_values(world, chosen)
    for path, given in chosen.worlds.get(world.name, {}).items():
        world.parameter(path, f"{FILE}: worlds.{world.name}").check(given, f"{FILE}: worlds.{world.name}")
    own = scenario_file.read(Path(str(scenario)), world) if scenario_file.names_file(scenario) else None
    epoch_us = clock.parse(epoch, "--epoch") if epoch is not None else clock.midnight_before(now_us)
    return resolve(
        world,
        own.begins_from if own else scenario or world.default_scenario,
        seed=1 if seed is None else seed,
        epoch_us=epoch_us,
        overrides={**(own.values if own else {}), **given_here, **changes},
    )


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


def read_plan_file(file: Path) -> Mapping[str, Any]:
    """A plan file's document. Raises BadInput when there is none, or it is no JSON."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"the plan file cannot be read: {error}", where="--plan", given=str(file)) from None
    if not isinstance(document, dict):
        raise BadInput("this is not a plan", where=str(file), todo="make one with populace plan WORLD --out FILE")
    return document


def write_plan_file(plan: Plan, file: Path) -> None:
    """Write a plan file, whole or not at all."""
    text = json.dumps(plan.document(), indent=2, ensure_ascii=False) + "\n"
    beside = file.with_name(file.name + ".part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise BadInput(f"the plan file cannot be written: {error.strerror}", where="--out", given=str(file)) from None


def first_window(plan: Plan, now_us: int) -> Window:
    """The window of a seed. Raises BadInput for a now before the epoch: nothing documented would be whole."""
    if now_us < plan.epoch_us:
        raise BadInput(
            "now lies before the epoch of the plan",
            where="--now",
            given=clock.iso(now_us),
            allowed=f"{clock.iso(plan.epoch_us)} or later",
        )
    if now_us - plan.epoch_us > 3 * 366 * clock.DAY_US:
        raise Refused(
            "now lies more than three years after the epoch",
            where="--now",
            given=clock.iso(now_us),
            todo="take a later --epoch, or seed earlier and let populace run go on",
        )
    return Window(plan.origin_us, now_us)


def estimated(plan: Plan, now_us: int) -> Estimate:
    """What a seed to `now` would write, and for a world that knows its costs what would leave."""
    return estimate(plan, first_window(plan, now_us), events=plan.world.costs is not None)


def costs(plan: Plan, guess: Estimate, now_us: int) -> Sequence[Cost]:
    """What of a seed is limited, or paid for, outside; nothing where the world does not know."""
    if plan.world.costs is None:
        return ()
    days = (now_us - plan.origin_us) / clock.DAY_US
    return plan.world.costs(plan.eras[-1].values, Volume(days, guess.rows, guess.leaving, guess.bytes_on_disk))
