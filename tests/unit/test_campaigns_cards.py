"""Gift cards of campaigns: who gets which one, what it costs whom, and that no cut through time makes a difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import fields
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from populace.clock import DAY_US, HOUR_US, MINUTE_US, parse
from populace.engine import DrawStatistics, Window
from populace.engine.draws import EngineDraw
from populace.engine.tables import Block
from populace.plan import resolve
from populace.spec import NEVER, EmitContext, Ints, Items, Progress, Rows, Span, TableRows
from populace.worlds.campaigns import WORLD
from populace.worlds.campaigns.behaviour import calls, cards, inventory, journey, ledger, messages
from populace.worlds.campaigns.parameters.fixed import CREDIT_INITIAL, CREDIT_THRESHOLD
from populace.worlds.campaigns.people import persons
from populace.worlds.campaigns.tables.layout import RECIPIENT_BITS

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")
CLIENTS, CAMPAIGNS, RECIPIENTS = 6, 90, 30
BURSTS = range(50, CAMPAIGNS, 3)
Row = Mapping[str, Any]


@cache
def drawing(**overrides: object) -> EngineDraw:
    plan = resolve(WORLD, "small", seed=3, epoch_us=EPOCH, overrides={"recipients_per_campaign": 112, **overrides})
    return EngineDraw(plan, plan.eras[0], Window(0, 1 << 62), DrawStatistics())


def lasts_us(draw: EngineDraw) -> int:
    return draw.values.whole("campaign_lasts_days") * DAY_US


@cache
def everything() -> tuple[Items, Progress]:
    """Campaigns of a year, and recipients who are as the journey has them; some claim at the same moment."""
    draw = drawing()
    number = np.arange(CAMPAIGNS)
    at = draw.origin_us + 10 * DAY_US + number * 4 * DAY_US + draw.below("t.at", 86_400, number) * 1_000_000
    alike = np.zeros(CAMPAIGNS, dtype=np.int64)
    items = Items(number, number % CLIENTS, at, alike, number, alike + CAMPAIGNS)
    of = np.repeat(number, RECIPIENTS)
    address = number[of] << RECIPIENT_BITS | np.tile(np.arange(RECIPIENTS), CAMPAIGNS)
    uploaded = at[of] - HOUR_US
    called = at[of] + 5 * DAY_US + draw.below("t.called", 10_000, address) * MINUTE_US // 10
    status = np.where(draw.below("t.calls", 10, address) < 8, draw.below("t.status", 5, address), 0)
    status = np.where((status == 0) & (draw.below("t.again", 3, address) > 0), journey.COMPLETED, status)
    answered = np.where(status == journey.COMPLETED, called + 5_000_000, NEVER)
    seconds = np.where(status == journey.COMPLETED, 30 + draw.below("t.seconds", 800, address), 0)
    matched = (status == journey.COMPLETED) & (draw.below("t.matched", 10, address) < 9)
    asked = np.where(matched, answered + seconds * 700_000, NEVER)
    reply = np.where(matched, np.maximum(draw.below("t.reply", 12, address) - 8, 0), 0)
    replied = np.where(matched & (reply != journey.SILENT), asked // 1_000_000 * 1_000_000 + 5 * MINUTE_US, NEVER)
    opted = (replied < NEVER) & (reply == journey.OPTED_IN)
    # Whole quarters of an hour, so that some claim a card at one and the same moment.
    card = np.where(opted, (replied // (15 * MINUTE_US) + 1 + draw.below("t.card", 2_500, address)), 0)
    card = card * 15 * MINUTE_US
    # Of some campaigns all cards at once: more than a lot within a minute, after weeks without any.
    card = np.where(opted, np.where(np.isin(number[of], BURSTS), at[of] + 20 * DAY_US, card), NEVER)
    left = opted & (draw.below("t.left", 10, address) == 0)
    fails = opted & (draw.below("t.fails", 4, address) == 0)
    parts = {
        "n": np.tile(np.arange(RECIPIENTS), CAMPAIGNS),
        "contact": np.where(draw.below("t.known", 5, address) > 0, address & 31, journey.NO_CONTACT),
        "address": address,
        "uploaded_at": uploaded,
        "called_at": np.where(status > 0, called, NEVER),
        "answered_at": answered,
        "hung_up_at": np.where(status > 0, called + 5_000_000 + seconds * 1_000_000, NEVER),
        "asked_at": asked,
        "replied_at": replied,
        "opted_out_at": np.where(left, replied + 45 * DAY_US, NEVER),
        "card_at": card,
        "redeemed_at": np.where(opted, card + 9 * MINUTE_US, NEVER),
        "purchase_failed_at": np.where(fails, card - 50 * MINUTE_US, NEVER),
        "call_status": status,
        "matched": matched.astype(np.int64),
        "reply": reply,
        "seconds": seconds,
    }
    return items, Progress({}, of, parts)


def context(draw: EngineDraw, start: int, end: int, carried: Mapping[str, Ints] | None = None) -> EmitContext:
    """What a window is shown: the campaigns under way in it, and no others."""
    items, progress = everything()
    shown = np.flatnonzero((items.at >= start - lasts_us(draw)) & (items.at < end + 22 * DAY_US))
    kept = np.flatnonzero(np.isin(progress.of, shown))
    parts = {name: column[kept] for name, column in progress.parts.items()}
    members = np.arange(CLIENTS)
    widths = {"claims": 4, "uploads": 4, "uploads_before": 4, "spend": 1}
    none = {name: np.zeros((CLIENTS, width), dtype=np.int64) for name, width in widths.items()}
    progress = Progress({}, np.searchsorted(shown, progress.of[kept]), parts)
    return EmitContext(members, items.of(shown), progress, carried or none, Span(start, end))


CUTS = {
    "once": [],
    "thirds": [90, 210],
    "days": [*range(1, 400, 2)],
    "an hour in the middle": [100, 100 + 1 / 24],
    "minutes": [60 + n / 1440 for n in range(0, 3000, 14)],
    "amid deliveries": [],
}


def scenes(cut: str, draw: EngineDraw) -> Iterator[EmitContext]:
    edges = [draw.origin_us, *(draw.origin_us + int(at * DAY_US) for at in CUTS[cut]), draw.origin_us + 420 * DAY_US]
    if cut == "amid deliveries":
        moments = np.unique(everything()[1].parts["card_at"])[200:300]
        bursts = everything()[0].at[BURSTS] + 20 * DAY_US
        edges[1:1] = (np.union1d(moments, bursts) + 3 * MINUTE_US).tolist()
    carried: Mapping[str, Ints] | None = None
    for start, end in pairwise(edges):
        one = context(draw, start, end, carried)
        yield one
        if cards.claims(draw, one).inside.any():
            carried = cards.carry(draw, one)  # nobody is asked about a window in which nothing happened


def emitted(draw: EngineDraw, one: EmitContext) -> TableRows:
    beyond = cards.claims(draw, one, one.span.end_us + cards.HANDED_US)
    claims = beyond.until(one.span.end_us)
    return {
        **inventory.emit(draw, one, claims),
        **ledger.emit(draw, one, claims, beyond),
        **calls.emit(draw, one, claims),
        **messages.emit(draw, one, claims),
    }


@cache
def app(cut: str) -> dict[str, dict[Any, Row]]:
    """What the app's tables hold in the end, by key."""
    draw = drawing()
    held: dict[str, dict[Any, Row]] = defaultdict(dict)
    for one in scenes(cut, draw):
        for name, rows in emitted(draw, one).items():
            assert rows.at is not None
            kept = np.flatnonzero((rows.at >= one.span.start_us) & (rows.at < one.span.end_us))
            table = WORLD.table(name)
            for row in Block(draw.plan.seed, kept).record_batch(table, rows.columns).to_pylist():
                old = held[name].get(row["id"])
                assert table.mode == "merge" or old is None
                held[name][row["id"]] = {**row, "created_at": old["created_at"]} if old else row
    return held


