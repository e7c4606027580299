"""Who is written to, what they do about it, and what the platform logs of both.

Everything here restates what the journey decided; a recipient's row is emitted again at each of its moments. Only what
lies in the span is put together, so that a minute of life costs little beside a year of history.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

import numpy as np

from populace.spec import NEVER, Columns, Draw, EmitContext, Ints, Joined, Key, Optional, Rows, TableRows, Words
from populace.worlds.campaigns.behaviour import calls, messages, response
from populace.worlds.campaigns.behaviour.campaigns import author_of
from populace.worlds.campaigns.behaviour.cards import Claims
from populace.worlds.campaigns.behaviour.journey import OPTED_IN, OPTED_OUT
from populace.worlds.campaigns.catalogue import codes, words
from populace.worlds.campaigns.parameters.fixed import FIELDS, LEAD_SCORES, VISIT_SECONDS
from populace.worlds.campaigns.people import persons, traits
from populace.worlds.campaigns.people.organisations import BATCH
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import KIND_BITS, NO_CONTACT

DEVICES = ("iOS", "Android")
BROWSERS = ("Chrome", "Safari", "Edge", "Firefox", "Samsung Internet")
FORM = "claim-reward"
CHANGES = (
    "injected_at", "delivered_at", "asked_at", "replied_at", "opted_out_at", "card_at", "redeemed_at",
)  # fmt: skip
"""Moments of the journey at which a recipient's row is emitted again, besides those of the approval."""


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event. moment: the column of the journey that holds its moment."""

    name: str
    source: str
    moment: str


EVENTS = (
    Event("imb_injected", "usps", "injected_at"),
    Event("imb_delivered", "usps", "delivered_at"),
    Event("qr_scan", "qr", "scanned_at"),
    Event("purl_visit", "purl", "visited_at"),
    Event("form_submitted", "form", "submitted_at"),
    Event("lead_captured", "external", "qualified_at"),
    Event("call_received", "external", "called_at"),
)
"""The position of each is its kind: one that is added belongs at the end."""
INJECTED, DELIVERED, SCANNED, VISITED, SUBMITTED, QUALIFIED, CALLED = range(len(EVENTS))

ACTIONS = ("uploaded", "approved", "sms_sent", "gift_card_assigned", "redeemed")
"""The position of each is its kind in the audit log."""
UPLOADED, APPROVED, ASKED, ASSIGNED, REDEEMED = range(len(ACTIONS))


def emit(draw: Draw, context: EmitContext, cards: Claims) -> TableRows:
    """Recipients, their events, and their audit log."""
    return {
        "recipients": _recipients(draw, context, cards),
        "events": _events(draw, context),
        "recipient_audit_log": _audit(draw, context),
    }


def approved_at(context: EmitContext) -> Ints:
    """When each recipient of a context is approved: with the list, or else during the call that verifies them."""
    parts = context.progress.parts
    return np.minimum(parts["approved_at"], parts["asked_at"])


def _recipients(draw: Draw, context: EmitContext, cards: Claims) -> Rows:
    parts, end = context.progress.parts, context.span.end_us
    last = np.where(parts["uploaded_at"] < end, parts["uploaded_at"], NEVER)
    # A call is written when it has ended: only then does the row name the one that brought the approval.
    named = np.where(approved_at(context) < parts["approved_at"], parts["hung_up_at"], NEVER)
    for at in (approved_at(context), named, *(parts[name] for name in CHANGES)):
        np.copyto(last, at, where=(at < end) & (at > last))
    part = np.flatnonzero(context.span.holds(last))
    of = context.progress.of[part]
    number, client = context.items.number[of], context.items.member[of]
    kept = ("address", "contact", "reply", "uploaded_at", "approved_at", *CHANGES)
    p = {name: parts[name][part] for name in kept}
    address, contact = p["address"], p["contact"]
    approved = approved_at(context)[part]
    on_phone = approved < p["approved_at"]
    approver = author_of(draw, context.items)[of]
    approver[on_phone] = calls.agent_of(draw, context, part[on_phone])
    claim = cards.of_parts(len(context.progress.of))[part]
    person = persons.person(draw, *_who(context, part), np.where(contact != NO_CONTACT, contact + 1, address))
    columns = {
        "id": layout.recipient_key(address, p["uploaded_at"]),
        "audience_id": Key("audiences", number),
        "campaign_id": layout.campaign_key(number),
        "contact_id": Optional(contact != NO_CONTACT, layout.contact_key(client, contact)),
        **{name: person[name] for name in ("first_name", "last_name", "address2", "city", "state", "zip", "email")},
        "address1": person["address"],
        "phone": persons.of_recipients(client, contact, address),
        "token": codes.token(draw, address),
        "redemption_code": codes.redemption_code(draw, address),
        "validation_status": "valid",
        "delivery_status": Words(_steps(end, p["injected_at"], p["delivered_at"]),
                                 ("pending", "in_transit", "delivered")),
        "delivered_at": _since(p["delivered_at"], end),
        "approval_status": Words(_steps(end, approved, p["redeemed_at"]), ("pending", "approved", "redeemed")),
        "approved_at": _since(approved, end),
        "approved_by_user_id": Optional(approved < end, layout.user_key(approver)),
        "approved_call_session_id": Optional(named[part] < end, calls.session_key(context, part)),
        "gift_card_assigned_id": _card(cards, claim),
        "redemption_completed_at": _since(p["redeemed_at"], end),
        **_opt_in(draw, p, end),
        **BATCH,
        "created_at": p["uploaded_at"],
    }  # fmt: skip
    return Rows(client, columns, last[part], entity=address)


def _opt_in(draw: Draw, p: dict[str, Ints], end: int) -> Columns:
    """What has become of the question whether text messages are welcome, as it is known at the end."""
    asked, heard, left = (p[name] < end for name in ("asked_at", "replied_at", "opted_out_at"))
    reply = np.where(left, OPTED_OUT, p["reply"])
    text = messages.answer_of(draw, p["address"], reply, np.where(left, messages.STOP, messages.REPLY))
    status = np.where(heard, 2 + reply, asked)
    return {
        "sms_opt_in_status": Words(status, ("not_sent", "pending", "opted_in", "opted_out", "invalid_response")),
        "sms_opt_in_sent_at": Optional(asked, p["asked_at"]),
        "sms_opt_in_response_at": Optional(heard, np.where(left, p["opted_out_at"], p["replied_at"])),
        "sms_opt_in_response": Words(np.where(heard, 1 + text, 0), (None, *messages.SAID)),
        "verification_method": Words((heard & (p["reply"] == OPTED_IN)).astype(np.int64), (None, "sms")),
        "disposition": Words(np.where(heard, 1 + p["reply"], 0), (None, "verified", "declined", "unclear")),
    }


def _card(cards: Claims, claim: Ints) -> Optional:
    """The key of the card from the inventory; null for who has none, or one that was bought."""
    has = claim >= 0
    has[has] = ~cards.bought[claim[has]]
    slot = np.zeros(len(claim), dtype=np.int64)
    slot[has] = cards.card[claim[has]]
    return Optional(has, layout.card_key(slot))


def _who(context: EmitContext, part: Ints) -> tuple[Ints, Ints]:
    """The address of the person that each recipient is, and the zone they live in: a contact of the client, or somebody
    whom the client only knows from a list."""
    of, parts = context.progress.of[part], context.progress.parts
    who = response.person_of(context.items.member[of], parts["contact"][part], parts["address"][part])
    return who, context.progress.items["zone"][of]


def _events(draw: Draw, context: EmitContext) -> Rows:
    parts = context.progress.parts
    emitted = [np.flatnonzero(context.span.holds(parts[event.moment])) for event in EVENTS]
    part, kind = np.concatenate(emitted), _kinds(emitted)
    of, address = context.progress.of[part], parts["address"][part]
    at = np.concatenate([parts[event.moment][some] for event, some in zip(EVENTS, emitted, strict=True)])
    columns: Columns = {
        "id": Key("events", address << KIND_BITS | kind, at),
        "campaign_id": layout.campaign_key(context.items.number[of]),
        "recipient_id": layout.recipient_key(address, parts["uploaded_at"][part]),
        "event_type": Words(kind, tuple(event.name for event in EVENTS)),
        "source": Words(kind, tuple(event.source for event in EVENTS)),
        "event_data_json": _payloads(draw, context, emitted),
        "occurred_at": at,
        "created_at": at,
    }
    return Rows(context.items.member[of], columns, at)


def _payloads(draw: Draw, context: EmitContext, emitted: list[Ints]) -> Joined:
    """What events say. It is one of few texts, but for mail that is injected: there a number stands in it."""
    parts = context.progress.parts
    addresses = [parts["address"][some] for some in emitted]
    scanned, visited, submitted = (addresses[n] for n in (SCANNED, VISITED, SUBMITTED))
    words_of, begins = _said()
    code = [np.full(len(some), begin) for some, begin in zip(emitted, begins, strict=True)]
    code[SCANNED] += len(words.cities()) * draw.below("scan.device", len(DEVICES), scanned)
    code[SCANNED] += persons.city(draw, *_who(context, emitted[SCANNED]))
    code[VISITED] += _between(draw, "visit.seconds", VISIT_SECONDS, visited) * len(BROWSERS)
    code[VISITED] += draw.below("visit.browser", len(BROWSERS), visited)
    code[SUBMITTED] += _between(draw, "form.fields", FIELDS, submitted)
    code[QUALIFIED] += _score(draw, context, emitted[QUALIFIED])
    pieces = codes.mail_number(addresses[INJECTED], sum(map(len, emitted)), after='"}')
    return Joined((Words(np.concatenate(code), words_of), *pieces))


def _score(draw: Draw, context: EmitContext, part: Ints) -> Ints:
    """How far above the lowest the score of each lead lies: anywhere, or by how readily somebody answers."""
    address = context.progress.parts["address"][part]
    if draw.values.text("lead_scores") == "drawn":
        return _between(draw, "lead.score", LEAD_SCORES, address)
    ready = traits.readiness(draw, _who(context, part)[0])
    out: Ints = (LEAD_SCORES[1] - LEAD_SCORES[0]) * (3 * ready + draw.below("lead.score", 101, address)) // 400
    return out


def _audit(draw: Draw, context: EmitContext) -> Rows:
    """What was done with recipients: who redeems has been uploaded, approved, asked and given a card before."""
    parts = context.progress.parts
    moments = [parts["uploaded_at"], approved_at(context), *(parts[n] for n in ("asked_at", "card_at", "redeemed_at"))]
    emitted = [np.flatnonzero(context.span.holds(at)) for at in moments]
    part, kind = np.concatenate(emitted), _kinds(emitted)
    at = np.concatenate([moment[some] for moment, some in zip(moments, emitted, strict=True)])
    of, address = context.progress.of[part], parts["address"][part]
    # Whoever made the campaign approves, but for those who were verified on the phone.
    called = (kind == ASKED) | ((kind == APPROVED) & (parts["approved_at"][part] > at))
    user = author_of(draw, context.items)[of]
    user[called] = calls.agent_of(draw, context, part[called])
    columns: Columns = {
        "id": Key("recipient_audit_log", address << KIND_BITS | kind, at),
        "recipient_id": layout.recipient_key(address, parts["uploaded_at"][part]),
        "action": Words(kind, ACTIONS),
        "performed_by_user_id": Optional(kind <= ASKED, layout.user_key(user)),
        "metadata": Words(np.where(called & (kind == APPROVED), len(ACTIONS), kind), _notes()),
        "created_at": at,
    }
    return Rows(context.items.member[of], columns, at)


def _kinds(emitted: list[Ints]) -> Ints:
    return np.repeat(np.arange(len(emitted)), [len(some) for some in emitted])


def _since(at: Ints, end: int) -> Optional:
    """The moment, if it has come before the end."""
    return Optional(at < end, at)


def _steps(end: int, *moments: Ints) -> Ints:
    """How many of these, one after another, have come before the end."""
    steps: Ints = np.sum([at < end for at in moments], axis=0, dtype=np.int64)
    return steps


def _between(draw: Draw, stream: str, span: tuple[int, int], entity: Ints) -> Ints:
    """How far above the lowest of a span of whole numbers each lies."""
    return draw.below(stream, span[1] - span[0] + 1, entity)


@cache
def _said() -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The texts of events, and where those of each kind begin."""

    def numbers(span: tuple[int, int]) -> range:
        return range(span[0], span[1] + 1)

    texts: tuple[list[str], ...] = (
        ['{"tracking": "00270'],
        [json.dumps({"delivery_confirmed": True})],
        [json.dumps({"device": d, "location": f"{c.name}, {c.state}"}) for d in DEVICES for c in words.cities()],
        [json.dumps({"browser": b, "duration_seconds": s}) for s in numbers(VISIT_SECONDS) for b in BROWSERS],
        [json.dumps({"form_id": FORM, "fields_completed": n}) for n in numbers(FIELDS)],
        [json.dumps({"lead_score": n, "qualified": True}) for n in numbers(LEAD_SCORES)],
        [json.dumps({"direction": "inbound", "channel": "phone"})],
    )
    begins = np.cumsum([0, *(len(of_kind) for of_kind in texts)])[:-1]
    return tuple(text for of_kind in texts for text in of_kind), tuple(begins.tolist())


@cache
def _notes() -> tuple[str, ...]:
    """What the audit log says of each action; last, of an approval during a call."""
    said = (
        (None, "pending", "came with the audience of the campaign"),
        ("pending", "approved", "address and code checked before printing"),
        ("not_sent", "pending", "asked on the phone, by text message, whether messages are welcome"),
        ("approved", "approved", "gift card assigned after the opt-in"),
        ("approved", "redeemed", "gift card opened by the recipient"),
        ("pending", "approved", "code verified on the phone"),
    )
    return tuple(json.dumps({"old_status": old, "new_status": new, "notes": notes}) for old, new, notes in said)
