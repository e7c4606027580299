-- The figures that the documents name, over the last 7 days: title, value, unit, target, ok, note. ok is null where nothing
-- is asked, where a change in these days moves it, or where there is too little of it. A share may be 4 standard errors off.
WITH bounds AS (
    SELECT greatest(%(origin)s::timestamptz, %(watermark)s::timestamptz - interval '7 days') AS since,
        %(watermark)s::timestamptz AS until
),
people AS (
    SELECT count(*)::numeric AS here FROM public.sim_users AS s, bounds AS b WHERE s.started_at < b.until
),
came AS (
    SELECT count(DISTINCT e.user_id)::numeric AS people, count(*) FILTER (WHERE e.event_type = 'scene_completed')::numeric AS scenes
    FROM public.journey_scene_events AS e, bounds AS b
    WHERE e.event_payload ->> 'synthetic' = 'true' AND e.created_at >= b.since AND e.created_at < b.until
),
-- Journeys that began in these days and are over: an abandoned one ended at its last change.
journeys AS (
    SELECT count(*)::numeric AS began, count(*) FILTER (WHERE j.status = 'completed')::numeric AS completed,
        count(*) FILTER (WHERE j.status = 'abandoned')::numeric AS abandoned,
        count(*) FILTER (WHERE j.total_scenes <= 3)::numeric AS practices,
        count(*) FILTER (WHERE j.total_scenes <= 3 AND j.status IN ('completed', 'abandoned'))::numeric AS over,
        count(*) FILTER (WHERE j.total_scenes <= 3 AND j.status = 'abandoned')::numeric AS over_abandoned
    FROM public.journey_instances AS j, bounds AS b
    WHERE j.metadata ->> 'synthetic' = 'true' AND j.started_at >= b.since AND j.started_at < b.until
),
errors AS (
    SELECT count(DISTINCT e.journey_instance_id)::numeric AS journeys
    FROM public.journey_scene_events AS e, bounds AS b, public.journey_instances AS j
    WHERE e.event_payload ->> 'synthetic' = 'true' AND e.event_payload ->> 'error' = 'true'
      AND e.created_at >= b.since AND e.created_at < b.until
      AND j.id = e.journey_instance_id AND j.total_scenes <= 3 AND j.started_at >= b.since
),
blocks AS (
    SELECT count(*) FILTER (WHERE m.signal_type IN ('viewed', 'activation'))::numeric AS viewed,
        count(*) FILTER (WHERE m.signal_type IN ('engaged', 'release'))::numeric AS engaged,
        count(*) FILTER (WHERE m.signal_type IN ('completed', 'reframe'))::numeric AS completed,
        count(*) FILTER (WHERE m.signal_type IN ('resonated', 'alignment_choice', 'transfer'))::numeric AS resonated
    FROM public.mindblock_events AS m, bounds AS b
    WHERE m.evidence ->> 'synthetic' = 'true' AND m.created_at >= b.since AND m.created_at < b.until
),
coverage AS (
    SELECT min(n)::numeric AS least, count(*)::numeric AS mindblocks
    FROM (SELECT c.content_id, count(DISTINCT c.individual_id) AS n FROM public.content_engagements AS c
          WHERE c.metadata ? 'seed_key' GROUP BY c.content_id) AS each
),
asked (place, title, value, unit, low, target, n, paths, note) AS (
    SELECT 1, 'people', here, '', NULL::numeric, %(count_users)s::numeric, NULL::numeric, ARRAY[]::text[], 'sim_users' FROM people
    UNION ALL SELECT 2, 'came', came.people / nullif(people.here, 0), 'share', NULL, NULL, NULL, ARRAY[]::text[],
        'of people, at least once' FROM came, people
    UNION ALL SELECT 3, 'fewest people of a mindblock', least, '', %(coverage_per_mindblock)s, NULL, NULL, ARRAY[]::text[],
        'of ' || mindblocks || ' with engagements' FROM coverage WHERE mindblocks > 0
    UNION ALL SELECT 4, 'journeys begun', began, '', NULL, NULL, NULL, ARRAY[]::text[], 'practices and sprints' FROM journeys
    UNION ALL SELECT 5, 'short practices', practices / nullif(began, 0), 'share', NULL, %(practice_share)s::numeric, began,
        ARRAY[]::text[], 'of journeys begun' FROM journeys
    UNION ALL SELECT 6, 'abandoned', over_abandoned / nullif(over, 0), 'share', NULL, (%(in_force)s ->> 'abandon_rate')::numeric,
        over, ARRAY['abandon_rate', 'error_rate'], 'of practices that are over' FROM journeys
    UNION ALL SELECT 7, 'with an error', errors.journeys / nullif(over, 0), 'share', NULL, (%(in_force)s ->> 'error_rate')::numeric,
        over, ARRAY['error_rate'], 'of practices that are over' FROM journeys, errors
    UNION ALL SELECT 8, 'scenes completed', scenes, '', NULL, NULL, NULL, ARRAY[]::text[], 'practices and sprints' FROM came
    UNION ALL SELECT 9, 'mindblocks engaged with', engaged / nullif(viewed, 0), 'share', NULL, %(engaged_share)s::numeric,
        viewed, ARRAY[]::text[], 'of those viewed' FROM blocks
    UNION ALL SELECT 10, 'mindblocks completed', completed / nullif(engaged, 0), 'share', NULL, %(completed_share)s::numeric,
        engaged, ARRAY[]::text[], 'of these' FROM blocks
    UNION ALL SELECT 11, 'mindblocks resonated', resonated / nullif(completed, 0), 'share', NULL, %(resonated_share)s::numeric,
        completed, ARRAY[]::text[], 'of these' FROM blocks
),
judged AS (
    SELECT *, (SELECT string_agg(path || ' was changed on ' || substr(%(changes)s ->> path, 1, 10), ', ')
            FROM unnest(paths) AS path WHERE %(changes)s ? path) AS why,
        CASE unit WHEN 'share' THEN 4 * sqrt(target * (1 - target) / nullif(n, 0)) ELSE 0 END AS slack
    FROM asked
)
SELECT title, round(value, 4)::float8 AS value, unit,
    CASE WHEN target IS NOT NULL THEN CASE unit WHEN 'share' THEN round(100 * target, 1)::float8 || ' %%' ELSE to_char(target, 'FM999,999,999') END
        WHEN low IS NOT NULL THEN 'at least ' || low::float8 END AS target,
    CASE WHEN why IS NULL AND coalesce(n, 100) >= 100 THEN CASE WHEN target IS NOT NULL THEN abs(value - target) <= slack
        WHEN low IS NOT NULL THEN value >= low END END AS ok,
    concat_ws('; ', note, why) AS note
FROM judged
WHERE value IS NOT NULL
ORDER BY place
