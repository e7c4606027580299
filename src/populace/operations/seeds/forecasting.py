"""How long a seed will take here: a part of it is really done, in a temporary database on the target's server.

The target's tables are never touched, and nothing is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg

from populace import clock
from populace.database import compat, guard
from populace.database.connection import Connection
from populace.database.introspection import ExpectedTable, tables_present
from populace.database.scratch import scratch
from populace.engine.estimate import Estimate, estimate
from populace.errors import CheckFailed, Interrupted, PopulaceError
from populace.operations.integrations import channels
from populace.operations.opening import session
from populace.operations.plans.making import estimated, first_window
from populace.operations.seeds.database import world_report
from populace.operations.seeds.prepared import Prepared
from populace.operations.seeds.tables import LIVING_SCHEMAS
from populace.plan import Plan
from populace.runner.seed_timing import SeedTiming
from populace.spec import World


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a seed will write, and how many seconds it takes here. by_stage: seconds by stage of the seed.

    measured: from a sample that was written; else from generating alone, and `remark` says why.
    """

    guess: Estimate
    seconds: float
    by_stage: Mapping[str, float] = field(default_factory=dict)
    measured: bool = True
    remark: str = ""


def forecast(prepared: Prepared) -> Forecast:
    """Estimate a seed, by timing a part of it on this machine and of the target's server.

    Raises Refused for a target that is not opened for synthetic data.
    """
    plan, now_us, opened = prepared.plan, prepared.now_us, prepared.opened
    assert opened is not None
    heard = channels.heard(plan, prepared.context.settings)
    with session(opened, "wizard", looking=True) as connection:
        guard.require_open(connection, opened.shown)
        in_place = _has_tables(connection, plan.world)
    began = clock.monotonic()
    window = first_window(plan, now_us)
    guess = estimate(plan, window, timed=False)
    # A seed estimates its rows too, to show its progress.
    stages = {"estimate": clock.monotonic() - began}
    try:
        with scratch(opened.url) as connection:
            guard.open_target(connection, clock.now_us(), "timing")
            lacking = compat.missing(connection, plan.world.needs)
            if opened.target.kind == "postgresql" and any(piece.is_cluster_wide for piece in lacking):
                # Nobody has agreed yet to what the whole server would see.
                return _unmeasured(plan, now_us, "roles that the world needs are not there yet")
            compat.install(connection, plan.world.needs)
            connection.commit()
            stages |= SeedTiming(
                connection,
                plan,
                window,
                guess,
                heard=heard,
                in_place=in_place,
                world_report=lambda found: world_report(found, plan.world),
            ).stages()
    except Interrupted:
        raise
    except CheckFailed:
        return _unmeasured(plan, now_us, "the tables are there with their keys, and a sample alone does not fit them")
    except PopulaceError as error:
        return _unmeasured(plan, now_us, error.what)
    except psycopg.Error as error:
        return _unmeasured(plan, now_us, error.diag.message_primary or type(error).__name__)
    return Forecast(guess, sum(stages.values()), stages)


def _unmeasured(plan: Plan, now_us: int, why: str) -> Forecast:
    guess = estimated(plan, now_us)
    return Forecast(guess, 3 * guess.generate_s, measured=False, remark=why)


def _has_tables(connection: Connection, world: World) -> bool:
    """Whether a seed finds the world's tables, and loads them with their indexes in place."""
    own = [t for t in world.tables if t.schema not in LIVING_SCHEMAS]
    return bool(tables_present(connection, [ExpectedTable(t.schema, t.name, ()) for t in own]))
