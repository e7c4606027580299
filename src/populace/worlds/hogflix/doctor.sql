-- What populace doctor asks of HogFlix alone: its plans, its catalogue, whether the pool is as large as it should be,
-- and whether enough happens. ok: true, null for what wants attention, false for a failure.
WITH
people AS MATERIALIZED (
    SELECT u.id FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
),
last_day AS (
    SELECT d.day, sum(d.total_personas)::bigint AS personas, sum(d.active_today)::bigint AS active
    FROM public.daily_metrics AS d
    WHERE d.day = (SELECT max(day) FROM public.daily_metrics)
    GROUP BY d.day
),
lately AS (
    SELECT count(*) AS titles, count(DISTINCT w.user_id) AS viewers
    FROM public.watch_progress AS w
    WHERE w.last_watched_at >= %(now)s - interval '24 hours' AND w.user_id IN (SELECT id FROM people)
)
SELECT
    'the plans' AS title,
    plans || ' plans, ' || defaults || ' of them the default' AS measured,
    plans >= 3 AND defaults = 1 AS ok,
    'put basic, standard and premium back into subscription_plans, basic as the default' AS todo
FROM (
    SELECT count(*) AS plans, count(*) FILTER (WHERE is_default) AS defaults
    FROM public.subscription_plans WHERE name IN ('basic', 'standard', 'premium')
) AS offered
UNION ALL
SELECT
    'the catalogue',
    public || ' of ' || titles || ' videos are public, in ' || shelves || ' categories',
    CASE WHEN public = 0 THEN false WHEN public = titles THEN true END,
    'set is_public of the videos that people are to find'
FROM (
    SELECT
        count(*) AS titles, count(*) FILTER (WHERE is_public) AS public,
        count(DISTINCT category_id) FILTER (WHERE is_public) AS shelves
    FROM public.videos
) AS shown
UNION ALL
SELECT
    'accounts without a profile',
    count(*) || ' of ' || (SELECT count(*) FROM people) || ' synthetic accounts',
    CASE WHEN count(*) = 0 THEN true END,
    '{validate} shows what else is missing of these people'
FROM people AS a
WHERE NOT EXISTS (SELECT 1 FROM public.profiles AS p WHERE p.user_id = a.id)
UNION ALL
SELECT
    'the pool',
    coalesce(
        to_char(personas, 'FM999,999,990') || ' personas on ' || to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD') || ', '
            || to_char(active, 'FM999,999,990') || ' of them active; '
            || to_char(%(persona_pool)s::bigint, 'FM999,999,990') || ' are wanted, give or take a twentieth',
        'no day has ended yet'),
    CASE WHEN personas BETWEEN %(persona_pool)s * 0.95 AND %(persona_pool)s * 1.05 THEN true END,
    '{run} for some weeks: signups fill the pool up, a few a day'
FROM (SELECT 1) AS always LEFT JOIN last_day ON true
UNION ALL
SELECT
    'the last 24 simulated hours',
    viewers || ' people watched ' || titles || ' titles',
    CASE WHEN titles > 0 THEN true END,
    '{run}, for a day or two'
FROM lately
