"""Retention: what is old goes, by the rule that a world ships as `retention.sql`; on request, or daily by the plan.

The rule is one SELECT that answers with one JSON object. It is given `retain_days` and `as_of` (null: simulated now).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import psycopg

from populace import clock
from populace.database import effects
from populace.database.connection import Connection
from populace.engine import Window
from populace.errors import BadInput, Refused, Remedy
from populace.plan import Plan
from populace.runner import records
from populace.sinks.removal import OBJECTIONS
from populace.spec import World

HOUR_OF_DAY = 4
"""A daily retention runs at this hour (UTC), as the app's own job does."""


def rule(world: World) -> str:
    """The world's `retention.sql`. Raises BadInput for a world without one."""
    source = files(world.package).joinpath("retention.sql")
    if not source.is_file():
        raise BadInput(
            "this world has no rule for what is old",
            where=f"{world.name}.retention.sql",
            todo=Remedy("", {"everything": None}, "add that file to the world, or delete everything with {}"),
        )
    return source.read_text(encoding="utf-8")


def apply(
    connection: Connection,
    world: World,
    days: int,
    as_of_us: int | None = None,
    *,
    allow_effects: bool = False,
) -> Mapping[str, Any]:
    """Delete what is older than so many days, in the connection's open transaction; the rule's answer.

    Raises Refused when that changes rows of others, unless the app's triggers may do so (allow_effects).
    """
    as_of = None if as_of_us is None else clock.to_datetime(as_of_us)
    before = effects.so_far(connection)
    try:
        row = connection.execute(rule(world), {"retain_days": days, "as_of": as_of}).fetchone()
    except (psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedTable) as error:
        raise Refused(
            f"the target lacks what this world's retention needs: {error.diag.message_primary}",
            where=f"{world.name}.retention.sql",
            todo="make it as the world's schema/2_constraints.sql does",
        ) from error
    answer = row[0] if row else None
    if not isinstance(answer, Mapping):
        raise BadInput("retention returns one JSON object", where=f"{world.name}.retention.sql", given=answer)
    if not allow_effects:
        _verify(connection, world, answer, before)
    return answer


def _verify(connection: Connection, world: World, answer: Mapping[str, Any], before: effects.Changes) -> None:
    """Compare what happened with the rule's answer. Raises Refused when other rows were changed or deleted.

    An answer may say by `tables` how many rows of each table went; without it only tables of others are looked at.
    """
    done = effects.since(connection, before)
    said = answer.get("tables")
    own: dict[str, str] = {t.name: t.full_name for t in world.tables}
    if isinstance(said, Mapping):
        deleted = {own.get(str(name), str(name)): int(many) for name, many in said.items()}
    else:
        deleted = {one.table: one.deleted for one in done if one.table in own.values()}
    other = effects.beside(connection, done, deleted)
    touched = effects.touched(other, effects.allowed(connection))
    if touched:
        raise Refused(
            f"retention changed other rows, and was taken back: {'; '.join(map(str, touched))}",
            where=f"{world.name}.retention.sql",
            todo=["change the triggers or rules on this world's tables that do so",
                  Remedy("cleanup", {"allow_effects": True, "retain_days": None}, "or let them do it with {}")],
        )  # fmt: skip


def daily(connection: Connection, plan: Plan, span: Window) -> None:
    """The retention of the plan, where its hour lies in a window: of several such hours the last."""
    path = plan.world.retention
    if path is None:
        return
    hour_us = HOUR_OF_DAY * clock.HOUR_US
    at_us = (span.end_us - 1 - hour_us) // clock.DAY_US * clock.DAY_US + hour_us
    days = plan.era_at(at_us).values.whole(path)
    if at_us < max(span.start_us, plan.epoch_us) or days == 0:
        return
    stayed = records.kept(connection)
    try:
        with connection.transaction():
            answer = apply(connection, plan.world, days, at_us)
    except psycopg.Error as error:
        if (error.sqlstate or "")[:2] not in OBJECTIONS:
            raise
        # The runner continues with the old rows; the journal and doctor show it.
        records.journal(connection, "error", "cleanup", f"daily: {error.diag.message_primary}")
        return
    except Refused as error:
        records.journal(connection, "error", "cleanup", str(error))
        return
    records.journal(connection, "info", "cleanup", f"daily: {days} days are kept", **answer)
    for kind, many, because in records.kept(connection):
        if (kind, many, because) not in stayed:
            records.journal(connection, "warning", "stays", f"{many} of {kind} stay although they are old: {because}")
