-- How much happened on each weekday at each hour. :given is a world's query of the moments (`at`), as a clock shows them there.
WITH counted AS MATERIALIZED (
    SELECT extract(isodow FROM at)::integer AS day, extract(hour FROM at)::integer AS hour, count(*) AS n
    FROM (
:given
    ) AS moments
    GROUP BY 1, 2
)
SELECT hour AS x, (ARRAY['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'])[day] AS y,
    coalesce(n, 0) AS value
FROM generate_series(1, 7) AS day CROSS JOIN generate_series(0, 23) AS hour
LEFT JOIN counted USING (day, hour)
WHERE EXISTS (SELECT 1 FROM counted)
ORDER BY day, hour
