-- What people wrote: agents about calls, clients as names of their campaigns.
SELECT s.id AS person, 'call_sessions' AS kind, s.notes AS said FROM public.call_sessions AS s WHERE s.is_simulated
UNION ALL
SELECT d.id, 'call_dispositions', d.notes
FROM public.call_dispositions AS d JOIN public.call_sessions AS s ON s.id = d.call_session_id WHERE s.is_simulated
UNION ALL
SELECT c.client_id, 'campaigns', c.name FROM public.campaigns AS c
WHERE c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8'
