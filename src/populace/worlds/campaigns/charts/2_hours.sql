-- chart: hours · When recipients answer · events that people bring about, by weekday and hour where the client is
SELECT e.occurred_at AT TIME ZONE k.timezone AS at
FROM public.events AS e
JOIN public.campaigns AS c ON c.id = e.campaign_id
JOIN public.clients AS k ON k.id = c.client_id
WHERE e.source <> 'usps' AND c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8'
