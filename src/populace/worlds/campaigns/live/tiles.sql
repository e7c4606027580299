-- What the first page shows: title, value, note. until: simulated now. An event is reached by its campaign, its type and
-- its time; people answer for some weeks after a campaign has ended.
WITH ours AS MATERIALIZED (
    SELECT c.id FROM public.campaigns AS c
    WHERE c.is_simulated AND c.created_at < %(until)s
      AND (c.completed_at IS NULL OR c.completed_at >= %(until)s::timestamptz - interval '31 days')
),
events AS MATERIALIZED (
    SELECT e.occurred_at, e.event_type
    FROM ours AS o
    CROSS JOIN (VALUES ('imb_injected'), ('imb_delivered'), ('qr_scan'), ('purl_visit'), ('form_submitted'),
        ('lead_captured'), ('call_received')) AS t (kind)
    JOIN public.events AS e ON e.campaign_id = o.id AND e.event_type = t.kind
      AND e.occurred_at >= %(until)s::timestamptz - interval '24 hours' AND e.occurred_at < %(until)s
)
SELECT 'responses' AS title, count(*) AS value, 'last 5 minutes' AS note
FROM events
WHERE event_type NOT LIKE 'imb%%' AND occurred_at >= %(until)s::timestamptz - interval '5 minutes'
UNION ALL
SELECT 'campaigns in the mail', count(*), 'now'
FROM public.campaigns AS c WHERE c.status = 'mailed' AND c.is_simulated
UNION ALL
SELECT 'cards delivered', count(*), 'last 24 hours' FROM events WHERE event_type = 'imb_delivered'
UNION ALL
SELECT 'responses', count(*), 'last 24 hours' FROM events WHERE event_type NOT LIKE 'imb%%'
