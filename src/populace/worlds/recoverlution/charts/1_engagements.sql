-- chart: bar · Engagements a week · content_engagements by their last step, weeks in UTC
WITH furthest AS (
    SELECT individual_id, content_id, min(created_at) AS began_at,
        max(CASE action WHEN 'viewed' THEN 1 WHEN 'started' THEN 2 WHEN 'completed' THEN 3 ELSE 4 END) AS step
    FROM public.content_engagements WHERE metadata ? 'seed_key' GROUP BY individual_id, content_id
)
SELECT to_char(date_trunc('week', began_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD') AS label, count(*) AS value,
    CASE step WHEN 1 THEN 'viewed' WHEN 2 THEN 'started' WHEN 3 THEN 'completed' ELSE 'rated' END AS series
FROM furthest
GROUP BY label, step
ORDER BY step, label
