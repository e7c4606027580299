-- Events in each minute, by kind.
SELECT date_trunc('minute', created_at) AS minute, 'likes' AS kind, count(*) AS count
FROM public.recipe_likes WHERE created_at >= %(since)s AND created_at < %(until)s GROUP BY 1
UNION ALL
SELECT date_trunc('minute', created_at), 'favorites', count(*)
FROM public.recipe_favorites WHERE created_at >= %(since)s AND created_at < %(until)s GROUP BY 1
UNION ALL
SELECT date_trunc('minute', created_at), 'ratings', count(*)
FROM public.recipe_ratings WHERE created_at >= %(since)s AND created_at < %(until)s GROUP BY 1
UNION ALL
SELECT date_trunc('minute', created_at), 'follows', count(*)
FROM public.user_follows WHERE created_at >= %(since)s AND created_at < %(until)s GROUP BY 1
UNION ALL
SELECT date_trunc('minute', published_at), 'recipes', count(*)
FROM public.recipes WHERE published_at >= %(since)s AND published_at < %(until)s GROUP BY 1
ORDER BY 1, 2
