-- C31: stars by plan. A row does not say which plan its person had; so only those are asked who have had one plan all
-- along: their subscription began when they did. Stars are rounded and held within 1 to 5, which moves a plan's mean and
-- deviation; the targets are those of the rounded stars. A person's stars hang together, and so do a title's: variances
-- are sums over persons and over titles, less what both count (each pair has one row). Tolerance: 4.4 standard errors.
WITH people AS MATERIALIZED (
    SELECT u.id FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
),
plans (position, name, documented, mean, deviation) AS (
    VALUES (1, 'Basic', '3.2 and 1.2', %(rating_mean_basic)s::numeric, %(rating_deviation_basic)s::numeric),
        (2, 'Standard', '3.8 and 1.0', %(rating_mean_standard)s::numeric, %(rating_deviation_standard)s::numeric),
        (3, 'Premium', '4.2 and 0.8', %(rating_mean_premium)s::numeric, %(rating_deviation_premium)s::numeric)
),
-- The normal distribution below each edge between stars, by Zelen and Severo's approximation (good to 8e-8).
edges AS (
    SELECT position, edge, CASE WHEN z < 0 THEN tail ELSE 1 - tail END AS below
    FROM plans, generate_series(1, 4) AS e (edge),
        LATERAL (SELECT (edge + 0.5 - mean) / deviation AS z) AS s,
        LATERAL (SELECT 1 / (1 + 0.2316419 * abs(z)) AS t) AS u,
        LATERAL (SELECT exp(-z * z / 2) / sqrt(2 * pi())::numeric * (0.319381530 * t - 0.356563782 * t ^ 2
            + 1.781477937 * t ^ 3 - 1.821255978 * t ^ 4 + 1.330274429 * t ^ 5) AS tail) AS v
),
wanted AS (
    -- A mean is what is above the edges; a mean of squares, with each edge's step from k² to (k + 1)².
    SELECT position, 1 + sum(1 - below) AS mean,
        sqrt(1 + sum((2 * edge + 1) * (1 - below)) - power(1 + sum(1 - below), 2)) AS deviation
    FROM edges GROUP BY position
),
rated AS MATERIALIZED (
    SELECT p.position, r.user_id AS person, r.video_id AS title, r.rating::numeric AS stars
    FROM public.video_ratings AS r
    JOIN public.user_subscriptions AS s ON s.user_id = r.user_id
    JOIN public.profiles AS f ON f.id = r.profile_id AND f.created_at = s.started_at
    JOIN public.subscription_plans AS t ON t.id = s.plan_id
    JOIN plans AS p ON lower(p.name) = t.name
    WHERE r.user_id IN (SELECT id FROM people)
),
found AS (
    SELECT position, count(*) AS n, count(DISTINCT person) AS people, avg(stars) AS mean, var_pop(stars) AS variance
    FROM rated GROUP BY position
),
-- How far each rating moves the mean, and the variance.
influence AS MATERIALIZED (
    SELECT r.position, r.person, r.title, r.stars - f.mean AS m, power(r.stars - f.mean, 2) - f.variance AS v
    FROM rated AS r JOIN found AS f USING (position)
),
sums AS (
    SELECT position, 1 AS sign, sum(m) AS m, sum(v) AS v FROM influence GROUP BY position, person
    UNION ALL
    SELECT position, 1, sum(m), sum(v) FROM influence GROUP BY position, title
    UNION ALL
    SELECT position, -1, m, v FROM influence
),
errors AS (
    -- The sum of two clusterings may fall below what no clustering gives, when there is nothing in it.
    SELECT s.position, sqrt(greatest(sum(sign * m * m), sum(m * m) FILTER (WHERE sign < 0))) / f.n AS of_mean,
        sqrt(greatest(sum(sign * v * v), sum(v * v) FILTER (WHERE sign < 0))) / f.n / (2 * sqrt(nullif(f.variance, 0))) AS of_deviation
    FROM sums AS s JOIN found AS f USING (position) GROUP BY s.position, f.n, f.variance
),
-- What moves a rating beside its plan: then no mean and no deviation follows from the plan's.
moved (by) AS (
    SELECT 'overridden by ' || string_agg(path, ', ') FROM (VALUES ('rating_watched', %(rating_watched)s::numeric),
        ('rating_variance_taste', %(rating_variance_taste)s)) AS p (path, value) WHERE value > 0
),
lines (id, title, documented, target, measured, ok, why, note) AS (
    SELECT 'C31', 'stars of ' || p.name || ', ' || l.what, p.documented,
        CASE WHEN by IS NULL THEN round(l.target, 3)::float8::text ELSE 'info' END, round(l.value, 3)::float8::text,
        abs(l.value - l.target) <= 0.002 + 4.4 * l.error,
        CASE WHEN coalesce(f.people, 0) < 15 THEN coalesce(f.people, 0) || ' people of this plan have rated anything' END,
        coalesce(by || '; ', '') || 'give or take ' || round(4.4 * l.error, 3)::float8 || '; ' || f.n || ' ratings of ' || f.people
            || ' people who have had this plan all along; specified in two ways; this follows taking the specification''s figure before rounding'
    FROM moved, plans AS p JOIN wanted AS w USING (position) LEFT JOIN found AS f USING (position) LEFT JOIN errors AS e USING (position),
        LATERAL (VALUES ('mean', w.mean, f.mean, e.of_mean), ('deviation', w.deviation, sqrt(f.variance), e.of_deviation))
            AS l (what, target, value, error)
)
SELECT id, title, documented, target, coalesce(measured, 'none'),
    CASE WHEN why IS NULL AND target <> 'info' THEN coalesce(ok, false) END, coalesce(why, note, '') AS note
FROM lines
