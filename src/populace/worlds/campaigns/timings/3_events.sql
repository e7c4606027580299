-- id: E23 · events of the last 30 days, by day and type · 2000
SELECT date_trunc('day', occurred_at) AS day, event_type, count(*) AS events, count(DISTINCT recipient_id) AS recipients
FROM public.events
WHERE occurred_at >= %(watermark)s - interval '30 days'
GROUP BY 1, 2
