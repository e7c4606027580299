-- Stars for recipes.
SELECT g.user_id AS person, g.recipe_id AS item, g.rating AS stars
FROM public.recipe_ratings AS g JOIN public.users AS u ON u.id = g.user_id
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
