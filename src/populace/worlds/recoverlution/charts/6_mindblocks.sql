-- chart: funnel · Mindblocks met in practice · mindblock_events by signal
SELECT s.signal AS step, count(*) AS value
FROM unnest(ARRAY['viewed', 'engaged', 'completed', 'resonated']) WITH ORDINALITY AS s (signal, place)
JOIN public.mindblock_events AS e ON e.signal_type = s.signal AND e.evidence ->> 'synthetic' = 'true'
GROUP BY s.signal, s.place
ORDER BY s.place
