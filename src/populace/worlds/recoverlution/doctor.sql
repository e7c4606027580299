-- What populace doctor asks of Recoverlution alone: its settings row, its templates, and whether enough happens; up to simulated now, as its status does.
-- The dashboard's thresholds for 24 hours (above 1,000 healthy, above 100 low) are for the documented rate of sessions;
-- they go with the rate in force. ok: true, null for what wants attention, false for a failure.
WITH
lately AS (
    SELECT
        count(*) AS day,
        count(*) FILTER (WHERE created_at >= %(now)s - interval '5 minutes') AS five_minutes
    FROM (
        SELECT created_at FROM public.journey_scene_events
        WHERE event_payload ->> 'synthetic' = 'true' AND created_at >= %(now)s - interval '24 hours'
        UNION ALL
        SELECT created_at FROM public.mindblock_events
        WHERE evidence ->> 'synthetic' = 'true' AND created_at >= %(now)s - interval '24 hours'
    ) AS events
),
levels AS (
    SELECT
        round(1000.0 * a_minute / %(sessions_per_min.default)s) AS healthy,
        round(100.0 * a_minute / %(sessions_per_min.default)s)  AS low,
        CASE WHEN a_minute <> %(sessions_per_min.default)s
            THEN ', scaled to ' || a_minute || ' sessions a minute instead of ' || %(sessions_per_min.default)s
            ELSE '' END AS scaled
    FROM least(%(sessions_per_min)s, %(max_per_run)s) AS rate (a_minute)
),
nobody AS (SELECT NOT %(enabled)s OR %(sessions_per_min)s = 0 OR %(max_per_run)s = 0 AS is_asked_for)
SELECT
    'the settings row' AS title,
    (SELECT count(*) FROM public.synthetic_settings) || ' in synthetic_settings (there must be 1)' AS measured,
    (SELECT count(*) FROM public.synthetic_settings) = 1 AS ok,
    'put the row back (id 1), or seed an empty database' AS todo
UNION ALL
SELECT
    'templates',
    journeys || ' of journeys and ' || practices || ' of practices are active',
    journeys > 0 AND practices > 0,
    'set the status of at least one row of journey_template, and of practice_template, to active'
FROM (
    SELECT
        (SELECT count(*) FROM public.journey_template WHERE status = 'active')  AS journeys,
        (SELECT count(*) FROM public.practice_template WHERE status = 'active') AS practices
) AS active
UNION ALL
SELECT
    'the last 24 simulated hours',
    to_char(day, 'FM999,999,999,990') || ' events, '
        || CASE WHEN day > healthy THEN 'healthy' WHEN day > low THEN 'low' ELSE 'very low' END
        || ' (above ' || to_char(healthy, 'FM999,999,990') || ' healthy, above ' || to_char(low, 'FM999,999,990')
        || ' low' || scaled || ')'
        || CASE WHEN is_asked_for THEN '; nobody is asked to come' ELSE '' END,
    CASE WHEN day > healthy THEN true END,
    CASE WHEN is_asked_for THEN '{resume}, or a rate above zero' ELSE '{run}, for some hours' END
FROM lately, levels, nobody
UNION ALL
SELECT
    'the last 5 simulated minutes',
    five_minutes || ' events' || CASE WHEN is_asked_for THEN '; nobody is asked to come' ELSE '' END,
    CASE WHEN five_minutes > 0 OR is_asked_for THEN true END,
    '{run}, for a minute or two'
FROM lately, nobody
