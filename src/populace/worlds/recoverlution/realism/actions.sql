-- What people did: scenes of journeys, engagements with a mindblock, answers to cues. size: seconds. Without
-- details nothing says where they live: their clocks show UTC.
SELECT d.person, d.at - make_interval(secs => coalesce(d.size, 0)) AS at, d.at AS until,
    (d.at - make_interval(secs => coalesce(d.size, 0))) AT TIME ZONE coalesce(s.metadata ->> 'timezone', 'UTC') AS local, d.item, d.size
FROM (
    SELECT e.user_id AS person, e.created_at AS at, e.template_id AS item,
        nullif((e.event_payload ->> 'duration_seconds')::float8, 0) AS size
    FROM public.journey_scene_events AS e
    WHERE e.event_payload ->> 'synthetic' = 'true' AND e.event_type IN ('scene_started', 'scene_completed', 'scene_abandoned', 'artifact_captured')
    UNION ALL SELECT c.individual_id, c.created_at, c.content_id, nullif(c.duration_seconds, 0)
    FROM public.content_engagements AS c WHERE c.metadata ? 'seed_key' AND c.action <> 'viewed'
    UNION ALL SELECT n.individual_id, n.created_at, NULL, NULL
    FROM public.navicue_responses_v2 AS n WHERE n.response_data ->> 'synthetic' = 'true' AND n.completed
) AS d
JOIN public.sim_users AS s ON s.profile_id = d.person
