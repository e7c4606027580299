-- chart: heatmap · When people practise · journey_scene_events by weekday and hour, in UTC
WITH events AS MATERIALIZED (
    SELECT extract(isodow FROM created_at AT TIME ZONE 'UTC')::integer AS day,
        extract(hour FROM created_at AT TIME ZONE 'UTC')::integer AS hour, count(*) AS n
    FROM public.journey_scene_events WHERE event_payload ->> 'synthetic' = 'true' GROUP BY 1, 2
)
SELECT hour AS x, (ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[day] AS y,
    coalesce(n, 0) AS value
FROM generate_series(1, 7) AS day CROSS JOIN generate_series(0, 23) AS hour
LEFT JOIN events USING (day, hour)
WHERE EXISTS (SELECT 1 FROM events)
ORDER BY day, hour
