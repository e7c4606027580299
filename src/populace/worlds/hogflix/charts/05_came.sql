-- chart: line · People who came, day by day · daily_metrics, which counts everybody on the day itself; below it who of them is still in the tables and left a row
WITH counted AS (
    SELECT (d.day AT TIME ZONE 'UTC')::date AS day, sum(d.active_today) AS people FROM public.daily_metrics AS d GROUP BY 1
),
begins AS (
    SELECT min(d.created_at - interval '1 day' - d.day) AS after FROM public.daily_metrics AS d
),
-- A day of the metrics begins in the morning.
here AS MATERIALIZED (
    SELECT ((t.at - b.after) AT TIME ZONE 'UTC')::date AS day, count(DISTINCT t.person) AS people
    FROM (
        SELECT w.user_id, unnest(ARRAY[w.created_at, w.last_watched_at]) FROM public.watch_progress AS w
        UNION ALL SELECT r.user_id, r.created_at FROM public.video_ratings AS r
        UNION ALL SELECT l.user_id, l.created_at FROM public.user_watchlist AS l
        UNION ALL SELECT c.user_id, c.created_at FROM public.chat_conversations AS c
    ) AS t (person, at) CROSS JOIN begins AS b
    WHERE t.person IN (
        SELECT u.id FROM auth.users AS u
        WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
    )
    GROUP BY 1
)
SELECT to_char(c.day, 'YYYY-MM-DD') AS label, v.value, v.series
FROM counted AS c LEFT JOIN here AS h USING (day)
CROSS JOIN LATERAL (VALUES (1, 'as counted then', c.people), (2, 'of those still here', coalesce(h.people, 0))) AS v (place, series, value)
ORDER BY v.place, c.day
