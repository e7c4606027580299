"""The messages that follow a call: the question whether text messages are welcome, what is answered, and the cards.

Who agrees is the journey's to say; here it is put into words.
"""

from __future__ import annotations

import numpy as np

from populace.spec import (
    Bools,
    Columns,
    ColumnValue,
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
from populace.spec.kit.places import drawn_within
from populace.worlds.campaigns.behaviour import campaigns
from populace.worlds.campaigns.behaviour.calls import agreed_at, parts_of, session_key, sid, within
from populace.worlds.campaigns.behaviour.cards import Claims
from populace.worlds.campaigns.behaviour.journey import OPTED_OUT, SILENT
from populace.worlds.campaigns.catalogue import gift_cards, words
from populace.worlds.campaigns.people import persons
from populace.worlds.campaigns.people.organisations import BATCH
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import MESSAGE_BITS

ANSWERS = (
    ("YES", "Yes", "yes please", "Y"),
    ("STOP", "stop", "Stop"),
    ("who is this?", "what offer", "ok?", "maybe later"),
)
"""What people text, by the `reply` of the journey."""
SAID = tuple(text for texts in ANSWERS for text in texts)
CONFIRMED = (
    "Thank you, you are in. We text about your offer only. Reply STOP to end.",
    "You will get no more messages from us.",
    "Sorry, we did not get that. Reply YES to agree or STOP to end.",
)
"""What is answered, by the same."""
QUESTION, REPLY, CONFIRMATION, STOP = range(4)
PROVIDERS = ("twilio", "infobip")


def emit(draw: Draw, context: EmitContext, claims: Claims) -> TableRows:
    """Messages of the span."""
    return {
        "sms_opt_ins": _opt_ins(draw, context),
        "sms_opt_in_log": _dialogue(draw, context),
        "sms_delivery_log": _deliveries(draw, context, claims),
    }


def answer_of(draw: Draw, address: Ints, reply: Ints, kind: Ints) -> Ints:
    """What each recipient texts, a position in `SAID`: as `REPLY`, or later as `STOP`; of no meaning for who is silent.

    reply: of the journey, `OPTED_OUT` for a `STOP`.
    """
    many = np.array([*map(len, ANSWERS), 1])
    return drawn_within(draw, "sms.answer", many, reply, address, kind)


def _opt_ins(draw: Draw, context: EmitContext) -> Rows:
    """Who has agreed to messages, and whether that still holds."""
    agreed, left, end = agreed_at(context), context.progress.parts["opted_out_at"], context.span.end_us
    last = np.where(left < end, left, agreed)
    part = np.flatnonzero(context.span.holds(last))
    address, client, recipient, campaign = parts_of(context, part)
    opted_out = left[part] < end
    columns: Columns = {
        "id": Key("sms_opt_ins", address, agreed[part]),
        "recipient_id": recipient,
        "campaign_id": campaign,
        "phone": _phone(context, part),
        "status": Words(opted_out.astype(np.int64), ("opted_in", "opted_out")),
        "opted_in_at": agreed[part],
        "opted_out_at": Optional(opted_out, left[part]),
        "verification_code": Number(draw.below("sms.verification", 1_000_000, address), 6),
        "created_at": agreed[part],
    }
    return Rows(client, columns, last[part], entity=address)


def _dialogue(draw: Draw, context: EmitContext) -> Rows:
    """Question, answer and confirmation, and the message by which somebody ends it later."""
    found = []
    for place, name in enumerate(("asked_at", "replied_at", "replied_at", "opted_out_at")):
        some = within(context, name)
        found.append((some, np.full(len(some), place), context.progress.parts[name][some]))
    part, kind, at = (np.concatenate(column) for column in zip(*found, strict=True))
    address, client, recipient, campaign = parts_of(context, part)
    reply = np.where(kind == STOP, OPTED_OUT, context.progress.parts["reply"][part])
    answer = 1 + answer_of(draw, address, reply, kind)
    code = np.where(kind == CONFIRMATION, 1 + len(SAID) + reply, np.where(kind == QUESTION, 0, answer))
    inbound = (kind == REPLY) | (kind == STOP)
    # Some of those who never answer were never reached.
    lost = (kind == QUESTION) & (reply == SILENT) & (draw.below("sms.lost", 5, address) == 0)
    columns: Columns = {
        "id": Key("sms_opt_in_log", address << MESSAGE_BITS | kind, at),
        "recipient_id": recipient,
        "campaign_id": campaign,
        "call_session_id": session_key(context, part),
        "phone": _phone(context, part),
        "message_sid": sid(draw, "SM", address << MESSAGE_BITS | kind),
        "direction": Words(inbound.astype(np.int64), ("outbound", "inbound")),
        "message_text": Joined((
            _only(kind == QUESTION, campaigns.question_of(draw, client)), Words(code, ("", *SAID, *CONFIRMED)),
        )),
        "status": Words(np.where(lost, 2, inbound.astype(np.int64)), ("delivered", "received", "failed")),
        "provider_used": _provider(draw, address),
        "created_at": at,
    }  # fmt: skip
    return Rows(client, columns, at)


def _deliveries(draw: Draw, context: EmitContext, claims: Claims) -> Rows:
    """The messages that bring the cards."""
    part = within(context, "redeemed_at")
    claim = claims.of_parts(len(context.progress.of))[part]
    address, client, recipient, campaign = parts_of(context, part)
    at, denomination = context.progress.parts["redeemed_at"][part], claims.denomination[claim]
    brands = tuple(b.name for b in words.brands())
    columns: Columns = {
        "id": Key("sms_delivery_log", address, at),
        "recipient_id": recipient,
        "campaign_id": campaign,
        "gift_card_id": Optional(~claims.bought[claim], layout.card_key(claims.card[claim])),
        "phone_number": _phone(context, part),
        "message_body": Joined((
            "Thank you! Your $", Number(gift_cards.face_cents(denomination) // 100), " ",
            Words(gift_cards.brand_of(denomination), brands), " gift card is here: https://cards.example.com/",
            Number(draw.below("sms.link", 10**9, address), 9),
        )),
        "delivery_status": "delivered",
        "twilio_message_sid": sid(draw, "SM", address << MESSAGE_BITS, 2),
        "retry_count": (draw.below("sms.retried", 100, address) < 3).astype(np.int64),
        "delivered_at": at,
        "provider_used": _provider(draw, address),
        "created_at": at,
        **BATCH,
    }  # fmt: skip
    return Rows(client, columns, at)


def _phone(context: EmitContext, part: Ints) -> Joined:
    parts = context.progress.parts
    client = context.items.member[context.progress.of[part]]
    return persons.of_recipients(client, parts["contact"][part], parts["address"][part])


def _provider(draw: Draw, address: Ints) -> Words:
    return Words((draw.below("sms.provider", 10, address) >= 7).astype(np.int64), PROVIDERS)


def _only(there: Bools, text: ColumnValue) -> Joined | Words:
    """A text where it belongs, and nothing elsewhere."""
    if isinstance(text, Joined):
        return Joined(tuple(_only(there, part) for part in text.parts))
    if isinstance(text, Words):
        return Words(np.where(there, text.codes + 1, 0), ("", *text.words))
    return Words(there.astype(np.int64), ("", str(text)))
