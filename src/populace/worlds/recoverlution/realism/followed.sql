-- A capture and a check of resistance after the scene's start, a signal of a mindblock after the one before in a visit, an
-- engagement after its view.
SELECT j.user_id AS person, 'capture after the scene' AS kind, e.created_at AS since, c.created_at AS at
FROM public.journey_scene_captures AS c JOIN public.journey_instances AS j ON j.id = c.journey_instance_id
JOIN public.journey_scene_events AS e ON e.journey_instance_id = c.journey_instance_id AND e.scene_number = c.scene_number
    AND e.event_type = 'scene_completed' AND e.created_at < c.created_at
WHERE j.metadata ->> 'synthetic' = 'true'
UNION ALL
SELECT j.user_id, 'resistance after the start', e.created_at, c.created_at
FROM public.journey_resistance_checks AS c JOIN public.journey_instances AS j ON j.id = c.journey_instance_id
JOIN public.journey_scene_events AS e ON e.journey_instance_id = c.journey_instance_id AND e.scene_number = c.scene_number
    AND e.event_type = 'scene_started' AND e.created_at < c.created_at
WHERE j.metadata ->> 'synthetic' = 'true'
UNION ALL
SELECT m.individual_id, 'signal after a signal', m.before, m.at
FROM (
    SELECT individual_id, created_at AS at, lag(created_at) OVER (PARTITION BY individual_id ORDER BY created_at) AS before
    FROM public.mindblock_events WHERE evidence ->> 'synthetic' = 'true'
) AS m
WHERE m.at < m.before + interval '10 minutes'
UNION ALL
SELECT c.individual_id, 'next step of an engagement', c.before, c.at
FROM (
    SELECT individual_id, created_at AS at,
        lag(created_at) OVER (PARTITION BY individual_id, content_id ORDER BY created_at) AS before
    FROM public.content_engagements WHERE metadata ? 'seed_key'
) AS c
WHERE c.at < c.before + interval '1 hour'
