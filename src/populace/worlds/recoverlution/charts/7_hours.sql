-- chart: hours · When people practise · journey_scene_events by weekday and hour, in UTC
SELECT created_at AT TIME ZONE 'UTC' AS at
FROM public.journey_scene_events WHERE event_payload ->> 'synthetic' = 'true'
