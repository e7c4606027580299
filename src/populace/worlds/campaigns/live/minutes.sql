-- Events in each minute, by kind. An event is reached by its campaign, its type and its time; people answer for some weeks
-- after a campaign has ended.
WITH ours AS MATERIALIZED (
    SELECT c.id FROM public.campaigns AS c
    WHERE c.is_simulated AND c.created_at < %(until)s AND (c.completed_at IS NULL
        OR c.completed_at >= %(since)s::timestamptz - interval '30 days')
)
SELECT date_trunc('minute', e.occurred_at) AS minute, t.shown AS kind, count(*) AS count
FROM ours AS o
CROSS JOIN (VALUES ('imb_injected', 'mail'), ('imb_delivered', 'mail'), ('qr_scan', 'scans and visits'),
    ('purl_visit', 'scans and visits'), ('form_submitted', 'forms and leads'), ('lead_captured', 'forms and leads'),
    ('call_received', 'calls')) AS t (kind, shown)
JOIN public.events AS e ON e.campaign_id = o.id AND e.event_type = t.kind
  AND e.occurred_at >= %(since)s AND e.occurred_at < %(until)s
GROUP BY 1, 2
ORDER BY 1, 2
