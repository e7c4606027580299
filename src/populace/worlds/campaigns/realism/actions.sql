-- How contacts answered mail: they scanned, visited a page, filled in a form, called (for so many seconds) or wrote a message.
SELECT coalesce(r.contact_id, r.id) AS person, d.at, d.until, d.at AT TIME ZONE k.timezone AS local, d.campaign_id AS item, d.size
FROM (
    SELECT e.recipient_id, e.campaign_id, e.occurred_at AS at, NULL::timestamptz AS until, NULL::integer AS size
    FROM public.events AS e WHERE e.source <> 'usps' AND e.event_type <> 'call_received'
    UNION ALL SELECT s.recipient_id, s.campaign_id, s.call_started_at, s.call_ended_at, nullif(s.call_duration_seconds, 0)
    FROM public.call_sessions AS s WHERE s.is_simulated
    UNION ALL SELECT m.recipient_id, m.campaign_id, m.created_at, NULL, NULL
    FROM public.sms_opt_in_log AS m WHERE m.direction = 'inbound'
) AS d
JOIN public.recipients AS r ON r.id = d.recipient_id
JOIN public.campaigns AS c ON c.id = d.campaign_id
JOIN public.clients AS k ON k.id = c.client_id
WHERE c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8'