def by_pool(claims: cards.Claims) -> Iterator[list[int]]:
    """The claims of each pool, in the order in which they are served."""
    order = np.lexsort((claims.address, claims.at))
    pools: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n in order.tolist():
        pools[int(claims.client[n]), int(claims.pool[n])].append(n)
    yield from pools.values()


def of(one: EmitContext, claims: cards.Claims, some: Ints) -> dict[int, tuple[int, ...]]:
    columns = (claims.k, claims.slot, claims.bought, claims.denomination, claims.price, claims.cost, claims.at)
    whole = np.stack([column.astype(np.int64) for column in (claims.address, *columns)])[:, some]
    return {int(row[0]): tuple(row[1:].tolist()) for row in whole.T}


def whole_scene(draw: EngineDraw) -> EmitContext:
    return next(scenes("once", draw))


def test_a_pool_is_served_in_order_and_from_the_oldest_lot():
    draw = drawing()
    claims = cards.claims(draw, whole_scene(draw))
    lot, lot_claims = draw.values.whole("pool_lot"), draw.values.whole("lot_claims")
    assert 0 < lot < lot_claims
    assert claims.inside.all()
    assert 0.1 < claims.bought.mean() < 0.9
    assert len(np.unique(claims.at)) < len(claims.at)
    for pool in by_pool(claims):
        assert claims.k[pool].tolist() == list(range(len(pool)))
        stocked = [n for n in pool if not claims.bought[n]]
        assert claims.slot[stocked].tolist() == list(range(len(stocked)))
        assert claims.bought[pool].tolist() == [k % lot_claims >= lot for k in range(len(pool))]
        assert len(set(claims.denomination[pool].tolist())) == 1


