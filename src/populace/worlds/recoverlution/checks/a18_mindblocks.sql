-- A18: mindblocks are viewed, then perhaps engaged with, completed, resonated; nested for each person, and in this order.
WITH met AS MATERIALIZED (
    SELECT individual_id, mindblock_id, evidence ->> 'journey_instance_id' AS journey,
        count(*) FILTER (WHERE signal_type IN ('viewed', 'activation')) AS viewed,
        count(*) FILTER (WHERE signal_type IN ('engaged', 'release')) AS engaged,
        count(*) FILTER (WHERE signal_type IN ('completed', 'reframe')) AS completed,
        count(*) FILTER (WHERE signal_type IN ('resonated', 'alignment_choice', 'transfer')) AS resonated,
        min(created_at) FILTER (WHERE signal_type IN ('viewed', 'activation')) AS viewed_at,
        min(created_at) FILTER (WHERE signal_type IN ('engaged', 'release')) AS engaged_at,
        min(created_at) FILTER (WHERE signal_type IN ('completed', 'reframe')) AS completed_at,
        min(created_at) FILTER (WHERE signal_type IN ('resonated', 'alignment_choice', 'transfer')) AS resonated_at,
        max(created_at) FILTER (WHERE signal_type IN ('viewed', 'activation')) AS viewed_last
    FROM public.mindblock_events WHERE evidence ->> 'synthetic' = 'true'
    GROUP BY 1, 2, 3
),
-- In a scene that is still open the rest may follow.
facts AS (
    SELECT sum(viewed) AS viewed, sum(engaged) AS engaged, sum(completed) AS completed, sum(resonated) AS resonated
    FROM met WHERE viewed_last < %(watermark)s - %(dwell_high)s * interval '1 second'
),
ratios (title, documented, target, yes, n) AS (
    SELECT 'engaged with, of the mindblocks viewed', '0.9', %(engaged_share)s::numeric, engaged, viewed FROM facts
    UNION ALL
    SELECT 'completed, of these', '0.8333', %(completed_share)s::numeric, completed, engaged FROM facts
    UNION ALL
    SELECT 'resonated, of these', '0.6', %(resonated_share)s::numeric, resonated, completed FROM facts
)
SELECT 'A18' AS id, title, documented, target::float8::text, coalesce(round(yes / nullif(n, 0), 4)::float8::text, 'none'),
    CASE WHEN coalesce(n, 0) >= 200 THEN
        abs(yes / nullif(n, 0) - target) <= 1e-4 + 3.29 * sqrt(target * (1 - target) / nullif(n, 0)) END AS ok,
    CASE WHEN coalesce(n, 0) < 200 THEN 'fewer than 200 of them'
        ELSE 'within ' || round(1e-4 + 3.29 * sqrt(target * (1 - target) / n), 4)::float8 END AS note
FROM ratios
UNION ALL
SELECT 'A18', 'mindblocks met whose signals are not nested', '0', '0', count(*)::text, count(*) = 0, ''
FROM met WHERE engaged > viewed OR completed > engaged OR resonated > completed
UNION ALL
SELECT 'A18', 'mindblocks met whose signals are out of order', '0', '0', count(*)::text, count(*) = 0,
    'viewed, engaged, completed, resonated'
FROM met WHERE engaged_at < viewed_at OR completed_at < engaged_at OR resonated_at < completed_at
