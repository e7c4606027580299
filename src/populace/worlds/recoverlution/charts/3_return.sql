-- chart: line · Return, by the week of the first visit · percent of people with an event of a scene in each week after it
WITH traces AS MATERIALIZED (
    SELECT DISTINCT e.user_id AS person, (e.created_at AT TIME ZONE 'UTC')::date AS day
    FROM public.journey_scene_events AS e WHERE e.event_payload ->> 'synthetic' = 'true'
),
began AS MATERIALIZED (
    SELECT person, min(day) AS day, date_trunc('week', min(day)::timestamp) AS cohort FROM traces GROUP BY person
),
weeks AS MATERIALIZED (
    SELECT DISTINCT b.cohort, t.person, (t.day - b.day) / 7 AS week FROM traces AS t JOIN began AS b USING (person)
),
-- A week counts once it is over for everybody of a cohort.
cohorts AS MATERIALIZED (
    SELECT cohort, count(*) AS people, ((%(watermark)s AT TIME ZONE 'UTC')::date - max(day)) / 7 - 1 AS weeks
    FROM began GROUP BY cohort HAVING count(*) >= 5
),
latest AS (
    SELECT * FROM cohorts WHERE weeks >= 1 ORDER BY cohort DESC LIMIT 6
)
SELECT w.week AS label, round(100.0 * count(t.person) / l.people, 1) AS value, to_char(l.cohort, 'YYYY-MM-DD') AS series
FROM latest AS l CROSS JOIN LATERAL generate_series(1, least(l.weeks, 12)) AS w (week)
LEFT JOIN weeks AS t ON t.cohort = l.cohort AND t.week = w.week
GROUP BY l.cohort, l.people, w.week
ORDER BY l.cohort, w.week
