"""ledger: which slices of a population are written up to when, and how many rows went to each table since the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from populace import clock
from populace.operations.context import Context
from populace.operations.population import place
from populace.runner import records
from populace.runner.records import SQL


@dataclass(frozen=True, slots=True)
class LedgerRequest:
    """world: None for the world of the target."""

    world: str | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Members low (included) to high (excluded) of a root. until: everything before it is written; simulated, ISO."""

    root: str
    low: int
    high: int
    until: str


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of a table since the seed began."""

    attempted: int
    written: int
    rejected: int
    removed: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """slices: by root. tables: those that were written to, by name."""

    slices: Sequence[Slice]
    tables: Mapping[str, Counted]

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return asdict(self)


def ledger(context: Context, request: LedgerRequest | None = None) -> Ledger:
    """The ledger of a target; empty where nobody lives there. Raises Refused for a target that is not open."""
    request = request or LedgerRequest()
    with place(context, request.world, "ledger", looking=True) as there:
        slices = there.connection.execute(SQL["slices"]).fetchall()
        tables = records.read_tallies(there.connection).tables
    return Ledger(
        [Slice(root, low, high, clock.iso(clock.from_datetime(until))) for root, low, high, until in slices],
        {name: Counted(t.attempted, t.written, t.rejected, t.removed) for name, t in sorted(tables.items())},
    )
