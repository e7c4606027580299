-- What synthetic people did in the last so many hours of simulated time, by type. hours: a whole number.
WITH period AS MATERIALIZED (
    SELECT n - make_interval(hours => %(hours)s::integer) AS since, n AS until FROM (SELECT populace.now() AS n) AS clock
),
scenes AS MATERIALIZED (
    SELECT e.event_type AS type, count(*) AS n, count(*) FILTER (WHERE e.event_payload ->> 'error' = 'true') AS errors
    FROM public.journey_scene_events AS e
    WHERE e.event_payload ->> 'synthetic' = 'true'
      AND e.created_at >= (SELECT since FROM period) AND e.created_at <= (SELECT until FROM period)
    GROUP BY e.event_type
),
mindblocks AS MATERIALIZED (
    SELECT e.signal_type AS type, count(*) AS n
    FROM public.mindblock_events AS e
    WHERE e.evidence ->> 'synthetic' = 'true'
      AND e.created_at >= (SELECT since FROM period) AND e.created_at <= (SELECT until FROM period)
    GROUP BY e.signal_type
)
SELECT json_build_object(
    'period_hours', %(hours)s::integer,
    'since', (SELECT since FROM period),
    'scene_events_by_type', (SELECT coalesce(json_object_agg(type, n ORDER BY n DESC, type), '{}') FROM scenes),
    'mindblock_events_by_type', (SELECT coalesce(json_object_agg(type, n ORDER BY n DESC, type), '{}') FROM mindblocks),
    'journeys_completed', (
        SELECT count(*) FROM public.journey_instances AS j
        WHERE j.metadata ->> 'synthetic' = 'true' AND j.status = 'completed'
          AND j.completed_at >= (SELECT since FROM period) AND j.completed_at <= (SELECT until FROM period)),
    'scenes_completed', (SELECT coalesce(sum(n), 0)::bigint FROM scenes WHERE type = 'scene_completed'),
    'errors', (SELECT coalesce(sum(errors), 0)::bigint FROM scenes),
    'total_events', (
        SELECT coalesce(sum(n), 0)::bigint FROM (SELECT n FROM scenes UNION ALL SELECT n FROM mindblocks) AS both_kinds)
) AS activity