def test_a_client_gives_different_cards():
    draw = drawing()
    client, pool = np.repeat(np.arange(CLIENTS), 4), np.tile(np.arange(4), CLIENTS)
    kinds = cards.denomination_of(draw, client, pool).reshape(CLIENTS, 4)
    assert all(len(set(row)) == 4 for row in kinds.tolist())


@pytest.mark.parametrize("cut", [cut for cut in CUTS if cut != "once"])
def test_claims_and_what_is_carried_do_not_depend_on_the_cut(cut: str):
    draw = drawing()
    one = whole_scene(draw)
    expected = of(one, cards.claims(draw, one), np.flatnonzero(cards.claims(draw, one).inside))
    found = {}
    for one in scenes(cut, draw):
        claims = cards.claims(draw, one)
        found |= of(one, claims, np.flatnonzero(claims.inside))
        # A recipient who takes an opt-in back is emitted again with the card of long ago.
        again = of(one, claims, np.flatnonzero(claims.at >= one.span.start_us - cards.KNOWN_US))
        assert again.items() <= expected.items()
        last = one
    assert found == expected
    whole = cards.carry(draw, whole_scene(draw))
    for name, values in cards.carry(draw, last).items():
        assert values.tolist() == whole[name].tolist(), name


def test_claims_until_a_moment_are_those_that_were_asked_for_alone():
    draw = drawing()
    for one in scenes("days", draw):
        alone = cards.claims(draw, one)
        until = cards.claims(draw, one, one.span.end_us + cards.HANDED_US).until(one.span.end_us)
        for name in (field.name for field in fields(alone)):
            assert getattr(until, name).tolist() == getattr(alone, name).tolist(), name


@pytest.mark.parametrize("cut", [cut for cut in CUTS if cut != "once"])
def test_tables_do_not_depend_on_the_cut(cut: str):
    whole, pieces = app("once"), app(cut)
    assert whole.keys() == pieces.keys()
    for name, rows in whole.items():
        assert pieces[name] == rows, name


def test_the_stock_is_given_out_once_and_when_it_is_there():
    held = app("once")["gift_card_inventory"].values()
    draw = drawing()
    claims = cards.claims(draw, whole_scene(draw))
    given = [row for row in held if row["assigned_at"]]
    assert len({row["card_code"] for row in held}) == len({row["card_number"] for row in held}) == len(held)
    assert len(given) == (~claims.bought).sum()
    assert len({row["assigned_to_recipient_id"] for row in given}) == len(given)
    assert {row["status"] for row in held} == {"available", "delivered"}
    for row in given:
        assert row["uploaded_at"] <= row["assigned_at"] < row["delivered_at"]
        assert row["expiration_date"] > row["assigned_at"].date()
    for row in held:
        assert len(row["card_code"]) == 17
        assert len(row["card_number"]) == 16


