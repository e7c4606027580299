"""Keys and indexes that two sessions build side by side are those that one builds, and a fault in one ends both."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from command import call
from conftest import MakeDatabase, SeededBy
from hazards import Small, rows
from populace.operations.seeds import database
from populace.runner import building
from populace.worlds import registry

COOKS = Small("worldchef", settings={"users": 60, "recipes": 80})
MADE = "SELECT kind, name FROM populace.made WHERE name ~ 'public' ORDER BY 1, 2"
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
KEYS = (
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid), convalidated FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
)


def found(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return [line for query in (MADE, INDEXES, KEYS) for line in connection.execute(query).fetchall()]


def test_two_sessions_build_what_one_builds(
    make_database: MakeDatabase, seeded: SeededBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = make_database(seeded(COOKS).template), make_database()
    monkeypatch.setattr(database, "ROWS_WORTH_TWO_SESSIONS", 1)
    # No two statements in a transaction, so that the sessions take turns at them.
    monkeypatch.setattr(building, "TOGETHER_S", 0)
    lanes = set()
    run = building._Building.by_turns

    def noted(self: Any, connection: Any, turns: Any, lane: int, first: Any) -> None:
        before = len(turns.waiting)
        run(self, connection, turns, lane, first)
        lanes.add((lane, len(turns.waiting) < before))

    monkeypatch.setattr(building._Building, "by_turns", noted)
    call("init", "--target", two)
    call(*COOKS.seed, "--target", two)
    assert lanes == {(0, True), (1, True)}
    assert found(two) == found(one)
    assert rows(two) == rows(one)


def test_a_fault_in_either_ends_both_and_the_rest_can_be_built(
    make_database: MakeDatabase, seeded: SeededBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, url = make_database(seeded(COOKS).template), make_database()
    monkeypatch.setattr(database, "ROWS_WORTH_TWO_SESSIONS", 1)
    monkeypatch.setattr(building, "TOGETHER_S", 0)
    statements, whole = building.script(registry.find(COOKS.world), building.FILE), building.run_all
    call("init", "--target", url)

    def faulty(connection: Any, world: Any, file: str, some: list[str]) -> None:
        whole(connection, world, file, ["CREATE INDEX ON public.recipes (nonsense)"] if some == wrong else some)

    monkeypatch.setattr(building, "run_all", faulty)
    for place in (3, 20):
        wrong = [statements[place]]
        said = call(*COOKS.seed, "--target", url, code=2).stderr
        assert "nonsense" in said, said
    wrong = []
    call(*COOKS.seed, "--target", url)
    assert found(url) == found(one)
