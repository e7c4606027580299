"""Retention: what is old goes, by the rule that a world ships as `retention.sql`; on request, or daily by the plan.

The rule is one SELECT that answers with one JSON object. It is given `retain_days` and `as_of` (null: simulated now).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.sql import SQL, Literal

from populace import clock
from populace.database import effects
from populace.database.connection import Connection
from populace.database.ownership import listed, name_of, note
from populace.engine import Window, keys, whole
from populace.errors import BadInput, Refused, Remedy
from populace.plan import Plan
from populace.runner import records
from populace.sinks.removal import OBJECTIONS
from populace.spec import Table, World

FILE = "retention.sql"
HOUR_OF_DAY = 4
"""A daily retention runs at this hour (UTC), as the app's own job does."""


def rule(world: World) -> str:
    """The world's `retention.sql`. Raises BadInput for a world without one."""
    source = files(world.package).joinpath(FILE)
    if not source.is_file():
        raise BadInput(
            "this world has no rule for what is old",
            where=f"{world.name}.{FILE}",
            todo=[
                *(() if world.built_in else (f"add a file {FILE} to the world",)),
                Remedy("cleanup", {"everything": True}, "delete everything with {}"),
            ],
        )
    return source.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Old:
    """What is older than so many days at a moment. ours: by table (its name), the ids that the plan proves."""

    at_us: int
    days: int
    ours: Mapping[str, Sequence[str]]


def now_us(connection: Connection) -> int:
    """Simulated now, as functions of a world see it."""
    row = connection.execute("SELECT populace.now()").fetchone()
    assert row is not None
    return clock.from_datetime(row[0])


def look(connection: Connection, plan: Plan, at_us: int, days: int) -> Old:
    """Find what is old, and compute its keys; before the transaction in which it goes.

    What the ledger of single rows lists already is not looked at again.
    """
    world, cutoff_us = plan.world, at_us - days * clock.DAY_US
    # What belongs to something that has just ended may be a little younger.
    until_us = cutoff_us + world.horizon_us
    found = {name: _unproven(connection, world.table(name), until_us) for name in world.ages}
    moments = [since_us for since_us, ids in found.values() if ids]
    if not moments:
        return Old(at_us, days, {})
    ours: dict[str, list[str]] = {name: [] for name in found}
    span = Window(max(plan.origin_us, min(moments) - world.horizon_us), until_us + 1)
    for batch in keys(plan, whole(plan), span):
        if batch.table in found:
            ids = set(batch.rows.column(0).to_pylist()) & found[batch.table][1]
            ours[batch.table] += (str(uuid.UUID(bytes=one)) for one in ids)
    return Old(at_us, days, ours)


def _unproven(connection: Connection, table: Table, before_us: int) -> tuple[int, set[bytes]]:
    """Marked rows of a table that are older than a moment and stand in no ledger: since when (µs), and their ids."""
    query = SQL(
        "SELECT t.id, (extract(epoch FROM t.created_at) * 1000000)::bigint FROM ONLY {} AS t"
        " WHERE t.created_at < %s AND ({}) AND NOT {}"
    ).format(name_of(table), SQL(table.mark.beside_parameters), listed(table))
    rows = connection.execute(query, (clock.to_datetime(before_us),)).fetchall()
    return min((at_us for _, at_us in rows), default=0), {one.bytes for one, _ in rows}


def apply(connection: Connection, world: World, old: Old, *, allow_effects: bool = False) -> Mapping[str, Any]:
    """Delete what is old, in the connection's open transaction; the rule's answer.

    What stays of it and is ours is listed in the ledger of single rows. Raises Refused when that changes rows of
    others, unless the app's triggers may do so (allow_effects).
    """
    connection.execute("SET LOCAL populace.noted = 'on'")
    for name, ids in old.ours.items():
        connection.execute(note(world.table(name)), (ids,))
    answer = _ruled(connection, world, old, allow_effects=allow_effects)
    for name in world.ages:
        table = world.table(name)
        gone = SQL(
            "DELETE FROM populace.own_row AS o WHERE o.relation = {}::regclass"
            " AND NOT EXISTS (SELECT FROM {} AS t WHERE t.id = o.key[1]::uuid)"
        ).format(Literal(table.quoted_name), name_of(table))
        connection.execute(gone)
    return answer


def _ruled(connection: Connection, world: World, old: Old, *, allow_effects: bool) -> Mapping[str, Any]:
    before = effects.so_far(connection)
    days, as_of = old.days, clock.to_datetime(old.at_us)
    try:
        row = connection.execute(rule(world), {"retain_days": days, "as_of": as_of}).fetchone()
    except (psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedTable) as error:
        raise Refused(
            f"the target lacks what this world's retention needs: {error.diag.message_primary}",
            where=f"{world.name}.{FILE}",
            todo="make it as the world's schema/2_constraints.sql does",
        ) from error
    answer = row[0] if row else None
    if not isinstance(answer, Mapping):
        raise BadInput("retention returns one JSON object", where=f"{world.name}.{FILE}", given=answer)
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
            where=f"{world.name}.{FILE}",
            todo=["change the triggers or rules on this world's tables that do so",
                  Remedy("cleanup", {"allow_effects": True, "retain_days": None}, "or let them do it with {}")],
        )  # fmt: skip


def due(connection: Connection, plan: Plan, span: Window) -> Old | None:
    """What the plan's retention is to take with a window that holds its hour: of several such hours the last."""
    path = plan.world.retention
    if path is None:
        return None
    hour_us = HOUR_OF_DAY * clock.HOUR_US
    at_us = (span.end_us - 1 - hour_us) // clock.DAY_US * clock.DAY_US + hour_us
    days = plan.era_at(at_us).values.whole(path)
    if at_us < max(span.start_us, plan.epoch_us) or days == 0:
        return None
    return look(connection, plan, at_us, days)


def daily(connection: Connection, world: World, old: Old) -> None:
    """Delete what is due, in the transaction of its window."""
    stayed = records.kept(connection)
    try:
        with connection.transaction():
            answer = apply(connection, world, old)
    except psycopg.Error as error:
        if (error.sqlstate or "")[:2] not in OBJECTIONS:
            raise
        # The runner continues with the old rows; the journal and doctor show it.
        records.journal(connection, "error", "cleanup", f"daily: {error.diag.message_primary}")
        return
    except Refused as error:
        records.journal(connection, "error", "cleanup", str(error))
        return
    records.journal(connection, "info", "cleanup", f"daily: {old.days} days are kept", **answer)
    for kind, many, because in records.kept(connection):
        if (kind, many, because) not in stayed:
            records.journal(connection, "warning", "stays", f"{many} of {kind} stay although they are old: {because}")


def latest(connection: Connection, plan: Plan, until_us: int) -> int | None:
    """Before which moment (µs) rows may have gone because of their age, by the plan's daily retention or by a request
    that is still in the journal; what belongs to something that has just ended included. None: none has."""
    path, cutoffs = plan.world.retention, []
    if path is not None:
        moments = range(plan.epoch_us + HOUR_OF_DAY * clock.HOUR_US, until_us, clock.DAY_US)
        kept = ((at_us, plan.era_at(at_us).values.whole(path)) for at_us in moments)
        cutoffs = [at_us - days * clock.DAY_US for at_us, days in kept if days]
    cutoffs += [clock.parse(cutoff, "populace.journal") for (cutoff,) in connection.execute(records.SQL["retained"])]
    return max(cutoffs) + plan.world.horizon_us if cutoffs else None
