-- chart: bar · Journeys, by the week in which they began · journey_instances, by what has become of them
SELECT to_char(date_trunc('week', j.started_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD') AS label, count(*) AS value,
    j.status AS series
FROM public.journey_instances AS j
WHERE j.metadata ->> 'synthetic' = 'true'
GROUP BY label, j.status
ORDER BY array_position(ARRAY['completed', 'active', 'paused', 'abandoned'], j.status), label
