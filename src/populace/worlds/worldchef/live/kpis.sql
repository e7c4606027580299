-- The documents' figures of now: title, value, unit, target, ok, note. ok is null where a change moves it or where too
-- little has happened. A share may be 4 standard errors off.
WITH ours AS MATERIALIZED (
    SELECT * FROM public.users
    WHERE split_part(email, '@', -1) = 'staging.worldchef.example.com' AND substr(id::text, 15, 1) = '8'
),
theirs AS MATERIALIZED (SELECT r.* FROM public.recipes AS r JOIN ours AS u ON u.id = r.author_id),
ratings AS MATERIALIZED (SELECT t.* FROM public.recipe_ratings AS t JOIN ours AS u ON u.id = t.user_id),
counted AS (
    SELECT (SELECT count(*) FROM ours WHERE created_at < %(epoch)s) AS users,
        (SELECT count(*) FROM theirs WHERE created_at < %(epoch)s) AS recipes,
        (SELECT count(*) FROM public.nutrition WHERE calculation_method = 'synthetic_estimation') AS nutrition
),
shares (place, title, yes, n, target, path, note) AS (
    SELECT 4, 'five stars', count(*) FILTER (WHERE rating = 5), count(*), %(five_stars)s::numeric, NULL, 'of ratings' FROM ratings
    UNION ALL SELECT 5, 'with a comment', count(comment), count(*), %(comment_share)s::numeric, 'comment_share', 'of ratings' FROM ratings
    UNION ALL SELECT 6, 'with a bio', count(bio), count(*), %(bios)s::numeric, NULL, 'of users' FROM ours
)
SELECT title, value::float8 AS value, unit, target, ok, note
FROM (
    SELECT 1 AS place, 'users by the epoch' AS title, users::numeric AS value, '' AS unit, %(users)s::text AS target,
        CASE WHEN NOT %(removed)s ? 'users' THEN users = %(users)s END AS ok, 'D1' AS note FROM counted
    UNION ALL SELECT 2, 'recipes by the epoch', recipes, '', %(recipes)s::text,
        CASE WHEN NOT %(removed)s ? 'recipes' THEN recipes = %(recipes)s END, 'D2' FROM counted
    UNION ALL SELECT 3, 'nutrition records', nutrition, '', '1,800 to 2,200', nutrition BETWEEN 1800 AND 2200, 'D3' FROM counted
    UNION ALL SELECT place, title, round(yes::numeric / nullif(n, 0), 3), 'share', round(100 * target, 1)::float8 || ' %%',
        CASE WHEN n >= 100 AND NOT coalesce(%(changes)s ? path, false) THEN abs(yes - n * target) <= 4 * sqrt(n * target * (1 - target)) END, note
    FROM shares
) AS every
ORDER BY place
