-- chart: line · People, day by day · daily_metrics, summed over pools
SELECT to_char(d.day, 'YYYY-MM-DD') AS label, sum(v.value) AS value, v.series
FROM public.daily_metrics AS d
CROSS JOIN LATERAL (VALUES (1, 'here', d.total_personas), (2, 'came that day', d.active_today)) AS v (place, series, value)
GROUP BY d.day, v.place, v.series
ORDER BY v.place, d.day
