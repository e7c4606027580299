"""Of how many something becomes true, and at which hours: shares and distributions that are off."""

from __future__ import annotations

from campaign_damages.statements import (
    BEFORE,
    IDLE,
    INCIDENT,
    LOCAL_NOON,
    REDEEMED,
    SUBMITTED,
    Damage,
    change,
    one,
    some,
)

SHARES: dict[str, Damage] = {
    "too few are sent mail": (
        f"DELETE FROM events WHERE event_type = 'imb_injected' AND {IDLE} AND {some(90)}",
        (
            "E9 recipients whose mail is sent",
            "E5 events",
            f"{BEFORE}delivered",
            "recount recipients whose mail",
            "rows public.events",
        ),
    ),
    "too little is delivered": (
        f"DELETE FROM events WHERE event_type = 'imb_delivered' AND {IDLE} AND {some(70)}",
        (
            "E9 mail that is delivered",
            "E5 events",
            "E13 recipients whose row and whose delivery",
            "recount pieces of mail delivered",
            "rows public.events",
        ),
    ),
    "too few visits": (
        f"DELETE FROM events WHERE event_type = 'purl_visit' AND recipient_id NOT IN ({SUBMITTED}) AND {some(300)}",
        (
            "E9 delivered: visits the page",
            "E9 visitors: submits the form",
            "E5 events, scaled to all recipients",
            "recount pages visited",
            "rows public.events",
        ),
    ),
    "too few calls": (
        f"DELETE FROM call_sessions WHERE recipient_id IS NULL AND {some(200)}",
        (
            "E6 calls",
            "E8 ",
            "E7 opt-ins, of calls",
            "4.4 answered calls that are matched",
            "recount calls answered",
            "rows public.call_",
        ),
    ),
    "too few calls are matched": (
        change("call_sessions", "match_status = 'unmatched'", f"call_answered_at IS NOT NULL AND {some(90)}"),
        ("4.4 answered calls that are matched", "recount calls matched"),
    ),
    "too few calls are answered": (
        change("call_sessions", "call_answered_at = NULL", f"match_status = 'unmatched' AND {some(200)}"),
        ("E8 ", "4.4 answered calls that are matched", "recount calls answered"),
    ),
    "too few opt-ins": (
        "DELETE FROM sms_opt_ins WHERE recipient_id NOT IN (SELECT recipient_id FROM gift_card_billing_ledger)",
        ("E7 ", "E10 opt-ins that are given a card", "E13 recipients whose row and whose opt-in", "recount opt-ins"),
    ),
    "too few scans": (
        f"DELETE FROM events WHERE event_type = 'qr_scan' AND {some(128)}",
        ("E9 delivered: scans the code", "E5 events", "recount codes scanned", "rows public.events"),
    ),
    "too few are approved": (
        change(
            "recipients", "approved_at = created_at + interval '2 days'", f"created_at < '2026-01-01' AND {some(30)}"
        ),
        ("4.4 recipients who are approved with the list", "recount recipients who were approved"),
    ),
    "too few are given a card": (
        f"DELETE FROM gift_card_billing_ledger WHERE {some(180)}",
        (
            "E10 opt-ins that are given a card",
            "money ",
            f"{BEFORE}redemptions",
            "rows public.gift_card_billing_ledger",
            "recount cards given",
            "orphans public.credit_transactions",
        ),
    ),
    "calls of the weekend are moved to Monday": (
        "UPDATE events SET occurred_at = occurred_at + (8 - extract(isodow FROM occurred_at)::int) * interval '1 day',"
        " created_at = created_at + interval '3 days' WHERE event_type = 'call_received'"
        " AND extract(isodow FROM occurred_at) > 5 AND occurred_at BETWEEN '2025-11-03' AND '2026-01-04'",
        ("E15 chi-square of the weekdays of calls", f"{BEFORE}sessions", "E12 calls not 1 to 6 days"),
    ),
    "scans and visits from Friday on are moved to Monday": (
        "UPDATE events SET occurred_at = occurred_at + (8 - extract(isodow FROM occurred_at)::int) * interval '1 day',"
        " created_at = created_at + interval '3 days' WHERE event_type IN ('qr_scan', 'purl_visit')"
        " AND extract(isodow FROM occurred_at) > 4 AND occurred_at < '2026-01-04'",
        ("E15 weekdays of scans", "E15 weekdays of visits", "E12 scans not", "E12 visits not", f"{BEFORE}submitted"),
    ),
    "too many opt-ins are taken back": (
        change("sms_opt_ins", "opted_out_at = opted_in_at + interval '35 days'", "opted_in_at < '2025-11-09'"),
        ("4.4 opt-ins that are taken back", "recount opt-ins taken back", "E13 recipients whose row and whose opt-in"),
    ),
    "a card that is not redeemed": (
        change("recipients", "approval_status = 'approved'", f"id = {REDEEMED}"),
        ("E10 cards that are redeemed", "E25 participations that do not say", "money redeemed recipients who are not"),
    ),
    "a call in the evening": (
        change(
            "call_sessions",
            "call_started_at = call_started_at + interval '9 hours', call_ended_at = call_ended_at"
            " + interval '9 hours'",
            f"id = {one('call_sessions', 'call_answered_at IS NULL')}",
        ),
        ("E16 calls that do not begin",),
    ),
    "all keep to noon": (
        f"UPDATE events AS e SET occurred_at = {LOCAL_NOON}, created_at = {LOCAL_NOON} FROM campaigns AS c"
        " JOIN clients AS k ON k.id = c.client_id WHERE c.id = e.campaign_id AND occurred_at < '2026-01-08'"
        " AND event_type IN ('qr_scan', 'purl_visit', 'call_received')",
        (
            "E16 chi-square of the hours of calls",
            "E16 chi-square of the hours of scans",
            "E16 chi-square of the hours of visits",
            f"{BEFORE}submitted",
            f"{BEFORE}sessions",
        ),
    ),
    "an incident does not show": (
        change(
            "error_logs",
            "occurred_at = occurred_at - (10 + get_byte(uuid_send(id), 15) % 20) * interval '1 day'",
            f"occurred_at BETWEEN {INCIDENT} AND {INCIDENT} + interval '1 day'",
        ),
        ("E26 incidents that show",),
    ),
    "a metric beyond its range": (
        change(
            "performance_metrics",
            "duration_ms = 700",
            f"id = {one('performance_metrics', 'metric_type = $$page_load$$')}",
        ),
        ("E17 metrics beyond the range",),
    ),
    "peaks are not slower": (
        change(
            "performance_metrics",
            "duration_ms = greatest(5, duration_ms / 1.3)",
            "extract(hour FROM recorded_at AT TIME ZONE 'America/New_York') IN (10, 14, 15)",
        ),
        ("E16 durations in peak hours",),
    ),
    "it is as slow at night": (
        change(
            "performance_metrics",
            "duration_ms = ceil(duration_ms / 0.8)",
            "extract(hour FROM recorded_at AT TIME ZONE 'America/New_York') NOT BETWEEN 9 AND 16",
        ),
        ("E16 durations in off hours",),
    ),
    "it is slower than usual": (
        change(
            "performance_metrics",
            "duration_ms = duration_ms * 1.1",
            "extract(hour FROM recorded_at AT TIME ZONE 'America/New_York') IN (9, 11, 12, 13, 16)",
        ),
        ("E16 durations in usual hours",),
    ),
    "people work at night": (
        change(
            "usage_analytics",
            "occurred_at = occurred_at - interval '12 hours'",
            "occurred_at BETWEEN '2025-10-12' AND '2026-01-08'",
        ),
        ("E16 use of the platform",),
    ),
    "use and errors with less detail": (
        (
            change("usage_analytics", "metadata = metadata || '{\"success\": false}'", some(20)),
            change(
                "error_logs",
                "user_id = NULL, client_id = NULL, stack_trace = NULL, request_data = NULL, metadata = metadata"
                " - 'gift_card_error'",
                some(60),
            ),
        ),
        (
            "recount features that worked",
            "recount actions that worked",
            "recount errors with a user",
            "recount errors with a client",
            "recount errors with a stack trace",
            "recount errors with the request",
            "recount errors of gift cards",
        ),
    ),
    "errors that nobody resolved": (
        change("error_logs", "resolved_by = NULL", some(20)),
        ("recount errors resolved",),
    ),
}
