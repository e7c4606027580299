"""Hazardous configurations: what other people have in a database, and everything that Populace does beside it.

A row counts as theirs when Populace did not write it: whatever was there before the seed, and whatever a hazard adds
later. After every step each of these rows must be what it was.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from command import CLUB, ENVIRONMENT, TESTS, in_this_process
from populace.worlds import registry

RELATIONS = """
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> ALL (ARRAY['information_schema', 'populace'])
"""
ROWS = "SELECT pg_catalog.md5(pg_catalog.textin(pg_catalog.record_out(t))) FROM ONLY {} AS t"

PATIENT = "-c search_path=pg_catalog" + "".join(
    f" -c {name}_timeout=0"
    for name in ("statement", "lock", "idle_session", "idle_in_transaction_session", "transaction")
)
"""Options of a session that looks at rows, whatever a hazard has done to other sessions."""

Rows = Counter[tuple[str, str]]
"""How often each row is there: (table, hash of the whole row)."""


@dataclass(frozen=True, slots=True)
class Small:
    """A small population: its world, and where its history and its life end.

    settings: of the plan. words: further ones of the seed.
    """

    world: str
    now: str = "2026-01-09T02:00:00Z"
    until: str = "2026-01-09T03:00:00Z"
    settings: Mapping[str, object] = field(default_factory=dict)
    words: tuple[str, ...] = ()

    @property
    def seed(self) -> tuple[str, ...]:
        """The command without its target."""
        changes = (f"--set={name}={str(v).lower() if isinstance(v, bool) else v}" for name, v in self.settings.items())
        return ("seed", self.world, "--seed", "7", "--epoch", "2026-01-09T00:00:00Z", "--now", self.now, "--yes",
                *self.words, *changes)  # fmt: skip

    def steps(self) -> dict[str, tuple[str, ...]]:
        """What a population goes through, in order: the name of a step and its command without the target."""
        return {
            "seed": self.seed,
            "life": ("run", self.world, "--until", self.until, "--speed", "max", "-q"),
            "retain": ("cleanup", "--retain-days", "1", "--yes"),
            "look": ("cleanup", "--all", "--dry-run"),
            "keep": ("cleanup", "--all", "--keep-referenced", "--yes"),
            "all": ("cleanup", "--all", "--yes"),
        }

    def tables(self) -> str:
        """The statements that make the world's tables, as an app that has them already would have run them."""
        schema = files(registry.find(self.world).package).joinpath("schema")
        return "\n".join(schema.joinpath(f"{name}.sql").read_text() for name in ("1_tables", "2_constraints"))


CLUB_SMALL = Small(CLUB, words=("--scenario", "busy"), settings={"visit_days": 1, "rate": 1})
"""A second to seed; whoever leaves it leaves in its first hours, and it keeps everything else."""
JOURNEYS = Small("recoverlution", settings={"count_users": 60, "coverage_per_mindblock": 1, "days": 2})
"""Has a rule for what is old, tables of its own and rows of accounts."""
FILMS = Small("hogflix", now="2026-01-10T12:00:00Z", until="2026-01-10T18:00:00Z",
              settings={"persona_pool": 40, "days": 20})  # fmt: skip
"""Has people who leave with all their rows, and staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """One configuration.

    before: what others do in the database before the seed, in SQL. in_place: the world's tables are there already, made
    by the app; `before` runs after that. after: what others do after the seed; what it adds or changes is theirs from
    then on. unseen: what they do after the seed that makes no row theirs (an edit of a synthetic row). steps: those to
    go through; () for all. refused: which steps end with 3, and a part of what each says; all others end with 0.
    left: how many rows of ours stay at the end by table, since others need them.
    """

    name: str
    small: Small = CLUB_SMALL
    before: str = ""
    in_place: bool = False
    after: str = ""
    unseen: str = ""
    steps: Sequence[str] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Said:
    """How a step ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What the step printed as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Seeded:
    """A database in which a small population has been seeded, to be copied: a copy is faster than a seed.

    others: the rows that were there before the seed. said: how the seed ended.
    """

    small: Small
    template: str
    others: Rows
    said: Said


