-- What the first page shows: title, value, note. until: simulated now.
SELECT 'likes and ratings' AS title,
    (SELECT count(*) FROM public.recipe_likes WHERE created_at >= %(until)s::timestamptz - interval '1 hour' AND created_at < %(until)s)
    + (SELECT count(*) FROM public.recipe_ratings WHERE created_at >= %(until)s::timestamptz - interval '1 hour' AND created_at < %(until)s)
        AS value,
    'last hour' AS note
UNION ALL
SELECT 'recipes published', count(*), 'now' FROM public.recipes WHERE status = 'published' AND is_public
UNION ALL
SELECT 'dishes cooked and rated', count(*), 'last 24 hours' FROM public.recipe_ratings
WHERE created_at >= %(until)s::timestamptz - interval '24 hours' AND created_at < %(until)s
UNION ALL
SELECT 'sign-ups', count(*), 'last 7 days' FROM public.users
WHERE created_at >= %(until)s::timestamptz - interval '7 days' AND created_at < %(until)s
  AND split_part(email, '@', -1) = 'staging.worldchef.example.com'
