-- A6: how long the seed took, and that nobody and nothing is there twice.
SELECT 'A6' AS id, 'seconds that the seed took' AS title, 'at most 600' AS documented, 'at most 600' AS target,
    round(%(seconds)s::numeric, 1)::text AS measured, %(seconds)s <= 600 AS ok
UNION ALL
SELECT 'A6', 'people and engagements that are there twice', '0', '0',
    twice::text, twice = 0
FROM (
    SELECT (SELECT count(*) FROM (SELECT email FROM public.profiles WHERE email LIKE 'synthetic+%%@example.com'
            GROUP BY email HAVING count(*) > 1) AS people)
        + (SELECT count(*) FROM (SELECT metadata ->> 'seed_key', action FROM public.content_engagements
            WHERE metadata ->> 'cohort_label' = %(cohort_label)s AND created_at < %(epoch)s GROUP BY 1, 2 HAVING count(*) > 1) AS pairs) AS twice
) AS counted
