-- What happened in each minute, by kind. Whose it is is looked up for each row: nobody could guess how many are ours.
WITH did AS (
    SELECT w.last_watched_at AS at, 'watching' AS kind, w.user_id AS person
    FROM public.watch_progress AS w
    WHERE w.last_watched_at >= %(since)s AND w.last_watched_at < %(until)s
    UNION ALL
    SELECT r.created_at, 'ratings', r.user_id
    FROM public.video_ratings AS r
    WHERE r.created_at >= %(since)s AND r.created_at < %(until)s
    UNION ALL
    SELECT l.created_at, 'watchlist', l.user_id
    FROM public.user_watchlist AS l
    WHERE l.created_at >= %(since)s AND l.created_at < %(until)s
    UNION ALL
    SELECT m.created_at, 'FlixBuddy', c.user_id
    FROM public.chat_messages AS m
    JOIN public.chat_conversations AS c ON c.id = m.conversation_id
    WHERE m.created_at >= %(since)s AND m.created_at < %(until)s
    UNION ALL
    SELECT t.created_at, 'tickets', t.user_id
    FROM public.support_tickets AS t
    WHERE t.created_at >= %(since)s AND t.created_at < %(until)s
    UNION ALL
    SELECT p.created_at, 'sign-ups', p.user_id
    FROM public.profiles AS p
    WHERE p.created_at >= %(since)s AND p.created_at < %(until)s
)
SELECT date_trunc('minute', d.at) AS minute, d.kind, count(*) AS count
FROM did AS d
WHERE (SELECT split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
           FROM auth.users AS u WHERE u.id = d.person)
GROUP BY 1, 2
ORDER BY 1, 2
