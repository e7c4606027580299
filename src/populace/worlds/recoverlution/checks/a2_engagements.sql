-- A2 to A5: pairs of a person and a mindblock, how evenly mindblocks are covered, and the days of history.
WITH rows AS (
    SELECT * FROM public.content_engagements WHERE metadata ->> 'cohort_label' = %(cohort_label)s
),
pairs AS (SELECT content_id, individual_id, count(*) FILTER (WHERE action = 'viewed') AS views FROM rows GROUP BY 1, 2),
covered AS (SELECT content_id, count(*) AS n FROM pairs GROUP BY 1)
SELECT 'A2' AS id, 'pairs of a person and a mindblock' AS title, '36000' AS documented,
    (%(mindblocks)s * %(pairs_per_mindblock)s)::text AS target, count(*)::text AS measured,
    count(*) = %(mindblocks)s * %(pairs_per_mindblock)s AND coalesce(min(views) = 1 AND max(views) = 1, true) AS ok
FROM pairs
UNION ALL
SELECT 'A3', 'mindblocks covered', '2400', (CASE WHEN %(pairs_per_mindblock)s > 0 THEN %(mindblocks)s ELSE 0 END)::text,
    count(*)::text, count(*) = CASE WHEN %(pairs_per_mindblock)s > 0 THEN %(mindblocks)s ELSE 0 END
FROM covered
UNION ALL
SELECT 'A4', 'fewest and most pairs of a mindblock (a quota plan; the document allows 14 to 16)', '15 to 15',
    %(pairs_per_mindblock)s || ' to ' || %(pairs_per_mindblock)s,
    coalesce(min(n), 0) || ' to ' || coalesce(max(n), 0),
    coalesce(min(n), 0) = %(pairs_per_mindblock)s AND coalesce(max(n), 0) = %(pairs_per_mindblock)s
FROM covered
UNION ALL
SELECT 'A5', 'days of history with an engagement', '45',
    CASE WHEN few THEN 'at most ' || %(days)s || ' (few pairs a day)' ELSE %(days)s::text END, days::text,
    CASE WHEN few THEN days <= %(days)s ELSE days = %(days)s END
FROM (
    SELECT (SELECT count(DISTINCT (created_at AT TIME ZONE 'UTC')::date) FROM rows) AS days,
        (SELECT count(*) < 20 * %(days)s FROM pairs) AS few) AS history
UNION ALL
SELECT 'A5', 'engagements outside history', '0', '0', count(*)::text, count(*) = 0
FROM rows WHERE created_at < %(origin)s OR created_at >= %(epoch)s
UNION ALL
SELECT 'seed', 'engagements out of order (viewed, started, completed, rated)', '0', '0', count(*)::text, count(*) = 0
FROM (
    SELECT max(created_at) FILTER (WHERE action = 'viewed') AS viewed,
        max(created_at) FILTER (WHERE action = 'started') AS started,
        max(created_at) FILTER (WHERE action = 'completed') AS completed,
        max(created_at) FILTER (WHERE action = 'rated') AS rated
    FROM rows GROUP BY content_id, individual_id) AS steps
WHERE viewed > started OR started > completed OR coalesce(completed, started) > rated
