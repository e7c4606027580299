-- Everything after its cause, beyond what keys say: nobody likes what is not published, rates what was not cooked, or keeps
-- in a collection what is no favorite. And whoever eats by a diet keeps to it.
WITH ours AS MATERIALIZED (
    SELECT * FROM public.users
    WHERE split_part(email, '@', -1) = 'staging.worldchef.example.com' AND substr(id::text, 15, 1) = '8'
),
broken (title, n) AS (
    SELECT 'likes before the recipe was published', count(*) FROM public.recipe_likes AS t JOIN ours AS u ON u.id = t.user_id
        JOIN public.recipes AS r ON r.id = t.recipe_id WHERE r.published_at IS NULL OR t.created_at < r.published_at
    UNION ALL SELECT 'favorites without a like before', count(*) FROM public.recipe_favorites AS t JOIN ours AS u ON u.id = t.user_id
        LEFT JOIN public.recipe_likes AS l USING (user_id, recipe_id) WHERE l.user_id IS NULL OR t.created_at < l.created_at
    UNION ALL SELECT 'ratings before there was time to cook', count(*) FROM public.recipe_ratings AS t JOIN ours AS u ON u.id = t.user_id
        JOIN public.recipes AS r ON r.id = t.recipe_id
        WHERE r.published_at IS NULL OR t.created_at < r.published_at + make_interval(mins => r.prep_time_minutes + r.cook_time_minutes)
    UNION ALL SELECT 'people who rate or like what is their own', count(*) FROM (
        SELECT user_id, recipe_id FROM public.recipe_ratings UNION SELECT user_id, recipe_id FROM public.recipe_likes) AS t
        JOIN ours AS u ON u.id = t.user_id JOIN public.recipes AS r ON r.id = t.recipe_id WHERE r.author_id = t.user_id
    UNION ALL SELECT 'things in a collection that are no favorite, or came before', count(*)
        FROM public.recipe_collection_items AS t JOIN public.recipe_collections AS c ON c.id = t.collection_id JOIN ours AS u ON u.id = c.user_id
        LEFT JOIN public.recipe_favorites AS f ON f.user_id = c.user_id AND f.recipe_id = t.recipe_id
        WHERE f.user_id IS NULL OR t.added_at < f.created_at OR t.added_at < c.created_at
    UNION ALL SELECT 'recipes begun before their author signed up', count(*) FROM public.recipes AS r JOIN ours AS u ON u.id = r.author_id
        WHERE r.created_at < u.created_at
    UNION ALL SELECT 'follows before both have signed up', count(*) FROM public.user_follows AS t JOIN ours AS a ON a.id = t.follower_id
        JOIN ours AS b ON b.id = t.following_id WHERE t.created_at < greatest(a.created_at, b.created_at)
    UNION ALL SELECT 'people who cook what their diet forbids', count(*) FROM public.recipe_ratings AS t JOIN ours AS u ON u.id = t.user_id
        JOIN public.recipes AS r ON r.id = t.recipe_id
        WHERE EXISTS (SELECT unnest(u.dietary_preferences)
            INTERSECT SELECT unnest('{vegetarian,vegan,gluten_free,dairy_free,halal,kosher}'::public.dietary_type[])
            EXCEPT SELECT unnest(r.dietary_tags))
    UNION ALL SELECT 'users who did something after they were last active', count(*) FROM ours AS u
        WHERE EXISTS (SELECT FROM public.recipe_likes AS t WHERE t.user_id = u.id AND t.created_at > u.last_active_at)
            OR EXISTS (SELECT FROM public.recipe_ratings AS t WHERE t.user_id = u.id AND t.created_at > u.last_active_at)
            OR EXISTS (SELECT FROM public.user_follows AS t WHERE t.follower_id = u.id AND t.created_at > u.last_active_at)
)
SELECT 'causes' AS id, title, '' AS documented, '0' AS target, n::text AS measured, n = 0 AS ok, '' AS note FROM broken
