"""What the wizard has to know, without asking anybody: what a world asks, who lives in a target, and which plain
commands do the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg.conninfo import conninfo_to_dict

from populace.database import guard
from populace.errors import BadInput, Refused
from populace.operations import sameness
from populace.operations.opening import Opened, resident, session
from populace.plan import Plan
from populace.runner import ledger, records
from populace.spec import Parameter, World
from populace.spec.parameter import Value
from populace.spec.questions import Question

State = Literal["nobody", "same", "unfinished", "other"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Who lives in a target. state: nobody; the same plan, finished or not; or another population, of `world`.

    written_us: up to when it is written, once it is finished. differing: paths in which another plan of the same world
    differs.
    """

    state: State
    world: World
    digest: str = ""
    written_us: int | None = None
    differing: Sequence[str] = ()


def standing(opened: Opened, plan: Plan, *, login_given: bool) -> Standing:
    """Who lives in a target, seen from a plan. A target's own epoch counts as the same, as it does for a seed, and so
    does its people's password unless login_given.

    Raises Refused for a target that is not opened, or where a world lives that is not installed.
    """
    with session(opened, "wizard", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        record = records.read_plan(connection)
        written_us = ledger.watermark(connection) if record else None
    if record is None:
        return Standing("nobody", plan.world)
    world = resident(plan.world, record)
    if world.name != record.world:
        raise Refused(
            "a world that is not installed lives in this database",
            where=opened.shown,
            given=record.world,
            todo="name another target, or clean up with that world: populace cleanup --all --world PATH",
        )
    if world.name != plan.world.name:
        return Standing("other", world, record.digest, written_us)
    differences = sameness.differing(plan, record.document, record.digest, epoch_given=False, login_given=login_given)
    state: State = "other" if differences else "same" if record.state == "ready" else "unfinished"
    return Standing(state, world, record.digest, written_us, differences)


def questions(world: World) -> Sequence[Question]:
    """What is asked for a configuration of one's own: what the world declares, else what decides how much there is,
    and the switches."""
    if world.questions:
        return world.questions
    sizes = _sizes(world)
    fixed = [p for p in world.parameters if not (p.live or p.secret)]
    counts = [p for p in fixed if type(p.default) is int and _decides(world, p, sizes)]
    switches = [p for p in fixed if isinstance(p.default, bool)]
    return [Question(path=p.path, asks=p.means[:1].upper() + p.means[1:]) for p in (*counts, *switches)]


def _sizes(world: World) -> Sequence[str]:
    """The paths of how many there are of everything, and for how long."""
    of_flows = (path for flow in world.flows for path in flow.sizes)
    return [world.history_days, *(str(root.size) for root in world.roots), *of_flows]


def _decides(world: World, parameter: Parameter, sizes: Sequence[str]) -> bool:
    """Whether a size is another one when this whole number is."""
    base = {p.path: p.default for p in world.parameters}
    number = int(parameter.default)
    other = number + 1 if parameter.high is None or number < parameter.high else number - 1
    try:
        values = [world.values(settings) for settings in (base, {**base, parameter.path: other})]
    except BadInput:
        return False
    return any(values[0].get(path) != values[1].get(path) for path in sizes)


def changed(base: Plan, answers: Mapping[str, Value]) -> dict[str, Value]:
    """The answers that a plan does not have anyway."""
    return {path: value for path, value in answers.items() if base.settings[path] != value}


def cleanup_command(opened: Opened, there: Standing) -> str:
    """The command that takes a population out, as a shell reads it."""
    words = ["populace", "cleanup", "--all", "--yes", "--world", there.world.name, "--target", opened.shown]
    return shlex.join(words)


def seed_command(opened: Opened, plan: Plan, changes: Mapping[str, Value]) -> str:
    """The command that seeds a plan, as a shell reads it."""
    words = ["populace", "seed", plan.world.name, "--scenario", plan.scenario]
    for path, value in changes.items():
        words += ["--set", f"{path}={written(value)}"]
    words += ["--target", opened.shown]
    return shlex.join(words if opened.target.kind == "embedded" else [*words, "--yes"])


def has_password(opened: Opened) -> bool:
    """Whether the target was named with a password, which no command of ours repeats."""
    return opened.target.url is not None and "password" in conninfo_to_dict(opened.target.url)


def confirmation(opened: Opened) -> str:
    """What has to be typed before anything is deleted: `yes`, or the name of a database that is not embedded."""
    if opened.target.kind == "embedded":
        return "yes"
    with session(opened, "wizard", looking=True) as connection:
        return connection.info.dbname


def written(value: Value) -> str:
    """A value as `--set` reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
