-- chart: bar · Errors a day · error_logs; an hour of four errors or more counts as part of an incident
WITH hours AS MATERIALIZED (
    SELECT date_trunc('hour', occurred_at AT TIME ZONE %(timezone)s) AS hour, count(*) AS n
    FROM public.error_logs WHERE metadata ->> 'simulated' = 'true'
    GROUP BY 1
)
SELECT to_char(hour, 'YYYY-MM-DD') AS label, sum(n) AS value,
    CASE WHEN n >= 4 THEN 'in an incident' ELSE 'now and then' END AS series
FROM hours
GROUP BY label, n >= 4
ORDER BY n >= 4, label
