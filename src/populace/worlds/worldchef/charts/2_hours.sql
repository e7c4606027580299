-- chart: heatmap · When people are there · likes and ratings, by weekday and hour (UTC)
WITH done AS MATERIALIZED (
    SELECT extract(isodow FROM at AT TIME ZONE 'UTC')::integer AS day, extract(hour FROM at AT TIME ZONE 'UTC')::integer AS hour,
        count(*) AS n
    FROM (
        SELECT l.user_id, l.created_at AS at FROM public.recipe_likes AS l
        UNION ALL SELECT g.user_id, g.created_at FROM public.recipe_ratings AS g
    ) AS every
    JOIN public.users AS u ON u.id = every.user_id
    WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
    GROUP BY 1, 2
)
SELECT hour AS x, (ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[day] AS y,
    coalesce(n, 0) AS value
FROM generate_series(1, 7) AS day CROSS JOIN generate_series(0, 23) AS hour
LEFT JOIN done USING (day, hour)
WHERE EXISTS (SELECT 1 FROM done)
ORDER BY day, hour
