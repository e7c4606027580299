-- chart: active · People active in a day, a week and a month · who left a journey_scene_events or content_engagements row
SELECT e.user_id AS person, (e.created_at AT TIME ZONE 'UTC')::date AS day
FROM public.journey_scene_events AS e WHERE e.event_payload ->> 'synthetic' = 'true'
UNION
SELECT c.individual_id, (c.created_at AT TIME ZONE 'UTC')::date
FROM public.content_engagements AS c WHERE c.metadata ? 'seed_key'
