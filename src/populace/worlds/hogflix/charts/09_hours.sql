-- chart: heatmap · When people watch · watch_progress by weekday and hour of the last time, in UTC
WITH watched AS MATERIALIZED (
    SELECT extract(isodow FROM w.last_watched_at AT TIME ZONE 'UTC')::integer AS day,
        extract(hour FROM w.last_watched_at AT TIME ZONE 'UTC')::integer AS hour, count(*) AS n
    FROM public.watch_progress AS w
    JOIN auth.users AS u ON u.id = w.user_id
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
    GROUP BY 1, 2
)
SELECT hour AS x, (ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[day] AS y,
    coalesce(n, 0) AS value
FROM generate_series(1, 7) AS day CROSS JOIN generate_series(0, 23) AS hour
LEFT JOIN watched USING (day, hour)
WHERE EXISTS (SELECT 1 FROM watched)
ORDER BY day, hour
