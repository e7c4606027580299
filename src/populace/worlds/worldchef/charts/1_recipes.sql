-- chart: bar · Recipes by cuisine · recipes, by cuisine and by how hard they are
SELECT initcap(r.cuisine::text) AS label, count(*) AS value, r.difficulty::text AS series
FROM public.recipes AS r
JOIN public.users AS u ON u.id = r.author_id
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
GROUP BY r.cuisine, r.difficulty
ORDER BY r.difficulty, r.cuisine
