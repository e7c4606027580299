"""K1 and K2 on WorldChef, small: its sign-ups and recipes cut at will, with a crowd that grows meanwhile."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from golden.runs import Outcome, run
from populace.clock import DAY_US, HOUR_US, MINUTE_US, parse
from populace.engine import Snapshots
from populace.engine.processes.schedules import blocks
from populace.errors import BadInput
from populace.plan import Intervention, Plan, resolve
from populace.worlds.worldchef import WORLD
from populace.worlds.worldchef.people import crowd

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")
# More people than the crowd's arrays are first made for, so that different pieces of work see crowds of other sizes.
SCENARIOS = {"plain": "staging", "crowded": "staging", "differing": "realistic"}
KINDS = {
    "plain": {"users": 60, "recipes": 40, "days": 140, "recipe_days": 84, "reach": 12.0},
    "crowded": {"users": 1_400, "recipes": 40, "days": 210, "recipe_days": 140, "reach": 12.0},
    "differing": {"users": 80, "recipes": 40, "days": 140, "recipe_days": 84, "reach": 20.0},
}
END = EPOCH + 5 * DAY_US + 21 * HOUR_US


@cache
def plan(kind: str) -> Plan:
    made = resolve(WORLD, SCENARIOS[kind], seed=3, epoch_us=EPOCH, overrides=KINDS[kind])
    if kind == "plain":
        changes = [
            Intervention(1, EPOCH + 13 * HOUR_US + 17, {"enabled": False}),
            Intervention(2, EPOCH + 2 * DAY_US, {"enabled": True, "like_share": 0.2}),
            Intervention(3, EPOCH + 15 * HOUR_US + 3, {}, sessions=4),
        ]
        return made.with_interventions(changes)
    return made


@cache
def undivided(kind: str) -> Outcome:
    return run(plan(kind), [plan(kind).origin_us, END])


def edges(kind: str, cut: str) -> list[int]:
    start = plan(kind).origin_us
    inside = {
        "months": range(start, END, 30 * DAY_US),
        "days": range(EPOCH - 4 * DAY_US, END, DAY_US),
        "odd": range(start, END, 11 * DAY_US + 7),
        "minutes": [*range(EPOCH + 20 * HOUR_US, EPOCH + 21 * HOUR_US, MINUTE_US), EPOCH + 2 * DAY_US],
    }
    return [start, *inside[cut], END]


def test_there_is_something_to_cut():
    for kind in KINDS:
        rows = undivided(kind).sink.rows
        assert [name for name in rows if not rows[name]] == []


@pytest.mark.parametrize(
    ("kind", "cut", "parts"),
    [
        ("plain", "days", 7),
        ("plain", "minutes", 2),
        ("plain", "odd", 1),
        ("crowded", "odd", 3),
        ("crowded", "days", 1),
        ("differing", "odd", 3),
        ("differing", "minutes", 2),
    ],
)
def test_cutting_changes_nothing(kind: str, cut: str, parts: int):
    assert run(plan(kind), edges(kind, cut), parts, snapshots=Snapshots()) == undivided(kind)


@pytest.mark.parametrize("recurs_every", [0, 7, 1_000])
def test_what_is_made_together_changes_nothing(monkeypatch: pytest.MonkeyPatch, recurs_every: int):
    flows = [replace(f, recurs_every=recurs_every) if f.name == "cooking" else f for f in WORLD.flows]
    made = resolve(replace(WORLD, flows=tuple(flows)), "staging", seed=3, epoch_us=EPOCH, overrides=KINDS["crowded"])
    monkeypatch.setattr(blocks, "ITEMS_AT_ONCE", 16)
    assert run(made, [made.origin_us, END]) == undivided("crowded")


def test_a_request_lets_recipes_begin_though_others_do_not():
    begun = [row for row in undivided("plain").rows("recipes") if row["created_at"].timestamp() * 1_000_000 > EPOCH]
    asked = [
        row for row in begun if 0 <= row["created_at"].timestamp() * 1_000_000 - EPOCH - 15 * HOUR_US < 2 * MINUTE_US
    ]
    assert len(asked) == 4


def test_the_order_of_the_work_changes_nothing():
    assert run(plan("crowded"), edges("crowded", "months"), 2, shuffled=5) == undivided("crowded")


def test_what_is_kept_of_the_crowd_changes_nothing():
    crowd._kept.clear()
    assert run(plan("plain"), edges("plain", "odd")) == undivided("plain")


def test_the_rows_of_the_staging_data_have_the_documented_counts():
    """D1, D2 and D4 in several populations."""
    for seed in (1, 2, 3):
        made = resolve(WORLD, "staging", seed=seed, epoch_us=EPOCH)
        rows = run(made, [made.origin_us, EPOCH]).sink.rows
        many = {name: len(table) for name, table in rows.items()}
        assert (many.pop("users"), many.pop("recipes")) == (300, 600)
        assert 1_800 <= many.pop("nutrition") <= 2_200
        assert 4_500 <= sum(many.values()) <= 5_500


FEW = {"users": 20, "recipes": 10, "days": 56, "recipe_days": 28}


@pytest.mark.parametrize(
    "hard",
    [{"reach": 500.0}, {"follows_each": 50.0, "reach": 0.0}, {"creators": 0.0, "moderators": 0.0, "admins": 0.0},
     {"drafts": 0.0, "archived": 0.5, "removed": 0.5}, {"growth": 1.0, "fame": 3.0},
     {"days": 3_650, "recipe_days": 3_600}],
    ids=str,
)  # fmt: skip
def test_hard_settings_give_the_counts_too_and_life_goes_on(hard: dict[str, float]):
    made = resolve(WORLD, "staging", seed=5, epoch_us=EPOCH, overrides=FEW | hard)
    lived = run(made, [made.origin_us, EPOCH, EPOCH + 40 * DAY_US])
    for table, many in (("users", 20), ("recipes", 10)):
        before = [row for row in lived.rows(table) if row["created_at"].timestamp() * 1_000_000 < EPOCH]
        assert len(before) == many < len(lived.rows(table))


def test_settings_that_do_not_go_together_are_refused():
    for bad, said in (
        ({"days": 56, "recipe_days": 56}, "worldchef.recipe_days: recipes come before anybody can write them"),
        ({"drafts": 0.9, "archived": 0.2}, "worldchef.drafts + archived + removed"),
    ):
        with pytest.raises(BadInput, match=re.escape(said)):
            resolve(WORLD, "staging", seed=5, epoch_us=EPOCH, overrides=bad)
