"""What becomes of a campaign and of each of its recipients: one causal process, from the first draft to the last card.

Every moment is computed from the one before it, so that nothing can precede its cause. Calls, opt-ins and gift cards
follow from the same journey as mail and visits do; no other function decides about any of them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from populace.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from populace.spec import (
    NEVER,
    Bools,
    Chance,
    Choice,
    Decision,
    Draw,
    Ints,
    Items,
    Progress,
    RoundedNormal,
    Uniform,
)
from populace.spec.kit.places import placed
from populace.worlds.campaigns.behaviour import answering, post, response, talking
from populace.worlds.campaigns.behaviour.dates import created_at, from_local, local, zone_of
from populace.worlds.campaigns.behaviour.response import Odds
from populace.worlds.campaigns.behaviour.sizes import sizes_of
from populace.worlds.campaigns.parameters import (
    ANSWERED_DAYS,
    CARD_LATE_DAYS,
    CARD_SOON_DAYS,
    CLOSES,
    DELIVERY_DAYS,
    DROP_DAYS,
    LAGS,
    LEAD_DAYS,
    OPENS,
    OPT_OUT_DAYS,
    PRODUCTION_DAYS,
    SUPPRESSED_PERCENT,
    ZONE_WEIGHTS,
)
from populace.worlds.campaigns.parameters.differences import DIFFERENCES_DECISIONS
from populace.worlds.campaigns.tables.layout import NO_CONTACT, RECIPIENT_BITS

COMPLETED, NO_ANSWER, BUSY, FAILED = 1, 2, 3, 4
"""`call_status`; 0 where there was no call."""
NOT_ASKED, OPTED_IN, OPTED_OUT, UNREADABLE, SILENT = -1, 0, 1, 2, 3
"""`reply` to the question whether text messages are welcome."""

DECISIONS: tuple[Decision, ...] = (
    Choice("client.zone", ZONE_WEIGHTS),
    Uniform("campaign.lead_days", *map(float, LEAD_DAYS)),
    Uniform("campaign.drop_days", *map(float, DROP_DAYS)),
    Uniform("campaign.closing_days", "closing_low_days", "closing_high_days"),
    Chance("recipient.approved", "approved_share"),
    Chance("recipient.mailed", "mailed_share"),
    Chance("recipient.delivered", "delivered_share"),
    Uniform("recipient.delivery_days", *map(float, DELIVERY_DAYS)),
    Chance("recipient.scans", "scan_share"),
    Chance("recipient.visits", "visit_share"),
    Chance("recipient.submits", "form_share"),
    Chance("recipient.qualifies", "lead_share"),
    Chance("recipient.calls", "call_given_delivered"),
    *(
        Choice(f"{name}.days.{weekday}", f"{name}_days_{weekday}")
        for name in LAGS
        for weekday in range(7)
    ),
    Choice("scan.hour", "visit_hours"),
    Choice("visit.hour", "visit_hours"),
    Choice("call.hour", "call_hours"),
    Chance("call.answered", "answer_share"),
    Chance("call.matched", "match_share"),
    Choice("call.unanswered", (0.6, 0.2, 0.2)),
    RoundedNormal("call.seconds", 240.0, 96.0, 30.0, 900.0),
    Chance("call.opts_in", "opt_in_given_matched"),
    Choice("call.other_reply", (1.0, 1.0, 1.0)),
    Chance("opt_in.taken_back", "opt_out_share"),
    Chance("card.claimed", "claimed_share"),
    Chance("card.soon", "soon_of_claimed"),
    Choice("card.hour", "card_hours"),
    Chance("card.purchase_fails", "purchase_failure_share"),
    *DIFFERENCES_DECISIONS,
)  # fmt: skip

MOMENTS = (
    "created_at", "production_at", "drop_at", "completed_at", "released_at",
    "uploaded_at", "approved_at", "injected_at", "delivered_at", "scanned_at", "visited_at", "submitted_at",
    "qualified_at", "called_at", "answered_at", "hung_up_at", "asked_at", "replied_at", "opted_out_at",
    "purchase_failed_at", "card_at", "redeemed_at",
)  # fmt: skip
"""The columns of `follow` that hold moments."""


def follow(draw: Draw, items: Items) -> Progress:
    """How campaigns go.

    Of each campaign: created_at, production_at, drop_at, completed_at, released_at (its telephone number; all µs), zone
    (of its client), size (recipients).

    Of each recipient: n (in the campaign), contact (of the client, or NO_CONTACT), address; moments, `NEVER` for what
    does not happen: uploaded_at, approved_at, injected_at (mail enters the post), delivered_at, scanned_at, visited_at,
    submitted_at, qualified_at, called_at, answered_at, hung_up_at, asked_at (outbound message), replied_at (any reply),
    opted_out_at, purchase_failed_at (the first attempt, if the card has to be bought), card_at (assigned), redeemed_at;
    and call_status, matched (0 or 1), reply (to the question), seconds (of the call).
    """
    campaign = _campaigns(draw, items)
    size = campaign["size"]
    of, n = placed(size)
    address = items.number[of] << RECIPIENT_BITS | n
    people = {"n": n, "address": address, "contact": _contacts(draw, items.number[of], n)}
    people |= _mail(draw, address, items.at[of], campaign["drop_at"][of], campaign["zone"][of])
    person = response.person_of(items.member[of], people["contact"], address)
    odds = response.odds(draw, items, campaign["created_at"], of, person)
    people |= _visits(draw, person, address, people["delivered_at"], campaign["zone"][of], odds)
    people |= _calls(draw, person, address, people, campaign["zone"][of], odds)
    people |= _cards(draw, address, people["replied_at"], people["reply"], campaign["zone"][of])
    return Progress(campaign, of, people)


def _campaigns(draw: Draw, items: Items) -> dict[str, Ints]:
    zone, created = zone_of(draw, items.member), created_at(draw, items)
    mailed = local(zone, items.at) // DAY_US
    low, high = DROP_DAYS
    dropped = mailed + draw.measure("campaign.drop_days", items.number, created)
    dropped = post.works_near(draw, dropped, mailed + low, mailed + high)
    drop_at = from_local(zone, dropped * DAY_US + 6 * HOUR_US)
    closing = draw.measure("campaign.closing_days", items.number, created)
    return {
        "created_at": created,
        "production_at": np.maximum(created, items.at - PRODUCTION_DAYS * DAY_US),
        "drop_at": drop_at,
        "completed_at": drop_at + closing * DAY_US,
        "released_at": drop_at + np.maximum(closing, ANSWERED_DAYS) * DAY_US,
        "zone": zone,
        "size": sizes_of(draw, items),
    }


def _contacts(draw: Draw, number: Ints, n: Ints) -> Ints:
    """Which contact of the client each recipient is: none twice in a campaign, and never one who is suppressed."""
    many = draw.values.whole("contacts_per_client") * (100 - SUPPRESSED_PERCENT) // 100
    out = np.full(len(n), NO_CONTACT, dtype=np.int64)
    known = np.flatnonzero(n < many)
    out[known] = draw.shuffled("campaign.contact", many, number[known], n[known])
    return out


def _mail(draw: Draw, address: Ints, mailed_at: Ints, drop_at: Ints, zone: Ints) -> dict[str, Ints]:
    uploaded = _uploaded(draw, address, mailed_at)
    approved = _stratified(draw, "recipient.approved", address, uploaded)
    minutes = 5 + draw.below("recipient.approval", 45, address)
    injected = np.full(len(address), NEVER)
    sent = np.flatnonzero(_stratified(draw, "recipient.mailed", address, uploaded))
    # Into the post on the afternoon or evening of one of the two days before the drop.
    dropped = local(zone[sent], drop_at[sent]) // DAY_US
    day = dropped - 1 - draw.below("recipient.injected_day", 2, address[sent])
    day = post.works_near(draw, day, local(zone[sent], mailed_at[sent]) // DAY_US + 1, dropped - 1)
    within = 14 * HOUR_US + draw.below("recipient.injected", 8 * 3_600_000, address[sent]) * 1000
    injected[sent] = from_local(zone[sent], day * DAY_US + within)
    delivered = np.full(len(address), NEVER)
    kept = sent[_stratified(draw, "recipient.delivered", address[sent], injected[sent])]
    days = draw.measure("recipient.delivery_days", address[kept], injected[kept])
    dropped, (low, high) = local(zone[kept], drop_at[kept]) // DAY_US, DELIVERY_DAYS
    day = post.works_near(draw, dropped + days, dropped + low, dropped + high)
    within = OPENS * HOUR_US + draw.below("recipient.delivery", (CLOSES - OPENS) * 3_600_000, address[kept]) * 1000
    delivered[kept] = from_local(zone[kept], day * DAY_US + within)
    return {
        "uploaded_at": uploaded,
        "approved_at": np.where(approved, uploaded + minutes * MINUTE_US, NEVER),
        "injected_at": injected,
        "delivered_at": delivered,
    }


def _uploaded(draw: Draw, address: Ints, mailed_at: Ints) -> Ints:
    """One to two hours before the mailing; of what is mailed after the epoch, after it too: counts hold at it."""
    hours = np.full(len(address), 2 * HOUR_US)
    after = mailed_at >= draw.epoch_us
    hours[after] = np.minimum(hours, mailed_at - draw.epoch_us)[after]
    before = hours - draw.below("recipient.uploaded", np.maximum(hours // 2000, 1), address) * 1000
    return mailed_at - before


def _visits(
    draw: Draw, person: Ints, address: Ints, delivered_at: Ints, zone: Ints, odds: Odds | None
) -> dict[str, Ints]:
    there = np.flatnonzero(delivered_at < NEVER)
    scanned, visited = np.full(len(address), NEVER), np.full(len(address), NEVER)
    submitted, qualified = np.full(len(address), NEVER), np.full(len(address), NEVER)
    answer, own = odds or (None, None)
    some = there[_decided(draw, "recipient.scans", address, there, delivered_at[there], answer)]
    scanned[some] = answering.later(draw, "scan", address[some], delivered_at[some], zone[some], person[some])
    some = there[_decided(draw, "recipient.visits", address, there, delivered_at[there], answer)]
    visited[some] = answering.later(draw, "visit", address[some], delivered_at[some], zone[some], person[some])
    both = np.flatnonzero((scanned < NEVER) & (visited < NEVER))
    visited[both] = answering.opened(draw, address[both], scanned[both], visited[both])
    some = some[_decided(draw, "recipient.submits", address, some, visited[some], own)]
    submitted[some] = visited[some] + MINUTE_US + draw.below("form.when", 29 * 60_000, address[some]) * 1000
    some = some[_decided(draw, "recipient.qualifies", address, some, submitted[some], own)]
    qualified[some] = submitted[some] + SECOND_US + draw.below("lead.when", 59_000, address[some]) * 1000
    return {"scanned_at": scanned, "visited_at": visited, "submitted_at": submitted, "qualified_at": qualified}


def _calls(
    draw: Draw, person: Ints, address: Ints, mail: Mapping[str, Ints], zone: Ints, odds: Odds | None
) -> dict[str, Ints]:
    delivered_at = mail["delivered_at"]
    columns = {name: np.full(len(address), NEVER) for name in (
        "called_at", "answered_at", "hung_up_at", "asked_at", "replied_at", "opted_out_at")}  # fmt: skip
    columns |= {name: np.zeros(len(address), dtype=np.int64) for name in ("call_status", "matched", "seconds")}
    columns["reply"] = np.full(len(address), NOT_ASKED)
    there = np.flatnonzero(delivered_at < NEVER)
    answer, own = odds or (None, None)
    who = there[_decided(draw, "recipient.calls", address, there, delivered_at[there], answer)]
    at = answering.later(draw, "call", address[who], delivered_at[who], zone[who], person[who])
    some = np.flatnonzero(mail["scanned_at"][who] < NEVER)
    both = who[some]
    at[some] = answering.called(draw, address[both], mail["scanned_at"][both], at[some], zone[both], delivered_at[both])
    columns["called_at"][who] = at
    answered = _stratified(draw, "call.answered", address[who], at)
    missed, lost = who[~answered], at[~answered]
    columns["call_status"][missed] = NO_ANSWER + draw.choose("call.unanswered", address[missed], lost)
    columns["hung_up_at"][missed] = lost + (10 + draw.below("call.rings", 21, address[missed])) * SECOND_US
    who, at = who[answered], at[answered] + (2_000 + draw.below("call.answer", 6_001, address[who[answered]])) * 1000
    columns["call_status"][who], columns["answered_at"][who] = COMPLETED, at
    seconds = talking.seconds(draw, address[who], at, person[who])
    columns["seconds"][who], columns["hung_up_at"][who] = seconds, at + seconds * SECOND_US
    matched = _stratified(draw, "call.matched", address[who], at)
    who, at, seconds = who[matched], at[matched], seconds[matched]
    columns["matched"][who] = 1
    asked = at + seconds * 700_000
    columns["asked_at"][who] = asked
    yes = _decided(draw, "call.opts_in", address, who, asked, own)
    reply = np.zeros(len(who), dtype=np.int64)
    reply[~yes] = 1 + draw.choose("call.other_reply", address[who[~yes]], asked[~yes])
    columns["reply"][who] = reply
    replied = np.where(reply != SILENT, talking.replied_at(draw, address[who], at, asked), NEVER)
    columns["replied_at"][who] = replied
    sure, since = who[yes], replied[yes]
    back = draw.chance("opt_in.taken_back", address[sure], since)
    low, high = OPT_OUT_DAYS
    after = draw.below("opt_in.taken_back_when", (high - low) * 1440, address[sure[back]]) * MINUTE_US
    columns["opted_out_at"][sure[back]] = since[back] + low * DAY_US + after
    return columns


def _cards(draw: Draw, address: Ints, replied_at: Ints, reply: Ints, zone: Ints) -> dict[str, Ints]:
    columns = {name: np.full(len(address), NEVER) for name in ("purchase_failed_at", "card_at", "redeemed_at")}
    who = np.flatnonzero((replied_at < NEVER) & (reply == OPTED_IN))
    who = who[_stratified(draw, "card.claimed", address[who], replied_at[who])]
    since = replied_at[who]
    early = _stratified(draw, "card.soon", address[who], since)
    days = np.where(
        early,
        draw.below("card.soon_day", CARD_SOON_DAYS, address[who]),
        CARD_SOON_DAYS + 1 + draw.below("card.late_day", CARD_LATE_DAYS - CARD_SOON_DAYS - 1, address[who]),
    )
    hour = draw.choose("card.hour", address[who], since)
    within = hour * HOUR_US + draw.below("card.moment", 3_600_000, address[who]) * 1000
    at = from_local(zone[who], (local(zone[who], since) // DAY_US + days) * DAY_US + within)
    # On the day of the reply it may be later than that hour.
    at = np.maximum(at, since + 2 * MINUTE_US + draw.below("card.at_once", 30 * 60_000, address[who]) * 1000)
    columns["card_at"][who] = at
    columns["redeemed_at"][who] = at + MINUTE_US + draw.below("card.delivery", 9 * 60_000, address[who]) * 1000
    fails = draw.chance("card.purchase_fails", address[who], at)
    columns["purchase_failed_at"][who[fails]] = at[fails] - np.minimum((at - since)[fails] // 2, HOUR_US)
    return columns


def _decided(draw: Draw, point: str, address: Ints, some: Ints, at: Ints, odds: Ints | None) -> Bools:
    """Which of some recipients do: by their own odds, or of every campaign as many as the share says."""
    if odds is None:
        return _stratified(draw, point, address[some], at)
    return draw.varied_chance(point, address[some], at, odds[some])


def _stratified(draw: Draw, point: str, address: Ints, at: Ints) -> Bools:
    """Which recipients do: of every campaign as many as the share says."""
    return draw.stratified_chance(point, address >> RECIPIENT_BITS, address, at)
