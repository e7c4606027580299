-- chart: active · People active in a day, a week and a month · who left a row of watching, rating, listing or chatting; people who are still here
SELECT DISTINCT person, (at AT TIME ZONE 'UTC')::date AS day
FROM (
    SELECT w.user_id, unnest(ARRAY[w.created_at, w.last_watched_at]) FROM public.watch_progress AS w
    UNION ALL SELECT r.user_id, r.created_at FROM public.video_ratings AS r
    UNION ALL SELECT l.user_id, l.created_at FROM public.user_watchlist AS l
    UNION ALL SELECT c.user_id, c.created_at FROM public.chat_conversations AS c
) AS t (person, at)
WHERE person IN (
    SELECT u.id FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
)
