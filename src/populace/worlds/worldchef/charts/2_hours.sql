-- chart: hours · When people are there · likes and ratings, by weekday and hour (UTC)
SELECT every.at AT TIME ZONE 'UTC' AS at
FROM (
    SELECT l.user_id, l.created_at AS at FROM public.recipe_likes AS l
    UNION ALL SELECT g.user_id, g.created_at FROM public.recipe_ratings AS g
) AS every
JOIN public.users AS u ON u.id = every.user_id
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
