-- How many people are active in a day, in 7 and in 30, on each whole day. :given is a world's query of who (`person`) left
-- something on which `day`; the parameter `zone` says where days end.
WITH traces AS MATERIALIZED (
:given
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
    CROSS JOIN LATERAL generate_series(b.began::timestamp, (%(watermark)s AT TIME ZONE %(zone)s)::date - 1, interval '1 day') AS d (day)
    CROSS JOIN widths AS w
    LEFT JOIN turns AS t ON t.days = w.days AND t.day = d.day::date
)
SELECT to_char(day, 'YYYY-MM-DD') AS label, value, series
FROM active
WHERE day >= began + days - 1
ORDER BY days, day