class Others:
    """The rows of a database that are not Populace's."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rows: Rows = rows(url)

    def do(self, statements: str) -> None:
        """Let others run statements; the rows that these add or change are theirs."""
        if not statements:
            return
        before = rows(self.url)
        execute(self.url, statements)
        now = rows(self.url)
        self.rows = (self.rows - (before - now)) + (now - before)

    def changed(self) -> dict[str, int]:
        """How many of their rows are not what they were, by table."""
        return by_table(self.rows - rows(self.url))

    def besides(self) -> dict[str, int]:
        """How many rows are there that are not theirs, by table."""
        return by_table(rows(self.url) - self.rows)


def by_table(found: Rows) -> dict[str, int]:
    """How many rows each table has."""
    out: Counter[str] = Counter()
    for (table, _), times in found.items():
        out[table] += times
    return dict(out)


def rows(url: str) -> Rows:
    """Every row of every table but Populace's own."""
    found: Rows = Counter()
    with psycopg.connect(url, options=PATIENT) as connection:
        for schema, name in connection.execute(RELATIONS).fetchall():
            query = sql.SQL(ROWS).format(sql.Identifier(schema, name))  # type: ignore[arg-type]
            found.update((f"{schema}.{name}", row[0]) for row in connection.execute(query))
    return found


def execute(url: str, statements: str) -> None:
    """Run statements as the owner of the database, who is not Populace."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements)  # type: ignore[call-overload]


def step(url: str, *words: str, cwd: Path = TESTS, **environment: str) -> Said:
    """One command on a target."""
    done = in_this_process([*words, "--target", url], cwd, ENVIRONMENT | environment)
    assert "Traceback" not in done.stderr, done.stderr
    assert "a fault of Populace" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def live_through(
    hazard: Hazard,
    url: str,
    *,
    seeded: Seeded | None = None,
    meanwhile: Callable[[str, str], None] = lambda name, url: None,
) -> dict[str, Said]:
    """Everything that a population does in a database, from its seed to its end, and how each step ended.

    url: an opened, otherwise empty database, or a copy of that of `seeded`. meanwhile: called with each step's name and
    the target before the step. Asserts after each step that no row of others has changed and that the step ended as the
    hazard says; and after the last clean-up that only their rows are left, and those of ours that the hazard names.
    """
    if hazard.in_place:
        execute(url, hazard.small.tables())
    if hazard.before:
        execute(url, hazard.before)
    others, said = Others(url), {}
    if seeded:
        assert seeded.small == hazard.small
        assert not hazard.before, "what comes before a seed needs a seed of its own"
        assert not hazard.in_place, "a seed in place needs a seed of its own"
        others.rows = seeded.others
    for name, words in hazard.small.steps().items():
        if hazard.steps and name not in hazard.steps:
            continue
        if name == "retain" and not has_retention(hazard.small.world):
            continue
        meanwhile(name, url)
        said[name] = done = seeded.said if seeded and name == "seed" else step(url, *words)
        assert not (changed := others.changed()), f"{hazard.name}: {name} changed rows of others: {changed}"
        expected = 3 if name in hazard.refused else 0
        assert done.code == expected, f"{hazard.name}: {name} ended with {done.code}\n{done.out}\n{done.err}"
        assert hazard.refused.get(name, "") in done.err + done.out
        if name == "seed":
            others.do(hazard.after)
            if hazard.unseen:
                execute(url, hazard.unseen)
    if "all" in said and "all" not in hazard.refused:
        assert (left := others.besides()) == hazard.left, f"{hazard.name}: rows that are left: {left}"
    return said


def has_retention(world: str) -> bool:
    """Whether a world has a rule for what is old."""
    return files(registry.find(world).package).joinpath("retention.sql").is_file()
