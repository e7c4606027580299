"""The rows of campaigns and their recipients: what they say at a moment, and that cutting time does not change it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from populace.clock import DAY_US, HOUR_US, parse, to_datetime
from populace.engine import DrawStatistics, Window
from populace.engine.draws import EngineDraw
from populace.engine.tables import Block
from populace.plan import resolve
from populace.spec import NEVER, EmitContext, Items, Key, Rows, Span, TableRows
from populace.worlds.campaigns import WORLD
from populace.worlds.campaigns.behaviour import calls, campaigns, cards, conditions, journey, messages, recipients
from populace.worlds.campaigns.catalogue import codes
from populace.worlds.campaigns.people import client_rows, contacts
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import NO_CONTACT

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")
BEGINS = EPOCH - 200 * DAY_US
LATE = EPOCH + 400 * DAY_US
"""When all that these campaigns bring about is over."""
Row = dict[str, Any]


def drawing(scenario: str = "analytics", **overrides: object) -> EngineDraw:
    plan = resolve(WORLD, scenario, seed=1, epoch_us=EPOCH, overrides=overrides)
    return EngineDraw(plan, plan.eras[0], Window(0, 1 << 62), DrawStatistics())


def context(draw: EngineDraw, end: int, start: int = BEGINS, many: int = 24, clients: int | None = None) -> EmitContext:
    """Campaigns that go to the mail one after another in the half year before the epoch; nothing was carried so far."""
    number = np.arange(many)
    if clients:
        number = number // clients * draw.size("client") + number % clients
    member = number % draw.size("client")
    at = EPOCH - (150 * DAY_US * (many - np.arange(many)) // many) + 14 * HOUR_US
    items = Items(number, member, at, np.zeros_like(number), np.arange(many), np.full(many, many))
    members = np.unique(member)
    width = {name: draw.values.whole(of) if isinstance(of, str) else of for name, of in cards.CARRIED.items()}
    carried = {name: np.zeros((len(members), of), dtype=np.int64) for name, of in width.items()}
    return EmitContext(members, items, journey.follow(draw, items), carried, Span(start, end))


def by_table(draw: EngineDraw, emitted: EmitContext) -> TableRows:
    return {**campaigns.emit(draw, emitted), **recipients.emit(draw, emitted, cards.claims(draw, emitted))}


def rows(draw: EngineDraw, emitted: EmitContext, name: str, among: TableRows | None = None) -> list[Row]:
    """The rows of a table that lie in the context's span."""
    emitted_rows: Rows = (among or by_table(draw, emitted))[name]
    assert emitted_rows.at is not None
    kept = np.flatnonzero((emitted_rows.at >= emitted.span.start_us) & (emitted_rows.at < emitted.span.end_us))
    return Block(draw.plan.seed, kept).record_batch(WORLD.table(name), emitted_rows.columns).to_pylist()


def by_id(many: list[Row]) -> dict[bytes, Row]:
    assert len({row["id"] for row in many}) == len(many)
    return {row["id"]: row for row in many}


def moment(us: int) -> Any:
    return to_datetime(us) if us < NEVER else None


