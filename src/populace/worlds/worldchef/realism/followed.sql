-- A favorite and a rating after the like of the same recipe.
SELECT l.user_id AS person, 'favorite after a like' AS kind, l.created_at AS since, f.created_at AS at
FROM public.recipe_likes AS l JOIN public.recipe_favorites AS f ON f.user_id = l.user_id AND f.recipe_id = l.recipe_id
WHERE f.created_at > l.created_at
UNION ALL
SELECT l.user_id, 'rating after a like', l.created_at, g.created_at
FROM public.recipe_likes AS l JOIN public.recipe_ratings AS g ON g.user_id = l.user_id AND g.recipe_id = l.recipe_id
WHERE g.created_at > l.created_at
