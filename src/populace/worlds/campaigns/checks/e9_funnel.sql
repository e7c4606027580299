-- E6 to E10 as shares: of those for whom it is decided, because their time to do it is over by the watermark. So each share
-- is taken of what came long enough before, never of what has just come; nobody's answer depends on when they are asked.
-- Tolerance: 4 standard errors of a share of n.
WITH campaigns AS MATERIALIZED (
    SELECT id, drop_date, %(watermark)s - drop_date AS since FROM public.campaigns
    WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
),
did AS MATERIALIZED (
    SELECT e.recipient_id,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'imb_injected') AS injected,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'imb_delivered') AS delivered,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'qr_scan') AS scanned,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'purl_visit') AS visited,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'form_submitted') AS submitted,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'lead_captured') AS qualified
    FROM public.events AS e WHERE e.campaign_id IN (SELECT id FROM campaigns) GROUP BY 1
),
people AS (
    SELECT
        count(*) FILTER (WHERE r.created_at < %(watermark)s - interval '1 hour') AS listed,
        count(*) FILTER (WHERE r.created_at < %(watermark)s - interval '1 hour'
            AND r.approved_at < r.created_at + interval '1 hour') AS approved,
        count(*) FILTER (WHERE c.since >= interval '2 days') AS posted,
        count(*) FILTER (WHERE c.since >= interval '2 days' AND d.injected IS NOT NULL) AS mailed,
        count(*) FILTER (WHERE c.since >= interval '14 days') AS called_on
    FROM public.recipients AS r JOIN campaigns AS c ON c.id = r.campaign_id LEFT JOIN did AS d ON d.recipient_id = r.id
),
funnel AS (
    SELECT
        count(*) FILTER (WHERE injected < %(watermark)s - interval '9 days') AS posted,
        count(*) FILTER (WHERE injected < %(watermark)s - interval '9 days' AND delivered IS NOT NULL) AS delivered,
        count(*) FILTER (WHERE delivered < %(watermark)s - interval '9 days') AS could_scan,
        count(*) FILTER (WHERE delivered < %(watermark)s - interval '9 days' AND scanned IS NOT NULL) AS scanned,
        count(*) FILTER (WHERE delivered < %(watermark)s - interval '16 days') AS could_visit,
        count(*) FILTER (WHERE delivered < %(watermark)s - interval '16 days' AND visited IS NOT NULL) AS visited,
        count(*) FILTER (WHERE visited < %(watermark)s - interval '1 hour') AS could_submit,
        count(*) FILTER (WHERE visited < %(watermark)s - interval '1 hour' AND submitted IS NOT NULL) AS submitted,
        count(*) FILTER (WHERE submitted < %(watermark)s - interval '2 minutes') AS could_qualify,
        count(*) FILTER (WHERE submitted < %(watermark)s - interval '2 minutes' AND qualified IS NOT NULL) AS qualified
    FROM did
),
-- A call of somebody who was not recognised names no recipient: calls are counted by campaign.
calls AS (
    SELECT count(*) FILTER (WHERE c.since >= interval '14 days') AS called,
        count(*) FILTER (WHERE s.call_started_at < %(watermark)s - interval '3 hours') AS all_calls,
        count(s.call_answered_at) FILTER (WHERE s.call_started_at < %(watermark)s - interval '3 hours') AS answered,
        count(*) FILTER (WHERE s.call_started_at < %(watermark)s - interval '3 hours' AND s.match_status = 'matched') AS matched
    FROM public.call_sessions AS s JOIN campaigns AS c ON c.id = s.campaign_id
),
opted AS MATERIALIZED (
    SELECT o.recipient_id, o.opted_in_at, o.opted_out_at FROM public.sms_opt_ins AS o
    WHERE o.campaign_id IN (SELECT id FROM campaigns) AND o.opted_in_at IS NOT NULL
),
given AS MATERIALIZED (
    SELECT l.recipient_id, min(l.billed_at) AS at FROM public.gift_card_billing_ledger AS l
    WHERE l.campaign_id IN (SELECT id FROM campaigns) AND l.transaction_type <> 'refund' GROUP BY 1
),
opt_ins AS (
    SELECT
        (SELECT count(*) FROM public.call_sessions AS s
         JOIN opted AS o ON o.recipient_id = s.recipient_id
         WHERE s.campaign_id IN (SELECT id FROM campaigns) AND s.call_started_at < %(watermark)s - interval '3 hours') AS opted,
        count(*) FILTER (WHERE o.opted_in_at < %(watermark)s - interval '7 days') AS could_soon,
        count(*) FILTER (WHERE o.opted_in_at < %(watermark)s - interval '7 days' AND g.at < o.opted_in_at + interval '7 days') AS soon,
        count(*) FILTER (WHERE o.opted_in_at < %(watermark)s - interval '31 days') AS could_get,
        count(*) FILTER (WHERE o.opted_in_at < %(watermark)s - interval '31 days' AND g.at IS NOT NULL) AS got,
        count(*) FILTER (WHERE o.opted_in_at < %(watermark)s - interval '61 days') AS could_leave,
        count(*) FILTER (WHERE o.opted_in_at < %(watermark)s - interval '61 days' AND o.opted_out_at IS NOT NULL) AS left_us
    FROM opted AS o LEFT JOIN given AS g USING (recipient_id)
),
redeemed AS (
    SELECT count(*) FILTER (WHERE g.at < %(watermark)s - interval '1 hour') AS given,
        count(*) FILTER (WHERE g.at < %(watermark)s - interval '1 hour' AND r.approval_status = 'redeemed') AS redeemed
    FROM given AS g JOIN public.recipients AS r ON r.id = g.recipient_id
),
-- Of calls: an opt-in needs an answer and a match.
chances (opts_in) AS (SELECT %(answer_share)s::numeric * %(match_share)s::numeric * %(opt_in_given_matched)s::numeric),
shares (id, title, documented, paths, target, n, yes, feature, note) AS (
    SELECT 'E9', 'recipients whose mail is sent', '0.95', ARRAY['mailed_share'], %(mailed_share)s::numeric, posted, mailed, '', NULL FROM people
    UNION ALL SELECT 'E9', 'mail that is delivered', '0.85', ARRAY['delivered_share'], %(delivered_share)s::numeric, posted, delivered, '',
        'specified in two ways; this follows 85 of 100 pieces mailed, 0.8075 of all recipients; the original measures the same'
    FROM funnel
    UNION ALL SELECT 'E9', 'delivered: scans the code', '0.2', ARRAY['scan_share'], %(scan_share)s::numeric, could_scan, scanned, '', NULL FROM funnel
    UNION ALL SELECT 'E9', 'delivered: visits the page', '0.28', ARRAY['visit_share'], %(visit_share)s::numeric, could_visit, visited, '', NULL FROM funnel
    UNION ALL SELECT 'E9', 'visitors: submits the form', '0.12', ARRAY['form_share'], %(form_share)s::numeric, could_submit, submitted, '', NULL FROM funnel
    UNION ALL SELECT 'E9', 'forms: becomes a lead', '0.1', ARRAY['lead_share'], %(lead_share)s::numeric, could_qualify, qualified, '',
        'specified in two ways; this follows forms, as written: 0.27 of 100 recipients; a reader may expect a tenth of visitors'
    FROM funnel
    UNION ALL SELECT '4.4', 'recipients who are approved with the list', '0.98', ARRAY['approved_share'], %(approved_share)s::numeric, listed, approved, '',
        'who is not is approved when verified in a call'
    FROM people
    UNION ALL SELECT 'E6', 'calls, of recipients', '0.35', ARRAY['mailed_share', 'delivered_share'],
        %(mailed_share)s::numeric * %(delivered_share)s::numeric * %(call_given_delivered)s::numeric, called_on, called, 'call_center',
        'specified in two ways; this follows call_share_of ' || %(call_share_of)s || ': by the table, of all recipients; the diagram hangs it under delivery'
    FROM people, calls
    UNION ALL SELECT 'E8', 'calls that are answered', '0.85', ARRAY[]::text[], %(answer_share)s::numeric, all_calls, answered, 'call_center', NULL FROM calls
    UNION ALL SELECT '4.4', 'answered calls that are matched to a recipient', '0.85', ARRAY[]::text[], %(match_share)s::numeric, answered, matched,
        'call_center', NULL FROM calls
    UNION ALL SELECT 'E7', 'opt-ins, of calls', '0.68', ARRAY[]::text[], opts_in, all_calls, opted, 'call_center',
        'specified in two ways; this follows opt_in_share_of ' || %(opt_in_share_of)s || ': 45000 of 67000 calls are 0.68 of all, not of the matched ones; so '
            || round(%(opt_in_given_matched)s::numeric, 3)::float8 || ' of those who are matched opt in'
    FROM calls, opt_ins, chances
    UNION ALL SELECT '4.4', 'opt-ins that are taken back', '', ARRAY[]::text[], %(opt_out_share)s::numeric, could_leave, left_us, 'call_center', NULL FROM opt_ins
    UNION ALL SELECT 'E10', 'opt-ins that are given a card', '0.85', ARRAY[]::text[],
        least(1, %(card_soon_share)s::numeric + %(card_late_share)s::numeric), could_get, got, 'gift_cards', 'within 30 days of the opt-in'
    FROM opt_ins
    UNION ALL SELECT 'E10', 'opt-ins that are given a card within 7 days', '0.6', ARRAY[]::text[], %(card_soon_share)s::numeric, could_soon, soon, 'gift_cards', NULL
    FROM opt_ins
    UNION ALL SELECT 'E10', 'cards that are redeemed', '', ARRAY[]::text[], 1, given, redeemed, 'gift_cards',
        'specified in two ways; this follows redeeming every card that is given, within ten minutes: the specification does not distinguish the two'
    FROM redeemed
),
judged AS (
    SELECT *, yes / nullif(n, 0)::numeric AS measured, 1e-9 + 4 * sqrt(target * (1 - target) / nullif(n, 0)) AS tolerance,
        coalesce(
            CASE WHEN NOT %(alike)s AND differs THEN 'campaigns and people differ in this scenario: see K7' END,
            CASE WHEN feature <> '' AND NOT coalesce((%(in_force)s ->> feature)::boolean, true) THEN feature || ' is off' END,
            CASE WHEN feature = 'gift_cards' AND NOT %(call_center)s THEN 'call_center is off' END,
            (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path) || ': see K7', ', ')
             FROM unnest(paths) AS path WHERE %(changes)s ? path),
            (SELECT 'a clean-up deleted ' || string_agg(count || ' of ' || path, ', ')
             FROM jsonb_each_text(%(removed)s) AS t (path, count) WHERE count <> '0'),
            CASE WHEN n * least(target, 1 - target) < 5 AND target NOT IN (0, 1) OR n = 0 THEN 'only ' || n || ' are old enough' END) AS why
    FROM shares, LATERAL (SELECT title LIKE 'delivered: %%' OR title IN ('visitors: submits the form', 'forms: becomes a lead', 'calls, of recipients',
        'opt-ins, of calls') AS differs) AS d
)
SELECT id, title, documented, round(target, 4)::float8::text AS target, coalesce(round(measured, 4)::float8::text, 'none') AS measured,
    CASE WHEN why IS NULL THEN abs(measured - target) <= tolerance END AS ok,
    coalesce(why, concat_ws('; ', 'of ' || n || ', within ' || round(tolerance, 4)::float8, note)) AS note
FROM judged
