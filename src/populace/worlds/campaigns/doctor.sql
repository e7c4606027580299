-- What populace doctor asks of campaigns alone: whether mailings lie ahead, cards are left, and calls are being taken.
-- ok: true, null for what wants attention, false for a failure.
WITH ours AS MATERIALIZED (SELECT id, status, mail_date FROM public.campaigns WHERE is_simulated),
ahead AS (SELECT count(*) AS n FROM ours WHERE status IN ('draft', 'in_production')),
left_over AS (SELECT count(*) AS n FROM public.gift_card_inventory WHERE is_simulated AND status = 'available'),
lately AS (
    SELECT count(*) AS n
    FROM public.events AS e
    WHERE e.occurred_at >= %(now)s - interval '24 hours' AND e.campaign_id IN (SELECT id FROM ours)
)
SELECT
    'campaigns that lie ahead' AS title,
    n || ' drafted or in production' AS measured,
    CASE WHEN n > 0 OR NOT %(enabled)s THEN true END AS ok,
    '{resume}, so that new campaigns are begun' AS todo
FROM ahead
UNION ALL
SELECT
    'gift cards in the inventory',
    n || ' available' || CASE WHEN n = 0 THEN '; the next ones are bought singly' ELSE '' END,
    CASE WHEN n > 0 OR NOT %(gift_cards)s THEN true END,
    'nothing: a new lot comes with the claims; a larger inventory is set with --set inventory=N before seeding'
FROM left_over
UNION ALL
SELECT
    'the last 24 simulated hours',
    n || ' events',
    CASE WHEN n > 0 THEN true END,
    '{run}, for some hours'
FROM lately
