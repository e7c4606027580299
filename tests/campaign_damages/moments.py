"""When things happen: what comes before its cause, on the wrong day, or in the future."""

from __future__ import annotations

from campaign_damages.statements import (
    AGENCYS,
    BEFORE,
    CALLER,
    COMPLETED,
    DRAFT,
    FIRST,
    IDLE,
    LATER,
    REDEEMED,
    UNQUALIFIED,
    Damage,
    change,
    event,
    one,
)

MOMENTS: dict[str, Damage] = {
    "a campaign mailed before it was created": (
        change("campaigns", "mail_date = created_at::date - 2", f"id = {COMPLETED}"),
        (
            "E12 campaigns not created before",
            "E12 campaigns whose mail date",
            "E12 campaigns whose drop",
            "causes public.campaigns.mail_date",
        ),
    ),
    "a campaign dropped before it was mailed": (
        (
            "ALTER TABLE campaigns DROP CONSTRAINT campaigns_drop_date_check",
            change("campaigns", "drop_date = mail_date - 1", f"id = {COMPLETED}"),
        ),
        (
            "E12 campaigns not created before",
            "E12 campaigns whose drop",
            "E12 pieces of mail",
            "causes public.campaigns.drop_date",
        ),
    ),
    "a status that no date explains": (
        change("campaigns", "status = 'completed'", f"id = {DRAFT}"),
        ("E11 campaigns whose status",),
    ),
    "campaigns that are never completed": (
        change("campaigns", "status = 'mailed', completed_at = NULL", "mail_date < '2025-11-15'"),
        ("E11 statuses at the epoch", "4.4 campaigns not completed"),
    ),
    "history is too short": (
        change("campaigns", "mail_date = mail_date + 3, drop_date = drop_date + 3", f"id = {FIRST}"),
        ("E20 days from the first mail date", "E12 pieces of mail"),
    ),
    "mail dates know no season": (
        change(
            "campaigns",
            "mail_date = mail_date - 30, drop_date = drop_date - 30, completed_at = completed_at - interval"
            " '30 days', created_at = created_at - interval '30 days'",
            LATER,
        ),
        (
            "E14 mail dates by month",
            "E11 statuses at the epoch",
            "E12 pieces of mail",
            "4.4 campaigns not completed",
            "causes public.campaigns.created_at",
        ),
    ),
    "mail dates know no weekday": (
        change(
            "campaigns",
            "mail_date = mail_date + 6 - extract(isodow FROM mail_date)::int, drop_date = drop_date + 6"
            " - extract(isodow FROM mail_date)::int",
            "mail_date < '2025-12-20' AND extract(month FROM mail_date)"
            " = extract(month FROM mail_date + 6 - extract(isodow FROM mail_date)::int)",
        ),
        (
            "E15 mail dates by weekday",
            "E12 pieces of mail",
            "E12 campaigns whose mail date",
            "E12 chi-square of days from drop",
            "E20 days",
            "4.4 campaigns not completed",
        ),
    ),
    "drops know one day": (
        change("campaigns", "drop_date = mail_date + 4", "true"),
        ("E12 chi-square of days from mail date to drop", "E12 chi-square of days from drop", "E12 pieces of mail"),
    ),
    "delivered before it was sent": (
        change("events", "occurred_at = occurred_at - interval '12 days'", f"id = {event('imb_delivered', IDLE)}"),
        (f"{BEFORE}delivered, after", "E13 recipients whose row and whose delivery", "E12 pieces of mail"),
    ),
    "sent before they were listed": (
        change("events", "occurred_at = occurred_at - interval '30 days'", f"id = {event('imb_injected')}"),
        (f"{BEFORE}sent, after",),
    ),
    "scanned before it was delivered": (
        change("events", "occurred_at = occurred_at - interval '30 days'", f"id = {event('qr_scan')}"),
        (f"{BEFORE}scanned", "E12 scans not 1 to 7 days"),
    ),
    "visited before it was delivered": (
        change("events", "occurred_at = occurred_at - interval '30 days'", f"id = {event('purl_visit')}"),
        (f"{BEFORE}visited", "E12 visits not 1 to 14 days"),
    ),
    "called before it was delivered": (
        change("events", "occurred_at = occurred_at - interval '20 days'", f"id = {event('call_received', CALLER)}"),
        (f"{BEFORE}calls", f"{BEFORE}sessions", "E12 calls not 1 to 6 days"),
    ),
    "a form before the visit": (
        change("events", "occurred_at = occurred_at - interval '2 hours'", f"id = {event('form_submitted')}"),
        (f"{BEFORE}submitted",),
    ),
    "a lead before the form": (
        change("events", "occurred_at = occurred_at - interval '2 minutes'", f"id = {event('lead_captured')}"),
        (f"{BEFORE}leads",),
    ),
    "an answer before the call": (
        change(
            "call_sessions",
            "call_answered_at = call_started_at - interval '1 minute'",
            f"id = {one('call_sessions', 'recipient_id IS NOT NULL')}",
        ),
        (f"{BEFORE}answers", "causes public.call_sessions.call_answered_at"),
    ),
    "a question before the answer": (
        (
            change("recipients", "sms_opt_in_sent_at = sms_opt_in_sent_at - interval '1 hour'", f"id = {REDEEMED}"),
            change("sms_opt_in_log", "created_at = created_at - interval '1 hour'", f"recipient_id = {REDEEMED}"),
        ),
        (f"{BEFORE}questions",),
    ),
    "an opt-in before the question": (
        change("sms_opt_ins", "opted_in_at = opted_in_at - interval '1 day'", f"id = {one('sms_opt_ins')}"),
        (f"{BEFORE}opt-ins", "causes public.sms_opt_ins.opted_in_at"),
    ),
    "an opt-out before the opt-in": (
        change(
            "sms_opt_ins",
            "opted_out_at = opted_in_at - interval '1 day'",
            f"id = {one('sms_opt_ins', 'opted_out_at IS NOT NULL')}",
        ),
        (f"{BEFORE}opt-outs", "causes public.sms_opt_ins.opted_out_at"),
    ),
    "a card before the opt-in": (
        change("gift_card_billing_ledger", "billed_at = billed_at - interval '40 days'", f"id = {AGENCYS}"),
        (f"{BEFORE}cards", "money redeemed recipients without a whole audit"),
    ),
    "a redemption before the card": (
        change(
            "recipients", "redemption_completed_at = redemption_completed_at - interval '1 hour'", f"id = {REDEEMED}"
        ),
        (
            f"{BEFORE}redemptions",
            "money redeemed recipients without a whole audit",
            "E25 participations that do not say",
        ),
    ),
    "a dialogue without a question": (
        f"DELETE FROM sms_opt_in_log WHERE id = {one('sms_opt_in_log', 'direction = $$outbound$$', 'created_at')}",
        ("E13 dialogues", "rows public.sms_opt_in_log"),
    ),
    "a recipient whose row says something else": (
        change(
            "recipients",
            "delivered_at = delivered_at + interval '1 hour'",
            f"id = {one('recipients', 'delivered_at IS NOT NULL AND sms_opt_in_sent_at IS NULL')}",
        ),
        ("E13 recipients whose row and whose delivery", "E25 participations that do not say"),
    ),
    "an opt-in that the recipient knows nothing of": (
        change(
            "recipients",
            "sms_opt_in_status = 'pending'",
            f"id = {one('sms_opt_ins', 'opted_out_at IS NULL', 'id DESC', 'recipient_id')}",
        ),
        ("E13 recipients whose row and whose opt-in",),
    ),
    "something that happened in the future": (
        change(
            "events",
            "occurred_at = '2026-01-20', created_at = '2026-01-20'",
            f"id = {event('form_submitted', UNQUALIFIED)}",
        ),
        ("future public.events.occurred_at", "future public.events.created_at"),
    ),
}
