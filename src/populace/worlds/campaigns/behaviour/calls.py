"""What a call leaves behind: the call, the conditions it met, and how it ended.

Who calls, is recognised and agrees is the journey's to say; here it is put into words. A row that names a call is
emitted when the call has been written, at its end, or later.
"""

from __future__ import annotations

import numpy as np

from populace.spec import (
    NEVER,
    Bools,
    Columns,
    Draw,
    EmitContext,
    Ints,
    Joined,
    Key,
    Number,
    Optional,
    Rows,
    TableRows,
    Words,
)
from populace.spec.kit.parameters import composed
from populace.worlds.campaigns.behaviour import wording
from populace.worlds.campaigns.behaviour.cards import Claims
from populace.worlds.campaigns.behaviour.journey import COMPLETED, NO_ANSWER, OPTED_IN
from populace.worlds.campaigns.parameters.fixed import NOTED_PERCENT, RECORDED_PERCENT
from populace.worlds.campaigns.people import persons
from populace.worlds.campaigns.people.organisations import BATCH
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import AGREED, CONDITION_BITS, RECEIVED, VERIFIED

STATUSES = ("", "completed", "no-answer", "busy", "failed")
"""By `call_status` of the journey."""
NOTES = (
    "Asked how long the offer lasts.", "Wants a quote by e-mail.", "Would rather be called in the evening.",
    "Verified name and address.", "Had the mailer at hand, read out the code.", "Spoke with spouse first, then agreed.",
    "Asked whether the card can be used online.", "Happy with last year's service.", "Compares with another offer.",
)  # fmt: skip
DISPOSITIONS = (
    "completed", "callback_requested", "wrong_number", "no_answer", "voicemail", "escalated", "customer_declined",
)  # fmt: skip
_DONE, _CALLBACK, _WRONG, _MISSED, _VOICEMAIL, _ESCALATED, _DECLINED = range(len(DISPOSITIONS))
_ENDS = (
    (*(_DONE,) * 19, _ESCALATED),
    (*(_DONE,) * 10, *(_CALLBACK,) * 5, *(_DECLINED,) * 5),
    (*(_WRONG,) * 11, *(_CALLBACK,) * 8, _ESCALATED),
    (*(_MISSED,) * 12, *(_VOICEMAIL,) * 8),
)
"""How calls end, each list in twentieths: of who will agree to messages, of other recipients, of callers whom nobody
recognised, and of those whom nobody answered."""
_ASIDE = {_CALLBACK: "Asked to be called back.", _ESCALATED: "Passed on to a supervisor."}
_STRANGERS = 100 * len(persons.AREAS)


def emit(draw: Draw, context: EmitContext, claims: Claims) -> TableRows:
    """Calls of the span."""
    return {
        "call_sessions": _sessions(draw, context),
        "call_conditions_met": _conditions(draw, context, claims),
        "call_dispositions": _dispositions(draw, context),
    }


def agent_of(draw: Draw, context: EmitContext, part: Ints) -> Ints:
    """Who answers the call of each recipient: the address of one of the client's users."""
    client = context.items.member[context.progress.of[part]]
    rank = draw.below("call.agent", layout.users_of(draw, client), context.progress.parts["address"][part])
    return layout.client_user(draw, client, rank)


def session_key(context: EmitContext, part: Ints) -> Key:
    """The key of each recipient's call."""
    return Key("call_sessions", context.progress.parts["address"][part], context.progress.parts["called_at"][part])


def _sessions(draw: Draw, context: EmitContext) -> Rows:
    parts = context.progress.parts
    part = within(context, "hung_up_at")
    address, client, recipient, campaign = parts_of(context, part)
    answered, matched = parts["call_status"][part] == COMPLETED, parts["matched"][part] == 1
    seconds, ended = parts["seconds"][part], parts["hung_up_at"][part]
    recorded = answered & (draw.below("call.recorded", 100, address) < RECORDED_PERCENT)
    noted = matched & (draw.below("call.noted", 100, address) < NOTED_PERCENT)
    # Who is not recognised calls from a number that nobody knows.
    stranger = answered & ~matched
    caller = persons.entity_of_recipients(client, parts["contact"][part], address)
    caller[stranger] = draw.below("call.stranger", _STRANGERS, address[stranger])
    columns: Columns = {
        "id": session_key(context, part),
        "campaign_id": campaign,
        "recipient_id": Optional(matched, recipient),
        "tracked_number_id": Key("tracked_phone_numbers", campaign.address),
        "caller_phone": persons.phone(caller),
        "twilio_call_sid": sid(draw, "CA", address),
        "call_status": Words(parts["call_status"][part], STATUSES),
        "match_status": Words(matched.astype(np.int64), ("unmatched", "matched")),
        "agent_user_id": Optional(answered, layout.user_key(agent_of(draw, context, part))),
        "call_started_at": parts["called_at"][part],
        "call_answered_at": Optional(answered, parts["answered_at"][part]),
        "call_ended_at": ended,
        "call_duration_seconds": seconds,
        "recording_url": Optional(recorded, Joined(("https://recordings.example.com/", Number(address), ".mp3"))),
        "recording_duration": Optional(recorded, seconds),
        "notes": _noted(draw, address, client, noted, parts["reply"][part] == OPTED_IN),
        "created_at": ended,
        **BATCH,
    }
    return Rows(client, columns, ended)


