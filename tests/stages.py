"""Where seeds, clean-ups, runs and ticks are killed: in every stage that writes, at those of its steps that count.

One chain a world: a seed of a fresh target is killed through all its stages and completed, a clean-up likewise, then a
seed into the tables that are left, and the life that follows. What is there must equal what undisturbed commands write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from command import Place, call
from kills import DENSITY, Kills, locked
from populace import clock
from populace.deliver.posthog import MOST_ROWS
from populace.plan import Plan, resolve
from populace.runner import bulk
from populace.worlds import registry
from urls import same_secret

EPOCH = "2026-01-09T00:00:00Z"
VIEW, GUEST = "public.view_of_the_app", "public.guest_of_the_app"
HOURS = 9 + 3 * DENSITY
"""From where runs begin to where they end."""
STAGES = (
    "seed: opening", "seed: tables", "seed: plan", "seed: ledger", "seed: rows", "seed: indexes", "seed: finish",
    "cleanup: all", "seed: in place", "run: rows", "run: windows", "run: snapshots", "tick",
)  # fmt: skip
"""Those of every world; snapshots only where people carry something."""
SEEDING = ("SELECT state FROM populace.plan", "seeding")
_SHOWN = 60
"""So many characters of a statement are always shown."""
MARK = "SELECT min(until) FROM populace.ledger"


@dataclass(frozen=True, slots=True)
class Population:
    """A small population, and what its kills need to know of its world.

    owner: a table to whose `id` others may refer. written: a table into which the first window of a run writes. first:
    where a seed ends from which a run goes on. carries: whether people carry something from window to window.
    """

    world: str
    scenario: str
    settings: Mapping[str, object]
    owner: str
    written: str
    first: str
    carries: bool = True

    @property
    def last(self) -> str:
        """Where a run ends: with time enough for all its kills."""
        return clock.iso(clock.parse(self.first, "first") + HOURS * clock.HOUR_US + 30 * 60 * clock.SECOND_US)

    @property
    def seed(self) -> tuple[str, ...]:
        """The command without its end."""
        changes = (f"--set={name}={str(v).lower() if isinstance(v, bool) else v}" for name, v in self.settings.items())
        return ("seed", self.world, "--scenario", self.scenario, "--seed", "7", "--epoch", EPOCH, "--yes", *changes)

    @property
    def plan(self) -> Plan:
        """What the seed resolves to."""
        world, epoch_us = registry.find(self.world), clock.parse(EPOCH, "epoch")
        return resolve(world, self.scenario, seed=7, epoch_us=epoch_us, overrides=self.settings)

    def undisturbed(self, place: Place, **environment: str) -> dict[str, str]:
        """What one seed to the last moment holds."""
        call(*self.seed, "--now", self.last, "--target", place.target, **environment)
        return place.contents()


def evenly(total: int, few: int) -> list[int]:
    """Steps of a stage, the first among them: so many, and with `make torture` more."""
    many = min(total, few * DENSITY)
    return [total * n // many for n in range(many)]


def kill_seed(kills: Kills, population: Population) -> None:
    """Kill a seed of a fresh target in every stage, and complete it."""
    command, plan = (*population.seed, "--now", population.last), population.plan
    kills.place.do("DROP SCHEMA populace CASCADE")
    kills.kill("seed: opening", command, "CREATE SCHEMA populace", at="CREATE SCHEMA",
               sees=("SELECT to_regnamespace('populace') IS NULL", True))  # fmt: skip

    script = bulk.script(plan.world, "1_tables.sql")
    tables = re.findall(r"^CREATE TABLE ([\w.]+)", "\n".join(script), re.MULTILINE)
    # The server shows the beginning of what is sent, and that is one statement or all of them together.
    begins = re.escape(script[0][:_SHOWN])
    nothing = (f"SELECT to_regclass('{tables[0]}') IS NULL AND NOT EXISTS (SELECT 1 FROM populace.plan)", True)
    for n in evenly(len(tables), 2):
        kills.kill("seed: tables", command, f"CREATE TABLE {tables[n]} ()", at=rf"CREATE TABLE {tables[n]}\b|{begins}",
                   sees=nothing)  # fmt: skip
    # The target is open again, with a secret of its own; its plan is not written yet.
    same_secret(kills.place.url)
    kills.kill("seed: plan", command, locked("populace.plan"), at="INSERT INTO populace.plan", sees=nothing)

    roots = [root for root, size in plan.sizes.items() if size]
    for n in evenly(len(roots), 3):
        kills.kill("seed: ledger", command, f"INSERT INTO populace.ledger VALUES ('{roots[n]}', 0, 1, now())",
                   at="INSERT INTO populace.ledger", sees=("SELECT count(*) FROM populace.ledger", n))  # fmt: skip
    kill_rows(kills, "seed: rows", command, plan)
    kills.place.do(f"CREATE MATERIALIZED VIEW {VIEW} AS SELECT count(*) AS n FROM {population.owner}")

    statements = bulk.script(plan.world, "2_constraints.sql")
    for n in evenly(len(statements), 10):
        not_yet = (f"SELECT count(*) <= {n} FROM populace.step", True)
        kills.kill("seed: indexes", command, f"INSERT INTO populace.step VALUES ({n}, '')",
                   at="INSERT INTO populace.step", sees=not_yet)  # fmt: skip

    unfinished = (
        "SELECT concat_ws(' ', state, (SELECT count(*) FROM populace.step), (SELECT count(*) FROM populace.clock),"
        " (SELECT count(*) FROM populace.ledger)) FROM populace.plan",
        f"indexing {len(statements)} 0 {len(roots)}",
    )
    for hold, at in (
        (f"SELECT n FROM {VIEW}", "REFRESH MATERIALIZED VIEW"),
        (locked("populace.ledger"), "DELETE FROM populace.ledger"),
        (locked("populace.clock"), "INSERT INTO populace.clock"),
        (locked(population.owner), "ANALYZE"),
    ):
        kills.kill("seed: finish", command, hold, at=at, sees=unfinished)

    kills.call(*command)
    counted, named = kills.place.rows(
        f"SELECT (SELECT n FROM {VIEW}) - (SELECT count(*) FROM {population.owner}), relname"
        f" FROM pg_class WHERE oid = '{population.owner}'::regclass AND reltuples = (SELECT n FROM {VIEW})"
    )[0]
    assert (counted, named) == (0, population.owner.partition(".")[2]), "views and statistics know the rows"


def kill_cleanup(kills: Kills, population: Population) -> None:
    """Kill a clean-up of everything where it deletes rows, records, and where it refreshes views; complete it."""
    place, before = kills.place, kills.place.contents()
    place.do(f"CREATE TABLE {GUEST} (id uuid REFERENCES {population.owner} (id))")
    command, owner = ("cleanup", "--all", "--world", population.world, "--yes"), population.owner
    rows = place.number(f"SELECT count(*) FROM {owner}")
    for hold, at in (
        (locked(GUEST, "EXCLUSIVE"), rf"DELETE FROM .*{owner.partition('.')[2]}"),
        (locked("populace.snapshot"), "TRUNCATE"),
        (f"SELECT n FROM {VIEW}", "REFRESH MATERIALIZED VIEW"),
    ):
        kills.kill("cleanup: all", command, hold, at=at, sees=(f"SELECT count(*) FROM {owner}", rows))
    assert place.contents() == before
    assert kills.call(*command)["rows_deleted"] == sum(int(found.split(":")[0]) for found in before.values())
    assert {found.split(":")[0] for found in place.contents().values()} == {"0"}
    assert place.number(f"SELECT n FROM {VIEW}") == 0
    place.do(f"DROP TABLE {GUEST}")


def kill_batch(kills: Kills, population: Population, batch: str) -> None:
    """Kill a clean-up of one batch, while another is there, where it deletes rows; nothing of it stays."""
    place, owner = kills.place, population.owner
    place.do(f"CREATE TABLE {GUEST} (id uuid REFERENCES {owner} (id))")
    rows = place.number(f"SELECT count(*) FROM {owner}")
    command = ("cleanup", "--batch", batch, "--world", population.world, "--yes")
    kills.kill("cleanup: batch", command, locked(GUEST, "EXCLUSIVE"), at=rf"DELETE FROM .*{owner.partition('.')[2]}",
               sees=(f"SELECT count(*) FROM {owner}", rows))  # fmt: skip
    place.do(f"DROP TABLE {GUEST}")


def kill_retention(kills: Kills, population: Population, table: str) -> None:
    """Kill a clean-up of what is old where it deletes rows of a table; nothing of it stays."""
    command = ("cleanup", "--retain-days", "1", "--world", population.world)
    would = kills.call(*command, "--dry-run")
    rows = kills.place.number(f"SELECT count(*) FROM {table}")
    kills.kill("cleanup: retain", command, locked(table), at="cleanup_synthetic_data_before",
               sees=(f"SELECT count(*) FROM {table}", rows))  # fmt: skip
    assert kills.call(*command, "--dry-run") == would


def kill_delivery(kills: Kills, channel: str, sent: Callable[[], int]) -> None:
    """Kill deliveries of events that have sent a batch and not yet noted it; what they had sent is sent again.

    sent: how many rows the other side was sent.
    """
    waiting = f"SELECT count(*) FROM populace.outbox WHERE channel = '{channel}'"
    command = ("deliver", "--channel", channel, "--world", kills.place.world)
    # As if nobody had tried before: whole batches.
    kills.place.do("UPDATE populace.outbox SET attempts = 0, not_before = NULL")
    left, received = kills.place.number(waiting), sent()
    for batches in (0, 1, 2) * DENSITY:
        left -= batches * MOST_ROWS
        kills.kill("deliver", command, locked("populace.delivered"), at="INSERT INTO populace.delivered",
                   passing=batches, sees=(waiting, left))  # fmt: skip
        received += (batches + 1) * MOST_ROWS
        assert sent() == received
    done = kills.call(*command)
    assert (done["delivered"], done["waiting"], done["rejected"]) == (left, 0, 0)


def kill_rows(kills: Kills, stage: str, command: Sequence[str], plan: Plan, passing: int = 0) -> None:
    """Kill a seed that writes rows of its last root. passing: so many transactions on it go by before."""
    last = [root for root, size in plan.sizes.items() if size][-1]
    table = next(t for t in plan.world.tables if t.root == last)
    kills.kill(stage, command, locked(table.full_name), at=rf"\b{table.name}\b", passing=passing, sees=SEEDING)


def kill_seed_in_place(kills: Kills, population: Population) -> None:
    """Kill a seed of tables that are there, among the rows that it writes, and complete it."""
    command = (*population.seed, "--now", population.first)
    # The first transaction is the rehearsal.
    kill_rows(kills, "seed: in place", command, population.plan, passing=1)
    kills.call(*command)
    assert kills.place.rows("SELECT state, in_place FROM populace.plan") == [("ready", True)]


def kill_run(kills: Kills, population: Population, also: Sequence[tuple[str, str, str, int]] = ()) -> None:
    """Kill runs and ticks inside windows and after them, with snapshots damaged and lost; continue to the last moment.

    also: more stages of a run, each its name, the hold, the statement that waits, and hours after the first moment.
    """
    place, world, first = kills.place, population.world, clock.to_datetime(clock.parse(population.first, "first"))
    run, tick, hour = ("run", world, "--speed", "max", "--until"), ("tick", world, "--until"), timedelta(hours=1)
    table, ledger, advance = population.written, locked("populace.ledger"), "UPDATE populace.ledger"
    last, mark = (*run, population.last), first
    kills.kill("run: rows", last, locked(table), at=table.partition(".")[2], sees=(MARK, mark))
    for stage, hold, at, hours in also:
        mark = first + hours * hour
        kills.kill(stage, last, hold, at=at, sees=(MARK, mark))
    for windows in (1, 2) * DENSITY:
        mark += windows * hour
        kills.kill("run: windows", last, ledger, at=advance, passing=windows, sees=(MARK, mark))

    spoils = ("UPDATE populace.snapshot SET state = substr(state, 1, 100)", "DELETE FROM populace.snapshot")
    for spoil in spoils if population.carries else ():
        mark += hour
        kills.call(*run, _iso(mark))
        assert place.number("SELECT count(*) FROM populace.snapshot") > 0
        place.do(spoil)
        mark += hour
        kills.kill("run: snapshots", last, ledger, at=advance, passing=1, sees=(MARK, mark))
    mark += hour
    if population.carries:
        kills.kill("run: snapshots", (*run, _iso(mark)), locked("populace.snapshot"),
                   at="INSERT INTO populace.snapshot", sees=(MARK, mark))  # fmt: skip
    else:
        kills.call(*run, _iso(mark))

    for windows in range(2):
        mark += windows * hour
        kills.kill("tick", (*tick, population.last), ledger, at=advance, passing=windows, sees=(MARK, mark))
    mark += hour
    kills.call(*tick, _iso(mark))
    assert mark < clock.to_datetime(clock.parse(population.last, "last"))
    kills.call(*last)


def _iso(at: datetime) -> str:
    return clock.iso(clock.from_datetime(at))


@contextmanager
def kills_of(population: Population, folder: Path, **environment: str) -> Iterator[tuple[Kills, dict[str, str]]]:
    """Kills on a fresh target, and what an undisturbed one holds. At the end all kills are counted by stage."""
    places = [Place(population.world, folder / name) for name in ("undisturbed", "killed")]
    kills = Kills(places[1], environment)
    try:
        yield kills, population.undisturbed(places[0], **environment)
        kills.report()
        missed = {stage for stage in STAGES if not kills.hits[stage]}
        assert missed == (set() if population.carries else {"run: snapshots"}), kills.hits
    finally:
        for place in places:
            call("db", "stop", "--target", place.target)
