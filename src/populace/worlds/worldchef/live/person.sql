-- What somebody did, newest first: at, kind, text. A title stands between asterisks.
SELECT at, kind, text
FROM (
    (SELECT l.created_at AS at, 'likes' AS kind, 'liked *' || r.name || '*' AS text
     FROM public.recipe_likes AS l JOIN public.recipes AS r ON r.id = l.recipe_id
     WHERE l.user_id = %(person)s AND l.created_at < %(before)s ORDER BY 1 DESC LIMIT %(most)s)
    UNION ALL
    (SELECT f.created_at, 'favorites', 'kept *' || r.name || '*'
     FROM public.recipe_favorites AS f JOIN public.recipes AS r ON r.id = f.recipe_id
     WHERE f.user_id = %(person)s AND f.created_at < %(before)s ORDER BY 1 DESC LIMIT %(most)s)
    UNION ALL
    (SELECT g.created_at, 'ratings',
        'cooked *' || r.name || '*: ' || g.rating || CASE g.rating WHEN 1 THEN ' star' ELSE ' stars' END || coalesce(', ' || g.comment, '')
     FROM public.recipe_ratings AS g JOIN public.recipes AS r ON r.id = g.recipe_id
     WHERE g.user_id = %(person)s AND g.created_at < %(before)s ORDER BY 1 DESC LIMIT %(most)s)
    UNION ALL
    (SELECT r.published_at, 'recipes', 'published *' || r.name || '*'
     FROM public.recipes AS r
     WHERE r.author_id = %(person)s AND r.published_at < %(before)s ORDER BY 1 DESC LIMIT %(most)s)
    UNION ALL
    (SELECT f.created_at, 'follows', 'began to follow ' || u.display_name
     FROM public.user_follows AS f JOIN public.users AS u ON u.id = f.following_id
     WHERE f.follower_id = %(person)s AND f.created_at < %(before)s ORDER BY 1 DESC LIMIT %(most)s)
) AS lines
ORDER BY at DESC, kind, text
LIMIT %(most)s
