-- What people did with recipes, and whom they followed. Nothing says how large that was.
SELECT d.person, d.at, NULL::timestamptz AS until,
    d.at AT TIME ZONE 'UTC' + make_interval(hours => (%(zones)s ->> u.location)::integer) AS local, d.item, NULL::float8 AS size
FROM (
    SELECT l.user_id AS person, l.created_at AS at, l.recipe_id AS item FROM public.recipe_likes AS l
    UNION ALL SELECT f.user_id, f.created_at, f.recipe_id FROM public.recipe_favorites AS f
    UNION ALL SELECT g.user_id, g.created_at, g.recipe_id FROM public.recipe_ratings AS g
    UNION ALL SELECT w.follower_id, w.created_at, NULL FROM public.user_follows AS w
    UNION ALL SELECT c.user_id, i.added_at, i.recipe_id
    FROM public.recipe_collection_items AS i JOIN public.recipe_collections AS c ON c.id = i.collection_id
    UNION ALL SELECT r.author_id, r.created_at, NULL FROM public.recipes AS r
) AS d
JOIN public.users AS u ON u.id = d.person
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
