"""What can go wrong in the data of campaigns, one thing at a time: statements, and the checks that must fail for them.

Each check is named by a part of its `id title`. All the named ones fail, and no others.
"""

from __future__ import annotations

Damage = tuple[str | tuple[str, ...], tuple[str, ...]]


def one(table: str, where: str = "true", order: str = "id", column: str = "id") -> str:
    """A row of a table, as a subquery."""
    return f"(SELECT {column} FROM {table} WHERE {where} ORDER BY {order} LIMIT 1)"


def event(kind: str, where: str = "true") -> str:
    """The latest event of a kind of last year."""
    return one("events", f"event_type = '{kind}' AND occurred_at < '2026-01-01' AND {where}", "id DESC")


def change(table: str, what: str, where: str) -> str:
    return f"UPDATE {table} SET {what} WHERE {where}"


def some(of_256: int) -> str:
    """So many rows in 256, picked by their keys."""
    return f"get_byte(uuid_send(id), 15) < {of_256}"


IDLE = "recipient_id NOT IN (SELECT recipient_id FROM events WHERE event_type NOT IN ('imb_injected', 'imb_delivered'))"
UNQUALIFIED = "recipient_id NOT IN (SELECT recipient_id FROM events WHERE event_type = 'lead_captured')"
SUBMITTED = "SELECT recipient_id FROM events WHERE event_type = 'form_submitted'"
CALLER = "recipient_id IN (SELECT recipient_id FROM call_sessions)"
COMPLETED = one("campaigns", "status = 'completed'", "mail_date DESC, id")
DRAFT = one("campaigns", "status = 'draft'")
FIRST = one("campaigns", order="mail_date, id")
LATER = "mail_date BETWEEN '2025-11-12' AND '2025-12-20'"
CARD = one("gift_card_inventory", "status = 'delivered'")
OTHER_CARD = one("gift_card_inventory", "status = 'delivered'", "id DESC", "assigned_to_recipient_id")
STOCKED = "billed_entity_type = 'client' AND inventory_card_id IS NOT NULL"
SOLD = one("gift_card_billing_ledger", STOCKED)
SOLD_CARD = one("gift_card_billing_ledger", STOCKED, "id DESC", "inventory_card_id")
BOUGHT = "billed_entity_type = 'agency' AND inventory_card_id IS NULL"
AGENCYS = one(
    "gift_card_billing_ledger",
    f"{BOUGHT} AND recipient_id NOT IN (SELECT recipient_id FROM gift_card_provisioning_trace)",
)
AGENCY = one("agencies", order="id DESC")
AGENCYS_OTHER = one("gift_card_billing_ledger", BOUGHT, "id DESC", "recipient_id")
REDEEMED = one("recipients", "approval_status = 'redeemed' AND gift_card_assigned_id IS NOT NULL")
ACCOUNT = one("credit_accounts", "total_used > 0")
LOCAL_NOON = "(date_trunc('day', e.occurred_at AT TIME ZONE k.timezone) + interval '12:30') AT TIME ZONE k.timezone"
INCIDENT = "timestamptz '2025-10-10 00:00Z' + interval '45 days'"
BEFORE = "E13 recipients with an effect before its cause: "

