-- K7 by rows: wherever a draw leaves a row, or something in one, rows are recounted against the successes of the accounts.
-- What is drawn and lies ahead has no row yet: as many as could still be waiting, by their own causes, may be missing.
WITH campaigns AS MATERIALIZED (
    SELECT id FROM public.campaigns WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
),
events AS (
    SELECT event_type, count(*) AS n,
        count(*) FILTER (WHERE occurred_at >= %(watermark)s - interval '1 hour') AS hour,
        count(*) FILTER (WHERE occurred_at >= %(watermark)s - interval '9 days') AS days_9,
        count(*) FILTER (WHERE occurred_at >= %(watermark)s - interval '16 days') AS days_16
    FROM public.events WHERE campaign_id IN (SELECT id FROM campaigns) GROUP BY 1
),
of_type AS (
    SELECT t.kind, coalesce(e.n, 0) AS n, coalesce(e.hour, 0) AS hour, coalesce(e.days_9, 0) AS days_9, coalesce(e.days_16, 0) AS days_16
    FROM (VALUES ('imb_injected'), ('imb_delivered'), ('qr_scan'), ('purl_visit'), ('form_submitted'), ('lead_captured'), ('call_received')) AS t (kind)
    LEFT JOIN events AS e ON e.event_type = t.kind
),
people AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE created_at >= %(watermark)s - interval '1 hour') AS hour,
        count(*) FILTER (WHERE created_at >= %(watermark)s - interval '9 days') AS days_9,
        count(*) FILTER (WHERE approved_at < created_at + interval '1 hour') AS approved,
        count(*) FILTER (WHERE sms_opt_in_sent_at >= %(watermark)s - interval '3 hours') AS asked
    FROM public.recipients WHERE campaign_id IN (SELECT id FROM campaigns)
),
calls AS (
    SELECT count(*) AS n, count(call_answered_at) AS answered, count(*) FILTER (WHERE match_status = 'matched') AS matched
    FROM public.call_sessions WHERE campaign_id IN (SELECT id FROM campaigns)
),
opt_ins AS (
    SELECT count(opted_in_at) AS n,
        count(*) FILTER (WHERE opted_in_at >= %(watermark)s - interval '31 days') AS days_31,
        count(*) FILTER (WHERE opted_in_at >= %(watermark)s - interval '61 days') AS days_61,
        count(opted_out_at) AS taken_back
    FROM public.sms_opt_ins WHERE campaign_id IN (SELECT id FROM campaigns)
),
given AS (
    SELECT count(*) AS n FROM public.gift_card_billing_ledger
    WHERE campaign_id IN (SELECT id FROM campaigns) AND transaction_type <> 'refund'
),
metrics AS (
    SELECT count(*) AS n, count(user_id) AS users, count(client_id) AS clients FROM public.performance_metrics WHERE metadata ->> 'simulated' = 'true'
),
usage AS (
    SELECT count(*) AS n, count(client_id) AS clients, count(*) FILTER (WHERE event_type = 'feature_used' AND metadata ->> 'success' = 'true') AS features,
        count(*) FILTER (WHERE event_type = 'action_completed' AND metadata ->> 'success' = 'true') AS actions
    FROM public.usage_analytics WHERE metadata ->> 'simulated' = 'true'
),
errors AS (
    SELECT count(*) AS n, count(user_id) AS users, count(client_id) AS clients, count(stack_trace) AS stacks, count(request_data) AS requests,
        count(*) FILTER (WHERE metadata ? 'gift_card_error' AND error_message LIKE 'GC-0%%') AS of_cards,
        count(*) FILTER (WHERE resolved AND resolved_at IS NOT NULL AND resolved_by IS NOT NULL) AS resolved,
        count(*) FILTER (WHERE occurred_at >= %(watermark)s - interval '1 day') AS day
    FROM public.error_logs WHERE metadata ->> 'simulated' = 'true'
),
-- n: of whom it was decided, by rows; NULL where rows do not show it. waiting: so many may not have come to it yet.
chances (table_name, title, point, rows, waiting) AS (
    SELECT 'recipients', 'recipients who were approved', 'recipient.approved', approved, hour FROM people
    UNION ALL SELECT 'events', 'recipients whose mail was sent', 'recipient.mailed', (SELECT n FROM of_type WHERE kind = 'imb_injected'), days_9 FROM people
    UNION ALL SELECT 'events', 'pieces of mail delivered', 'recipient.delivered', (SELECT n FROM of_type WHERE kind = 'imb_delivered'), days_9 FROM of_type WHERE kind = 'imb_injected'
    UNION ALL SELECT 'events', 'codes scanned', 'recipient.scans', (SELECT n FROM of_type WHERE kind = 'qr_scan'), days_9 FROM of_type WHERE kind = 'imb_delivered'
    UNION ALL SELECT 'events', 'pages visited', 'recipient.visits', (SELECT n FROM of_type WHERE kind = 'purl_visit'), days_16 FROM of_type WHERE kind = 'imb_delivered'
    UNION ALL SELECT 'events', 'forms submitted', 'recipient.submits', (SELECT n FROM of_type WHERE kind = 'form_submitted'), hour FROM of_type WHERE kind = 'purl_visit'
    UNION ALL SELECT 'events', 'leads', 'recipient.qualifies', (SELECT n FROM of_type WHERE kind = 'lead_captured'), hour FROM of_type WHERE kind = 'form_submitted'
    UNION ALL SELECT 'events', 'calls', 'recipient.calls', (SELECT n FROM of_type WHERE kind = 'call_received'), days_9 FROM of_type WHERE kind = 'imb_delivered'
    UNION ALL SELECT 'call_sessions', 'calls answered', 'call.answered', answered, hour FROM calls, of_type WHERE kind = 'call_received'
    UNION ALL SELECT 'call_sessions', 'calls matched', 'call.matched', matched, hour FROM calls, of_type WHERE kind = 'call_received'
    UNION ALL SELECT 'sms_opt_ins', 'opt-ins', 'call.opts_in', opt_ins.n, asked FROM opt_ins, people
    UNION ALL SELECT 'sms_opt_ins', 'opt-ins taken back', 'opt_in.taken_back', taken_back, days_61 FROM opt_ins
    UNION ALL SELECT 'gift_card_billing_ledger', 'cards given', 'card.claimed', given.n, days_31 FROM given, opt_ins
    UNION ALL SELECT 'performance_metrics', 'metrics with a user', 'metric.has_user', users, 0 FROM metrics
    UNION ALL SELECT 'performance_metrics', 'metrics with a client', 'metric.has_client', clients, 0 FROM metrics
    UNION ALL SELECT 'usage_analytics', 'usage with a client', 'usage.has_client', clients, 0 FROM usage
    UNION ALL SELECT 'usage_analytics', 'features that worked', 'usage.feature_works', features, 0 FROM usage
    UNION ALL SELECT 'usage_analytics', 'actions that worked', 'usage.action_works', actions, 0 FROM usage
    UNION ALL SELECT 'error_logs', 'errors with a user', 'error.has_user', users, 0 FROM errors
    UNION ALL SELECT 'error_logs', 'errors with a client', 'error.has_client', clients, 0 FROM errors
    UNION ALL SELECT 'error_logs', 'errors with a stack trace', 'error.has_stack', stacks, 0 FROM errors
    UNION ALL SELECT 'error_logs', 'errors with the request', 'error.has_request', requests, 0 FROM errors
    UNION ALL SELECT 'error_logs', 'errors of gift cards', 'error.of_card', of_cards, 0 FROM errors
    UNION ALL SELECT 'error_logs', 'errors resolved', 'error.resolved', resolved, day FROM errors
),
drawn AS (
    SELECT table_name, title, rows, waiting, coalesce((%(draw_statistics)s #>> ARRAY['chances', point, '3'])::numeric, 0) AS yes,
        coalesce((%(draw_statistics)s #>> ARRAY['chances', point, '0'])::numeric, 0) AS asked
    FROM chances
),
kinds (table_name, title, point, place, rows) AS (
    SELECT 'performance_metrics', 'types of metrics', 'metric.type', k.place,
        (SELECT count(*) FROM public.performance_metrics WHERE metadata ->> 'simulated' = 'true' AND metric_type = k.kind)
    FROM unnest(ARRAY['page_load', 'api_response', 'edge_function', 'database_query']) WITH ORDINALITY AS k (kind, place)
    UNION ALL
    SELECT 'usage_analytics', 'types of usage', 'usage.type', k.place,
        (SELECT count(*) FROM public.usage_analytics WHERE metadata ->> 'simulated' = 'true' AND event_type = k.kind)
    FROM unnest(ARRAY['page_view', 'feature_used', 'action_completed']) WITH ORDINALITY AS k (kind, place)
    UNION ALL
    SELECT 'error_logs', 'types of errors', 'error.type', k.place,
        (SELECT count(*) FROM public.error_logs WHERE metadata ->> 'simulated' = 'true' AND error_type = k.kind)
    FROM unnest(ARRAY['api_error', 'database_error', 'validation_error', 'timeout_error', 'auth_error', 'unknown_error']) WITH ORDINALITY AS k (kind, place)
),
types AS (
    SELECT table_name, title, string_agg(rows::text, '/' ORDER BY place) AS found,
        string_agg(coalesce(%(draw_statistics)s #>> ARRAY['choices', point, '0', (place - 1)::text], '0'), '/' ORDER BY place) AS wanted, sum(rows) AS n
    FROM kinds GROUP BY table_name, title
),
cleaned AS (
    SELECT (SELECT 'a clean-up deleted ' || string_agg(n || ' of ' || path, ', ') FROM jsonb_each_text(%(removed)s) AS t (path, n) WHERE n <> '0') AS why
)
SELECT 'recount' AS id, title, '' AS documented,
    CASE WHEN waiting > 0 THEN greatest(0, yes - waiting) || ' to ' || yes || ' drawn' ELSE yes || ' drawn' END AS target, rows::text AS measured,
    CASE WHEN why IS NULL AND asked + rows > 0 THEN rows BETWEEN yes - waiting AND yes END AS ok,
    coalesce(why, CASE WHEN asked + rows = 0 THEN 'none has been drawn yet' WHEN waiting > 0 THEN waiting || ' may be waiting' ELSE '' END) AS note
FROM drawn, cleaned
UNION ALL
SELECT 'recount', title, '', wanted, found, CASE WHEN why IS NULL AND n > 0 THEN wanted = found END,
    coalesce(why, CASE WHEN n = 0 THEN 'none has been drawn yet' ELSE 'of ' || table_name END)
FROM types, cleaned
