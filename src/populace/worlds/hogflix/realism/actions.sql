-- What people did: they watched a title for so many seconds, rated, listed or chatted. A title has one row a person, with the
-- last time they watched it; the first time, where it was another, left nothing but its moment.
SELECT d.person, d.at, d.until, d.at AT TIME ZONE (%(zones)s ->> (u.raw_user_meta_data ->> 'region')) AS local, d.item, d.size
FROM (
    SELECT w.user_id AS person, w.last_watched_at - make_interval(secs => w.progress_seconds) AS at, w.last_watched_at AS until,
        w.video_id AS item, nullif(w.progress_seconds, 0) AS size
    FROM public.watch_progress AS w
    UNION ALL SELECT w.user_id, w.created_at, NULL, w.video_id, NULL
    FROM public.watch_progress AS w WHERE w.created_at < w.last_watched_at
    UNION ALL SELECT r.user_id, r.created_at, NULL, NULL, NULL FROM public.video_ratings AS r
    UNION ALL SELECT l.user_id, l.created_at, NULL, NULL, NULL FROM public.user_watchlist AS l
    UNION ALL SELECT c.user_id, m.created_at, NULL, NULL, NULL
    FROM public.chat_messages AS m JOIN public.chat_conversations AS c ON c.id = m.conversation_id WHERE m.role = 'user'
    UNION ALL SELECT t.user_id, t.created_at, NULL, NULL, NULL FROM public.support_tickets AS t
) AS d
JOIN auth.users AS u ON u.id = d.person
WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
