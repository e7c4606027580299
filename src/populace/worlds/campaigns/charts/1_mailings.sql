-- chart: bar · Campaigns by the month they are mailed · campaigns, by mail date and by how far they are
SELECT to_char(mail_date, 'YYYY-MM') AS label, count(*) AS value, replace(status::text, '_', ' ') AS series
FROM public.campaigns
WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8' AND mail_date IS NOT NULL
GROUP BY label, status
ORDER BY array_position(ARRAY['completed', 'mailed', 'in_production', 'draft'], status::text), label
