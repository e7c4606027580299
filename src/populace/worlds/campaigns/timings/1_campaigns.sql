-- id: E23 · campaigns with their clients, newest first · 2000
SELECT c.id, c.name, c.status, c.mail_date, c.drop_date, k.name AS client
FROM public.campaigns AS c
JOIN public.clients AS k ON k.id = c.client_id
ORDER BY c.created_at DESC
