-- C14: whoever churns is deleted with their rows, so that the tables show those who stayed: how much of what daily_metrics
-- counted on the oldest month of history they still hold. Nothing is asked of it.
WITH oldest AS (
    SELECT (d.day AT TIME ZONE 'UTC')::date AS day, sum(d.active_today) AS people, min(d.created_at) - interval '1 day' AS begins
    FROM public.daily_metrics AS d
    WHERE d.day < (SELECT min(m.day) + interval '30 days' FROM public.daily_metrics AS m)
    GROUP BY 1
),
traces (person, at) AS MATERIALIZED (
    SELECT w.user_id, unnest(ARRAY[w.created_at, w.last_watched_at]) FROM public.watch_progress AS w
    UNION ALL SELECT r.user_id, r.created_at FROM public.video_ratings AS r
    UNION ALL SELECT l.user_id, l.created_at FROM public.user_watchlist AS l
    UNION ALL SELECT c.user_id, c.created_at FROM public.chat_conversations AS c
),
here AS (
    SELECT o.day, count(DISTINCT t.person) AS people
    FROM oldest AS o JOIN traces AS t ON t.at >= o.begins AND t.at < o.begins + interval '1 day'
    JOIN auth.users AS u ON u.id = t.person
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
    GROUP BY o.day
),
shares AS (
    SELECT sum(o.people) AS counted, coalesce(sum(h.people), 0) AS known FROM oldest AS o LEFT JOIN here AS h USING (day)
)
SELECT 'C14' AS id, 'people who came in the oldest 30 days and left a row that is still there' AS title, '' AS documented,
    'info' AS target,
    coalesce(round(100.0 * known / nullif(counted, 0), 1)::float8 || ' %%', 'nobody') AS measured, NULL::boolean AS ok,
    'charts of the tables show survivors; daily_metrics counted ' || coalesce(counted, 0) AS note
FROM shares
