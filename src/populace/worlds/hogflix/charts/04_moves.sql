-- chart: line · Sign-ups and churn, by week · daily_metrics: whole weeks, from Monday on
WITH weeks AS MATERIALIZED (
    SELECT date_trunc('week', d.day AT TIME ZONE 'UTC') AS week, sum(d.new_signups) AS joined, sum(d.churned) AS churned,
        sum(d.reactivated) AS back
    FROM public.daily_metrics AS d
    GROUP BY 1
    HAVING count(DISTINCT d.day) = 7
)
SELECT to_char(w.week, 'YYYY-MM-DD') AS label, v.value, v.series
FROM weeks AS w
CROSS JOIN LATERAL (VALUES (1, 'signed up', w.joined), (2, 'churned', w.churned), (3, 'came back from being dormant', w.back))
    AS v (place, series, value)
ORDER BY v.place, w.week
