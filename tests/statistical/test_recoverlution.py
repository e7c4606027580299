"""Recoverlution's documented means, measured on generated rows; tolerances from n at alpha = 1e-3."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache

import pyarrow.compute as pc
import pytest

from populace.clock import DAY_US, parse
from populace.engine import Window, generate, whole
from populace.plan import Plan, resolve
from populace.worlds.recoverlution import WORLD

EPOCH_US = parse("2026-01-09T00:00:00Z", "test")
Z = 3.29


def plan(scenario: str) -> Plan:
    return resolve(WORLD, scenario, seed=7, epoch_us=EPOCH_US, overrides={"coverage_per_mindblock": 0})


@cache
def week(scenario: str) -> tuple[Counter[str], Counter[str], Counter[str], int]:
    """Seven days of life: rows by table, scene events and mindblock signals by kind, people reached."""
    rows, scenes, signals, people = Counter[str](), Counter[str](), Counter[str](), set[bytes]()
    made = plan(scenario)
    for batch in generate(made, whole(made), Window(EPOCH_US, EPOCH_US + 7 * DAY_US)):
        rows[batch.table] += batch.rows.num_rows
        for table, column, counts in (
            ("journey_scene_events", "event_type", scenes),
            ("mindblock_events", "signal_type", signals),
        ):
            if batch.table == table:
                for pair in pc.value_counts(batch.rows[column]).to_pylist():
                    counts[pair["values"]] += pair["counts"]
        if batch.table == "journey_instances":
            people |= set(batch.rows["user_id"].to_pylist())
    return rows, scenes, signals, len(people)


def near(part: int, whole_: int, share: float) -> bool:
    return abs(part / whole_ - share) < Z * math.sqrt(share * (1 - share) / whole_)


@pytest.mark.parametrize(
    ("scenario", "scene_mean", "mindblock_mean", "spread"),
    [("documented", 4.7, 2.35, 2.5), ("expected_metrics", 1.0, 0.5, 1.2)],
)
def test_rows_a_session(scenario: str, scene_mean: float, mindblock_mean: float, spread: float) -> None:
    """A13, A14 and B5. spread: above the standard deviation of either number of rows in one session."""
    rows, *_ = week(scenario)
    sessions = rows["journey_instances"]
    # Two a minute, capped at five: a variance below that of a Poisson number.
    assert abs(sessions - 20_160) < Z * math.sqrt(20_160)
    tolerance = Z * spread / math.sqrt(sessions) + 0.002
    assert abs(rows["journey_scene_events"] / sessions - scene_mean) < tolerance
    assert abs(rows["mindblock_events"] / sessions - mindblock_mean) < tolerance


def test_scenes_end_as_they_begin_and_signals_are_a_funnel() -> None:
    """A11, A16, A17, A18; visits under way at the end have one scene open each at most."""
    rows, scenes, signals, _ = week("documented")
    under_way = scenes["scene_started"] - scenes["scene_completed"] - scenes["scene_abandoned"]
    assert 0 <= under_way < 40
    assert near(scenes["scene_abandoned"], rows["journey_instances"], 0.15)
    assert near(scenes["artifact_captured"], scenes["scene_completed"], 0.316)
    assert near(signals["engaged"], signals["viewed"], 0.9)
    assert near(signals["completed"], signals["engaged"], 0.8333)
    assert near(signals["resonated"], signals["completed"], 0.6)


def test_a_week_reaches_nearly_everybody() -> None:
    assert week("documented")[3] > 0.9 * 3000
