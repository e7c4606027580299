"""Visits that another actor plays, as the target has them on record: who claimed each, and what became of it.

A run of such an actor holds an advisory lock while its session lives, so that the next one knows which have died. Every
function works inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from psycopg.sql import SQL, Composed, Placeholder
from psycopg.sql import Literal as Quoted
from psycopg.types.json import Jsonb

from populace import clock
from populace.database.connection import Connection
from populace.database.named import named
from populace.database.ownership import ledger_key, name_of
from populace.engine.upcoming import Upcoming
from populace.sinks.removal import OURS, has_id, whose
from populace.spec import Table, World

State = Literal["claimed", "playing", "played", "failed", "interrupted", "cancelled", "late"]
QUERIES = named("populace.runner", "delegations.sql")
LOCKS = int.from_bytes(b"bots")
"""The class of the locks of runs."""


@dataclass(frozen=True, slots=True)
class Done:
    """A step of a visit that was played. ms: how long it took, real. picture: the name of a file, "" for none. fault:
    why it failed, "" when it did not.
    """

    step: str
    times: int
    ms: int
    picture: str = ""
    fault: str = ""

    def document(self) -> dict[str, Any]:
        """As it stands on record."""
        more = {name: text for name, text in (("picture", self.picture), ("fault", self.fault)) if text}
        return {"step": self.step, "times": self.times, "ms": self.ms, **more}


def add_run(connection: Connection, site: str, started_by: str) -> int:
    """A new run; its session, which is this one, holds its lock."""
    given = {"site": site, "by": started_by, "at": clock.to_datetime(clock.now_us())}
    row = connection.execute(QUERIES["add_run"], given).fetchone()
    assert row is not None
    hold(connection, row[0])
    return int(row[0])


def hold(connection: Connection, run: int) -> bool:
    """Take a run's lock in this session; False when another one has it."""
    row = connection.execute(QUERIES["hold"], {"class": LOCKS, "run": run}).fetchone()
    return bool(row and row[0])


def taken_over(connection: Connection, run: int) -> list[tuple[int, str, str]]:
    """The open visits of runs that have died, which are this run's now: address, person and state."""
    found: list[tuple[int, str, str]] = []
    for (dead,) in connection.execute(QUERIES["dead"], {"class": LOCKS}).fetchall():
        found += connection.execute(QUERIES["take_over"], {"dead": dead, "mine": run}).fetchall()
    return found


def known(connection: Connection, since_us: int) -> set[int]:
    """The visits from a moment on that somebody has claimed."""
    return {row[0] for row in connection.execute(QUERIES["known"], {"since": clock.to_datetime(since_us)})}


def claim(connection: Connection, run: int, visits: Sequence[Upcoming]) -> set[int]:
    """Claim visits; the addresses of those that nobody had."""
    given = {
        "run": run,
        "addresses": [one.address for one in visits],
        "people": [one.key for one in visits],
        "called": [one.called for one in visits],
        "begins": [clock.to_datetime(one.begins_us) for one in visits],
        "ends": [clock.to_datetime(one.ends_us) for one in visits],
        "signs_up": [str(one.browser["email"]) if one.signs_up else None for one in visits],
    }
    return {row[0] for row in connection.execute(QUERIES["claim"], given)}


def asked(connection: Connection, addresses: Sequence[int], number: int) -> None:
    """By which intervention visits were asked for."""
    connection.execute(QUERIES["asked"], {"addresses": list(addresses), "number": number})


def begin(connection: Connection, world: World, run: int, visit: Upcoming) -> bool:
    """A claimed visit is played from now on; False when it is not this run's any more."""
    before = {
        table.full_name: [row[0] for row in connection.execute(query, ([visit.key],))]
        for table in _owned(world)
        for query in [_of_person(table, world)]
    }
    given = {"address": visit.address, "run": run, "at": _now(), "before": Jsonb(before)}
    return connection.execute(QUERIES["begin"], given).rowcount == 1


