"""What 2_constraints.sql says, after the rows: each statement once, and recorded in the transaction that it runs in.

Keys and indexes of different tables are built side by side by two sessions, where there is enough of it: two statements
go together when they touch no table in common, so that neither waits for a lock of the other. Everything else comes in
its order.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from populace import clock
from populace.database import made, privileges
from populace.database.connection import Connection
from populace.database.statements import in_words, without_comments
from populace.errors import Interrupted, Refused, Remedy
from populace.event import Listener, Stage
from populace.plan import Plan
from populace.runner import records
from populace.runner.bulk import Beside, TableName, largest_of, looking_at, run_all, script
from populace.runner.records import SQL
from populace.spec import World

FILE = "2_constraints.sql"
TOGETHER_S = 0.2
"""Statements of 2_constraints.sql share a transaction until so many seconds have passed, and a message while they are
quick: on small tables, and for what does not depend on their size, those would take longer than they."""
_POLL_S = 0.2
_NAME = r'((?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)'
_INDEX = re.compile(rf"CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?(?:{_NAME} )?ON (?:ONLY )?{_NAME}", re.IGNORECASE)
_KEY = re.compile(
    rf"ALTER TABLE (?:ONLY )?{_NAME} ADD CONSTRAINT {_NAME} (?:PRIMARY KEY|UNIQUE|FOREIGN KEY|CHECK)\b", re.IGNORECASE
)
_REFERS = re.compile(rf"\bREFERENCES {_NAME}", re.IGNORECASE)


def build_indexes(
    connection: Connection, plan: Plan, on_event: Listener, stop: threading.Event, beside: Beside | None = None
) -> TableName | None:
    """Run the statements of 2_constraints.sql that have not run yet: quick ones together, slow ones each in a
    transaction of its own. beside: None where one session is to do it; else it looks at the largest table at last, for
    the planner, and which one that is is returned."""
    statements = script(plan.world, FILE)
    left = _not_run(connection, plan.world, statements)
    building = _Building(plan.world, statements, Stage(on_event, "indexes", "statements", len(statements)), stop)
    building.there, building.ran = made.before(connection), len(statements) - len(left)
    alike = connection.execute("SELECT EXISTS (SELECT FROM pg_catalog.pg_inherits)").fetchone()
    connection.commit()
    many = next((at for at, number in enumerate(left) if not touched(statements[number])), len(left))
    # What is done to a table that others inherit from is done to these too.
    if beside is not None and many > 1 and alike == (False,):
        left = _side_by_side(connection, building, left[:many], beside) + left[many:]
    known = None
    if beside is None or not left:
        building.in_turn(connection, left)
    else:
        known = largest_of(connection)
        connection.commit()
        with looking_at(beside, known):
            building.in_turn(connection, left)
    building.stage.over(len(statements), "built")
    return known


def touched(statement: str) -> frozenset[str]:
    """The tables that a statement which makes a key, an index or a reference touches, without their schemas; nothing
    for any other statement."""
    text = " ".join(without_comments(statement).split())
    found = _INDEX.match(text) or _KEY.match(text)
    if found is None:
        return frozenset()
    names = [found[2] if found.re is _INDEX else found[1], *_REFERS.findall(text)]
    return frozenset(name.rpartition(".")[2].strip('"').lower() for name in names)


@dataclass(slots=True)
class _Building:
    """The statements of a world, and what is said of them. there: what was there before any of it. ran: so many have
    been begun."""

    world: World
    statements: Sequence[str]
    stage: Stage
    stop: threading.Event
    there: made.Objects = field(default_factory=set)
    ran: int = 0
    _speaking: threading.Lock = field(default_factory=threading.Lock)

    def in_turn(self, connection: Connection, left: Sequence[int]) -> None:
        """Run statements one after the other. Raises Interrupted when it is to stop."""
        together = 1
        while left:
            if self.stop.is_set():
                raise Interrupted("stopped; what is built stays", todo=Remedy(text="run {} again to continue"))
            began, rest = clock.monotonic(), ";".join(self.statements[number] for number in left)
            with connection.transaction():
                connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
                with privileges.watching(connection, rest), made.recording(connection, self.there):
                    at = began
                    while left and at - began <= TOGETHER_S and not self.stop.is_set():
                        some, left = left[:together], left[together:]
                        self.run(connection, some)
                        before, at = at, clock.monotonic()
                        together = 2 * together if at - before < TOGETHER_S / 4 else 1
                records.set_state(connection, "indexing", clock.monotonic() - began)

    def by_turns(self, connection: Connection, turns: _Turns, lane: int, first: Callable[[], None]) -> None:
        """Run the statements whose turn it is, until none is left. lane: 0 for who seeds, 1 for the session beside it.
        first: called first in each transaction."""
        while (number := turns.take(lane, wait=True)) is not None:
            began = clock.monotonic()
            with connection.transaction():
                first()
                connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
                with made.recording(connection, self.there):
                    while number is not None:
                        self.run(connection, [number])
                        more = clock.monotonic() - began <= TOGETHER_S
                        number = turns.take(lane, wait=False) if more else None
                if lane == 0:
                    records.set_state(connection, "indexing", clock.monotonic() - began)
            turns.over(lane)

    def run(self, connection: Connection, some: Sequence[int]) -> None:
        """Run statements, and record them."""
        with self._speaking:
            self.stage.at(self.ran, in_words(self.statements[some[0]]))
            self.ran += len(some)
        run_all(connection, self.world, FILE, [self.statements[number] for number in some])
        hashes = [_digest(self.statements[number]) for number in some]
        connection.execute(SQL["add_steps"], {"numbers": list(some), "hashes": hashes})


class _Turns:
    """Which statement is next. A lane holds the tables of its transaction until that is over."""

    def __init__(self, waiting: Sequence[int], touched: Callable[[int], frozenset[str]], stop: threading.Event) -> None:
        self.waiting, self._touched, self._stop = list(waiting), touched, stop
        self._held: list[set[str]] = [set(), set()]
        self._changed = threading.Condition()
        self._ended = False

    def take(self, lane: int, *, wait: bool) -> int | None:
        """The first statement that touches no table of the other lane, nor of a statement before it that has to wait.
        None when there is none, none is left, or all is to end. wait: for one."""
        with self._changed:
            while not (self._ended or self._stop.is_set()):
                blocked = set(self._held[1 - lane])
                for number in self.waiting:
                    own = self._touched(number)
                    if blocked.isdisjoint(own):
                        self.waiting.remove(number)
                        self._held[lane] |= own
                        return number
                    blocked |= own
                if not (wait and self.waiting):
                    return None
                self._changed.wait(_POLL_S)
            return None

    def over(self, lane: int, *, ended: bool = False) -> None:
        """A transaction is over. ended: nobody takes another one."""
        with self._changed:
            self._held[lane].clear()
            self._ended |= ended
            self._changed.notify_all()


def _side_by_side(connection: Connection, building: _Building, numbers: Sequence[int], beside: Beside) -> list[int]:
    """Run statements by two sessions; those that are left when it was to stop. Raises what either of them raised."""
    turns = _Turns(numbers, lambda number: touched(building.statements[number]), building.stop)
    faults: list[BaseException] = []
    with beside() as (other, first):

        def work() -> None:
            try:
                building.by_turns(other, turns, 1, first)
            except BaseException as error:
                faults.append(error)
                turns.over(1, ended=True)

        thread = threading.Thread(target=work, name="populace-indexes", daemon=True)
        thread.start()
        try:
            building.by_turns(connection, turns, 0, lambda: None)
        except BaseException:
            turns.over(0, ended=True)
            while thread.is_alive():
                other.cancel_safe(timeout=5)
                thread.join(1)
            raise
        while thread.is_alive():
            thread.join(_POLL_S)
        if faults:
            raise faults[0]
    return turns.waiting


def _not_run(connection: Connection, world: World, statements: Sequence[str]) -> list[int]:
    """The numbers of the statements without a record. Raises Refused for one that was another when it ran."""
    ran: dict[int, str] = dict(connection.execute(SQL["steps"]).fetchall())
    known = dict(enumerate(map(_digest, statements)))
    changed = [number for number, digest in ran.items() if known.get(number) != digest]
    if changed:
        raise Refused(
            "the world's constraints have changed since this seed began",
            where=f"{world.name}.schema/{FILE}",
            given=f"statement {min(changed) + 1}",
            todo="finish with the version of Populace that began, or seed an empty database",
        )
    return [number for number in range(len(statements)) if number not in ran]


def _digest(statement: str) -> str:
    return hashlib.sha256(statement.encode()).hexdigest()
