-- chart: funnel · How far recipes get · recipes published, liked, rated and made a favorite; each share is of the step before
WITH ours AS MATERIALIZED (
    SELECT r.id FROM public.recipes AS r JOIN public.users AS u ON u.id = r.author_id
    WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com' AND r.published_at IS NOT NULL
)
SELECT v.step, v.value
FROM (
    SELECT 1, 'published', count(*) FROM ours
    UNION ALL SELECT 2, 'liked', count(*) FROM ours AS o WHERE EXISTS (SELECT FROM public.recipe_likes AS t WHERE t.recipe_id = o.id)
    UNION ALL SELECT 3, 'and rated', count(*) FROM ours AS o WHERE EXISTS (SELECT FROM public.recipe_likes AS t WHERE t.recipe_id = o.id)
        AND EXISTS (SELECT FROM public.recipe_ratings AS t WHERE t.recipe_id = o.id)
    UNION ALL SELECT 4, 'and a favorite', count(*) FROM ours AS o WHERE EXISTS (SELECT FROM public.recipe_likes AS t WHERE t.recipe_id = o.id)
        AND EXISTS (SELECT FROM public.recipe_ratings AS t WHERE t.recipe_id = o.id)
        AND EXISTS (SELECT FROM public.recipe_favorites AS t WHERE t.recipe_id = o.id)
) AS v (place, step, value)
WHERE EXISTS (SELECT FROM ours)
ORDER BY v.place
