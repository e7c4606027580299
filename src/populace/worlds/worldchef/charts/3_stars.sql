-- chart: bar · Stars · ratings, by how many stars were given
SELECT g.rating || CASE g.rating WHEN 1 THEN ' star' ELSE ' stars' END AS label, count(*) AS value
FROM public.recipe_ratings AS g
JOIN public.users AS u ON u.id = g.user_id
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
GROUP BY g.rating
ORDER BY g.rating
