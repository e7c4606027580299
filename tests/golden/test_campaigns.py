"""K1 and K2 on campaigns, small: seven clients cut at will, with claims of cards that count across their campaigns."""

from __future__ import annotations

from functools import cache

import pytest

from golden.runs import Outcome, run
from populace.clock import DAY_US, HOUR_US, MINUTE_US, parse
from populace.engine import Snapshots
from populace.plan import Intervention, Plan, resolve
from populace.worlds.campaigns import WORLD

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")
SMALL = {"clients": 7, "organizations": 2, "recipients_per_campaign": 20, "campaigns_per_client": 4,
         "contacts_per_client": 22, "pools_per_client": 2, "inventory": 60, "purchase_failure_share": 0.3,
         "performance_metrics": 300, "usage_events": 200, "errors": 90}  # fmt: skip


@cache
def plan(kind: str = "plain") -> Plan:
    scenario = "demo" if kind == "differing" else "small"
    made = resolve(WORLD, scenario, seed=3, epoch_us=EPOCH, overrides={**SMALL, "analytics": True, "error_logs": True})
    if kind != "changed":
        return made
    return made.with_interventions(
        [
            # A change holds for campaigns that are created after it.
            Intervention(1, EPOCH + 13 * HOUR_US + 17, {"enabled": False}),
            Intervention(2, EPOCH + 9 * DAY_US, {"enabled": True, "scan_share": 0.4}),
            Intervention(3, EPOCH + 12 * DAY_US, {"scan_share": 0.9}),
            Intervention(4, EPOCH + 14 * HOUR_US + 3, {}, sessions=5),
            Intervention(5, EPOCH + 12 * DAY_US, {}, sessions=3),
        ]
    )


@cache
def undivided(kind: str) -> Outcome:
    return run(plan(kind), [plan().origin_us, ENDS[kind]])


LATER = EPOCH + 3 * DAY_US + 21 * HOUR_US
ENDS = {"plain": LATER, "changed": EPOCH + 31 * DAY_US, "differing": LATER}


def edges(kind: str, cut: str) -> list[int]:
    end = ENDS[kind]
    inside = {
        "months": range(plan().origin_us, end, 30 * DAY_US),
        "days": range(EPOCH - 9 * DAY_US, end, DAY_US),
        "odd": range(plan().origin_us, end, 91 * HOUR_US + 7),
        "minutes": [*range(EPOCH + 14 * HOUR_US, EPOCH + 15 * HOUR_US, MINUTE_US), EPOCH + 2 * DAY_US],
    }
    return [plan().origin_us, *inside[cut], end]


def test_there_is_something_to_cut():
    rows = undivided("plain").sink.rows
    # The participation of contacts is written by the database's own trigger.
    assert [name for name in rows if not rows[name]] in ([], ["contact_campaign_participation"])
    plain = run(plan(), [plan().origin_us, ENDS["changed"]])
    assert undivided("changed").digests["events"] != plain.digests["events"]
    campaigns = [len(outcome.rows("campaigns")) for outcome in (undivided("changed"), plain)]
    assert campaigns[0] - 8 < campaigns[1]
    bought = {r["transaction_type"] for r in undivided("plain").rows("gift_card_billing_ledger")}
    assert bought == {"purchase_from_inventory", "purchase_from_tillo"}


@pytest.mark.parametrize(
    ("kind", "cut", "parts"),
    [
        ("plain", "days", 7),
        ("plain", "minutes", 2),
        ("plain", "odd", 1),
        ("changed", "odd", 2),
        ("changed", "days", 1),
        ("differing", "odd", 2),
        ("differing", "minutes", 1),
    ],
)
def test_cutting_changes_nothing(kind: str, cut: str, parts: int):
    """As a runner would take them, with snapshots."""
    assert run(plan(kind), edges(kind, cut), parts, snapshots=Snapshots()) == undivided(kind)


@pytest.mark.parametrize("kind", ["plain", "changed"])
def test_the_order_of_the_work_changes_nothing(kind: str):
    assert run(plan(kind), edges(kind, "months"), 2, shuffled=5) == undivided(kind)


def test_lost_snapshots_change_nothing():
    snapshots, end = Snapshots(), ENDS["plain"]

    def forget(done: int) -> None:
        if done % 3 == 2:
            snapshots.drop()

    cut = [plan().origin_us, *range(EPOCH, end, 9 * HOUR_US), end]
    assert run(plan(), cut, snapshots=snapshots, meanwhile=forget) == undivided("plain")
