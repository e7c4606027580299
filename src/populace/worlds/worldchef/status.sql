-- What cooks are doing now, in simulated time: recipes by status, what was done in the last hour, and the newest recipes.
WITH moment AS MATERIALIZED (SELECT populace.now() AS now)
SELECT json_build_object(
    'recipes_by_status', (
        SELECT coalesce(json_object_agg(status, n ORDER BY status), '{}')
        FROM (SELECT status, count(*) AS n FROM public.recipes GROUP BY status) AS by_status),
    'last_hour', json_build_object(
        'sign_ups', (SELECT count(*) FROM public.users, moment WHERE created_at >= now - interval '1 hour' AND created_at <= now),
        'likes', (SELECT count(*) FROM public.recipe_likes, moment WHERE created_at >= now - interval '1 hour' AND created_at <= now),
        'ratings', (SELECT count(*) FROM public.recipe_ratings, moment WHERE created_at >= now - interval '1 hour' AND created_at <= now),
        'follows', (SELECT count(*) FROM public.user_follows, moment WHERE created_at >= now - interval '1 hour' AND created_at <= now)),
    'newest_recipes', (
        SELECT coalesce(json_agg(r ORDER BY r.published_at DESC, r.id), '[]')
        FROM (
            SELECT id, name, cuisine, meal_type, published_at FROM public.recipes
            WHERE status = 'published' ORDER BY published_at DESC LIMIT 5) AS r)
) AS activity
