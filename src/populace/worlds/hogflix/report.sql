-- What a seed is asked to report: personas (the staff are none) and their plans, what they left behind, and the titles there are to watch.
WITH people AS MATERIALIZED (
    SELECT u.id, coalesce(u.raw_user_meta_data ->> 'staff' = 'true', false) AS staff FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
)
SELECT
    (SELECT count(*) FROM people WHERE NOT staff)                                             AS personas,
    (SELECT count(*) FROM public.user_subscriptions
        WHERE status = 'active' AND user_id IN (SELECT id FROM people))                       AS active_subscriptions,
    (SELECT count(*) FROM public.watch_progress WHERE user_id IN (SELECT id FROM people))     AS watch_progress,
    (SELECT count(*) FROM public.video_ratings WHERE user_id IN (SELECT id FROM people))      AS video_ratings,
    (SELECT count(*) FROM public.user_watchlist WHERE user_id IN (SELECT id FROM people))     AS watchlist,
    (SELECT count(*) FROM public.chat_conversations WHERE user_id IN (SELECT id FROM people)) AS chat_conversations,
    (SELECT count(*) FROM public.chat_messages AS m
        JOIN public.chat_conversations AS c ON c.id = m.conversation_id
        WHERE c.user_id IN (SELECT id FROM people))                                           AS chat_messages,
    (SELECT count(*) FROM public.support_tickets WHERE user_id IN (SELECT id FROM people))    AS support_tickets,
    (SELECT count(*) FROM public.videos)                                                      AS videos
