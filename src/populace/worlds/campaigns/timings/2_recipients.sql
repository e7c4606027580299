-- id: E23 · recipients of every campaign, by delivery · 2000
SELECT c.id, c.name, count(r.id) AS recipients, count(r.id) FILTER (WHERE r.delivery_status = 'delivered') AS delivered,
    count(r.id) FILTER (WHERE r.approval_status = 'redeemed') AS redeemed
FROM public.campaigns AS c
LEFT JOIN public.recipients AS r ON r.campaign_id = c.id
GROUP BY c.id, c.name
