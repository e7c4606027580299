-- id: D10 · the public feed, newest first · 200
SELECT r.id, r.name, r.cuisine, r.prep_time_minutes + r.cook_time_minutes AS minutes, u.display_name
FROM public.recipes AS r JOIN public.users AS u ON u.id = r.author_id
WHERE r.status = 'published' AND r.is_public
ORDER BY r.published_at DESC LIMIT 50
