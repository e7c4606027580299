-- What people did, in words, newest first: at, kind, text, person. A title stands between asterisks.
WITH done AS (
    (SELECT created_at AS at, 'likes' AS kind, user_id AS person, recipe_id, NULL::uuid AS whom, 'likes ' AS did
     FROM public.recipe_likes WHERE created_at >= %(since)s AND created_at < %(until)s ORDER BY 1 DESC LIMIT %(most)s)
    UNION ALL
    (SELECT created_at, 'favorites', user_id, recipe_id, NULL, 'keeps '
     FROM public.recipe_favorites WHERE created_at >= %(since)s AND created_at < %(until)s ORDER BY 1 DESC LIMIT %(most)s)
    UNION ALL
    (SELECT created_at, 'ratings', user_id, recipe_id, NULL,
        'cooked, and gave ' || rating || CASE rating WHEN 1 THEN ' star to ' ELSE ' stars to ' END
     FROM public.recipe_ratings WHERE created_at >= %(since)s AND created_at < %(until)s ORDER BY 1 DESC LIMIT %(most)s)
    UNION ALL
    (SELECT published_at, 'recipes', author_id, id, NULL, 'published '
     FROM public.recipes WHERE published_at >= %(since)s AND published_at < %(until)s ORDER BY 1 DESC LIMIT %(most)s)
    UNION ALL
    (SELECT created_at, 'follows', follower_id, NULL, following_id, 'follows '
     FROM public.user_follows WHERE created_at >= %(since)s AND created_at < %(until)s ORDER BY 1 DESC LIMIT %(most)s)
)
SELECT d.at, d.kind, u.display_name || ' ' || d.did || coalesce('*' || r.name || '*', w.display_name, 'somebody') AS text, d.person
FROM done AS d
JOIN public.users AS u ON u.id = d.person
LEFT JOIN public.recipes AS r ON r.id = d.recipe_id
LEFT JOIN public.users AS w ON w.id = d.whom
ORDER BY d.at DESC, d.person, d.kind, text
LIMIT %(most)s
