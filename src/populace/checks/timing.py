"""Query timings (E23): how long an app's queries take on the rows that are here, against the documents' bounds.

A world has them as `timings/*.sql`, one query each under the line `-- id: E23 · title · bound in ms`, and with the
parameters that `checks/*.sql` may use. A query is run a few times; its p95 is compared with the bound; run
often enough, a time that the p95 does not exceed for sure. For a slow one the server's own analysis is kept, `EXPLAIN
(ANALYZE, BUFFERS)`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import psycopg
from psycopg.sql import SQL, Literal

from populace import clock
from populace.checks import confidence
from populace.checks.shipped import shipped, unheard
from populace.checks.verdict import Verdict
from populace.database.connection import Connection
from populace.errors import BadInput

RUNS = 20
"""E23: the p95 is that of 20 runs."""
QUANTILE = 0.95
"""What a p95 is."""
BUDGET_MS = 5_000
"""A query gets about so long for all its runs, and once more for the analysis of a slow one."""

_HEAD = re.compile(r"-- id: *(\w+) *· *([^\n]+?) *· *(\d+) *\n(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Query:
    """A query and its bound."""

    id: str
    title: str
    bound_ms: int
    text: str


def check(
    connection: Connection,
    package: str,
    values: Mapping[str, object],
    begin: Callable[[str], None] = unheard,
    *,
    runs: int = RUNS,
    budget_ms: int = BUDGET_MS,
) -> Iterator[Verdict]:
    """One verdict a query, in the order of the files' names. In the caller's transaction, which may be read only.
    begin: hears the name of each file before it is run. runs, budget_ms: see `judge`.

    Raises BadInput for a file whose first line is another.
    """
    for file in shipped(package, "timings"):
        begin(file.name)
        yield replace(
            judge(connection, parse(file.text, file.where), values, runs=runs, budget_ms=budget_ms), source=file.name
        )


def parse(text: str, where: str) -> Query:
    """A query from the text of its file. where: the file, for errors."""
    found = _HEAD.match(text)
    if found is None:
        raise BadInput(
            "the first line does not say what to measure",
            where=where,
            given=text.partition("\n")[0],
            allowed="-- id: ID · title · limit in milliseconds",
        )
    identity, title, bound, query = found.groups()
    return Query(identity, title, int(bound), query.strip().rstrip(";"))


def judge(
    connection: Connection,
    query: Query,
    values: Mapping[str, object],
    *,
    runs: int = RUNS,
    budget_ms: int = BUDGET_MS,
) -> Verdict:
    """Run a query up to so many times within so long, and compare its p95 with the bound.

    A first run that is not over when the budget is spent is cut off: that fails a bound within the budget, and leaves
    a later one open. With as many runs as it takes for a bound of the p95 (59), it is that bound that is compared.
    """
    target = f"p95 under {query.bound_ms:,} ms"

    def verdict(measured: str, ok: bool | None, note: str) -> Verdict:
        detail = "" if ok else explain(connection, query, values, budget_ms)
        return Verdict(query.id, query.title, target, measured, ok, target, note, detail=detail)

    took_ms = measure(connection, query, values, runs, budget_ms)
    if not took_ms:
        note = f"the first run was cut off after {budget_ms:,} ms"
        return verdict(f"over {budget_ms:,} ms", False if query.bound_ms <= budget_ms else None, note)
    slowest = p95(took_ms)
    note = f"p95 of {len(took_ms)} runs" if len(took_ms) > 1 else "one run"
    note += f", as many as {budget_ms:,} ms allow" if len(took_ms) < runs else ""
    sure = confidence.rank_above(QUANTILE, len(took_ms))
    if sure is None:
        return verdict(f"{slowest:,.1f} ms", slowest < query.bound_ms, note)
    most = sorted(took_ms)[sure - 1]
    note += f"; at most {most:,.1f} ms, {confidence.SURE:.0%} sure"
    return verdict(f"{slowest:,.1f} ms", most < query.bound_ms, note)


def measure(
    connection: Connection, query: Query, values: Mapping[str, object], runs: int, budget_ms: int
) -> list[float]:
    """Milliseconds of each run that ended within the budget, from asking to the last row."""
    took: list[float] = []
    began = clock.monotonic()
    while len(took) < runs:
        left = budget_ms - (clock.monotonic() - began) * 1000
        if left < 1 or (took and left < took[-1]):
            break
        try:
            # Rolled back, and the limit with it.
            with connection.transaction(force_rollback=True):
                _limit(connection, left)
                start = clock.monotonic()
                # Planned each time, as for an app that asks it once.
                connection.execute(query.text, values, prepare=False).fetchall()
                took.append((clock.monotonic() - start) * 1000)
        except psycopg.errors.QueryCanceled:
            break
    return took


def p95(took: Sequence[float]) -> float:
    """The smallest of these that at least 95 % do not exceed."""
    return sorted(took)[math.ceil(QUANTILE * len(took)) - 1]


def explain(connection: Connection, query: Query, values: Mapping[str, object], budget_ms: int) -> str:
    """The server's analysis of a query; only its plan, where running it takes longer than the budget."""
    for how in (b"EXPLAIN (ANALYZE, BUFFERS) ", b"EXPLAIN "):
        try:
            with connection.transaction(force_rollback=True):
                _limit(connection, budget_ms)
                rows = connection.execute(how + query.text.encode(), values, prepare=False).fetchall()
            return "\n".join(str(line) for (line,) in rows)
        except psycopg.errors.QueryCanceled:
            continue
    return ""


def _limit(connection: Connection, milliseconds: float) -> None:
    connection.execute(SQL("SET LOCAL statement_timeout = {}").format(Literal(max(1, int(milliseconds)))))
