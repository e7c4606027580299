-- id: E23 · performance metrics of the last 7 days, by type and day · 2000
SELECT metric_type, date_trunc('day', recorded_at) AS day, count(*) AS measurements, avg(duration_ms) AS mean_ms,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms
FROM public.performance_metrics
WHERE recorded_at >= %(watermark)s - interval '7 days'
GROUP BY 1, 2
