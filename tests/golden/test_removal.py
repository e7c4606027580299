"""Removal: a removed person has no rows in the app, whether these were written and removed, or never written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from golden.runs import EPOCH, club, run, windows
from populace.batch import Batch
from populace.clock import HOUR_US, MINUTE_US
from populace.engine import DrawStatistics, Shard, Snapshots, Window, generate, shards, whole
from populace.engine.draws import EngineDraw
from populace.plan import Plan
from populace.sinks.memory import MemorySink
from populace.spec import NEVER, Draw, Ints, Members, Rows, TableRows
from tiny import CLUB, leaves, person_key, table

SPANS = (0, 35 * MINUTE_US, 35 * MINUTE_US + 1, 90 * MINUTE_US, 3 * HOUR_US)


def soon(draw: Draw, person: Ints) -> Ints:
    """0 and 1 go at 35 minutes, 2 at 90, 3 in history, 4 at the epoch, 5 in the middle of a minute; others stay."""
    at = {0: 35, 1: 35, 2: 90, 3: -600, 4: 0, 5: 50.5}
    moments = [draw.epoch_us + int(at[p] * MINUTE_US) if p in at else NEVER for p in person.tolist()]
    return np.array(moments, dtype=np.int64)


LEAVING = replace(CLUB, roots=(replace(CLUB.roots[0], removed=soon),))


@cache
def plan() -> Plan:
    return club(LEAVING, rate=5)


def removed_at(person: int) -> int:
    draw = EngineDraw(plan(), plan().eras[0], Window(0, 0), DrawStatistics())
    return int(soon(draw, np.array([person]))[0])


@cache
def keys() -> list[bytes]:
    """The key of each person, by ordinal: the whole population as it would be had nobody gone."""
    staying = club(replace(CLUB, roots=(replace(CLUB.roots[0], removed=None),)), rate=5)
    rows = run(staying, [staying.origin_us, staying.origin_us + 1]).rows("people")
    return [row["id"] for row in sorted(rows, key=lambda row: row["mail"])]


def owners(rows: Iterable[dict[str, Any]], column: str) -> set[int]:
    return {keys().index(row[column]) for row in rows}


@pytest.mark.parametrize("span", SPANS)
def test_a_bulk_run_that_ends_after_a_removal_holds_nothing_of_that_person(span: int):
    outcome = run(plan(), [plan().origin_us, EPOCH + span])
    gone = {p for p in range(23) if removed_at(p) < EPOCH + span}
    assert owners(outcome.rows("people"), "id") == set(range(23)) - gone
    for name in ("notes", "thanks", "visits", "steps"):
        assert not owners(outcome.rows(name), "person_id") & gone
    assert outcome.statistics["chances"].keys() >= {"noted"}


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_windows_with_the_removal_come_to_the_same(parts: int):
    end = EPOCH + 3 * HOUR_US
    bulk = run(plan(), [plan().origin_us, end])
    edges = {35 * MINUTE_US, 35 * MINUTE_US + 1, 90 * MINUTE_US - 1, 50 * MINUTE_US, 51 * MINUTE_US}
    for some in (edges, edges | {-11 * HOUR_US, -10 * HOUR_US, 0}, {7 * MINUTE_US * n for n in range(-3, 25)}):
        cut = run(plan(), [plan().origin_us, *(EPOCH + e for e in some), end], parts, snapshots=Snapshots())
        assert cut == bulk


def test_a_removal_takes_rows_that_were_there_and_they_never_reappear():
    """After every window, exactly those are there who have not gone; what a removal takes was there."""
    sink = MemorySink(plan().world)
    edges = [
        plan().origin_us,
        *range(EPOCH - 12 * HOUR_US, EPOCH, 4 * HOUR_US),
        *range(EPOCH, EPOCH + 2 * HOUR_US, 7 * MINUTE_US),
    ]
    taken = dict.fromkeys(("people", "notes", "visits", "steps"), 0)
    for window in windows(edges):
        for batch in generate(plan(), whole(plan()), window):
            sink.write(batch)
        for name, tally in sink.tallies().tables.items():
            taken[name] = taken.get(name, 0) + tally.removed
        gone = {p for p in range(23) if removed_at(p) < window.end_us}
        assert owners(sink.rows["people"].values(), "id") == set(range(23)) - gone
        for name in ("notes", "thanks", "visits", "steps"):
            assert not owners(sink.rows[name].values(), "person_id") & gone
    assert taken["people"] == 6
    assert all(count > 0 for count in taken.values())


def removals(window: Window, shard: Shard | None = None) -> list[Batch]:
    return [b for b in generate(plan(), shard or whole(plan()), window) if b.act == "remove"]


def test_a_removal_belongs_to_the_window_that_holds_its_moment():
    at = EPOCH + 35 * MINUTE_US
    assert removals(Window(at - MINUTE_US, at)) == []
    assert removals(Window(at + 1, at + MINUTE_US)) == []
    found = removals(Window(at, at + 1))
    assert [b.table for b in found] == ["steps", "visits", "thanks", "notes", "people"]
    assert [b.rows.schema.names for b in found] == [["person_id"]] * 4 + [["id"]]
    assert all(b.rows.column(0).to_pylist() == keys()[:2] for b in found)
    assert all(b.rows.column(0).type == pa.binary(16) for b in found)


def test_a_removal_is_emitted_by_the_shard_that_holds_the_person():
    window = Window(EPOCH, EPOCH + 2 * HOUR_US)
    emitted = [
        sorted(b.rows.column(0).to_pylist())
        for s in shards(plan(), 7)
        for b in removals(window, s)
        if b.table == "people"
    ]
    assert sorted(key for keys_ in emitted for key in keys_) == sorted(keys()[p] for p in (0, 1, 2, 4, 5))
    assert len(emitted) == 2


def test_removal_changes_nothing_for_those_who_stay():
    end = EPOCH + HOUR_US
    staying = club(replace(CLUB, roots=(replace(CLUB.roots[0], removed=None),)), rate=5)
    all_rows, left = run(staying, [plan().origin_us, end]), run(plan(), [plan().origin_us, end])
    gone = {keys()[p] for p in range(23) if removed_at(p) < end}
    for name, column in (("people", "id"), ("notes", "person_id"), ("visits", "person_id"), ("steps", "person_id")):
        assert [r for r in all_rows.rows(name) if r[column] not in gone] == left.rows(name)


def test_a_table_without_an_owner_keeps_its_rows():
    def log(draw: Draw, person: Ints) -> TableRows:
        at = draw.epoch_us + person * MINUTE_US
        return {"log": Rows(person, {"id": person_key(draw, person), "created_at": at}, at)}

    kept = table("log", owner=None)
    grown = replace(LEAVING, tables=(*LEAVING.tables, kept),
                    flows=(*LEAVING.flows, Members("log", "person", ("log",), log, dated=True)))  # fmt: skip
    lived = club(grown)
    edges = [lived.origin_us, EPOCH + 3 * HOUR_US]
    assert len(run(lived, edges).rows("log")) == 23
    assert run(lived, edges) == run(lived, [*edges, EPOCH + 10 * MINUTE_US, EPOCH + 36 * MINUTE_US], 2)


def test_the_club_itself_loses_people():
    lived = club()
    draw = EngineDraw(lived, lived.eras[0], Window(0, 0), DrawStatistics())
    moments = leaves(draw, np.arange(23))
    gone = int((moments < EPOCH + 96 * HOUR_US).sum())
    assert 0 < gone < 23
    assert gone == int((moments != NEVER).sum())
