-- chart: line · States, day by day · daily_metrics: people in each state at the end of a day
SELECT to_char(d.day, 'YYYY-MM-DD') AS label, sum(e.value::integer) AS value, lower(e.key) AS series
FROM public.daily_metrics AS d CROSS JOIN LATERAL jsonb_each_text(d.state_distribution) AS e
WHERE e.key <> 'CHURNED'
GROUP BY d.day, e.key
ORDER BY array_position(ARRAY['ACTIVE', 'DORMANT', 'NEW', 'CASUAL'], e.key), e.key, d.day
