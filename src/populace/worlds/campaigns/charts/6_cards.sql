-- chart: bar · Gift cards a month · the ledger: cards from the inventory, and cards bought one by one
SELECT to_char(date_trunc('month', l.billed_at AT TIME ZONE %(timezone)s), 'YYYY-MM') AS label, count(*) AS value,
    CASE l.transaction_type WHEN 'purchase_from_inventory' THEN 'inventory' ELSE 'bought' END AS series
FROM public.gift_card_billing_ledger AS l
JOIN public.campaigns AS c ON c.id = l.campaign_id
WHERE l.transaction_type <> 'refund' AND c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8'
GROUP BY label, l.transaction_type
ORDER BY l.transaction_type, label
