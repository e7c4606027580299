-- What the first page shows: title, value, note. until: simulated now.
WITH watched AS MATERIALIZED (
    SELECT w.user_id, w.last_watched_at
    FROM public.watch_progress AS w
    JOIN auth.users AS u ON u.id = w.user_id
    WHERE w.last_watched_at >= %(until)s::timestamptz - interval '24 hours' AND w.last_watched_at < %(until)s
      AND split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
)
SELECT 'titles watched' AS title, count(*) AS value, 'last 5 minutes' AS note
FROM watched WHERE last_watched_at >= %(until)s::timestamptz - interval '5 minutes'
UNION ALL
SELECT 'people watching', count(DISTINCT user_id), 'last hour'
FROM watched WHERE last_watched_at >= %(until)s::timestamptz - interval '1 hour'
UNION ALL
SELECT 'people watching', count(DISTINCT user_id), 'last 24 hours' FROM watched
UNION ALL
SELECT 'titles watched', count(*), 'last 24 hours' FROM watched
