"""Conformance: the requirements of a world's documents, measured in the target by the world's own `checks/*.sql`.

A file holds one SELECT with the columns id, title, documented, target, measured, ok. It may use every value of the
plan as a bound parameter (`%(days)s`), and `origin`, `epoch` and `seconds` (of seeding).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from psycopg.types.numeric import Int8

from populace import clock
from populace.checks.integrity import Connection
from populace.checks.verdict import Verdict
from populace.plan import Plan


def check(connection: Connection, plan: Plan, seconds: float) -> Iterator[Verdict]:
    """Every check of the plan's world, file by file."""
    folder = files(plan.world.package).joinpath("checks")
    if not folder.is_dir():
        return
    bound = _bound(plan, seconds)
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".sql"):
            # The world's own files, from inside its package.
            query = file.read_text(encoding="utf-8")
            for identity, title, documented, target, measured, ok in connection.execute(query, bound):
                yield Verdict(identity, title, str(target), str(measured), bool(ok), str(documented or ""))


def _bound(plan: Plan, seconds: float) -> Mapping[str, object]:
    values = {path: value for path, value in plan.eras[0].values.items() if isinstance(value, (bool, int, float, str))}
    # As bigint: the driver would send a small number as smallint, and a product of two of them overflows.
    values |= {path: Int8(value) for path, value in values.items() if type(value) is int}
    return {
        **values,
        "origin": clock.to_datetime(plan.origin_us),
        "epoch": clock.to_datetime(plan.epoch_us),
        "seconds": seconds,
    }
