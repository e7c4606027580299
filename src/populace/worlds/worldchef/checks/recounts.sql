-- K7 by rows: wherever a draw leaves a row, the rows are recounted. A draw is accounted at the moment of its row, or shortly
-- before: then rows may lag behind what was drawn, by what is still to come.
WITH chances AS (
    SELECT point, (sums ->> 0)::numeric AS n, (sums ->> 3)::numeric AS yes
    FROM jsonb_each(%(draw_statistics)s -> 'chances') AS c (point, sums)
),
ours AS MATERIALIZED (
    SELECT * FROM public.users
    WHERE split_part(email, '@', -1) = 'staging.worldchef.example.com' AND substr(id::text, 15, 1) = '8'
),
ratings AS (SELECT count(*) AS n, count(t.comment) AS comments FROM public.recipe_ratings AS t JOIN ours AS u ON u.id = t.user_id),
compared (title, drawn, rows, exact, table_name) AS (
    SELECT 'users with a bio', (SELECT yes FROM chances WHERE point = 'user.bio'), count(bio), true, 'users' FROM ours
    UNION ALL SELECT 'users with a location', (SELECT yes FROM chances WHERE point = 'user.location'), count(location), true, 'users' FROM ours
    UNION ALL SELECT 'ratings with a comment', (SELECT yes FROM chances WHERE point = 'rating.comment'), comments, true, 'recipe_ratings' FROM ratings
    UNION ALL SELECT 'ratings', (SELECT n FROM chances WHERE point = 'rating.comment'), n, true, 'recipe_ratings' FROM ratings
    UNION ALL SELECT 'public collections', (SELECT yes FROM chances WHERE point = 'collections.public'), count(*) FILTER (WHERE c.is_public), true,
        'recipe_collections' FROM public.recipe_collections AS c JOIN ours AS u ON u.id = c.user_id
    UNION ALL SELECT 'likes', (SELECT yes FROM chances WHERE point = 'recipe.liked'), count(*), false, 'recipe_likes'
        FROM public.recipe_likes AS t JOIN ours AS u ON u.id = t.user_id
    UNION ALL SELECT 'favorites', (SELECT sum(yes) FROM chances WHERE point IN ('recipe.favorite', 'recipe.favorite_too')), count(*), false,
        'recipe_favorites' FROM public.recipe_favorites AS t JOIN ours AS u ON u.id = t.user_id
    UNION ALL SELECT 'things put into collections', (SELECT yes FROM chances WHERE point = 'recipe.collected'), count(*), false,
        'recipe_collection_items' FROM public.recipe_collection_items AS t JOIN public.recipe_collections AS c ON c.id = t.collection_id
        JOIN ours AS u ON u.id = c.user_id
)
SELECT 'recount' AS id, title, '' AS documented, CASE WHEN exact THEN '' ELSE 'at most ' END || coalesce(drawn, 0) AS target, rows::text AS measured,
    CASE WHEN %(removed)s ? table_name OR coalesce(drawn, 0) = 0 AND rows = 0 THEN NULL
        WHEN exact THEN rows = coalesce(drawn, 0) ELSE rows <= coalesce(drawn, 0) END AS ok,
    CASE WHEN %(removed)s ? table_name THEN 'a clean-up deleted rows of ' || table_name
        WHEN coalesce(drawn, 0) = 0 AND rows = 0 THEN 'none has been drawn yet'
        WHEN exact THEN 'drawn, by draw statistics, against rows'
        ELSE 'drawn, by draw statistics, against rows: some are still to come, or their recipe was taken back' END AS note
FROM compared