def _conditions(draw: Draw, context: EmitContext, claims: Claims) -> Rows:
    """What recipients did that their campaign counts. A call is written when it ends, and not before it what it met."""
    parts = context.progress.parts
    moments = (
        (RECEIVED, np.where(parts["matched"] == 1, parts["answered_at"], NEVER)),
        (AGREED, agreed_at(context)),
        (VERIFIED, parts["card_at"]),
    )
    found = []
    for condition, met_at in moments:
        shown_at = np.where(met_at < NEVER, np.maximum(met_at, parts["hung_up_at"]), NEVER)
        some = np.flatnonzero(context.span.holds(shown_at))
        found.append((some, np.full(len(some), condition), met_at[some], shown_at[some]))
    part, number, met, emitted = (np.concatenate(column) for column in zip(*found, strict=True))
    address, client, recipient, campaign = parts_of(context, part)
    claim = np.where(number == VERIFIED, claims.of_parts(len(context.progress.of))[part], -1)
    stocked = claim >= 0
    stocked[stocked] = ~claims.bought[claim[stocked]]
    card = np.zeros(len(part), dtype=np.int64)
    card[stocked] = claims.card[claim[stocked]]
    columns: Columns = {
        "id": Key("call_conditions_met", address << CONDITION_BITS | number, emitted),
        "call_session_id": session_key(context, part),
        "campaign_id": campaign,
        "recipient_id": recipient,
        "condition_number": number,
        "met_by_agent_id": Optional(number != AGREED, layout.user_key(agent_of(draw, context, part))),
        "met_at": met,
        "gift_card_id": Optional(stocked, layout.card_key(card)),
        "delivery_status": Words((number == VERIFIED).astype(np.int64), (None, "sent")),
        "created_at": emitted,
        **BATCH,
    }
    return Rows(client, columns, emitted)


def _dispositions(draw: Draw, context: EmitContext) -> Rows:
    parts = context.progress.parts
    part = within(context, "hung_up_at")
    part = part[parts["call_status"][part] <= NO_ANSWER]
    address, client, recipient, _ = parts_of(context, part)
    answered, matched = parts["call_status"][part] == COMPLETED, parts["matched"][part] == 1
    kind = np.where(matched, (parts["reply"][part] != OPTED_IN).astype(np.int64), np.where(answered, 2, 3))
    end = np.array(_ENDS)[kind, draw.below("call.end", len(_ENDS[0]), address)]
    at = parts["hung_up_at"][part]
    columns: Columns = {
        "id": Key("call_dispositions", address, at),
        "call_session_id": session_key(context, part),
        "recipient_id": Optional(matched, recipient),
        "agent_user_id": Optional(answered, layout.user_key(agent_of(draw, context, part))),
        "disposition_type": Words(end, DISPOSITIONS),
        "notes": _ended(draw, address, client, end),
        "created_at": at,
    }
    return Rows(client, columns, at)


def _noted(draw: Draw, address: Ints, client: Ints, noted: Bools, agreed: Bools) -> Words | Optional:
    """What the agent notes about some calls."""
    if composed(draw):
        return Optional(noted, wording.call(draw, address, client, agreed.astype(np.int64)))
    return Words(np.where(noted, 1 + draw.below("call.note", len(NOTES), address), 0), (None, *NOTES))


def _ended(draw: Draw, address: Ints, client: Ints, end: Ints) -> Words | Optional:
    """What the agent notes of calls that do not end the matter."""
    if composed(draw):
        aside = np.isin(end, list(_ASIDE))
        return Optional(aside, wording.end(draw, address, client, (end == _ESCALATED).astype(np.int64)))
    return Words(end, tuple(_ASIDE.get(n) for n in range(len(DISPOSITIONS))))


def agreed_at(context: EmitContext) -> Ints:
    """When each recipient agrees to messages; `NEVER` for who does not."""
    parts = context.progress.parts
    return np.where(parts["reply"] == OPTED_IN, parts["replied_at"], NEVER)


def parts_of(context: EmitContext, part: Ints) -> tuple[Ints, Ints, Key, Key]:
    """Address, client, and the keys of recipient and campaign."""
    of, address = context.progress.of[part], context.progress.parts["address"][part]
    recipient = layout.recipient_key(address, context.progress.parts["uploaded_at"][part])
    return address, context.items.member[of], recipient, layout.campaign_key(context.items.number[of])


def sid(draw: Draw, prefix: str, entity: Ints, counter: int = 0) -> Joined:
    """What the provider calls a call or a message: two letters and 32 digits."""
    drawn = (draw.below(f"sid.{prefix}", 10**9, entity, counter + half) for half in (0, 1))
    return Joined((prefix, *(Number(half, 9) for half in drawn), Number(entity % 10**14, 14)))


def within(context: EmitContext, name: str) -> Ints:
    """The parts of which a moment lies in the span."""
    return np.flatnonzero(context.span.holds(context.progress.parts[name]))
