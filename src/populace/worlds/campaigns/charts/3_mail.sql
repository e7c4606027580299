-- chart: funnel · From the mail to a lead · recipients with such an event; each share is of the step before
WITH did AS MATERIALIZED (
    SELECT e.event_type, count(DISTINCT e.recipient_id) AS n
    FROM public.events AS e
    JOIN public.campaigns AS c ON c.id = e.campaign_id
    WHERE c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8'
    GROUP BY e.event_type
)
SELECT s.step, coalesce(d.n, 0) AS value
FROM (VALUES (1, 'mailed', 'imb_injected'), (2, 'delivered', 'imb_delivered'), (3, 'visited', 'purl_visit'),
    (4, 'form', 'form_submitted'), (5, 'lead', 'lead_captured')) AS s (place, step, event_type)
LEFT JOIN did AS d USING (event_type)
WHERE EXISTS (SELECT 1 FROM did)
ORDER BY s.place