def test_a_card_is_assigned_before_it_arrives():
    draw = drawing()
    one = whole_scene(draw)
    claims = cards.claims(draw, one)
    at = int(claims.at[~claims.bought][100])
    cut = context(draw, draw.origin_us, at + MINUTE_US)
    rows = emitted(draw, cut)["gift_card_inventory"].columns
    assert (rows["status"].codes == 1).any()
    assert (rows["delivered_at"].present == (rows["status"].codes == 2)).all()


def test_the_ledger_bills_every_card_once():
    draw = drawing()
    claims = cards.claims(draw, whole_scene(draw))
    rows = app("once")["gift_card_billing_ledger"].values()
    assert len(rows) == len(claims.part)
    assert sum(row["amount_billed"] for row in rows) == Decimal(int(claims.price.sum())) / 100
    assert sum(row["transaction_type"] == "purchase_from_tillo" for row in rows) == claims.bought.sum()
    for row in rows:
        stocked = row["transaction_type"] == "purchase_from_inventory"
        assert (row["inventory_card_id"] is not None) == stocked == (row["tillo_order_reference"] is None)
        assert row["cost_basis"] == row["denomination"] * (Decimal("0.95") if stocked else Decimal("0.97"))
        assert row["amount_billed"] >= row["denomination"] > row["cost_basis"]
    assert {row["billed_entity_type"] for row in rows} == {"client", "agency"}


def test_credit_adds_up():
    held = app("once")
    moves: dict[Any, list[Row]] = defaultdict(list)
    for row in held["credit_transactions"].values():
        moves[row["account_id"]].append(row)
    draw = drawing()
    own = cards.has_account(draw, np.arange(CLIENTS))
    assert len(held["credit_accounts"]) == own.sum() > len(own) / 2
    threshold, opened = Decimal(CREDIT_THRESHOLD) / 100, Decimal(CREDIT_INITIAL) / 100
    reloads = 0
    for account in held["credit_accounts"].values():
        mine = moves.pop(account["id"])
        amounts = sum(row["amount"] for row in mine)
        assert opened + amounts == account["balance"] == account["total_remaining"]
        assert account["total_purchased"] - account["total_used"] == account["balance"] >= threshold
        assert account["updated_at"] == max(row["created_at"] for row in mine)
        # Two of one moment are distinguished by what they leave: a reload comes right after the use that caused it.
        left = opened
        for row in sorted(mine, key=lambda row: row["created_at"]):
            reloads += row["amount"] > 0
            left += row["amount"]
        assert left == account["balance"]
        after = {row["balance_after"] for row in mine}
        assert {row["balance_after"] - row["amount"] for row in mine} - after <= {opened}
    assert not moves
    assert reloads > len(held["credit_accounts"])


def test_an_account_is_topped_up_when_it_would_be_left_too_low():
    spent = np.arange(0, 3_000_000, 500)
    balance = cards.balance(spent)
    assert balance[0] == CREDIT_INITIAL
    assert balance.min() == CREDIT_THRESHOLD
    assert balance.max() == CREDIT_INITIAL
    assert (np.diff(cards.reloads(spent)) <= 1).all()


def test_only_a_purchase_that_failed_leaves_a_trace():
    draw = drawing()
    one = whole_scene(draw)
    claims = cards.claims(draw, one)
    failed = claims.bought & (one.progress.parts["purchase_failed_at"][claims.part] < NEVER)
    rows = app("once")["gift_card_provisioning_trace"].values()
    assert len(rows) == 2 * failed.sum() > 20
    assert {(row["status"], row["error_code"]) for row in rows} == {("failed", "GC-005"), ("completed", None)}
    # The first attempt is emitted in its own time, though it is known only later that the card is not from stock.
    n = int(np.flatnonzero(failed)[5])
    start, at = int(claims.at[n] - HOUR_US), int(claims.at[n])
    rows = emitted(draw, context(draw, start, at - MINUTE_US, carried_to(start)))["gift_card_provisioning_trace"]
    assert rows.at is not None
    assert (rows.at < at).any()


