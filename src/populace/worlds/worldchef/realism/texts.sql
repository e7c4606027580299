-- What people wrote: comments on recipes, descriptions of their own, and about themselves.
SELECT g.user_id AS person, 'recipe_ratings' AS kind, g.comment AS said
FROM public.recipe_ratings AS g JOIN public.users AS u ON u.id = g.user_id
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
UNION ALL
SELECT r.author_id, 'recipes', r.description
FROM public.recipes AS r JOIN public.users AS u ON u.id = r.author_id
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
UNION ALL
SELECT u.id, 'users', u.bio FROM public.users AS u WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
