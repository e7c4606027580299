-- id: E23 · contacts of every client, by lifecycle stage · 2000
SELECT client_id, lifecycle_stage, count(*) AS contacts, avg(engagement_score) AS engagement
FROM public.contacts
GROUP BY client_id, lifecycle_stage
