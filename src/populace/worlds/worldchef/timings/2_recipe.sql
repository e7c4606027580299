-- id: D10 · the most rated recipes, with their stars and likes · 200
SELECT r.id, r.ingredients, r.instructions, s.stars, s.ratings,
    (SELECT count(*) FROM public.recipe_likes AS l WHERE l.recipe_id = r.id) AS likes
FROM (
    SELECT recipe_id, round(avg(rating), 2) AS stars, count(*) AS ratings FROM public.recipe_ratings
    GROUP BY recipe_id ORDER BY ratings DESC LIMIT 20
) AS s
JOIN public.recipes AS r ON r.id = s.recipe_id
