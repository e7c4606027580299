-- chart: bar · People, by the week in which they came · sim_users
SELECT to_char(date_trunc('week', s.started_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD') AS label, count(*) AS value
FROM public.sim_users AS s
WHERE s.started_at < %(watermark)s
GROUP BY label
ORDER BY label
