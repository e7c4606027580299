-- What happened in the last so many hours of simulated time, by kind. hours: a whole number.
WITH period AS MATERIALIZED (
    SELECT n - make_interval(hours => %(hours)s::integer) AS since, n AS until FROM (SELECT populace.now() AS n) AS clock
),
done (kind, n) AS (
    SELECT 'sign-ups', count(*) FROM public.users, period WHERE created_at >= since AND created_at <= until
    UNION ALL SELECT 'recipes', count(*) FROM public.recipes, period WHERE published_at >= since AND published_at <= until
    UNION ALL SELECT 'likes', count(*) FROM public.recipe_likes, period WHERE created_at >= since AND created_at <= until
    UNION ALL SELECT 'favorites', count(*) FROM public.recipe_favorites, period WHERE created_at >= since AND created_at <= until
    UNION ALL SELECT 'ratings', count(*) FROM public.recipe_ratings, period WHERE created_at >= since AND created_at <= until
    UNION ALL SELECT 'follows', count(*) FROM public.user_follows, period WHERE created_at >= since AND created_at <= until
    UNION ALL SELECT 'put into collections', count(*) FROM public.recipe_collection_items, period
        WHERE added_at >= since AND added_at <= until
)
SELECT json_build_object(
    'period_hours', %(hours)s::integer,
    'since', (SELECT since FROM period),
    'by_kind', (SELECT json_object_agg(kind, n ORDER BY n DESC, kind) FROM done),
    'total_events', (SELECT sum(n)::bigint FROM done)
) AS activity
