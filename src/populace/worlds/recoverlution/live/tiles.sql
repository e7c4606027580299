-- What the first page shows: title, value, note. until: simulated now.
SELECT 'scene events' AS title, count(*) AS value, 'last 5 minutes' AS note
FROM public.journey_scene_events AS e
WHERE e.event_payload ->> 'synthetic' = 'true'
  AND e.created_at >= %(until)s::timestamptz - interval '5 minutes' AND e.created_at < %(until)s
UNION ALL
SELECT 'mindblock events', count(*), 'last 5 minutes'
FROM public.mindblock_events AS e
WHERE e.evidence ->> 'synthetic' = 'true'
  AND e.created_at >= %(until)s::timestamptz - interval '5 minutes' AND e.created_at < %(until)s
UNION ALL
SELECT 'active journeys', count(*), 'now'
FROM public.journey_instances AS j
WHERE j.metadata ->> 'synthetic' = 'true' AND j.status = 'active'
UNION ALL
SELECT 'events', (
    SELECT count(*) FROM public.journey_scene_events AS e
    WHERE e.event_payload ->> 'synthetic' = 'true'
      AND e.created_at >= %(until)s::timestamptz - interval '24 hours' AND e.created_at < %(until)s) + (
    SELECT count(*) FROM public.mindblock_events AS e
    WHERE e.evidence ->> 'synthetic' = 'true'
      AND e.created_at >= %(until)s::timestamptz - interval '24 hours' AND e.created_at < %(until)s), 'last 24 hours'
