-- chart: line · People who are there in a day, a week and a month · who likes, rates or publishes something
WITH traces (person, day) AS MATERIALIZED (
    SELECT DISTINCT d.person, (d.at AT TIME ZONE 'UTC')::date
    FROM (
        SELECT user_id AS person, created_at AS at FROM public.recipe_likes
        UNION ALL SELECT user_id, created_at FROM public.recipe_ratings
        UNION ALL SELECT author_id, created_at FROM public.recipes
    ) AS d
    JOIN public.users AS u ON u.id = d.person
    WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
),
widths (days, series) AS (
    VALUES (1, 'a day'), (7, '7 days'), (30, '30 days')
),
-- Each day of somebody counts until so many days later, or until their next.
spans AS (
    SELECT w.days, t.day AS since,
        least(t.day + w.days, lead(t.day) OVER (PARTITION BY w.days, t.person ORDER BY t.day)) AS until
    FROM traces AS t CROSS JOIN widths AS w
),
turns AS (
    SELECT days, day, sum(many) AS many
    FROM (SELECT days, since, 1 FROM spans UNION ALL SELECT days, until, -1 FROM spans) AS each (days, day, many)
    GROUP BY days, day
),
active AS (
    SELECT w.days, w.series, d.day::date AS day, b.began,
        sum(coalesce(t.many, 0)) OVER (PARTITION BY w.days ORDER BY d.day) AS value
    FROM (SELECT min(day) AS began FROM traces) AS b
    CROSS JOIN LATERAL generate_series(b.began::timestamp, (%(watermark)s AT TIME ZONE 'UTC')::date - 1, interval '1 day') AS d (day)
    CROSS JOIN widths AS w
    LEFT JOIN turns AS t ON t.days = w.days AND t.day = d.day::date
)
SELECT to_char(day, 'YYYY-MM-DD') AS label, value, series
FROM active
WHERE day >= began + days - 1
ORDER BY days, day
