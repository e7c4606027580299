-- chart: heatmap · When recipients answer · events that people bring about, by weekday and hour where the client is
WITH answered AS MATERIALIZED (
    SELECT extract(isodow FROM e.occurred_at AT TIME ZONE k.timezone)::integer AS day,
        extract(hour FROM e.occurred_at AT TIME ZONE k.timezone)::integer AS hour, count(*) AS n
    FROM public.events AS e
    JOIN public.campaigns AS c ON c.id = e.campaign_id
    JOIN public.clients AS k ON k.id = c.client_id
    WHERE e.source <> 'usps' AND c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8'
    GROUP BY 1, 2
)
SELECT hour AS x, (ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[day] AS y,
    coalesce(n, 0) AS value
FROM generate_series(1, 7) AS day CROSS JOIN generate_series(0, 23) AS hour
LEFT JOIN answered USING (day, hour)
WHERE EXISTS (SELECT 1 FROM answered)
ORDER BY day, hour
