"""Campaigns, spoilt: of whatever is wrong in one row, or in many, the right checks say so, and no others.

Each damage is done and judged inside a transaction that is rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import psycopg
import pytest

from campaign_damages import DAMAGES, SWITCHED_OFF
from command import answer, call
from examples import part
from populace.checks import conformance, integrity
from populace.checks.conformance import Facts
from populace.database.connection import Connection
from populace.operations.inspection.validate import expected
from populace.plan import Plan
from populace.runner import ledger, records
from populace.worlds.campaigns import WORLD

NOW, SEED = "2026-01-09T18:30:00Z", "3"
"""Of this seed, two of the six clients are billed through an agency."""
SMALL = {
    "analytics": "true", "error_logs": "true", "months": 3, "campaigns_per_client": 6, "performance_metrics": 3_000,
    "usage_events": 1_500, "errors": 800, "closing_low_days": 20, "closing_high_days": 32,
    "purchase_failure_share": 0.3, "opt_out_share": 0.2,
}  # fmt: skip
BARE = {"call_center": "false", "gift_cards": "false", "analytics": "false", "error_logs": "false"}


@dataclass(frozen=True)
class Seeded:
    """A small target, and what is on record about it."""

    url: str
    plan: Plan
    facts: Facts

    def red(self, connection: Connection, facts: Facts | None = None) -> list[str]:
        """The checks that fail, as `id title`."""
        connection.execute("SET LOCAL enable_nestloop = off")
        counted = expected(connection, self.plan)
        verdicts = [
            *conformance.check(connection, self.plan, facts or self.facts),
            *integrity.check(connection, WORLD, counted),
        ]
        return [f"{v.id} {v.title}" for v in verdicts if v.status == "failed"]


def seeded(folder: object, **values: object) -> Iterator[Seeded]:
    target = f"embedded:{folder}"
    sets = [part for path, value in values.items() for part in ("--set", f"{path}={value}")]
    try:
        answer(
            "seed", "campaigns", "--scenario", "small", "--target", target, "--now", NOW, "--seed", SEED, "--yes", *sets
        )
        url = call("db", "url", "--target", target).stdout.strip()
        with psycopg.connect(url) as connection:
            record = records.finished(connection, WORLD)
            plan = records.stored_plan(connection, WORLD, record)
            accounts, mark_us = records.read_draw_statistics(connection).document(), ledger.watermark(connection)
            assert mark_us is not None
        yield Seeded(url, plan, Facts(record.seconds, mark_us, accounts, {}))
    finally:
        call("db", "stop", "--target", target)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """Three months of six clients, with everything that can be switched on."""
    yield from seeded(tmp_path_factory.mktemp("broken"), **SMALL)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """A month, with nothing that can be switched off."""
    yield from seeded(tmp_path_factory.mktemp("bare"), **BARE)


def assert_exactly(target: Seeded, damage: str | tuple[str, ...], fails: tuple[str, ...]) -> None:
    """With this damage, each of these parts is in a check that fails, and each check that fails has one of them."""
    with psycopg.connect(target.url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (damage,) if isinstance(damage, str) else damage:
            changed = connection.execute(statement).rowcount  # type: ignore[call-overload]
            assert changed > 0 or statement.startswith(("ALTER", "DROP")), statement
        red = target.red(connection)
        connection.rollback()
    assert [part for part in fails if not any(part in line for line in red)] == [], red
    assert [line for line in red if not any(part in line for part in fails)] == []


def test_what_is_sound_is_green(small: Seeded, bare: Seeded) -> None:
    for target in (small, bare):
        with psycopg.connect(target.url) as connection:
            assert target.red(connection) == []


@pytest.mark.parametrize("wrong", part(DAMAGES, every=3))
def test_what_is_wrong_is_red_by_name_and_nothing_else_is(small: Seeded, wrong: str) -> None:
    assert_exactly(small, *DAMAGES[wrong])


@pytest.mark.parametrize("wrong", part(SWITCHED_OFF, every=3))
def test_what_is_switched_off_leaves_no_rows(bare: Seeded, wrong: str) -> None:
    assert_exactly(bare, *SWITCHED_OFF[wrong])


def test_a_seed_that_took_too_long_is_red(small: Seeded) -> None:
    with psycopg.connect(small.url) as connection:
        assert small.red(connection, replace(small.facts, seconds=301.0)) == ["E22 seconds of seeding"]