def spread(low: int, high: int, many: int) -> Iterator[int]:
    return (low + (high - low) * n // many for n in range(1, many + 1))


@pytest.mark.parametrize("days", [-140, -90, -10, 0, 90])
def test_every_column_is_emitted_and_nothing_that_happened_is_yet_to_come(days: int):
    draw = drawing()
    emitted = context(draw, EPOCH + days * DAY_US)
    said = by_table(draw, emitted)
    end = to_datetime(emitted.span.end_us)
    for name in said:
        happened = [c.name for c in WORLD.table(name).columns if c.moment == "happened"]
        for row in rows(draw, emitted, name, said):
            assert all(row[column] is None or row[column] < end for column in happened)


def test_cutting_time_changes_nothing():
    """Rows that are appended come once in all; of rows that change the last version counts."""
    draw = drawing()
    whole = context(draw, LATE)
    said = by_table(draw, whole)
    cuts = [BEGINS, *spread(BEGINS, LATE, 40)]
    parts: dict[str, list[list[Row]]] = {name: [] for name in said}
    carried = whole.carried
    for start, end in pairwise(cuts):
        part = EmitContext(whole.members, whole.items, whole.progress, carried, Span(start, end))
        emitted = by_table(draw, part)
        for name in said:
            parts[name].append(rows(draw, part, name, emitted))
        carried = cards.carry(draw, part)
    for name, versions in parts.items():
        if WORLD.table(name).mode == "append":
            joined = by_id([row for some in versions for row in some])
        else:
            joined = {row["id"]: row for some in versions for row in some}
        assert joined == by_id(rows(draw, whole, name, said)), name


def keys(draw: EngineDraw, key: Key) -> list[bytes]:
    return Block(draw.plan.seed, np.arange(len(key.address))).array(key, "uuid").to_pylist()


def test_a_campaign_is_as_far_as_its_dates():
    draw = drawing()
    emitted = context(draw, EPOCH, many=4)
    of, names = emitted.progress.items, keys(draw, Key("campaigns", emitted.items.number))
    for n, name in enumerate(names):
        moments = [int(at[n]) for at in (of["created_at"], of["production_at"], emitted.items.at, of["completed_at"])]
        for status, since in zip(campaigns.STATUSES, moments, strict=True):
            row = by_id(rows(draw, context(draw, since + 1, many=4), "campaigns"))[name]
            # Who is created in the week before the mailing is in production at once.
            assert row["status"] == (campaigns.STATUSES[1] if since == moments[1] else status)
            assert row["updated_at"] == moment(since)
            assert row["completed_at"] == (moment(since) if status == "completed" else None)
            assert row["created_at"].date() < row["mail_date"] < row["drop_date"]
        assert name not in by_id(rows(draw, context(draw, moments[0], many=4), "campaigns"))


def test_a_clients_campaigns_have_eight_themes_and_then_a_season():
    draw = drawing()
    emitted = context(draw, LATE, many=20, clients=1)
    names = [r["name"] for r in sorted(rows(draw, emitted, "campaigns"), key=lambda r: r["mail_date"])]
    assert len(set(names[:8])) == 8
    for first, again in zip(names[:8], names[8:16], strict=True):
        assert re.fullmatch(f"(Winter|Spring|Summer|Fall) {first}", again)
    assert names[-1].startswith("Winter ")


def test_what_is_printed_fits_its_template():
    draw = drawing()
    emitted = context(draw, LATE, clients=8)
    made = client_rows.clients(draw, emitted.members)["templates"]
    many = len(made.owner)
    size = {
        r["id"]: r["size"]
        for r in Block(1, np.arange(many)).record_batch(WORLD.table("templates"), made.columns).to_pylist()
    }
    assert [size[r["template_id"]] for r in rows(draw, emitted, "campaigns")] == [
        r["size"] for r in rows(draw, emitted, "campaigns")
    ]


def test_audiences_hold_the_recipients_and_those_who_cannot_be_reached():
    draw = drawing()
    emitted = context(draw, LATE)
    many = Counter(r["audience_id"] for r in rows(draw, emitted, "recipients"))
    for row in rows(draw, emitted, "audiences"):
        assert row["valid_count"] == many[row["id"]]
        assert row["total_count"] == row["valid_count"] + row["invalid_count"]
        assert 0.85 <= row["valid_count"] / row["total_count"] <= 1
        said = json.loads(row["hygiene_json"])
        assert said["duplicates"] + said["undeliverable"] == row["invalid_count"]


def test_with_a_call_centre_the_third_condition_is_rewarded():
    draw = drawing()
    emitted = context(draw, LATE)
    said = rows(draw, emitted, "campaign_conditions")
    assert Counter(r["condition_name"] for r in said) == {c.name: 24 for c in conditions.CALLED}
    assert {r["condition_number"] for r in said if r["card_value"]} == {3}
    assert all("{card_link}" in r["sms_template"] for r in said if r["card_value"])
    given = {
        r["campaign_id"]: (r["brand_id"], r["denomination"]) for r in rows(draw, emitted, "campaign_gift_card_config")
    }
    assert given == {r["campaign_id"]: (r["brand_id"], r["card_value"]) for r in said if r["card_value"]}
    assert len(rows(draw, emitted, "campaign_reward_configs")) == 24


def test_without_one_other_conditions_count_and_nobody_calls():
    draw = drawing(call_center=False)
    emitted = context(draw, LATE, many=400)
    story_of = campaigns.emit(draw, emitted)
    got = Counter(r["condition_name"] for r in rows(draw, emitted, "campaign_conditions", story_of))
    assert got["form_submitted"] == 400
    for name, share in (("qr_scan", 0.4), ("purl_visit", 0.5)):
        assert abs(got[name] / 400 - share) < 4.5 * (share * (1 - share) / 400) ** 0.5
    assert "campaign_reward_configs" not in story_of
    assert not any(r["rewards_enabled"] for r in rows(draw, emitted, "campaigns", story_of))
    few = context(draw, LATE)
    assert "call_received" not in {r["event_type"] for r in rows(draw, few, "events")}


def test_numbers_are_given_up_when_campaigns_end():
    draw = drawing()
    emitted = context(draw, EPOCH)
    over = emitted.progress.items["released_at"] < EPOCH
    assert over.any()
    assert not over.all()
    said = rows(draw, emitted, "tracked_phone_numbers")
    assert Counter(r["status"] for r in said)["decommissioned"] == over.sum()
    assert all(re.fullmatch(r"\+1\d{3}55501\d\d", r[c]) for r in said for c in ("phone_number", "forward_to_number"))
    assert all(r["phone_number"] != r["forward_to_number"] for r in said)
    assert len({r["phone_number"] for r in said}) == len({r["twilio_sid"] for r in said}) == len(said)


def test_codes_and_tokens_come_once():
    draw = drawing()
    emitted = context(draw, LATE)
    said = rows(draw, emitted, "recipients")
    assert len({r["token"] for r in said}) == len(said) > 10_000
    assert len({(r["audience_id"], r["redemption_code"]) for r in said}) == len(said)
    assert len({(r["audience_id"], r["redemption_code"][4:]) for r in said}) == len(said)
    assert all(re.fullmatch(r"[0-9a-z]{12}", r["token"]) for r in said)
    assert all(re.fullmatch(r"[A-Z]{3}-\d{6}", r["redemption_code"]) for r in said)


@pytest.mark.parametrize("bits", [20, 40, 56])
def test_tokens_of_neighbours_differ_wherever_they_are(bits: int):
    draw = drawing()
    address = (np.int64(1) << bits) + np.arange(50_000)
    said = Block(1, np.arange(len(address))).text(codes.token(draw, address)).to_pylist()
    assert len(set(said)) == len(said)
    same = [sum(a == b for a, b in zip(x, y, strict=True)) for x, y in pairwise(said)]
    # Of 12 letters out of 32, that two agree in by chance.
    assert abs(np.mean(same) - 12 / 32) < 0.05


@pytest.mark.parametrize("end", [EPOCH - 60 * DAY_US, EPOCH, LATE])
def test_recipients_are_as_far_as_their_moments(end: int):
    draw = drawing()
    emitted = context(draw, end)
    parts, known = emitted.progress.parts, by_id(rows(draw, emitted, "recipients"))
    part = np.flatnonzero(parts["uploaded_at"] < end)
    assert len(part) == len(known)
    key = Block(draw.plan.seed, part).array(
        type(by_table(draw, emitted)["recipients"].columns["id"])("recipients", parts["address"], parts["uploaded_at"]),
        "uuid",
    )
    for n, one in zip(part.tolist(), key.to_pylist(), strict=True):
        row, at = known[one], {name: int(values[n]) for name, values in parts.items()}
        assert row["delivery_status"] == (
            "delivered" if at["delivered_at"] < end else "in_transit" if at["injected_at"] < end else "pending"
        )
        approved = min(at["approved_at"], at["asked_at"])
        assert row["approval_status"] == (
            "redeemed" if at["redeemed_at"] < end else "approved" if approved < end else "pending"
        )
        if at["asked_at"] >= end:
            expected = "not_sent"
        elif at["replied_at"] >= end:
            expected = "pending"
        elif at["opted_out_at"] < end:
            expected = "opted_out"
        else:
            expected = ("opted_in", "opted_out", "invalid_response")[at["reply"]]
        assert row["sms_opt_in_status"] == expected
        assert (row["redemption_completed_at"] is None) == (at["redeemed_at"] >= end)
        assert (row["contact_id"] is None) == (at["contact"] == NO_CONTACT)


def test_a_recipient_is_the_contact():
    draw = drawing()
    emitted = context(draw, EPOCH, many=3, clients=1)
    many = draw.values.whole("contacts_per_client")
    carried = {n: np.zeros((1, many), dtype=np.int64) for n in ("touches", "redemptions", "last_touch")}
    whole = EmitContext(
        emitted.members, emitted.items, emitted.progress, {**emitted.carried, **carried}, Span(draw.origin_us, EPOCH)
    )
    of = contacts.emit(draw, whole)["contacts"]
    batch = Block(draw.plan.seed, np.arange(len(of.owner))).record_batch(WORLD.table("contacts"), of.columns)
    there = by_id(batch.to_pylist())
    met = [r for r in rows(draw, emitted, "recipients") if r["contact_id"]]
    assert len(met) > 100
    for row in met:
        contact = there[row["contact_id"]]
        for name in ("first_name", "last_name", "email", "phone", "city", "state", "zip"):
            assert row[name] == contact[name]
        assert row["address1"] == contact["address"]


def test_events_are_as_many_as_documented_and_say_what_dashboards_ask_for():
    draw = drawing()
    emitted = context(draw, LATE, many=120)
    said = rows(draw, emitted, "events")
    people = len(emitted.progress.of)
    got = Counter(r["event_type"] for r in said)
    delivered = 0.95 * 0.85
    for name, share in (
        ("imb_injected", 0.95), ("imb_delivered", delivered), ("qr_scan", 0.2 * delivered),
        ("purl_visit", 0.28 * delivered), ("form_submitted", 0.12 * 0.28 * delivered),
        ("lead_captured", 0.1 * 0.12 * 0.28 * delivered), ("call_received", 0.35),
    ):  # fmt: skip
        assert abs(got[name] / people - share) < 4.5 * (share * (1 - share) / people) ** 0.5, name
    by_kind: dict[str, list[Row]] = {}
    for row in said:
        by_kind.setdefault(row["event_type"], []).append(json.loads(row["event_data_json"]))
    keys = {name: {tuple(sorted(d)) for d in some} for name, some in by_kind.items()}
    assert keys["imb_injected"] == {("tracking",)}
    assert keys["imb_delivered"] == {("delivery_confirmed",)}
    assert keys["qr_scan"] == {("device", "location")}
    assert keys["purl_visit"] == {("browser", "duration_seconds")}
    assert keys["form_submitted"] == {("fields_completed", "form_id")}
    assert keys["lead_captured"] == {("lead_score", "qualified")}
    tracked = [d["tracking"] for d in by_kind["imb_injected"]]
    assert len(set(tracked)) == len(tracked)
    assert all(re.fullmatch(r"\d{20}", number) for number in tracked)
    seconds = [d["duration_seconds"] for d in by_kind["purl_visit"]]
    assert (min(seconds), max(seconds)) == (10, 600)
    assert {d["fields_completed"] for d in by_kind["form_submitted"]} == set(range(3, 11))
    assert all(50 <= d["lead_score"] <= 100 for d in by_kind["lead_captured"])


def test_causes_come_before_their_effects():
    draw = drawing()
    emitted = context(draw, LATE)
    at: dict[str, dict[bytes, Any]] = {}
    for row in rows(draw, emitted, "events"):
        at.setdefault(row["event_type"], {})[row["recipient_id"]] = row["occurred_at"]
    for effect, cause in (
        ("imb_delivered", "imb_injected"), ("qr_scan", "imb_delivered"), ("purl_visit", "imb_delivered"),
        ("form_submitted", "purl_visit"), ("lead_captured", "form_submitted"), ("call_received", "imb_delivered"),
    ):  # fmt: skip
        assert all(at[cause][who] < when for who, when in at[effect].items())
    people = by_id(rows(draw, emitted, "recipients"))
    assert all(people[who]["created_at"] < when for who, when in at["imb_injected"].items())


def test_whoever_redeems_has_a_whole_trail():
    draw = drawing()
    emitted = context(draw, LATE)
    trail: dict[bytes, dict[str, Row]] = {}
    for row in rows(draw, emitted, "recipient_audit_log"):
        assert row["action"] not in trail.setdefault(row["recipient_id"], {})
        trail[row["recipient_id"]][row["action"]] = row
    people = by_id(rows(draw, emitted, "recipients"))
    assert set(trail) == set(people)
    on_the_phone = 0
    for who, row in people.items():
        steps = [trail[who].get(action) for action in recipients.ACTIONS]
        if row["approval_status"] == "redeemed":
            assert all(steps)
        times = [step["created_at"] for step in steps if step]
        assert times == sorted(times)
        assert ("approved" in trail[who]) == (row["approval_status"] != "pending")
        for step in steps:
            said = json.loads(step["metadata"]) if step else None
            assert not said or set(said) == {"old_status", "new_status", "notes"}
        on_the_phone += bool(steps[1]) and bool(steps[2]) and times[1] == times[2]
    assert on_the_phone > 10


def test_recipients_name_the_cards_they_were_given():
    draw = drawing()
    emitted = context(draw, LATE, many=40, clients=4)
    claims = cards.claims(draw, emitted)
    assert claims.bought.any()
    stocked = np.flatnonzero(~claims.bought)
    expected = set(keys(draw, layout.card_key(claims.card[stocked])))
    given = [r["gift_card_assigned_id"] for r in rows(draw, emitted, "recipients") if r["gift_card_assigned_id"]]
    assert len(given) == len(set(given))
    assert set(given) == expected


def test_recipients_say_what_the_log_of_messages_says():
    draw = drawing()
    emitted = context(draw, LATE, many=6)
    claims = cards.claims(draw, emitted)
    log = {**calls.emit(draw, emitted, claims), **messages.emit(draw, emitted, claims)}
    last: dict[bytes, Row] = {}
    for row in sorted(rows(draw, emitted, "sms_opt_in_log", log), key=lambda r: r["created_at"]):
        if row["direction"] == "inbound":
            last[row["recipient_id"]] = row
    said = {r["id"]: r for r in rows(draw, emitted, "recipients") if r["sms_opt_in_response"]}
    assert set(said) == set(last)
    for who, row in said.items():
        assert (row["sms_opt_in_response"], row["sms_opt_in_response_at"]) == (
            last[who]["message_text"], last[who]["created_at"],
        )  # fmt: skip
    ended = {r["id"] for r in rows(draw, emitted, "call_sessions", log)}
    approved = {r["approved_call_session_id"] for r in rows(draw, emitted, "recipients")} - {None}
    assert approved
    assert approved <= ended


def test_a_minute_in_which_nothing_happens_is_empty():
    draw = drawing()
    emitted = context(draw, BEGINS + 60_000_000)
    assert all(len(emitted_rows.owner) == 0 for emitted_rows in by_table(draw, emitted).values())