def carried_to(until: int) -> Mapping[str, Ints]:
    return cards.carry(drawing(), context(drawing(), drawing().origin_us, until))


def test_without_cards_there_is_nothing_to_emit():
    draw = drawing(gift_cards=False)
    one = context(draw, draw.origin_us, draw.origin_us + DAY_US)
    one.progress.parts["card_at"][:] = NEVER
    claims = cards.claims(draw, one)
    assert {**inventory.emit(draw, one, claims), **ledger.emit(draw, one, claims, claims)} == {}


def test_a_context_without_campaigns_is_emitted():
    draw = drawing()
    none = np.zeros(0, dtype=np.int64)
    empty = context(draw, draw.origin_us, draw.origin_us + DAY_US)
    progress = Progress({}, none, dict.fromkeys(empty.progress.parts, none))
    empty = EmitContext(empty.members, Items(*[none] * 6), progress, empty.carried, empty.span)
    claims = cards.claims(draw, empty)
    stock = inventory.emit(draw, empty, claims)["gift_card_inventory"]
    assert len(stock.owner) == CLIENTS * 4 * draw.values.whole("pool_lot")
    assert not cards.carry(draw, empty)["claims"].any()


def test_calls_and_messages_follow_the_journey():
    held = app("once")
    parts = everything()[1].parts
    sessions = {row["id"]: row for row in held["call_sessions"].values()}
    assert len(sessions) == (parts["hung_up_at"] < NEVER).sum()
    assert {row["call_status"] for row in sessions.values()} == {"completed", "no-answer", "busy", "failed"}
    for row in sessions.values():
        answered = row["call_status"] == "completed"
        assert (row["agent_user_id"] is not None) == answered == (row["call_answered_at"] is not None)
        assert (row["recipient_id"] is not None) == (row["match_status"] == "matched")
        assert row["created_at"] == row["call_ended_at"] > row["call_started_at"]
    for row in held["call_conditions_met"].values():
        assert sessions[row["call_session_id"]]["created_at"] <= row["created_at"] >= row["met_at"]
    met = [row["condition_number"] for row in held["call_conditions_met"].values()]
    opted = (parts["replied_at"] < NEVER) & (parts["reply"] == journey.OPTED_IN)
    assert met.count(1) == parts["matched"].sum()
    assert met.count(2) == opted.sum() == len(held["sms_opt_ins"])
    assert met.count(3) == (parts["card_at"] < NEVER).sum() == len(held["sms_delivery_log"])
    assert {row["disposition_type"] for row in held["call_dispositions"].values()} == set(calls.DISPOSITIONS)
    log = held["sms_opt_in_log"].values()
    asked = [row for row in log if row["message_text"].endswith("rates may apply.")]
    assert len(asked) == (parts["asked_at"] < NEVER).sum()
    assert {row["direction"] for row in asked} == {"outbound"}
    assert all(row["message_text"] for row in log)
    assert sum(row["direction"] == "inbound" for row in log) == sum(
        (parts[name] < NEVER).sum() for name in ("replied_at", "opted_out_at")
    )


def test_phones_are_kept_for_fiction_and_belong_to_somebody():
    draw = drawing()
    client, contact = np.repeat(np.arange(3), 2_000), np.tile(np.arange(2_000), 3)
    said = Block(draw.plan.seed, np.arange(6_000)).text(persons.of_contacts(client, contact)).to_pylist()
    assert all(len(one) == 12 and one.startswith("+1") and one[5:10] == "55501" for one in said)
    assert all(len(set(said[n : n + 2_000])) == 2_000 for n in range(0, 6_000, 2_000))
    address = np.arange(6_000)
    same = Block(draw.plan.seed, np.arange(6_000)).text(persons.of_recipients(client, contact, address)).to_pylist()
    assert same == said


def test_rows_belong_to_their_clients():
    draw = drawing()
    for name, rows in emitted(draw, whole_scene(draw)).items():
        assert isinstance(rows, Rows)
        assert set(np.unique(rows.owner)) <= set(range(CLIENTS)), name
