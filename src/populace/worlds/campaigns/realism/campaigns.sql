-- Of how many recipients with mail how many answered: campaigns whose mail was there three weeks ago, so that all had their time.
WITH did AS MATERIALIZED (
    SELECT e.campaign_id, e.recipient_id, max(e.occurred_at) FILTER (WHERE e.event_type = 'imb_delivered') AS delivered,
        bool_or(e.source <> 'usps') AS answered
    FROM public.events AS e
    WHERE e.campaign_id IN (
        SELECT id FROM public.campaigns WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8')
    GROUP BY e.campaign_id, e.recipient_id
)
SELECT campaign_id AS campaign, count(*) AS trials, count(*) FILTER (WHERE answered) AS successes
FROM did WHERE delivered IS NOT NULL
GROUP BY campaign_id HAVING max(delivered) < %(watermark)s::timestamptz - interval '21 days'
