-- The funnel of the documents as shares, of those for whom it is decided: title, value, unit, target, ok, note. ok is null
-- where a change moves it, or where too few are old enough. A share may be 4 standard errors off.
WITH ours AS MATERIALIZED (
    SELECT c.id, %(watermark)s::timestamptz - c.drop_date AS since FROM public.campaigns AS c
    WHERE c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8'
),
did AS MATERIALIZED (
    SELECT e.recipient_id,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'imb_injected') AS injected,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'imb_delivered') AS delivered,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'qr_scan') AS scanned,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'purl_visit') AS visited,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'form_submitted') AS submitted,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'lead_captured') AS qualified
    FROM public.events AS e WHERE e.campaign_id IN (SELECT id FROM ours) GROUP BY 1
),
recipients AS (
    SELECT count(*) FILTER (WHERE o.since >= interval '2 days')::numeric AS posted,
        count(*) FILTER (WHERE o.since >= interval '2 days' AND d.injected IS NOT NULL)::numeric AS mailed,
        count(*) FILTER (WHERE o.since >= interval '14 days')::numeric AS called_on
    FROM public.recipients AS r JOIN ours AS o ON o.id = r.campaign_id LEFT JOIN did AS d ON d.recipient_id = r.id
),
funnel AS (
    SELECT
        count(*) FILTER (WHERE injected < w.now - interval '9 days')::numeric AS posted,
        count(delivered) FILTER (WHERE injected < w.now - interval '9 days')::numeric AS delivered,
        count(*) FILTER (WHERE delivered < w.now - interval '9 days')::numeric AS could_scan,
        count(scanned) FILTER (WHERE delivered < w.now - interval '9 days')::numeric AS scanned,
        count(*) FILTER (WHERE delivered < w.now - interval '16 days')::numeric AS could_visit,
        count(visited) FILTER (WHERE delivered < w.now - interval '16 days')::numeric AS visited,
        count(*) FILTER (WHERE visited < w.now - interval '1 hour')::numeric AS could_submit,
        count(submitted) FILTER (WHERE visited < w.now - interval '1 hour')::numeric AS submitted,
        count(*) FILTER (WHERE submitted < w.now - interval '2 minutes')::numeric AS could_qualify,
        count(qualified) FILTER (WHERE submitted < w.now - interval '2 minutes')::numeric AS qualified
    FROM did CROSS JOIN (SELECT %(watermark)s::timestamptz AS now) AS w
),
calls AS (
    SELECT count(*) FILTER (WHERE o.since >= interval '14 days')::numeric AS called,
        count(*) FILTER (WHERE s.call_started_at < w.now - interval '3 hours')::numeric AS all_calls,
        count(s.call_answered_at) FILTER (WHERE s.call_started_at < w.now - interval '3 hours')::numeric AS answered,
        count(i.recipient_id) FILTER (WHERE s.call_started_at < w.now - interval '3 hours')::numeric AS opted
    FROM public.call_sessions AS s JOIN ours AS o ON o.id = s.campaign_id
    LEFT JOIN public.sms_opt_ins AS i ON i.recipient_id = s.recipient_id AND i.opted_in_at IS NOT NULL
    CROSS JOIN (SELECT %(watermark)s::timestamptz AS now) AS w
),
cards AS (
    SELECT count(*)::numeric AS could_get, count(l.recipient_id)::numeric AS got
    FROM public.sms_opt_ins AS i
    LEFT JOIN (SELECT DISTINCT g.recipient_id FROM public.gift_card_billing_ledger AS g
               WHERE g.transaction_type <> 'refund' AND g.campaign_id IN (SELECT id FROM ours)) AS l
        ON l.recipient_id = i.recipient_id
    WHERE i.campaign_id IN (SELECT id FROM ours) AND i.opted_in_at < %(watermark)s::timestamptz - interval '31 days'
),
asked (place, title, yes, n, target, feature, path, note) AS (
    SELECT 1, 'mailed', mailed, posted, %(mailed_share)s::numeric, NULL, 'mailed_share', 'of recipients' FROM recipients
    UNION ALL SELECT 2, 'delivered', delivered, posted, %(delivered_share)s::numeric, NULL, 'delivered_share', 'of those mailed' FROM funnel
    UNION ALL SELECT 3, 'scan the code', scanned, could_scan, %(scan_share)s::numeric, NULL, 'scan_share', 'of those delivered' FROM funnel
    UNION ALL SELECT 4, 'visit their page', visited, could_visit, %(visit_share)s::numeric, NULL, 'visit_share', 'of those delivered' FROM funnel
    UNION ALL SELECT 5, 'fill in the form', submitted, could_submit, %(form_share)s::numeric, NULL, 'form_share', 'of visitors' FROM funnel
    UNION ALL SELECT 6, 'become a lead', qualified, could_qualify, %(lead_share)s::numeric, NULL, 'lead_share', 'of forms' FROM funnel
    UNION ALL SELECT 7, 'call', called, called_on,
        %(mailed_share)s::numeric * %(delivered_share)s::numeric * %(call_given_delivered)s::numeric, 'call_center', 'mailed_share',
        'of recipients' FROM calls, recipients
    UNION ALL SELECT 8, 'are answered', answered, all_calls, %(answer_share)s::numeric, 'call_center', 'answer_share', 'of calls' FROM calls
    UNION ALL SELECT 9, 'opt in', opted, all_calls,
        %(answer_share)s::numeric * %(match_share)s::numeric * %(opt_in_given_matched)s::numeric, 'call_center', 'opt_in_share',
        'of calls' FROM calls
    UNION ALL SELECT 10, 'are given a card', got, could_get,
        least(1, %(card_soon_share)s::numeric + %(card_late_share)s::numeric), 'gift_cards', 'card_soon_share',
        'of those who opted in' FROM cards
),
judged AS (
    SELECT *, yes / nullif(n, 0) AS value, 4 * sqrt(target * (1 - target) / nullif(n, 0)) AS slack,
        CASE WHEN %(changes)s ? path THEN path || ' was changed on ' || substr(%(changes)s ->> path, 1, 10)
            WHEN n * least(target, 1 - target) < 5 THEN 'only ' || n || ' are old enough' END AS why
    FROM asked
    WHERE feature IS NULL OR (%(call_center)s AND coalesce((%(in_force)s ->> feature)::boolean, true))
)
SELECT title, round(value, 4)::float8 AS value, 'share' AS unit, round(100 * target, 1)::float8 || ' %%' AS target,
    CASE WHEN why IS NULL THEN abs(value - target) <= slack END AS ok, concat_ws('; ', note, why) AS note
FROM judged
WHERE value IS NOT NULL
ORDER BY place
