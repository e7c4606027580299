"""How much there is, and what belongs to what: rows that are lost, too many or of somebody else."""

from __future__ import annotations

from campaign_damages.statements import BEFORE, DRAFT, FIRST, IDLE, Damage, change, event, one

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
            "E5 events",
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
