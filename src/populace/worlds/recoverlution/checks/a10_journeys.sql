-- A10, A11, A19, B6, B7: how journeys go. By rows, short practices are judged, which one visit decides: a sprint stays
-- open for days, and those that closed early would count for too much. All journeys are judged by the accounts.
WITH closed AS (
    SELECT min(coalesce(completed_at, updated_at)) AS first
    FROM public.journey_instances WHERE metadata ->> 'synthetic' = 'true' AND status IN ('completed', 'abandoned')
),
-- A clean-up takes closed journeys only: what began after the oldest one that is left is there in full.
span AS (
    SELECT CASE WHEN %(removed)s ? 'journey_instances' THEN coalesce(first, %(watermark)s)
        ELSE '-infinity'::timestamptz END AS since
    FROM closed
),
practices AS MATERIALIZED (
    SELECT j.id, j.status, j.total_scenes
    FROM public.journey_instances AS j
    WHERE j.metadata ->> 'synthetic' = 'true' AND j.template_id IN (SELECT id FROM public.practice_template)
        AND j.started_at >= (SELECT since FROM span) AND j.started_at < %(settled)s
),
erring AS (
    SELECT DISTINCT e.journey_instance_id AS id FROM public.journey_scene_events AS e
    WHERE e.event_payload ->> 'synthetic' = 'true' AND e.event_payload ->> 'error' = 'true'
),
facts AS (
    SELECT count(*)::numeric AS n, count(e.id)::numeric AS errors,
        count(*) FILTER (WHERE p.status = 'abandoned')::numeric AS abandoned,
        count(*) FILTER (WHERE p.status = 'completed')::numeric AS completed,
        avg(p.total_scenes) FILTER (WHERE p.status = 'completed') AS scenes,
        coalesce(var_samp(p.total_scenes) FILTER (WHERE p.status = 'completed'), 0) AS scenes_variance
    FROM practices AS p LEFT JOIN erring AS e USING (id)
),
whole AS (
    SELECT
        (%(draw_statistics)s #>> '{chances,journey.is_practice,0}')::numeric AS begun,
        nullif((SELECT sum(n::numeric) FROM jsonb_array_elements_text(%(draw_statistics)s #> '{choices,practising.who,0}') AS w (n))
            + coalesce((%(draw_statistics)s #>> '{chances,life.first_visit,3}')::numeric, 0), 0) AS sessions,
        (%(draw_statistics)s #>> '{chances,journey.abandoned,3}')::numeric / nullif((%(draw_statistics)s #>> '{chances,journey.abandoned,0}')::numeric, 0) AS abandoned,
        (%(draw_statistics)s #>> '{chances,journey.error,3}')::numeric / nullif((%(draw_statistics)s #>> '{chances,journey.error,0}')::numeric, 0) AS errors,
        extract(epoch FROM %(watermark)s - (%(epoch)s - %(session_history_days)s * interval '1 day')) / 3600 AS hours,
        (SELECT count(*) FROM public.journey_instances WHERE metadata ->> 'synthetic' = 'true')
            + coalesce((%(removed)s ->> 'journey_instances')::numeric, 0) AS journeys,
        (SELECT count(*) FROM public.journey_instances WHERE metadata ->> 'synthetic' = 'true' AND status = 'completed') AS completed,
        (SELECT count(*) FROM public.journey_scene_events AS e
         WHERE e.event_payload ->> 'synthetic' = 'true' AND e.event_type = 'scene_completed') AS scenes_completed
),
reasons AS (
    SELECT CASE WHEN n < 200 THEN 'fewer than 200 practices are over' END AS few,
        CASE WHEN %(changes)s ? 'abandon_rate' THEN 'abandon_rate was changed on ' || (%(changes)s ->> 'abandon_rate')
            || ': see K7' END AS abandon,
        CASE WHEN %(changes)s ? 'error_rate' THEN 'error_rate was changed on ' || (%(changes)s ->> 'error_rate')
            || ': see K7' END AS error,
        (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path), ', ')
         FROM unnest(ARRAY['enabled', 'sessions_per_min', 'max_per_run', 'time_of_day', 'abandon_rate', 'error_rate']) AS path
         WHERE %(changes)s ? path) AS rate
    FROM facts
),
-- tolerance: 99.9 %% (3.29 standard errors); each practice draws for itself, so that n of them are independent.
lines (id, title, documented, target, measured, tolerance, why, note) AS (
    SELECT 'A10', 'practices in which an error occurs, by rows', 0.05, %(error_rate)s::numeric, errors / nullif(n, 0),
        3.29 * sqrt(%(error_rate)s::numeric * (1 - %(error_rate)s::numeric) / nullif(n, 0)), coalesce(error, few),
        n || ' practices; sprints would bias it while they are open'
    FROM facts, reasons
    UNION ALL
    SELECT 'A10', 'journeys for which an error was drawn, by draw statistics', 0.05, %(error_rate)s::numeric, errors,
        3.29 * sqrt(%(error_rate)s::numeric * (1 - %(error_rate)s::numeric) / nullif(begun, 0)),
        coalesce(error, CASE WHEN coalesce(begun, 0) < 200 THEN 'fewer than 200 journeys have begun' END), NULL
    FROM whole, reasons
    UNION ALL
    SELECT 'A11', 'practices that were abandoned, of those that ended, by rows', 0.15, %(abandon_rate)s::numeric,
        abandoned / nullif(abandoned + completed, 0),
        3.29 * sqrt(%(abandon_rate)s::numeric * (1 - %(abandon_rate)s::numeric) / nullif(abandoned + completed, 0)),
        coalesce(abandon, few), abandoned + completed || ' practices; a rate per journey, not per scene (A16)'
    FROM facts, reasons
    UNION ALL
    SELECT 'A11', 'journeys for which leaving was drawn, by draw statistics', 0.15, %(abandon_rate)s::numeric, abandoned,
        3.29 * sqrt(%(abandon_rate)s::numeric * (1 - %(abandon_rate)s::numeric) / nullif(begun, 0)),
        coalesce(abandon, CASE WHEN coalesce(begun, 0) < 200 THEN 'fewer than 200 journeys have begun' END), NULL
    FROM whole, reasons
    UNION ALL
    SELECT 'B7', 'practices that were completed, of those that ended', 0.83, 1 - %(abandon_rate)s::numeric,
        completed / nullif(abandoned + completed, 0),
        3.29 * sqrt(%(abandon_rate)s::numeric * (1 - %(abandon_rate)s::numeric) / nullif(abandoned + completed, 0)),
        coalesce(abandon, few), 'the specification: about 100 of 120 an hour'
    FROM facts, reasons
    UNION ALL
    SELECT 'A19', 'scenes of a completed journey, in the mix that begins', 4.0, %(scenes_of_journey)s::numeric,
        %(practice_share)s::numeric * scenes + (1 - %(practice_share)s::numeric) * %(sprint_scenes)s,
        1e-6 + 3.29 * %(practice_share)s::numeric * sqrt(scenes_variance / nullif(completed, 0)),
        coalesce(few, CASE WHEN %(differ)s THEN 'who stays away leaves journeys open, and longer ones more often' END),
        'mean of completed practices, and the scenes of a sprint, as often as each begins'
    FROM facts, reasons
),
shown AS (
    SELECT id, title, documented::float8::text AS documented, round(target, 4)::float8::text AS target,
        round(measured, 4)::float8::text AS measured, abs(measured - target) <= tolerance AS ok, why, note,
        tolerance
    FROM lines
    UNION ALL
    SELECT 'A19', 'scene_completed a completed journey, as it stands', '4', 'info',
        round(scenes_completed / nullif(completed, 0)::numeric, 4)::float8::text, NULL, NULL,
        'open sprints have scenes and no end, abandoned journeys scenes and no completion', NULL
    FROM whole
    UNION ALL
    SELECT 'B6', 'journeys created an hour', '120',
        round(60 * planned / %(most_visits_of_journey)s::numeric) || ' (settled) to ' || 60 * planned || ' (first day)',
        round(journeys / nullif(hours, 0), 1)::text,
        -- A person with an open sprint goes on with it: the longer life lasts, the fewer sessions begin a journey. Nobody has
        -- one open at first, so that of n sessions of a person at least n / most_visits_of_journey begin one on average (a
        -- renewal process that starts with a renewal), and at most all of them. slack: 3.29 standard errors of so many sessions.
        journeys / nullif(hours, 0) BETWEEN 60 * planned / %(most_visits_of_journey)s::numeric - slack
            AND 60 * planned + slack,
        coalesce(rate, CASE WHEN hours < 1 THEN 'less than an hour after history'
            WHEN %(time_of_day)s THEN 'the rate follows the hour'
            WHEN %(asked_for)s > 0 THEN 'run-now added sessions' END),
        'a sprint takes several sessions; one journey a session only where practice_share is 1',
        NULL
    FROM whole, reasons, LATERAL (
        SELECT CASE WHEN %(enabled)s THEN least(%(sessions_per_min)s, %(max_per_run)s) ELSE 0 END::numeric) AS p (planned),
        LATERAL (SELECT 3.29 * sqrt(60 * planned / greatest(hours, 1))) AS s (slack)
)
SELECT id, title, documented, target, coalesce(measured, 'none'), CASE WHEN why IS NULL AND target <> 'info' THEN coalesce(ok, false) END,
    coalesce(why, concat_ws('; ', 'within ' || round(tolerance, 4)::float8, note), '') AS note
FROM shown
