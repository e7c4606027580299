-- chart: line · Return, by when people signed up · of those still here, percent who left a row in each week after the one they signed up in
WITH unit (name) AS (
    SELECT CASE WHEN %(watermark)s::timestamptz - %(origin)s::timestamptz > interval '90 days' THEN 'month' ELSE 'week' END
),
ours AS MATERIALIZED (
    SELECT u.id, (u.created_at AT TIME ZONE 'UTC')::date AS joined,
        date_trunc((SELECT name FROM unit), u.created_at AT TIME ZONE 'UTC') AS cohort
    FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
      AND u.created_at >= %(origin)s
),
traces AS MATERIALIZED (
    SELECT DISTINCT o.id, o.cohort, ((t.at AT TIME ZONE 'UTC')::date - o.joined) / 7 AS week
    FROM ours AS o
    JOIN (
        SELECT w.user_id, unnest(ARRAY[w.created_at, w.last_watched_at]) FROM public.watch_progress AS w
        UNION ALL SELECT r.user_id, r.created_at FROM public.video_ratings AS r
        UNION ALL SELECT l.user_id, l.created_at FROM public.user_watchlist AS l
        UNION ALL SELECT c.user_id, c.created_at FROM public.chat_conversations AS c
    ) AS t (person, at) ON t.person = o.id
),
-- A week counts once it is over for everybody of a cohort.
cohorts AS MATERIALIZED (
    SELECT cohort, count(*) AS people, ((%(watermark)s AT TIME ZONE 'UTC')::date - max(joined)) / 7 - 1 AS weeks
    FROM ours GROUP BY cohort HAVING count(*) >= 5
),
latest AS (
    SELECT * FROM cohorts WHERE weeks >= 1 ORDER BY cohort DESC LIMIT 6
)
SELECT w.week AS label, round(100.0 * count(t.id) / l.people, 1) AS value,
    to_char(l.cohort, CASE u.name WHEN 'month' THEN 'YYYY-MM' ELSE 'YYYY-MM-DD' END) AS series
FROM latest AS l CROSS JOIN unit AS u CROSS JOIN LATERAL generate_series(1, least(l.weeks, 12)) AS w (week)
LEFT JOIN traces AS t ON t.cohort = l.cohort AND t.week = w.week
GROUP BY l.cohort, l.people, u.name, w.week
ORDER BY l.cohort, w.week
