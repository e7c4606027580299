"""seed: a world's people and their history into a target, exactly once.

`prepare` makes the plan and reaches the target; `fill` writes. `seed` is both, for whoever need not ask in between.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from populace.event import Event, Listener, unheard
from populace.operations import files, login
from populace.operations.context import Context
from populace.operations.integrations import channels
from populace.operations.opening import parse_target, reach, session
from populace.operations.plans.making import PlanRequest, make_plan, settled
from populace.operations.seeds import database, workers
from populace.operations.seeds.prepared import Prepared, SeedResult
from populace.runner import clusters


@dataclass(frozen=True, slots=True)
class SeedRequest(PlanRequest):
    """What to seed: all that a plan is made of. Without a `now` the clock follows real time.

    allow_effects: triggers and rules of the app may change other rows when synthetic ones go: in those tables where a
    rehearsal after the seed shows that they do. workers: how many processes write rows, where several can; None for as
    many as pay. cluster: whose workers write them instead, such as `local:4` or `tcp://HOST:PORT`. What is written is
    the same.
    """

    allow_effects: bool = False
    workers: int | None = None
    cluster: str | None = None


def prepare(context: Context, request: PlanRequest) -> Prepared:
    """The plan of a request, and the target that it is for; an embedded server is started if need be.

    Raises BadInput for a plan that cannot be, TargetUnavailable for a target that does not answer.
    """
    many, cluster = None, None
    if isinstance(request, SeedRequest):
        many = workers.checked(request.workers)
        cluster = workers.at_cluster(request.cluster, many)
    now_us = request.now_us()
    plan = make_plan(context, request, now_us)
    target = parse_target(plan.world.name, context.settings, or_files=True)
    plan, login_given = login.with_login(
        plan,
        context.settings,
        settled=settled(context, request),
        from_file=request.plan_file is not None,
    )
    opened = None
    if target.kind != "parquet":
        channels.integrations(plan, context.settings).close()  # what it lacks is said before a server is started
        opened = reach(context, plan.world)
        if login_given is None and target.kind == "embedded":
            with session(opened, "login", looking=True) as connection:
                plan = login.with_derived(plan, connection)
    return Prepared(
        context,
        plan,
        now_us,
        target,
        opened,
        wall=request.now is None,
        epoch_given=request.epoch_given,
        login_given=bool(login_given),
        allow_effects=isinstance(request, SeedRequest) and request.allow_effects,
        workers=many,
        cluster=cluster,
    )


def fill(prepared: Prepared, *, on_event: Listener = unheard, stop: threading.Event | None = None) -> SeedResult:
    """Write what was prepared, or go on with that, or find that it is there already.

    Raises Refused for a target that is not opened, is being seeded, or holds another plan; BadInput when tables in the
    way do not fit; Interrupted when `stop` is set: what is committed stays, and the same request continues from there.
    """
    stop = stop or threading.Event()
    if prepared.cluster is not None and prepared.joined is None:
        with clusters.connected(prepared.cluster) as cluster:
            if prepared.opened is not None:
                workers.require_reach(cluster, prepared.opened)
            return fill(replace(prepared, joined=cluster), on_event=on_event, stop=stop)
    if prepared.opened is None:
        return files.seed(prepared, on_event, stop)
    return database.fill(prepared, prepared.opened, on_event, stop)


def seed(
    context: Context, request: SeedRequest, *, on_event: Listener = unheard, stop: threading.Event | None = None
) -> SeedResult:
    """Fill a target with a world's people and their history. The same request again changes nothing and says so.

    Raises what `prepare` and `fill` raise.
    """
    prepared = prepare(context, request)
    for remark in prepared.remarks:
        on_event(Event("note", remark.text))
    return fill(prepared, on_event=on_event, stop=stop)
