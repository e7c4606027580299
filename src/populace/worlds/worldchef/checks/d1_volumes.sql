-- D1 to D7: how much there is, by what happened before the epoch; life goes on after it. D4 and D6 are documented for the
-- staging data, and shown for other settings.
WITH ours AS MATERIALIZED (
    SELECT id, created_at FROM public.users
    WHERE split_part(email, '@', -1) = 'staging.worldchef.example.com' AND substr(id::text, 15, 1) = '8'
),
counted AS MATERIALIZED (
    SELECT
        (SELECT count(*) FROM ours WHERE created_at < %(epoch)s) AS users,
        (SELECT count(*) FROM public.recipes AS r JOIN ours AS u ON u.id = r.author_id WHERE r.created_at < %(epoch)s) AS recipes,
        (SELECT count(*) FROM public.nutrition WHERE calculation_method = 'synthetic_estimation') AS nutrition,
        (SELECT count(*) FROM public.recipe_likes AS t JOIN ours AS u ON u.id = t.user_id WHERE t.created_at < %(epoch)s) AS likes,
        (SELECT count(*) FROM public.recipe_favorites AS t JOIN ours AS u ON u.id = t.user_id WHERE t.created_at < %(epoch)s) AS favorites,
        (SELECT count(*) FROM public.recipe_ratings AS t JOIN ours AS u ON u.id = t.user_id WHERE t.created_at < %(epoch)s) AS ratings,
        (SELECT count(*) FROM public.user_follows AS t JOIN ours AS u ON u.id = t.follower_id WHERE t.created_at < %(epoch)s) AS follows,
        (SELECT count(*) FROM public.recipe_collections AS t JOIN ours AS u ON u.id = t.user_id WHERE t.created_at < %(epoch)s) AS collections,
        (SELECT count(*) FROM public.recipe_collection_items AS t JOIN public.recipe_collections AS c ON c.id = t.collection_id
         JOIN ours AS u ON u.id = c.user_id WHERE t.added_at < %(epoch)s) AS items,
        pg_database_size(current_database()) / 1048576.0 AS megabytes
),
reasons AS (
    SELECT CASE WHEN %(watermark)s < %(epoch)s THEN 'history is not over yet'
        WHEN EXISTS (SELECT FROM jsonb_each_text(%(removed)s) AS t (path, n) WHERE n <> '0') THEN 'a clean-up deleted rows'
        WHEN NOT %(enabled)s THEN 'enabled is off: nobody signs up and no recipe begins' END AS young
),
summed AS (SELECT likes + favorites + ratings + follows + collections + items AS n FROM counted)
SELECT 'D1' AS id, 'users' AS title, '300' AS documented, %(users)s::text AS target, users::text AS measured,
    CASE WHEN young IS NULL THEN users = %(users)s END AS ok, coalesce(young, '') AS note
FROM counted, reasons
UNION ALL SELECT 'D2', 'recipes', '600', %(recipes)s::text, recipes::text, CASE WHEN young IS NULL THEN recipes = %(recipes)s END, coalesce(young, '')
FROM counted, reasons
UNION ALL SELECT 'D3', 'nutrition records', '2000', '1800 to 2200', nutrition::text, nutrition BETWEEN 1800 AND 2200, '' FROM counted
UNION ALL SELECT 'D4', 'likes, favorites, ratings, follows, collections and what is in them', '5000',
    CASE WHEN %(documented)s THEN '4500 to 5500' ELSE 'info' END, n::text,
    CASE WHEN %(documented)s AND young IS NULL THEN n BETWEEN 4500 AND 5500 END,
    concat_ws('; ', young, likes || ' likes, ' || favorites || ' favorites, ' || ratings || ' ratings, ' || follows || ' follows, '
        || collections || ' collections, ' || items || ' items', CASE WHEN NOT %(documented)s THEN 'documented for the staging data alone' END)
FROM counted, summed, reasons
UNION ALL SELECT 'D5', 'recipes for each user', '2', 'info', round(recipes::numeric / greatest(users, 1), 2)::text, NULL,
    '60,000 users and 120,000 recipes in load_test'
FROM counted
UNION ALL SELECT 'D6', 'size of the database, in MB', '50', CASE WHEN %(documented)s THEN 'under 50' ELSE 'info' END, round(megabytes, 1)::text,
    CASE WHEN %(documented)s THEN megabytes < 50 END,
    CASE WHEN %(documented)s THEN 'with everything that is in the database' ELSE 'documented for the staging data alone' END
FROM counted
UNION ALL SELECT 'D7', 'seconds of seeding', '', 'info', round(%(seconds)s::numeric, 1)::text, NULL,
    'a second seed of the same plan changes no row, and says so'
