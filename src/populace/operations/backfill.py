"""sim-users: how many people a target counts as its own, and rows for those of an older seed who have none.

The SQL is the world's own, `backfill.sql`, with two named statements: `count` (rows; older people who have theirs;
older people who have none) and `backfill`, which takes `cohort` and `at`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import psycopg

from populace import clock
from populace.database import guard
from populace.database.named import named
from populace.errors import BadInput, Refused
from populace.operations.opening import Connection, Opened, session, world_sql
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


def count(opened: Opened, world: World) -> tuple[int, int]:
    """People the world knows as synthetic, and people of an older seed whom it does not."""
    with session(opened, "sim-users", looking=True) as connection:
        people, _, missing = _count(connection, opened, world)
    return people, missing


def backfill(opened: Opened, world: World, *, cohort: str, dry_run: bool) -> Backfill:
    """Give people of an older seed the row by which they are known. A second time nothing is left to do.

    Raises Refused for a target that is not opened or holds another world, BadInput where the tables are not there.
    """
    if not 0 < len(cohort) <= 100 or not cohort.isprintable():
        raise BadInput("this is no label", where="--cohort", given=cohort, allowed="1 to 100 printable characters")
    with session(opened, "sim-users backfill", looking=dry_run) as connection:
        people, present, missing = _count(connection, opened, world)
        if dry_run:
            return Backfill(people, missing, present, dry_run)
        bound = {"cohort": cohort, "at": clock.to_datetime(clock.now_us())}
        added = connection.execute(_statements(world)["backfill"], bound).rowcount
        if added:
            records.journal(connection, "info", "backfill", f"{added} people of an older seed are known as synthetic")
    return Backfill(people + added, added, present, dry_run)


def _count(connection: Connection, opened: Opened, world: World) -> tuple[int, int, int]:
    query = _statements(world)["count"]
    guard.require_open(connection, opened.shown)
    record = records.read_plan(connection)
    if record is not None and record.world != world.name:
        raise Refused("another world lives here", where=opened.shown, given=world.name, allowed=record.world)
    try:
        row = connection.execute(query).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise BadInput(
            f"the tables of this world are not in the target: {error.diag.message_primary}",
            where=opened.shown,
            todo="name the database of the older seed, or populace seed this one",
        ) from error
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


def _statements(world: World) -> Mapping[str, str]:
    if world_sql(world, FILE) is None:
        raise BadInput("this world has no people of an older seed to take in", where=world.name)
    return named(world.package, FILE)
