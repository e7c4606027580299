"""What is emitted of campaigns under way: each module emits its own tables, from the same journeys and the same
claims.
"""

from __future__ import annotations

from populace.spec import NEVER, Bools, Calendar, Carried, Draw, EmitContext, Progress, Span, TableRows
from populace.worlds.campaigns.behaviour import (
    calls,
    campaigns,
    cards,
    inventory,
    journey,
    ledger,
    messages,
    recipients,
)
from populace.worlds.campaigns.people import contacts

TABLES_OF_CAMPAIGNS = (
    "contacts", "audiences", "campaigns", "campaign_conditions", "campaign_reward_configs",
    "campaign_gift_card_config", "tracked_phone_numbers", "recipients", "events", "recipient_audit_log",
    "gift_card_inventory", "call_sessions", "call_conditions_met", "call_dispositions", "sms_opt_ins",
    "sms_opt_in_log", "sms_delivery_log", "gift_card_billing_ledger", "gift_card_provisioning_trace",
    "credit_accounts", "credit_transactions",
)  # fmt: skip
CALENDARS = (
    Calendar(
        name="mailing",
        months="months_factors",
        weekdays="weekday_factors",
        hours="mailing_hours",
        zone="timezone",
    ),
    Calendar(
        name="usage",
        months="months_factors",
        weekdays="weekday_factors",
        hours="usage_hours",
        zone="timezone",
    ),
    Calendar(
        name="incidents",
        months="flat_months",
        weekdays="weekday_factors",
        hours="usage_hours",
        zone="timezone",
        spikes="incidents",
    ),
)


def emit(draw: Draw, context: EmitContext) -> TableRows:
    """All rows of campaigns, their recipients, and what these bring about; parents before children."""
    # What fails in the span may be made good after it: the trace sees a little farther than all others.
    beyond = cards.claims(draw, context, context.span.end_us + cards.HANDED_US)
    claims = beyond.until(context.span.end_us)
    return {
        **contacts.emit(draw, context),
        **campaigns.emit(draw, context),
        **recipients.emit(draw, context, claims),
        **inventory.emit(draw, context, claims),
        **calls.emit(draw, context, claims),
        **messages.emit(draw, context, claims),
        **ledger.emit(draw, context, claims, beyond),
    }


def matters(progress: Progress, span: Span) -> Bools:
    """Recipients to whom something happens about then; and all who are ever given a card, for cards are counted."""
    about = Span(span.start_us - cards.HANDED_US, span.end_us + cards.HANDED_US)
    out = progress.parts["card_at"] < NEVER
    for name in journey.MOMENTS:
        if name in progress.parts:
            out |= about.holds(progress.parts[name])
    return out


def carry(draw: Draw, context: EmitContext) -> Carried:
    """What clients carry: claims and spending, and how often each contact was reached."""
    return {**cards.carry(draw, context), **contacts.carry(draw, context)}
