-- The figures of the document: title, value, unit, target, ok, note. Volumes are those before the epoch; life goes on after
-- it. ok is null where nothing is asked, or where a change or a clean-up moves it. A share may be 4 standard errors off.
WITH ours AS MATERIALIZED (
    SELECT u.id, u.created_at, u.role::text AS role FROM public.users AS u
    WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com' AND substr(u.id::text, 15, 1) = '8'
),
done AS MATERIALIZED (
    SELECT
        (SELECT count(*) FROM public.recipe_likes AS t JOIN ours AS u ON u.id = t.user_id WHERE t.created_at < %(epoch)s)
        + (SELECT count(*) FROM public.recipe_favorites AS t JOIN ours AS u ON u.id = t.user_id WHERE t.created_at < %(epoch)s)
        + (SELECT count(*) FROM public.recipe_ratings AS t JOIN ours AS u ON u.id = t.user_id WHERE t.created_at < %(epoch)s)
        + (SELECT count(*) FROM public.user_follows AS t JOIN ours AS u ON u.id = t.follower_id WHERE t.created_at < %(epoch)s)
        + (SELECT count(*) FROM public.recipe_collections AS t JOIN ours AS u ON u.id = t.user_id WHERE t.created_at < %(epoch)s)
        + (SELECT count(*) FROM public.recipe_collection_items AS t JOIN public.recipe_collections AS c ON c.id = t.collection_id
           JOIN ours AS u ON u.id = c.user_id WHERE t.added_at < %(epoch)s) AS n
),
recipes AS MATERIALIZED (
    SELECT count(*) FILTER (WHERE r.created_at < %(epoch)s)::numeric AS n,
        count(*) FILTER (WHERE r.status = 'published')::numeric AS published, count(*)::numeric AS held
    FROM public.recipes AS r JOIN ours AS u ON u.id = r.author_id
),
ratings AS MATERIALIZED (
    SELECT count(*)::numeric AS n, count(g.comment)::numeric AS commented, avg(g.rating)::numeric AS stars
    FROM public.recipe_ratings AS g JOIN ours AS u ON u.id = g.user_id
),
people AS (
    SELECT count(*) FILTER (WHERE created_at < %(epoch)s)::numeric AS n,
        count(*) FILTER (WHERE role = 'creator')::numeric AS creators, count(*)::numeric AS here FROM ours
),
asked (place, title, value, unit, low, high, target, n, path, note) AS (
    SELECT 1, 'users', people.n, '', NULL::numeric, NULL::numeric, %(users)s::numeric, NULL::numeric, 'enabled', 'by the epoch' FROM people
    UNION ALL SELECT 2, 'recipes', recipes.n, '', NULL, NULL, %(recipes)s::numeric, NULL, 'enabled', 'by the epoch' FROM recipes
    UNION ALL SELECT 3, 'nutrition records', count(*)::numeric, '', 1800, 2200, NULL, NULL, NULL, 'what ingredients contain'
        FROM public.nutrition WHERE calculation_method = 'synthetic_estimation'
    UNION ALL SELECT 4, 'interactions', done.n::numeric, '', CASE WHEN %(documented)s THEN 4500 END, CASE WHEN %(documented)s THEN 5500 END,
        NULL, NULL, 'like_share', 'likes, favorites, ratings, follows and collections, by the epoch' FROM done
    UNION ALL SELECT 5, 'recipes for each user', recipes.held / nullif(people.here, 0), '', NULL, NULL, NULL, NULL, NULL, 'now' FROM recipes, people
    UNION ALL SELECT 6, 'interactions for each recipe', done.n / nullif(recipes.n, 0), '', NULL, NULL, NULL, NULL, NULL, 'by the epoch' FROM done, recipes
    UNION ALL SELECT 7, 'published', published / nullif(held, 0), 'share', NULL, NULL, NULL, NULL, NULL, 'of recipes, now' FROM recipes
    UNION ALL SELECT 8, 'creators', creators / nullif(here, 0), 'share', NULL, NULL, %(creators)s::numeric, here, NULL, 'of users' FROM people
    UNION ALL SELECT 9, 'with a comment', commented / nullif(ratings.n, 0), 'share', NULL, NULL, %(comment_share)s::numeric, ratings.n,
        'comment_share', 'of ratings' FROM ratings
    UNION ALL SELECT 10, 'stars', stars, '', NULL, NULL, NULL, NULL, NULL, 'mean of ratings' FROM ratings
),
judged AS (
    SELECT *, 4 * sqrt(target * (1 - target) / nullif(n, 0)) AS slack,
        coalesce(CASE WHEN %(changes)s ? path THEN path || ' was changed on ' || substr(%(changes)s ->> path, 1, 10) END,
            CASE WHEN path IS NOT NULL AND EXISTS (SELECT FROM jsonb_each_text(%(removed)s) AS t (name, many) WHERE many <> '0')
                THEN 'a clean-up deleted rows' END) AS why
    FROM asked
)
SELECT title, round(value, 4)::float8 AS value, unit,
    CASE WHEN target IS NOT NULL THEN CASE unit WHEN 'share' THEN round(100 * target, 1)::float8 || ' %%' ELSE to_char(target, 'FM999,999,999') END
        WHEN low IS NOT NULL THEN to_char(low, 'FM999,999') || ' to ' || to_char(high, 'FM999,999') END AS target,
    CASE WHEN why IS NULL THEN CASE WHEN target IS NOT NULL THEN abs(value - target) <= coalesce(slack, 0)
        WHEN low IS NOT NULL THEN value BETWEEN low AND high END END AS ok,
    concat_ws('; ', note, why) AS note
FROM judged
WHERE value IS NOT NULL
ORDER BY place
