-- Recipes that were published last: at, who, what, done (ratings), total (likes), state, person.
SELECT r.published_at AS at, u.display_name AS who, r.name AS what,
    (SELECT count(*) FROM public.recipe_ratings AS g WHERE g.recipe_id = r.id) AS done,
    (SELECT count(*) FROM public.recipe_likes AS l WHERE l.recipe_id = r.id) AS total,
    replace(r.status::text, '_', ' ') AS state, r.author_id AS person
FROM (
    SELECT * FROM public.recipes WHERE published_at < %(until)s ORDER BY published_at DESC LIMIT 8
) AS r
JOIN public.users AS u ON u.id = r.author_id
ORDER BY r.published_at DESC, r.id