def end(
    connection: Connection,
    world: World,
    run: int,
    address: int,
    state: State,
    *,
    fault: str | None = None,
    steps: Sequence[Done] = (),
    pictures: str | None = None,
) -> int:
    """A visit is over: what its person has beside what they had is registered as ours. Returns how many rows that is.

    Nothing happens to a visit that is over already.
    """
    row = connection.execute(QUERIES["before"], {"address": address}).fetchone()
    appeared = 0
    if row is not None and row[1] is not None:
        for table in _owned(world):
            whose_and_before = ([str(row[0])], row[1].get(table.full_name, []))
            statement = _register(table, world, any_key=row[2])
            appeared += connection.execute(statement, whose_and_before).rowcount
    given = {
        "address": address,
        "run": run,
        "state": state,
        "fault": fault,
        "at": _now(),
        "steps": Jsonb([one.document() for one in steps]),
        "pictures": pictures,
    }
    connection.execute(QUERIES["end"], given)
    return appeared


def has_rows(connection: Connection, world: World, person: str) -> bool:
    """Whether somebody has any row that is theirs."""
    queries = (_of_person(table, world) for table in _owned(world))
    return any(connection.execute(query, ([person],)).fetchone() for query in queries)


def end_left(connection: Connection, world: World) -> int:
    """End what runs that have died left open, with its rows, where no other run follows; how many visits it was."""
    left = [
        (dead, address)
        for (dead,) in connection.execute(QUERIES["dead"], {"class": LOCKS}).fetchall()
        for (address,) in connection.execute(QUERIES["open"], {"run": dead}).fetchall()
    ]
    for dead, address in left:
        end(connection, world, dead, address, "interrupted", fault="the run that played it ended")
    return len(left)


def of_person(connection: Connection, person: str, most: int) -> list[Mapping[str, Any]]:
    """The last visits of somebody that were played, the newest first."""
    names = ("address", "state", "fault", "begins", "ends", "started_at", "ended_at", "steps", "pictures", "site")
    rows = connection.execute(QUERIES["of_person"], {"person": person, "most": most}).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def newest(connection: Connection) -> int:
    """The number of the last intervention in effect that is no claim; 0 for none."""
    row = connection.execute(QUERIES["newest"]).fetchone()
    return int(row[0]) if row else 0


def counted(connection: Connection) -> dict[str, int]:
    """Visits by what became of them."""
    return dict(connection.execute(QUERIES["counted"]).fetchall())


def _owned(world: World) -> list[Table]:
    """Tables whose rows belong to a person and are proven by themselves."""
    return [t for t in world.tables if t.root == world.people_root and t.owner and not t.proven_by]


def _of_person(table: Table, world: World) -> Composed:
    return SQL("SELECT pg_catalog.to_json({})::text FROM {} AS t WHERE {}").format(
        ledger_key(table), name_of(table), whose(table, world, Placeholder())
    )


def _register(table: Table, world: World, *, any_key: bool) -> Composed:
    """Marked rows of a person (the first parameter) beside some, by their keys as JSON, are listed as ours: those that
    the app made. What the simulation has written meanwhile for the same person, the plan proves; any_key: it cannot
    have written any yet."""
    return SQL(
        "INSERT INTO populace.own_row (relation, key) SELECT {relation}::regclass, {key} FROM {table} AS t"
        " WHERE ({whose}) AND ({mark}) AND NOT (pg_catalog.to_json({key})::text = ANY (%s::text[]))"
        " AND NOT {ours} ON CONFLICT DO NOTHING"
    ).format(
        ours=OURS if table.hashed and has_id(table) and not any_key else SQL("false"),
        relation=Quoted(table.quoted_name),
        key=ledger_key(table),
        table=name_of(table),
        whose=whose(table, world, Placeholder()),
        mark=SQL(table.mark.beside_parameters),
    )


def _now() -> Any:
    return clock.to_datetime(clock.now_us())
