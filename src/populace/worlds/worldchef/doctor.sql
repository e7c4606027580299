-- What populace doctor asks of WorldChef alone: whether there are recipes to look at, and whether people do anything.
-- ok: true, null for what wants attention, false for a failure.
WITH published AS (SELECT count(*) AS n FROM public.recipes WHERE status = 'published' AND is_public),
lately AS (
    SELECT (SELECT count(*) FROM public.recipe_likes WHERE created_at >= %(now)s - interval '24 hours')
        + (SELECT count(*) FROM public.recipe_ratings WHERE created_at >= %(now)s - interval '24 hours') AS n
)
SELECT 'recipes that visitors see' AS title, n || ' published' AS measured,
    CASE WHEN n > 0 THEN true END AS ok, '{resume}, so that new recipes are published' AS todo
FROM published
UNION ALL
SELECT 'the last 24 simulated hours', n || ' likes and ratings', CASE WHEN n > 0 THEN true END, '{run}, for some hours'
FROM lately
