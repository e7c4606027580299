-- chart: funnel · From the mail to a gift card · events, call_sessions, sms_opt_ins and the ledger; each share is of the step before
WITH campaigns AS MATERIALIZED (
    SELECT id FROM public.campaigns WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
),
steps (place, step, value) AS (
    SELECT 1, 'mailed', count(*) FROM public.events
    WHERE event_type = 'imb_injected' AND campaign_id IN (SELECT id FROM campaigns)
    UNION ALL SELECT 2, 'delivered', count(*) FROM public.events
    WHERE event_type = 'imb_delivered' AND campaign_id IN (SELECT id FROM campaigns)
    UNION ALL SELECT 3, 'call', count(*) FROM public.call_sessions WHERE campaign_id IN (SELECT id FROM campaigns)
    UNION ALL SELECT 4, 'opt-in', count(*) FROM public.sms_opt_ins
    WHERE opted_in_at IS NOT NULL AND campaign_id IN (SELECT id FROM campaigns)
    UNION ALL SELECT 5, 'card', count(*) FROM public.gift_card_billing_ledger
    WHERE transaction_type <> 'refund' AND campaign_id IN (SELECT id FROM campaigns)
)
SELECT step, value FROM steps WHERE %(call_center)s AND EXISTS (SELECT 1 FROM campaigns) ORDER BY place
