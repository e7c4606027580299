"""seed, validate, status and count on Parquet files, in a folder or in a bucket.

A population in files has history only: one window, from the beginning of history to the seed's now, is
written.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from populace import clock
from populace.checks import accounting
from populace.checks import files as checks
from populace.checks.judgement import Judgement
from populace.database.target import Target
from populace.engine import Window
from populace.engine.estimate import estimate
from populace.errors import BadInput, Refused, Remedy
from populace.event import Listener
from populace.files import require_within
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.plans import matching
from populace.operations.plans.making import first_window
from populace.operations.seeds import workers
from populace.operations.seeds.prepared import Prepared, SeedResult
from populace.plan import Plan
from populace.runner import manifest, parquet
from populace.runner.executors import InProcess
from populace.runner.manifest import Manifest
from populace.sinks.sink import Tallies
from populace.spec import World
from populace.stores import Folder, Store


def seed(prepared: Prepared, on_event: Listener, stop: threading.Event) -> SeedResult:
    """Write a plan's people and their history to a folder, or continue that, or find that there is nothing to do.

    Raises Refused for a folder that holds another plan or other things, or is being seeded; BadInput when the plan
    leaves something to a service.
    """
    began, plan, folder = clock.monotonic(), prepared.plan, _folder(prepared.target)
    _require_no_service(plan)
    if isinstance(folder, Path):
        require_within(folder, prepared.context.settings.source("target"))
    guess = None
    if manifest.read(folder) is None:
        # A mistake in the world's functions is met here, before a folder is made.
        guess = estimate(plan, first_window(plan, prepared.now_us), timed=False)
    with manifest.reachable(folder), manifest.locked(folder, secret=plan.holds_secret):
        there = manifest.read(folder)
        if there is None:
            guess = guess or estimate(plan, first_window(plan, prepared.now_us), timed=False)
            rows = guess.rows_by_root
            there = Manifest.begin(plan, prepared.now_us, parquet.slices(plan, rows), sum(rows.values()))
            manifest.write(folder, there, secret=plan.holds_secret)
            stored = plan
        else:
            stored = _same(prepared, there)
        manifest.require_ours(folder, there, plan.world)
        unchanged = there.state == "ready"
        wrote = Tallies() if unchanged else _fill(prepared, stored, folder, there, on_event, stop)
    return SeedResult(stored, there.seeded_to_us, unchanged, {}, wrote, clock.monotonic() - began)


def _fill(
    prepared: Prepared, plan: Plan, folder: manifest.Place, there: Manifest, on_event: Listener, stop: threading.Event
) -> Tallies:
    """Write what is missing of a folder, here or by worker processes."""
    window, context = Window(plan.origin_us, there.seeded_to_us), prepared.context
    left = there.estimated - sum(there.rows.values())
    where = workers.executor(context, plan, left, asked=prepared.workers, cluster=prepared.joined)
    write: Callable[[manifest.Slice], parquet.Wrote] = parquet.SliceFiles(folder, plan, window)
    if not isinstance(where, InProcess):
        write = workers.FilesTask.of(context, plan, folder, there.seeded_to_us)
    return parquet.fill(folder, plan, there, executor=where, write=write, on_event=on_event, stop=stop)


def _same(prepared: Prepared, there: Manifest) -> Plan:
    """The plan in the folder, when it is this one; Refused with the first differences when it is not."""
    plan = prepared.plan
    _same_world(plan.world, there, prepared.target)
    stored = there.plan(plan.world)
    differences = matching.differing(
        plan,
        there.document,
        there.digest,
        epoch_given=prepared.epoch_given,
        login_given=prepared.login_given,
        interventions=True,
    )
    matching.require_same(differences, "folder", prepared.shown)
    return stored


def _same_world(world: World, there: Manifest, target: Target) -> None:
    if there.world != world.name:
        raise Refused(
            "another world is in this folder",
            where=target.redacted(),
            given=world.name,
            allowed=there.world,
            todo="name that world, or another folder",
        )


def _require_no_service(plan: Plan) -> None:
    """Files cannot wait for an answer. Raises BadInput for a plan that leaves accounts or replies to a service."""
    for channel in plan.world.channels:
        if channel.when is not None and channels.used(plan, channel):
            raise BadInput(
                "a population that is written to files cannot use a service",
                where=f"{plan.world.name}.{channel.when.path}",
                given=channel.when.value,
                todo=Remedy("", {"changes": {channel.when.path: channel.when.otherwise}}),
            )


def _folder(target: Target) -> manifest.Place:
    place = target.bucket or target.directory
    assert place is not None
    return place


def _store(target: Target) -> Store:
    place = _folder(target)
    return Folder(place) if isinstance(place, Path) else place


def _there(target: Target) -> Manifest:
    """The manifest of a folder that must be there. Raises Refused when it is not."""
    there = manifest.read(_folder(target))
    if there is None:
        raise Refused(
            "there are no files here",
            where=target.redacted(),
            todo=Remedy("seed", {"world": None}, "{}, on the same target, writes them; or correct the folder"),
        )
    return there


def names(target: Target) -> tuple[str, ...]:
    """The paths of a folder's files."""
    return tuple(file.path for file in _there(target).files)


def status(target: Target) -> Mapping[str, Any]:
    """The state of a folder, as its manifest says: plan, where history ends, rows by table."""
    there = _there(target)
    return {
        "target": target.redacted(),
        "open": True,
        "state": there.state,
        "world": there.world,
        "plan": there.digest,
        "scenario": there.document.get("scenario"),
        "epoch": there.document.get("epoch"),
        "watermark": clock.iso(there.seeded_to_us),
        "slices": f"{sum(s.written for s in there.slices)} of {len(there.slices)}",
        "files": len(there.files),
        "bytes": sum(file.bytes for file in there.files),
        "rows": dict(there.rows),
    }


def count(target: Target) -> tuple[Mapping[str, int], Mapping[str, str]]:
    """Rows of the files by table, by what each of them says of itself, and which cannot be read; all are synthetic."""
    there, store, rows, skipped = _there(target), _store(target), Counter[str](), dict[str, str]()
    rows.update(dict.fromkeys(there.rows, 0))
    for file in there.files:
        try:
            with store.open(file.path) as held:
                rows[file.table] += pq.read_metadata(held).num_rows
        except (OSError, ValueError) as error:
            skipped[file.table] = f"{file.path} cannot be read ({type(error).__name__})"
    return dict(rows), skipped


def validate(context: Context, target: Target, named: str | None) -> Judgement:
    """Counts, keys, orphans and times of a folder's files, and the statistics of every decision.

    named: the world, None for whichever is in the folder.
    """
    there = _there(target)
    world = context.registry.find(there.world if named is None else named)
    _same_world(world, there, target)
    if there.state != "ready":
        raise Refused(
            "the seed of this folder is not finished",
            where=target.redacted(),
            given=there.state,
            todo=Remedy(
                "seed",
                {"world": context.registry.called(world)},
                "run the same {} again: it continues where it stopped",
            ),
        )
    plan = there.plan(world)
    with manifest.reachable(_folder(target)):
        integrity = list(checks.check(_store(target), world, there.files, there.seeded_to_us))
    return Judgement(
        world=world.title,
        package=world.package,
        target=target.redacted(),
        about={
            "scenario": plan.scenario,
            "seed": str(plan.seed),
            "epoch": clock.iso(plan.epoch_us),
            "written up to": clock.iso(there.seeded_to_us),
            "plan": plan.digest,
        },
        parts={
            "conformance": [checks.UNMEASURED],
            "integrity": integrity,
            "accounting": list(accounting.check(plan, there.statistics)),
        },
    )
