-- chart: active · Recipients who answer in a day, a week and a month · events that people bring about
SELECT DISTINCT e.recipient_id AS person, (e.occurred_at AT TIME ZONE %(timezone)s)::date AS day
FROM public.events AS e
WHERE e.source <> 'usps' AND e.campaign_id IN (
    SELECT id FROM public.campaigns WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
)
