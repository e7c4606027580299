-- chart: line · Return, by the month of sign-up · percent of users who left a like, favorite, rating, follow or recipe in each month after it
WITH traces (person, day) AS MATERIALIZED (
    SELECT DISTINCT t.person, (t.at AT TIME ZONE 'UTC')::date
    FROM (
        SELECT l.user_id, l.created_at FROM public.recipe_likes AS l
        UNION ALL SELECT f.user_id, f.created_at FROM public.recipe_favorites AS f
        UNION ALL SELECT g.user_id, g.created_at FROM public.recipe_ratings AS g
        UNION ALL SELECT w.follower_id, w.created_at FROM public.user_follows AS w
        UNION ALL SELECT r.author_id, r.created_at FROM public.recipes AS r
    ) AS t (person, at)
    JOIN public.users AS u ON u.id = t.person
    WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
),
ours AS MATERIALIZED (
    SELECT u.id, (u.created_at AT TIME ZONE 'UTC')::date AS joined, date_trunc('month', u.created_at AT TIME ZONE 'UTC') AS cohort
    FROM public.users AS u WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
),
months AS MATERIALIZED (
    SELECT DISTINCT o.cohort, o.id, (t.day - o.joined) / 30 AS month FROM ours AS o JOIN traces AS t ON t.person = o.id
),
-- A month of 30 days counts once it is over for everybody of a cohort.
cohorts AS MATERIALIZED (
    SELECT cohort, count(*) AS people, ((%(watermark)s AT TIME ZONE 'UTC')::date - max(joined)) / 30 - 1 AS months
    FROM ours GROUP BY cohort HAVING count(*) >= 5
),
latest AS (
    SELECT * FROM cohorts WHERE months >= 1 ORDER BY cohort DESC LIMIT 6
)
SELECT m.month AS label, round(100.0 * count(d.id) / l.people, 1) AS value, to_char(l.cohort, 'YYYY-MM') AS series
FROM latest AS l CROSS JOIN LATERAL generate_series(1, least(l.months, 12)) AS m (month)
LEFT JOIN months AS d ON d.cohort = l.cohort AND d.month = m.month
GROUP BY l.cohort, l.people, m.month
ORDER BY l.cohort, m.month
