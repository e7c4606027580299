-- A2 to A5: pairs of a person and a mindblock, how evenly mindblocks are covered, and the days of history. Where engagements
-- continue, counts are those of history; where people differ, whoever would come engages with what they like.
WITH every AS MATERIALIZED (
    SELECT * FROM public.content_engagements WHERE metadata ->> 'cohort_label' = %(cohort_label)s
),
rows AS (SELECT * FROM every WHERE NOT %(engagements_continue)s OR created_at < %(epoch)s),
-- A person meets a mindblock once; where people differ, as often as they like.
pairs AS (
    SELECT content_id, CASE WHEN %(differ)s THEN metadata ->> 'seed_key' ELSE individual_id::text END AS pair,
        count(*) FILTER (WHERE action = 'viewed') AS views
    FROM rows GROUP BY 1, 2
),
covered AS (SELECT content_id, count(*) AS n FROM pairs GROUP BY 1)
SELECT 'A2' AS id, 'pairs of a person and a mindblock' AS title, '36000' AS documented,
    (%(mindblocks)s * %(pairs_per_mindblock)s)::text AS target, count(*)::text AS measured,
    (%(differ)s AND (count(*) > 0 OR %(pairs_per_mindblock)s = 0) OR count(*) = %(mindblocks)s * %(pairs_per_mindblock)s)
        AND count(*) <= %(mindblocks)s * %(pairs_per_mindblock)s
        AND coalesce(min(views) = 1 AND max(views) = 1, true) AS ok,
    CASE WHEN %(differ)s THEN 'at most: where people differ, some moments find nobody who would' END AS note
FROM pairs
UNION ALL
SELECT 'A3', 'mindblocks covered', '2400', (CASE WHEN %(pairs_per_mindblock)s > 0 THEN %(mindblocks)s ELSE 0 END)::text,
    count(*)::text, CASE WHEN NOT %(differ)s THEN count(*) = CASE WHEN %(pairs_per_mindblock)s > 0 THEN %(mindblocks)s ELSE 0 END END,
    CASE WHEN %(differ)s THEN 'where people differ they engage with what they like' END
FROM covered
UNION ALL
SELECT 'A4', 'fewest and most pairs of a mindblock (a quota plan; the specification allows 14 to 16)', '15 to 15',
    %(pairs_per_mindblock)s || ' to ' || %(pairs_per_mindblock)s,
    coalesce(min(n), 0) || ' to ' || coalesce(max(n), 0),
    CASE WHEN NOT %(differ)s THEN coalesce(min(n), 0) = %(pairs_per_mindblock)s AND coalesce(max(n), 0) = %(pairs_per_mindblock)s END,
    CASE WHEN %(differ)s THEN 'where people differ they engage with what they like' END
FROM covered
UNION ALL
SELECT 'A5', 'days of history with an engagement', '45',
    CASE WHEN few THEN 'at most ' || %(days)s || ' (few pairs a day)' ELSE %(days)s::text END, days::text,
    CASE WHEN few THEN days <= %(days)s ELSE days = %(days)s END, NULL
FROM (
    SELECT (SELECT count(DISTINCT (created_at AT TIME ZONE 'UTC')::date) FROM rows) AS days,
        (SELECT count(*) < 20 * %(days)s FROM pairs) AS few) AS history
UNION ALL
SELECT 'A5', 'engagements outside history', '0', '0', count(*)::text, count(*) = 0, NULL
FROM rows WHERE created_at < %(origin)s OR created_at >= %(epoch)s
UNION ALL
SELECT 'ours', 'mindblocks viewed after the epoch, at the rate of history', 'none: the seed function ends there',
    expected::text || ' give or take ' || ceil(expected_spread), n::text,
    CASE WHEN NOT %(engagements_continue)s THEN n = 0
        WHEN NOT changed AND %(in_force)s ->> 'enabled' = 'true' THEN abs(n - expected) <= expected_spread END, NULL
FROM (SELECT count(*) FILTER (WHERE action = 'viewed' AND created_at >= %(epoch)s) AS n FROM every) AS e,
    LATERAL (SELECT CASE WHEN %(engagements_continue)s THEN round(%(mindblocks)s * %(pairs_per_mindblock)s / %(days)s::numeric
        * extract(epoch FROM %(watermark)s - %(epoch)s) / 86400) ELSE 0 END AS expected) AS x,
    -- Every day has as many, spread over it by the hour: by the middle of a day it may be up to a day's share off.
    LATERAL (SELECT CASE WHEN %(engagements_continue)s THEN 1 + %(mindblocks)s * %(pairs_per_mindblock)s / %(days)s::numeric ELSE 0 END AS expected_spread) AS t,
    LATERAL (SELECT %(changes)s ? 'enabled' AS changed) AS c
UNION ALL
SELECT 'seed', 'engagements out of order (viewed, started, completed, rated)', '0', '0', count(*)::text, count(*) = 0, NULL
FROM (
    SELECT max(created_at) FILTER (WHERE action = 'viewed') AS viewed,
        max(created_at) FILTER (WHERE action = 'started') AS started,
        max(created_at) FILTER (WHERE action = 'completed') AS completed,
        max(created_at) FILTER (WHERE action = 'rated') AS rated
    FROM every GROUP BY metadata ->> 'seed_key', created_at >= %(epoch)s) AS steps
WHERE viewed > started OR started > completed OR coalesce(completed, started) > rated
