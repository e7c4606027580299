-- An answer to a message, a page after a scan, a form after a page.
SELECT m.recipient_id AS person, 'answer to a message' AS kind, m.before AS since, m.at
FROM (
    SELECT recipient_id, direction, created_at AS at, lag(created_at) OVER turns AS before, lag(direction) OVER turns AS said
    FROM public.sms_opt_in_log WINDOW turns AS (PARTITION BY recipient_id ORDER BY created_at)
) AS m
WHERE m.direction = 'inbound' AND m.said = 'outbound'
UNION ALL
SELECT e.recipient_id, e.event_type || ' after ' || e.cause, e.before, e.at
FROM (
    SELECT recipient_id, event_type, occurred_at AS at, lag(occurred_at) OVER turns AS before, lag(event_type) OVER turns AS cause
    FROM public.events WHERE source <> 'usps' AND event_type <> 'call_received'
    WINDOW turns AS (PARTITION BY recipient_id, campaign_id ORDER BY occurred_at)
) AS e
WHERE e.cause IS NOT NULL
