-- What the first page shows: title, value, note. until: simulated now. Rows are found by their time; whose they are is
-- looked up for each, since nobody could guess how many people carry the mark. A whole day is read as it was counted.
WITH watched AS MATERIALIZED (
    SELECT w.user_id, w.last_watched_at
    FROM public.watch_progress AS w
    WHERE w.last_watched_at >= %(until)s::timestamptz - interval '1 hour' AND w.last_watched_at < %(until)s
      AND (SELECT split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
           FROM auth.users AS u WHERE u.id = w.user_id)
),
day AS MATERIALIZED (
    SELECT sum(d.active_today) AS active, sum(d.videos_watched) AS watched
    FROM public.daily_metrics AS d
    WHERE d.day = (SELECT max(l.day) FROM public.daily_metrics AS l)
)
SELECT 'titles watched' AS title, count(*) AS value, 'last 5 minutes' AS note
FROM watched WHERE last_watched_at >= %(until)s::timestamptz - interval '5 minutes'
UNION ALL
SELECT 'people watching', count(DISTINCT user_id), 'last hour' FROM watched
UNION ALL
SELECT 'people who came', coalesce(active, 0), 'last full day' FROM day
UNION ALL
SELECT 'titles watched', coalesce(watched, 0), 'last full day' FROM day
