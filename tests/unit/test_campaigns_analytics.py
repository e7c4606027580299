"""What the platform of campaigns records about itself: durations in their ranges, errors that are resolved."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bounds import assert_shares, normal_bound
from populace.clock import DAY_US, HOUR_US, MINUTE_US, parse
from populace.engine import DrawStatistics, Window
from populace.engine.draws import EngineDraw
from populace.engine.tables import Block
from populace.plan import resolve
from populace.spec import NEVER, Draw, EmitContext, Ints, Items, Key, Progress, Span, TableRows
from populace.worlds.campaigns import WORLD
from populace.worlds.campaigns.catalogue.log_words import CARD_FAULTS, FEATURES, METRICS, SEVERITIES, TYPES
from populace.worlds.campaigns.reporting import analytics

EPOCH = parse("2026-01-09T00:00:00Z", "epoch")
N = 20_000
Emission = list[dict[str, Any]]
Emit = Callable[[Draw, EmitContext], TableRows]
Follow = Callable[[Draw, Items], Progress]


def drawing(accounts: DrawStatistics | None = None, **overrides: object) -> EngineDraw:
    plan = resolve(WORLD, "development", seed=1, epoch_us=EPOCH, overrides=overrides)
    return EngineDraw(plan, plan.eras[0], Window(0, 1 << 62), accounts or DrawStatistics())


def items_of(number: Ints | None = None) -> Items:
    """Items all over sixty days, every 4.32 minutes."""
    number = np.arange(N) if number is None else number
    none = np.zeros(len(number), dtype=np.int64)
    return Items(number, none, EPOCH - 60 * DAY_US + number * (60 * DAY_US // N), none, number, none + N)


def context(draw: Draw, follow: Follow, items: Items, end: int = NEVER) -> EmitContext:
    return EmitContext(np.zeros(1, dtype=np.int64), items, follow(draw, items), {}, Span(draw.origin_us, end))


def emitted(draw: EngineDraw, emit: Emit, here: EmitContext) -> Emission:
    ((name, rows),) = emit(draw, here).items()
    table = WORLD.table(name)
    assert set(rows.columns) == {c.name for c in table.columns}
    batch = Block(draw.plan.seed, np.arange(len(rows.owner))).record_batch(table, rows.columns)
    out: Emission = batch.to_pylist()
    for row in out:
        for column in ("metadata", "request_data"):
            if row.get(column):
                row[column] = json.loads(row[column])
        assert row["metadata"]["simulated"] is True
    return out


def measured(draw: EngineDraw, items: Items | None = None) -> Emission:
    return emitted(draw, analytics.performance, context(draw, analytics.follow_metrics, items or items_of()))


def failed(draw: EngineDraw, items: Items | None = None, end: int = NEVER) -> Emission:
    return emitted(draw, analytics.errors, context(draw, analytics.follow_errors, items or items_of(), end))


def share(rows: Emission, column: str, wanted: float) -> None:
    some = sum(row[column] is not None for row in rows)
    assert_shares([some, len(rows) - some], [wanted, 1 - wanted])


def keys(draw: EngineDraw, table: str, address: Ints) -> list[bytes]:
    out: list[bytes] = Block(draw.plan.seed, np.arange(len(address))).array(Key(table, address), "uuid").to_pylist()
    return out


def test_durations_lie_in_the_range_of_their_type_and_follow_the_hour() -> None:
    draw = drawing()
    items = items_of()
    hours = analytics.local_hour(draw, items.at).tolist()
    rows = measured(draw, items)
    types = Counter(row["metric_type"] for row in rows)
    assert_shares([types[name] for name in METRICS], [0.25] * 4)
    for name, (low, high, names) in METRICS.items():
        for at_these, percent in ((range(10, 11), 130), (range(11, 14), 100), (range(20, 24), 80)):
            found = [
                row["duration_ms"]
                for row, hour in zip(rows, hours, strict=True)
                if row["metric_type"] == name and hour in at_these
            ]
            assert len(found) > 100
            assert (low * percent + 50) // 100 <= min(found) <= max(found) <= (high * percent + 50) // 100
            # The mean of three even draws deviates by a sixth of the range.
            bound = normal_bound((high - low) / 6 * percent / 100 / len(found) ** 0.5)
            assert np.mean(found) == pytest.approx((low + high) / 2 * percent / 100, abs=bound + 0.5)
        assert {row["metric_name"] for row in rows if row["metric_type"] == name} == set(names)


def test_the_hour_is_the_platforms_and_knows_of_summer() -> None:
    at = np.array([parse(f"2025-{month}-10T14:30:00Z", "at") for month in ("01", "07")])
    assert analytics.local_hour(drawing(), at).tolist() == [9, 10]
    assert analytics.local_hour(drawing(timezone="Europe/Berlin"), at).tolist() == [15, 16]


def test_users_and_clients_are_there_as_often_as_declared_and_go_together() -> None:
    draw = drawing()
    rows = measured(draw)
    share(rows, "user_id", 0.8)
    share(rows, "client_id", 0.9)
    clients, organizations, staff = 20, 5, draw.values.whole("staff")
    client_of = {key: c for c, key in enumerate(keys(draw, "clients", np.arange(clients)))}
    staff_of = {key: u % organizations for u, key in enumerate(keys(draw, "users", np.arange(staff)))}
    users = np.arange(draw.values.whole("client_users"))
    own_of = {key: u % clients for u, key in enumerate(keys(draw, "users", users | 1 << 32))}
    for row in rows:
        client = client_of.get(row["client_id"])
        if client is None or row["user_id"] is None:
            continue
        if row["user_id"] in own_of:
            assert own_of[row["user_id"]] == client
        else:
            assert staff_of[row["user_id"]] == client % organizations
    seen = {row["user_id"] for row in rows} - {None}
    assert seen == set(staff_of) | set(own_of)


def test_more_organisations_than_clients_still_name_clients_that_are_there() -> None:
    draw = drawing(organizations=5, clients=2, inventory=0)
    assert {row["client_id"] for row in measured(draw)} - {None} == set(keys(draw, "clients", np.arange(2)))


def test_staff_of_organisations_without_clients_work_for_none() -> None:
    draw = drawing(organizations=5, clients=2, inventory=0)
    staff = dict(zip(keys(draw, "users", np.arange(draw.size("staff"))), range(draw.size("staff")), strict=True))
    client = [*keys(draw, "clients", np.arange(2)), None]
    seen = {
        (staff[row["user_id"]] % 5, client.index(row["client_id"])) for row in measured(draw) if row["user_id"] in staff
    }
    assert seen == {(0, 0), (0, 2), (1, 1), (1, 2), (2, 2), (3, 2), (4, 2)}


def test_usage_says_of_each_kind_what_belongs_to_it() -> None:
    draw = drawing()
    rows = emitted(draw, analytics.usage, context(draw, analytics.follow_usage, items_of()))
    kinds = {kind: [r["metadata"] for r in rows if r["event_type"] == kind] for kind in analytics.USAGE_KINDS}
    assert_shares([len(some) for some in kinds.values()], [1 / 3] * 3)
    assert {frozenset(m) for m in kinds["page_view"]} == {frozenset({"simulated", "duration_seconds"})}
    assert {frozenset(m) for m in kinds["feature_used"]} == {frozenset({"simulated", "success"})}
    assert {frozenset(m) for m in kinds["action_completed"]} == {frozenset({"simulated", "success", "duration_ms"})}
    seconds = [m["duration_seconds"] for m in kinds["page_view"]]
    assert (min(seconds), max(seconds)) == (10, 309)
    millis = [m["duration_ms"] for m in kinds["action_completed"]]
    assert 100 <= min(millis) < 120
    assert 5_080 < max(millis) <= 5_099
    for kind, wanted in (("feature_used", 0.95), ("action_completed", 0.92)):
        works = sum(m["success"] for m in kinds[kind])
        assert_shares([works, len(kinds[kind]) - works], [wanted, 1 - wanted])
    share(rows, "client_id", 0.85)
    assert all(row["user_id"] for row in rows)
    names = Counter(row["feature_name"] for row in rows)
    assert_shares([names[name] for name in FEATURES], [1 / len(FEATURES)] * len(FEATURES))


def test_errors_have_types_codes_and_messages_that_belong_together() -> None:
    rows = failed(drawing())
    types = Counter(row["error_type"] for row in rows)
    assert_shares([types[name] for name in TYPES], [wanted for *_, wanted in SEVERITIES.values()])
    assert all(re.fullmatch(r"E[1-9]\d{3}", row["error_code"]) for row in rows)
    share(rows, "stack_trace", 0.5)
    share(rows, "request_data", 0.3)
    for row in rows:
        code = row["metadata"].get("gift_card_error")
        assert row["error_message"].startswith("GC-") == bool(code)
        assert not code or row["error_message"].startswith(f"{code}: ")
        if row["stack_trace"]:
            assert row["error_message"] in row["stack_trace"]
            assert row["function_name"] in row["stack_trace"]
    found = {(row["error_type"], row["metadata"].get("gift_card_error")) for row in rows}
    assert {pair for pair in found if pair[1]} == {
        (kind, fault.code) for kind, faults in CARD_FAULTS.items() for fault in faults
    }
    assert {code for _, code in found if code} == {f"GC-{n:03}" for n in range(1, 16)}


def test_without_gift_cards_nothing_goes_wrong_with_them() -> None:
    assert not [row for row in failed(drawing(gift_cards=False)) if "GC-" in row["error_message"]]


def test_errors_are_resolved_within_a_day_by_one_of_the_first_users() -> None:
    draw = drawing()
    items = items_of()
    rows = failed(draw, items)
    share(rows, "resolved_at", 0.95)
    lasted = [row["resolved_at"] - row["occurred_at"] for row in rows if row["resolved"]]
    assert min(lasted).total_seconds() > 0
    assert max(lasted).total_seconds() < 86_400
    assert {row["resolved_by"] for row in rows} - {None} == set(keys(draw, "users", np.arange(3)))
    assert all((row["resolved_by"] is None) == (not row["resolved"]) for row in rows)


def test_an_error_is_emitted_as_it_is_at_the_end_of_the_span() -> None:
    draw, items = drawing(), items_of()
    end = int(items.at[N // 2]) + 7 * MINUTE_US
    here = context(draw, analytics.follow_errors, items, end)
    at = analytics.errors(draw, here)["error_logs"].at
    assert at is not None
    resolved = here.progress.items["resolved_at"]
    assert (at[items.at >= end] == NEVER).all()
    early = items.at < end
    assert (at[early & (resolved < end)] == resolved[early & (resolved < end)]).all()
    assert (at[early & (resolved >= end)] == items.at[early & (resolved >= end)]).all()
    rows = [row for row, there in zip(emitted(draw, analytics.errors, here), early.tolist(), strict=True) if there]
    still_open = [row for row in rows if not row["resolved"]]
    assert len(still_open) == (early & (resolved >= end)).sum() > 0
    assert all(row["resolved_at"] is None for row in still_open)
    assert max(row["resolved_at"] for row in rows if row["resolved"]).timestamp() * 1e6 < end


@pytest.mark.parametrize(
    ("follow", "emit"),
    [
        (analytics.follow_metrics, analytics.performance),
        (analytics.follow_usage, analytics.usage),
        (analytics.follow_errors, analytics.errors),
    ],
)
def test_an_item_is_the_same_in_whatever_company(follow: Follow, emit: Emit) -> None:
    draw = drawing()
    some = np.arange(7, 4_000, 13)
    alone = emitted(draw, emit, context(draw, follow, items_of(some)))
    among = emitted(draw, emit, context(draw, follow, items_of(np.arange(4_000))))
    assert alone == [among[n] for n in some.tolist()]


@pytest.mark.parametrize("follow", [analytics.follow_metrics, analytics.follow_usage, analytics.follow_errors])
def test_every_decision_is_accounted_at_the_moment_of_its_thing(follow: Follow) -> None:
    items, accounts = items_of(), DrawStatistics()
    draw = drawing(accounts)
    noon = int(items.at[N // 3])
    follow(EngineDraw(draw.plan, draw.era, Window(noon, noon + 5 * HOUR_US), accounts), items)
    held = ((items.at >= noon) & (items.at < noon + 5 * HOUR_US)).sum()
    document = accounts.document()
    every = {point: sums[0] for point, sums in document["chances"].items() if "has_" in point}
    assert every
    assert set(every.values()) == {held}
    assert all(sum(sums[0]) == held for point, sums in document["choices"].items() if point.endswith(".type"))
