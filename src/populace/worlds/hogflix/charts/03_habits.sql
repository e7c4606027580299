-- chart: line · Habits, day by day · daily_metrics: people of each pattern of activity at the end of a day
SELECT to_char(d.day, 'YYYY-MM-DD') AS label, sum(e.value::integer) AS value, lower(e.key) AS series
FROM public.daily_metrics AS d CROSS JOIN LATERAL jsonb_each_text(d.pattern_distribution) AS e
GROUP BY d.day, e.key
ORDER BY array_position(ARRAY['DAILY', 'REGULAR', 'WEEKEND', 'BINGE', 'MONTHLY'], e.key), e.key, d.day
