-- What a seed is asked to report: the volumes of the document. All but what belongs to others, who are few or nobody.
WITH ours AS MATERIALIZED (SELECT count(*) AS users FROM public.users
        WHERE split_part(email, '@', -1) = 'staging.worldchef.example.com'),
    others AS MATERIALIZED (SELECT id FROM public.users
        WHERE split_part(email, '@', -1) <> 'staging.worldchef.example.com')
SELECT
    (SELECT users FROM ours)                                                                             AS users,
    (SELECT count(*) FROM public.recipes)
        - (SELECT count(*) FROM others JOIN public.recipes ON author_id = others.id)                     AS recipes,
    (SELECT count(*) FROM public.nutrition WHERE calculation_method = 'synthetic_estimation')            AS nutrition_records,
    (SELECT count(*) FROM public.recipe_likes)
        - (SELECT count(*) FROM others JOIN public.recipe_likes ON user_id = others.id)                  AS likes,
    (SELECT count(*) FROM public.recipe_favorites)
        - (SELECT count(*) FROM others JOIN public.recipe_favorites ON user_id = others.id)              AS favorites,
    (SELECT count(*) FROM public.recipe_ratings)
        - (SELECT count(*) FROM others JOIN public.recipe_ratings ON user_id = others.id)                AS ratings,
    (SELECT count(*) FROM public.user_follows)
        - (SELECT count(*) FROM others JOIN public.user_follows ON follower_id = others.id)              AS follows,
    (SELECT count(*) FROM public.recipe_collections)
        - (SELECT count(*) FROM others JOIN public.recipe_collections ON user_id = others.id)            AS collections,
    (SELECT count(*) FROM public.recipe_collection_items)
        - (SELECT count(*) FROM others JOIN public.recipe_collections AS c ON c.user_id = others.id
            JOIN public.recipe_collection_items ON collection_id = c.id)                                 AS collection_items
