"""A window is computed before its transaction begins, and again when a change was requested meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from command import CLUB, call, contents
from hazards import CLUB_SMALL
from populace.batch import Batch
from populace.runner import shard
from populace.worlds import registry

IN_TRANSACTION = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND application_name LIKE 'populace%'
"""
LIVE = ("run", CLUB, "--until", CLUB_SMALL.until, "--speed", "max", "-q")


@pytest.fixture
def seeded(opened_url: str) -> str:
    call(*CLUB_SMALL.seed, "--target", opened_url)
    return opened_url


def number(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return row[0]


def test_a_seed_leaves_what_its_first_window_begins_with(seeded: str) -> None:
    """Under the plan that it has made, and not beyond what is written."""
    held = "SELECT count(*) FROM populace.snapshot WHERE plan = (SELECT digest FROM populace.plan) AND as_of {} {}"
    assert number(seeded, held.format("<=", "populace.watermark()")) == 1
    assert number(seeded, held.format(">", "populace.watermark()")) == 0


def test_no_transaction_is_open_while_a_window_is_computed(seeded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def generate(*arguments: Any, **options: Any) -> Iterator[Batch]:
        seen.append(number(seeded, IN_TRANSACTION))
        yield from original(*arguments, **options)
        seen.append(number(seeded, IN_TRANSACTION))

    original = shard.generate
    monkeypatch.setattr(shard, "generate", generate)
    call(*LIVE, "--target", seeded)
    assert seen
    assert not any(seen)


def test_a_change_that_is_requested_meanwhile_is_in_force_from_the_windows_start(
    seeded: str, make_database: Callable[[str], str], opened_template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = make_database(opened_template)
    call(*CLUB_SMALL.seed, "--target", before)
    call("pause", "--world", CLUB, "--target", before)
    call(*LIVE, "--target", before)
    computed = 0

    def generate(*arguments: Any, **options: Any) -> Iterator[Batch]:
        nonlocal computed
        computed += 1
        yield from original(*arguments, **options)
        if computed == 1:
            call("pause", "--world", CLUB, "--target", seeded)

    original = shard.generate
    monkeypatch.setattr(shard, "generate", generate)
    call(*LIVE, "--target", seeded)
    assert computed >= 2
    assert number(seeded, "SELECT applies_at = '2026-01-09T02:00:00Z' FROM populace.intervention") is True
    assert contents(seeded, registry.find(CLUB)) == contents(before, registry.find(CLUB))
