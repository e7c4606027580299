-- What people wrote: captures, notes beside resistance, what happened to them, what they think of a mindblock.
SELECT j.user_id AS person, 'journey_scene_captures' AS kind, c.capture_text AS said
FROM public.journey_scene_captures AS c JOIN public.journey_instances AS j ON j.id = c.journey_instance_id
WHERE j.metadata ->> 'synthetic' = 'true'
UNION ALL
SELECT j.user_id, 'journey_resistance_checks', c.notes
FROM public.journey_resistance_checks AS c JOIN public.journey_instances AS j ON j.id = c.journey_instance_id
WHERE j.metadata ->> 'synthetic' = 'true'
UNION ALL
SELECT j.user_id, 'journey_real_world_triggers', c.trigger_text
FROM public.journey_real_world_triggers AS c JOIN public.journey_instances AS j ON j.id = c.journey_instance_id
WHERE j.metadata ->> 'synthetic' = 'true'
UNION ALL
SELECT c.individual_id, 'content_engagements', c.metadata ->> 'reflection'
FROM public.content_engagements AS c WHERE c.metadata ? 'seed_key' AND c.action = 'completed'
