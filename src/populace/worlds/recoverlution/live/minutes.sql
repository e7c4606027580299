-- Events in each minute, by kind.
SELECT date_trunc('minute', e.created_at) AS minute, 'scene events' AS kind, count(*) AS count
FROM public.journey_scene_events AS e
WHERE e.event_payload ->> 'synthetic' = 'true' AND e.created_at >= %(since)s AND e.created_at < %(until)s
GROUP BY 1
UNION ALL
SELECT date_trunc('minute', e.created_at), 'mindblock events', count(*)
FROM public.mindblock_events AS e
WHERE e.evidence ->> 'synthetic' = 'true' AND e.created_at >= %(since)s AND e.created_at < %(until)s
GROUP BY 1
ORDER BY 1, 2
