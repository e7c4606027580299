"""sim-users: how many people the world counts as synthetic, and rows for those of an older seed who have none.

The SQL is the world's own, `backfill.sql`, with two named statements: `count` (rows; older people who have theirs;
older people who have none) and `backfill`, which takes `cohort` and `at`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import psycopg

from populace import clock
from populace.database.named import named
from populace.errors import BadInput, Remedy
from populace.operations.context import Context
from populace.operations.opening import world_sql
from populace.operations.population import Place, place
from populace.runner import records
from populace.spec import World

FILE = "backfill.sql"


@dataclass(frozen=True, slots=True)
class Backfill:
    """people: rows there now. added: by this call, or to be in a dry run. present: older people who had theirs."""

    people: int
    added: int
    present: int
    dry_run: bool

    def document(self) -> dict[str, int | bool]:
        """As `sim-users backfill --json` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class KnownRequest:
    """world: whose people; None: of the target's world, else the default one."""

    world: str | None = None


@dataclass(frozen=True, slots=True)
class BackfillRequest:
    """cohort: the label of the new rows. dry_run: say how many there are, and write nothing."""

    cohort: str = "synthetics_v1"
    dry_run: bool = False
    world: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """people: whom the world knows as synthetic. missing: of an older seed, whom it does not."""

    people: int
    missing: int

    def document(self) -> dict[str, int | bool]:
        """As `sim-users count --json` prints it."""
        return {"count": self.people, "missing": self.missing, "ready": self.people > 0}


def count_people(context: Context, request: KnownRequest | None = None) -> Known:
    """How many people a target counts as synthetic, and how many of an older seed it does not."""
    request = request or KnownRequest()
    with place(context, request.world, "sim-users", looking=True) as there:
        people, _, missing = _count(there)
    return Known(people, missing)


def backfill_people(context: Context, request: BackfillRequest) -> Backfill:
    """Add the missing rows of people of an older seed. A second call finds nothing to add.

    Raises Refused for a target that is not opened or holds another world, BadInput where the tables are not there.
    """
    cohort = request.cohort
    if not 0 < len(cohort) <= 100 or not cohort.isprintable():
        raise BadInput(
            "this is not a label", where="backfill_people.cohort", given=cohort, allowed="1 to 100 printable characters"
        )
    with place(context, request.world, "sim-users backfill", looking=request.dry_run) as there:
        people, present, missing = _count(there)
        if request.dry_run:
            return Backfill(people, missing, present, dry_run=True)
        bound = {"cohort": cohort, "at": clock.to_datetime(clock.now_us())}
        added = there.connection.execute(_statements(there.world)["backfill"], bound).rowcount
        if added:
            said = f"{added} people of an older seed were added"
            records.journal(there.connection, "info", "backfill", said)
    return Backfill(people + added, added, present, dry_run=False)


def _count(there: Place) -> tuple[int, int, int]:
    query = _statements(there.world)["count"]
    try:
        row = there.connection.execute(query).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise BadInput(
            f"the tables of this world are not in the target: {error.diag.message_primary}",
            where=there.shown,
            todo=Remedy("seed", {"world": there.called}, "name the database of the older seed, or {} this one"),
        ) from error
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


def _statements(world: World) -> Mapping[str, str]:
    if world_sql(world, FILE) is None:
        raise BadInput("this world has no people of an older seed to add", where=world.name)
    return named(world.package, FILE)
