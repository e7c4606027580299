-- What recipients did, in words, newest first: at, kind, text, person. A title stands between asterisks.
WITH ours AS MATERIALIZED (
    SELECT c.id, c.name FROM public.campaigns AS c
    WHERE c.is_simulated AND c.created_at < %(until)s AND (c.completed_at IS NULL
        OR c.completed_at >= %(since)s::timestamptz - interval '30 days')
),
did AS MATERIALIZED (
    SELECT e.occurred_at AS at, e.event_type, e.recipient_id, o.name
    FROM ours AS o
    CROSS JOIN (VALUES ('imb_injected'), ('imb_delivered'), ('qr_scan'), ('purl_visit'), ('form_submitted'),
        ('lead_captured'), ('call_received')) AS t (kind)
    JOIN public.events AS e ON e.campaign_id = o.id AND e.event_type = t.kind
      AND e.occurred_at >= %(since)s AND e.occurred_at < %(until)s
    ORDER BY e.occurred_at DESC
    LIMIT %(most)s
)
SELECT d.at,
    CASE WHEN d.event_type LIKE 'imb%%' THEN 'mail' WHEN d.event_type = 'call_received' THEN 'calls'
        WHEN d.event_type IN ('form_submitted', 'lead_captured') THEN 'forms and leads' ELSE 'scans and visits' END AS kind,
    concat_ws(' ', r.first_name, r.last_name) || coalesce(' (' || concat_ws(', ', r.city, r.state) || ')', '')
    || CASE d.event_type
        WHEN 'imb_injected' THEN ': a card of *' || d.name || '* is on its way'
        WHEN 'imb_delivered' THEN ' has a card of *' || d.name || '* in the mailbox'
        WHEN 'qr_scan' THEN ' scanned the code of *' || d.name || '*'
        WHEN 'purl_visit' THEN ' looked at the page of *' || d.name || '*'
        WHEN 'form_submitted' THEN ' filled in the form of *' || d.name || '*'
        WHEN 'lead_captured' THEN ' became a lead of *' || d.name || '*'
        WHEN 'call_received' THEN ' called about *' || d.name || '*'
        ELSE ' ' || replace(d.event_type, '_', ' ') || ', *' || d.name || '*'
    END AS text,
    r.contact_id AS person
FROM did AS d
JOIN public.recipients AS r ON r.id = d.recipient_id
ORDER BY d.at DESC, r.id, d.event_type
LIMIT %(most)s
