-- chart: bar · Sign-ups and recipes a month · users and recipes by the month in which they came
SELECT to_char(date_trunc('month', v.at AT TIME ZONE 'UTC'), 'YYYY-MM') AS label, count(*) AS value, v.series
FROM (
    SELECT 1, 'users', u.created_at FROM public.users AS u WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
    UNION ALL
    SELECT 2, 'recipes', r.created_at FROM public.recipes AS r JOIN public.users AS u ON u.id = r.author_id
    WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
) AS v (place, series, at)
GROUP BY label, v.place, v.series
ORDER BY v.place, label
