-- chart: active · People who are there in a day, a week and a month · who likes, rates or publishes something
SELECT DISTINCT d.person, (d.at AT TIME ZONE 'UTC')::date AS day
FROM (
    SELECT user_id AS person, created_at AS at FROM public.recipe_likes
    UNION ALL SELECT user_id, created_at FROM public.recipe_ratings
    UNION ALL SELECT author_id, created_at FROM public.recipes
) AS d
JOIN public.users AS u ON u.id = d.person
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