RELATIONS: dict[str, Damage] = {
    "an orphaned event": (
        change("events", "recipient_id = gen_random_uuid()", f"id = {event('qr_scan')}"),
        ("E25 events without their recipient", "orphans public.events.recipient_id"),
    ),
    "an orphaned campaign": (
        change("campaigns", "client_id = gen_random_uuid()", f"id = {DRAFT}"),
        ("E25 campaigns without their client", "orphans public.campaigns.client_id"),
    ),
    "an orphaned recipient": (
        change(
            "recipients",
            "campaign_id = gen_random_uuid()",
            f"id = {event('imb_delivered', IDLE).replace('id FROM', 'recipient_id FROM', 1)}",
        ),
        (
            "E25 recipients without their campaign",
            "orphans public.recipients.campaign_id",
            "E25 recipients who are contacts",
            "recount recipients who were approved",
        ),
    ),
    "an orphaned call": (
        change(
            "call_sessions", "campaign_id = gen_random_uuid()", f"id = {one('call_sessions', 'recipient_id IS NULL')}"
        ),
        ("E25 calls without their campaign", "orphans public.call_sessions.campaign_id"),
    ),
    "an event of another campaign": (
        change("events", f"campaign_id = {FIRST}", f"id = {event('form_submitted')}"),
        ("E25 events of another campaign",),
    ),
    "a contact of another client": (
        "UPDATE recipients AS r SET contact_id = (SELECT k.id FROM contacts AS k"
        " JOIN campaigns AS c ON c.id = r.campaign_id"
        f" WHERE k.client_id <> c.client_id ORDER BY k.id LIMIT 1) WHERE id = {one('recipients')}",
        ("E25 recipients who are contacts of another client", "E25 recipients who are contacts and take part"),
    ),
    "a participation that is lost": (
        f"DELETE FROM contact_campaign_participation WHERE id = {one('contact_campaign_participation')}",
        ("E25 recipients who are contacts and take part",),
    ),
    "a participation that is stale": (
        change(
            "contact_campaign_participation",
            "participation_status = 'sent', redeemed_at = NULL",
            f"id = {one('contact_campaign_participation', 'redeemed_at IS NOT NULL')}",
        ),
        ("E25 participations that do not say",),
    ),
}
COUNTS: dict[str, Damage] = {
    "an organisation too few": (
        f"DELETE FROM organizations WHERE id = {one('organizations')}",
        ("E1 organisations", "orphans ", "rows public.organizations"),
    ),
    "a contact too few": (
        f"DELETE FROM contacts WHERE id = {one('contacts')}",
        ("E2 contacts", "orphans public."),
    ),
    "a client too many": (
        "INSERT INTO clients SELECT (jsonb_populate_record(c, jsonb_build_object("
        "'id', gen_random_uuid(), 'slug', 'another'))).*"
        f" FROM clients AS c WHERE id = {one('clients', 'NOT agency_billing_enabled')}",
        ("E1 clients", "rows public.clients", "money clients billed themselves"),
    ),
    "recipients too few": (
        "DELETE FROM recipients WHERE id NOT IN (SELECT recipient_id FROM events)",
        (
            "E4 recipients",
            "E9 recipients whose mail is sent",
            "E25 recipients who are contacts",
            "recount recipients w",
            "orphans public.",
            "rows public.recipient_audit_log",
        ),
    ),
    "a use of the platform too few": (
        f"DELETE FROM usage_analytics WHERE id = {one('usage_analytics', 'client_id IS NOT NULL')}",
        (
            "E17 usage analytics",
            "recount types of usage",
            "recount usage with a client",
            "recount ",
            "rows public.usage_analytics",
        ),
    ),
    "more cards than the plan gives": (
        "INSERT INTO gift_card_inventory (brand_id, denomination, card_code, status, uploaded_at, current_balance,"
        " is_simulated, simulation_batch_id, created_at) SELECT brand_id, denomination, gen_random_uuid(), 'available',"
        " uploaded_at, denomination, true, simulation_batch_id, created_at FROM gift_card_inventory",
        ("4.4 gift cards in the inventory",),
    ),
    "leads are lost": (
        "DELETE FROM events WHERE event_type = 'lead_captured'",
        ("recount leads", "rows public.events"),
    ),
    "a list too few": (
        f"DELETE FROM contact_lists WHERE id = {one('contact_lists')}",
        ("E2 contact lists", "orphans ", "rows public.contact_lists"),
    ),
    "drafts are lost": (
        "DELETE FROM campaigns WHERE mail_date >= '2026-01-16'",
        ("E3 campaigns", "E11 statuses at the epoch", "orphans public.", "rows public.campaign_gift_card_config"),
    ),
    "a user too few": (
        f"DELETE FROM auth.users WHERE id = {one('auth.users', order='id DESC')}",
        ("E19 users", "orphans ", "rows "),
    ),
    "a metric too few": (
        "DELETE FROM performance_metrics WHERE id = "
        + one("performance_metrics", "recorded_at < '2026-01-01' AND user_id IS NOT NULL AND client_id IS NOT NULL"),
        (
            "E17 performance metrics",
            "recount types of metrics",
            "recount metrics with a user",
            "recount metrics with a client",
            "rows public.performance_metrics",
        ),
    ),
    "calls are no events": (
        "DELETE FROM events WHERE event_type = 'call_received'",
        ("E5 events", f"{BEFORE}sessions", "E25 kinds of events", "recount calls", "rows public.events"),
    ),
    "a kind of event never occurs": (
        "DELETE FROM events WHERE event_type = 'form_submitted'",
        (
            "E9 visitors: submits the form",
            f"{BEFORE}leads",
            "E25 kinds of events",
            "recount forms submitted",
            "rows public.events",
        ),
    ),
    "an event by another name": (
        change("events", "event_type = 'qr_scanned'", f"id = {event('qr_scan')}"),
        ("E25 events of no known kind",),
    ),
    "an event that comes twice": (
        "INSERT INTO events SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid()))).*"
        f" FROM events AS e WHERE id = {event('form_submitted')}",
        ("E13 events, calls, opt-ins or cards", "rows public.events", "recount forms submitted"),
    ),
}
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
        ("E20 days from the first mail date", "E12 pieces of mail", "E12 campaigns whose mail date"),
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
            "mail_date < '2025-12-20'",
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
SHARES: dict[str, Damage] = {
    "too few are sent mail": (
        f"DELETE FROM events WHERE event_type = 'imb_injected' AND {IDLE} AND {some(40)}",
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
        f"DELETE FROM events WHERE event_type = 'purl_visit' AND recipient_id NOT IN ({SUBMITTED}) AND {some(100)}",
        ("E9 delivered: visits the page", "E5 events", "recount pages visited", "rows public.events"),
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
        f"DELETE FROM gift_card_billing_ledger WHERE {some(90)}",
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
        ("E15 weekdays of calls", f"{BEFORE}sessions", "E12 calls not 1 to 6 days"),
    ),
    "scans and visits of the weekend are moved to Monday": (
        "UPDATE events SET occurred_at = occurred_at + (8 - extract(isodow FROM occurred_at)::int) * interval '1 day',"
        " created_at = created_at + interval '3 days' WHERE event_type IN ('qr_scan', 'purl_visit')"
        " AND extract(isodow FROM occurred_at) > 5 AND occurred_at < '2026-01-04'",
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
        ("E26 incidents that show", "E26 variance"),
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
    "use and errors that tell less": (
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
MONEY: dict[str, Damage] = {
    "a card that is assigned twice": (
        change("gift_card_inventory", f"assigned_to_recipient_id = {OTHER_CARD}", f"id = {CARD}"),
        ("money recipients to whom more than one card", "money cards from the stock"),
    ),
    "a card that is billed twice": (
        (
            "DROP INDEX gift_card_billing_ledger_sold_key",
            change("gift_card_billing_ledger", f"inventory_card_id = {SOLD_CARD}", f"id = {SOLD}"),
        ),
        (
            "money cards that are billed more than once",
            "money cards from the stock",
            "causes public.gift_card_billing_ledger",
        ),
    ),
    "a recipient who is billed twice": (
        change("gift_card_billing_ledger", f"recipient_id = {AGENCYS_OTHER}", f"id = {AGENCYS}"),
        (
            "money recipients who are billed for more than one",
            "money redeemed recipients without a",
            "E13 events, calls, opt-ins or cards",
            f"{BEFORE}redemptions",
            f"{BEFORE}cards",
            "causes public.gift_card_billing_ledger",
        ),
    ),
    "a wrong amount": (
        change("gift_card_billing_ledger", "amount_billed = amount_billed + 1", f"id = {AGENCYS}"),
        ("money ledger rows whose amount", "money sum of the ledger"),
    ),
    "a wrong amount to a client": (
        change("gift_card_billing_ledger", "amount_billed = amount_billed + 1", f"id = {SOLD}"),
        (
            "money ledger rows whose amount",
            "money sum of the ledger",
            "money credit accounts whose use",
            "money uses of credit",
        ),
    ),
    "a wrong cost": (
        change("gift_card_billing_ledger", "cost_basis = cost_basis - 1", f"id = {SOLD}"),
        ("money ledger rows whose cost",),
    ),
    "another kind of card than promised": (
        change(
            "campaign_gift_card_config",
            "denomination = 7",
            f"campaign_id = {one('gift_card_billing_ledger', column='campaign_id')}",
        ),
        ("money ledger rows of another kind", "money sum of the ledger"),
    ),
    "the wrong payer": (
        change(
            "gift_card_billing_ledger",
            f"billed_entity_id = {AGENCY}",
            f"id = {one('gift_card_billing_ledger', f'billed_entity_id <> {AGENCY} AND {BOUGHT}')}",
        ),
        ("money ledger rows billed to another",),
    ),
    "a card bought without an order": (
        change("gift_card_billing_ledger", "tillo_order_reference = NULL", f"id = {AGENCYS}"),
        ("money cards bought one by one",),
    ),
    "a stock below nothing": (
        change(
            "gift_card_inventory",
            "uploaded_at = '2026-01-09', created_at = '2026-01-09'",
            f"(brand_id, denomination) IN (SELECT brand_id, denomination FROM gift_card_inventory WHERE id = {CARD})",
        ),
        (
            "money times that the stock",
            "causes public.gift_card_inventory.assigned_at",
            "causes public.call_conditions_met.created_at",
            "causes public.gift_card_billing_ledger.created_at",
            "causes public.sms_delivery_log.created_at",
        ),
    ),
    "a card whose status is wrong": (
        change("gift_card_inventory", "status = 'assigned'", f"id = {CARD}"),
        ("money cards whose status",),
    ),
    "a card that is nobody's": (
        change("recipients", "gift_card_assigned_id = NULL", f"id = {REDEEMED}"),
        ("money cards from the stock",),
    ),
    "no audit of a redemption": (
        f"DELETE FROM recipient_audit_log WHERE recipient_id = {REDEEMED} AND action = 'redeemed'",
        ("money redeemed recipients without a whole audit", "rows public.recipient_audit_log"),
    ),
    "no audit of a card": (
        f"DELETE FROM recipient_audit_log WHERE recipient_id = {REDEEMED} AND action = 'gift_card_assigned'",
        (
            "money redeemed recipients without a whole audit",
            "money sum of the ledger",
            "rows public.recipient_audit_log",
        ),
    ),
    "a redemption that nobody approved": (
        change("recipients", "approved_at = NULL", f"id = {REDEEMED}"),
        ("money redeemed recipients who are not approved", "recount recipients who were approved"),
    ),
    "a card that was never billed": (
        f"DELETE FROM gift_card_billing_ledger WHERE id = {AGENCYS}",
        (
            "money redeemed recipients without a",
            "money sum of the ledger",
            f"{BEFORE}redemptions",
            "rows public.gift_card_billing_ledger",
        ),
    ),
    "a balance that does not add up": (
        change("credit_accounts", "balance = balance + 1", f"id = {ACCOUNT}"),
        ("money credit accounts whose balance",),
    ),
    "an account opened with more": (
        change(
            "credit_accounts",
            "total_purchased = total_purchased + 1, balance = balance + 1, total_remaining = total_remaining + 1",
            f"id = {ACCOUNT}",
        ),
        ("money credit accounts that opened", "money credit accounts whose balance"),
    ),
    "a client without credit": (
        (
            f"DELETE FROM credit_transactions WHERE account_id = {ACCOUNT}",
            f"DELETE FROM credit_accounts WHERE id = {ACCOUNT}",
        ),
        ("money clients billed themselves", "rows public.credit_transactions"),
    ),
    "a transaction that does not go on": (
        change("credit_transactions", "balance_after = balance_after + 1", f"id = {one('credit_transactions')}"),
        ("money credit transactions that do not go on",),
    ),
    "a use of credit without a card": (
        change(
            "credit_transactions",
            "reference_id = NULL",
            f"id = {one('credit_transactions', 'reference_id IS NOT NULL')}",
        ),
        ("money uses of credit",),
    ),
    "a failure without a code": (
        change(
            "gift_card_provisioning_trace",
            "error_code = NULL",
            f"id = {one('gift_card_provisioning_trace', 'status = $$failed$$')}",
        ),
        ("money failed purchases",),
    ),
}
DAMAGES = RELATIONS | COUNTS | MOMENTS | SHARES | MONEY

_SIMULATED = "'{\"simulated\": true}', '2026-01-01', '2026-01-01'"
SWITCHED_OFF: dict[str, Damage] = {
    "an opt-in": (
        "INSERT INTO sms_opt_ins (recipient_id, campaign_id, phone, status, verification_code, created_at)"
        " SELECT id, campaign_id, '+12125550100', 'pending', '123456', '2026-01-05' FROM recipients LIMIT 1",
        ("E24 rows of call_center",),
    ),
    "a card": (
        "INSERT INTO campaign_gift_card_config (campaign_id, brand_id, denomination, condition_number, created_at)"
        " SELECT c.id, b.id, 5, 1, '2026-01-05' FROM campaigns AS c, gift_card_brands AS b LIMIT 1",
        ("E24 rows of gift_cards", "rows public.campaign_gift_card_config"),
    ),
    "a metric": (
        "INSERT INTO performance_metrics (metric_type, metric_name, duration_ms, metadata, recorded_at, created_at)"
        f" VALUES ('page_load', '/', 100, {_SIMULATED})",
        (
            "E24 rows of analytics",
            "E17 performance metrics",
            "rows public.performance_metrics",
            "recount types of metrics",
        ),
    ),
    "an error": (
        "INSERT INTO error_logs (error_type, error_message, metadata, occurred_at, created_at)"
        f" VALUES ('api_error', 'something', {_SIMULATED})",
        ("E24 rows of error_logs", "E17 error logs", "recount types of errors"),
    ),
}
"""What is there although it was switched off."""
