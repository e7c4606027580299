-- What synthetic people are doing now, in simulated time, as the app's status shows it. Every part reads a partial index.
WITH moment AS MATERIALIZED (SELECT populace.now() AS now)
SELECT json_build_object(
    'last_5_min', json_build_object(
        'scene_events', (
            SELECT count(*) FROM public.journey_scene_events AS e
            WHERE e.event_payload ->> 'synthetic' = 'true'
              AND e.created_at >= (SELECT now - interval '5 minutes' FROM moment)
              AND e.created_at <= (SELECT now FROM moment)),
        'mindblock_events', (
            SELECT count(*) FROM public.mindblock_events AS e
            WHERE e.evidence ->> 'synthetic' = 'true'
              AND e.created_at >= (SELECT now - interval '5 minutes' FROM moment)
              AND e.created_at <= (SELECT now FROM moment))),
    'active_journeys', (
        SELECT count(*) FROM public.journey_instances AS j
        WHERE j.metadata ->> 'synthetic' = 'true' AND j.status = 'active'),
    'paused_journeys', (
        SELECT count(*) FROM public.journey_instances AS j
        WHERE j.metadata ->> 'synthetic' = 'true' AND j.status = 'paused'),
    'errors_24h', (
        SELECT count(*) FROM public.journey_scene_events AS e
        WHERE e.event_payload ->> 'synthetic' = 'true' AND e.event_payload ->> 'error' = 'true'
          AND e.created_at >= (SELECT now - interval '24 hours' FROM moment)
          AND e.created_at <= (SELECT now FROM moment)),
    'recent_journeys', (
        SELECT coalesce(json_agg(r ORDER BY r.started_at DESC, r.id), '[]')
        FROM (
            SELECT j.id, j.user_id, j.template_id, j.current_scene_number, j.total_scenes, j.status, j.started_at
            FROM public.journey_instances AS j
            WHERE j.metadata ->> 'synthetic' = 'true'
            ORDER BY j.started_at DESC
            LIMIT 10) AS r)
) AS activity
