-- What somebody did and what happened to them, newest first: at, kind, text. A title stands between asterisks.
WITH theirs AS MATERIALIZED (
    SELECT r.id, c.name FROM public.recipients AS r
    JOIN public.campaigns AS c ON c.id = r.campaign_id
    WHERE r.contact_id = %(person)s
)
SELECT at, kind, text
FROM (
    (SELECT e.occurred_at AS at, 'mail and answers' AS kind,
        CASE e.event_type
            WHEN 'imb_injected' THEN 'a card went out'
            WHEN 'imb_delivered' THEN 'a card came'
            WHEN 'qr_scan' THEN 'scanned the code'
            WHEN 'purl_visit' THEN 'looked at the page'
            WHEN 'form_submitted' THEN 'filled in the form'
            WHEN 'lead_captured' THEN 'became a lead'
            WHEN 'call_received' THEN 'called'
            ELSE replace(e.event_type, '_', ' ')
        END || ': *' || t.name || '*' AS text
    FROM theirs AS t
    JOIN public.events AS e ON e.recipient_id = t.id
    WHERE e.occurred_at < %(before)s
    ORDER BY e.occurred_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT a.created_at, 'record', replace(a.action, '_', ' ') || ': *' || t.name || '*'
    FROM theirs AS t
    JOIN public.recipient_audit_log AS a ON a.recipient_id = t.id
    WHERE a.created_at < %(before)s
    ORDER BY a.created_at DESC LIMIT %(most)s)
) AS lines
ORDER BY at DESC, kind, text
LIMIT %(most)s
