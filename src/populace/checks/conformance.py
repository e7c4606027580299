"""Conformance: the requirements of a world's documents, measured in the target by the world's own `checks/*.sql`.

A file holds one SELECT with the columns id, title, documented, target, measured, ok and perhaps note. ok is null, and
the note says why, where there is not enough activity yet. Where a figure is shown and nothing is asked of it,
the target is `info` and ok is null. A file may use every value of the plan as a bound parameter (`%(days)s`), and

    origin, epoch, watermark, settled   settled: what began before it is over (the watermark less the world's horizon)
    seconds                             of seeding
    draw_statistics                     jsonb, every decision point as `DrawStatistics.document()` has it
    changes                             jsonb, live parameters that an intervention changed: path -> since when
    in_force                            jsonb, the values at the watermark
    asked_for, asked_lately             sessions that interventions in effect added; those since `settled` alone
    removed                             jsonb, rows that clean-ups deleted: table -> how many
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from string import ascii_letters
from typing import Any

from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8

from populace import clock
from populace.checks.shipped import shipped, unheard
from populace.checks.verdict import Verdict
from populace.database.connection import Connection
from populace.plan import Plan

INFO = "info"
"""The target of a line that asks for nothing."""
UNSAID = "the check measured nothing, and does not say why"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the records of a target say. seconds: of seeding. statistics: as plain data. removed: rows by table."""

    seconds: float
    watermark_us: int
    statistics: Mapping[str, Any]
    removed: Mapping[str, int]


def check(
    connection: Connection,
    plan: Plan,
    facts: Facts,
    begin: Callable[[str], None] = unheard,
    *,
    only: Collection[str] | None = None,
) -> Iterator[Verdict]:
    """Every check of the plan's world, in the order of their ids. begin: hears the name of each file before it is
    run. only: names of files; None: all."""
    return iter(sorted(_verdicts(connection, plan, facts, begin, only), key=lambda v: _place(v.id)))


def _place(identity: str) -> tuple[bool, str, int]:
    """A2 before A10, both before B1, and requirements before what has a name."""
    number = identity.lstrip(ascii_letters)
    return not number.isdigit(), identity.removesuffix(number), int(number) if number.isdigit() else 0


def _verdicts(
    connection: Connection, plan: Plan, facts: Facts, begin: Callable[[str], None], only: Collection[str] | None
) -> Iterator[Verdict]:
    bound = values(plan, facts)
    for file in shipped(plan.world.package, "checks"):
        if only is not None and file.name not in only:
            continue
        begin(file.name)
        for identity, title, documented, target, measured, ok, *more in connection.execute(file.sql, bound):
            note = str(more[0] or "") if more else ""
            asked = None if target == INFO else str(target)
            # A comparison with nothing is null: only a check that says why is merely open.
            holds, note = (False, UNSAID) if asked is not None and ok is None and not note else (ok, note)
            yield Verdict(identity, title, asked, str(measured), holds, str(documented or ""), note, source=file.name)


def values(plan: Plan, facts: Facts) -> Mapping[str, object]:
    """What a world's own SQL may use as bound parameters, by name, as this module's opening lists them."""
    declared = _plain(plan.eras[0].values)
    now = _plain(plan.era_at(facts.watermark_us).values)
    watermark, settled_us = clock.to_datetime(facts.watermark_us), facts.watermark_us - plan.world.horizon_us
    changes: dict[str, str] = {}
    for era in plan.eras:
        for path, value in _plain(era.values).items():
            if value != declared[path]:
                changes.setdefault(path, clock.iso(era.begins_us // clock.MINUTE_US * clock.MINUTE_US))
    return {
        **declared,
        # As bigint: the driver would send a small number as smallint, and a product of two of them overflows.
        **{path: Int8(value) for path, value in declared.items() if type(value) is int},
        "origin": clock.to_datetime(plan.origin_us),
        "epoch": clock.to_datetime(plan.epoch_us),
        "watermark": watermark,
        "settled": clock.to_datetime(settled_us),
        "seconds": facts.seconds,
        "draw_statistics": Jsonb(dict(facts.statistics)),
        "changes": Jsonb(changes),
        "in_force": Jsonb(now),
        "asked_for": Int8(sum(i.sessions for i in plan.requests if i.at_us < facts.watermark_us)),
        "asked_lately": Int8(sum(i.sessions for i in plan.requests if settled_us <= i.at_us < facts.watermark_us)),
        "removed": Jsonb(dict(facts.removed)),
    }


def _plain(values: Mapping[str, object]) -> dict[str, bool | int | float | str]:
    return {path: value for path, value in values.items() if isinstance(value, (bool, int, float, str))}
