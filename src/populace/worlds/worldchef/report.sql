-- What a seed is asked to report: the volumes of the document.
WITH ours AS MATERIALIZED (SELECT id FROM public.users WHERE split_part(email, '@', -1) = 'staging.worldchef.example.com')
SELECT
    (SELECT count(*) FROM ours)                                                                          AS users,
    (SELECT count(*) FROM public.recipes WHERE author_id IN (SELECT id FROM ours))                       AS recipes,
    (SELECT count(*) FROM public.nutrition WHERE calculation_method = 'synthetic_estimation')            AS nutrition_records,
    (SELECT count(*) FROM public.recipe_likes WHERE user_id IN (SELECT id FROM ours))                    AS likes,
    (SELECT count(*) FROM public.recipe_favorites WHERE user_id IN (SELECT id FROM ours))                AS favorites,
    (SELECT count(*) FROM public.recipe_ratings WHERE user_id IN (SELECT id FROM ours))                  AS ratings,
    (SELECT count(*) FROM public.user_follows WHERE follower_id IN (SELECT id FROM ours))                AS follows,
    (SELECT count(*) FROM public.recipe_collections WHERE user_id IN (SELECT id FROM ours))              AS collections,
    (SELECT count(*) FROM public.recipe_collection_items AS i JOIN public.recipe_collections AS c ON c.id = i.collection_id
     WHERE c.user_id IN (SELECT id FROM ours))                                                           AS collection_items
