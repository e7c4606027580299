-- What people did, in words, newest first: at, kind, text, person. A title stands between asterisks.
WITH did AS MATERIALIZED (
    (SELECT w.last_watched_at AS at, 'watching' AS kind, w.user_id AS person,
        CASE WHEN w.completed THEN 'finished ' ELSE 'watched ' || round(w.progress_percentage) || ' percent of ' END
        || '*' || v.title || '*' AS what
    FROM public.watch_progress AS w
    JOIN public.videos AS v ON v.id = w.video_id
    WHERE w.last_watched_at >= %(since)s AND w.last_watched_at < %(until)s
    ORDER BY w.last_watched_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT r.created_at, 'ratings', r.user_id,
        'gave *' || v.title || '* ' || r.rating || CASE WHEN r.rating = 1 THEN ' star' ELSE ' stars' END
    FROM public.video_ratings AS r
    JOIN public.videos AS v ON v.id = r.video_id
    WHERE r.created_at >= %(since)s AND r.created_at < %(until)s
    ORDER BY r.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT l.created_at, 'watchlist', l.user_id, 'put *' || v.title || '* on their list'
    FROM public.user_watchlist AS l
    JOIN public.videos AS v ON v.id = l.video_id
    WHERE l.created_at >= %(since)s AND l.created_at < %(until)s
    ORDER BY l.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT m.created_at, 'FlixBuddy', c.user_id, 'asked FlixBuddy: *' || left(m.content, 80) || '*'
    FROM public.chat_messages AS m
    JOIN public.chat_conversations AS c ON c.id = m.conversation_id
    WHERE m.role = 'user' AND m.created_at >= %(since)s AND m.created_at < %(until)s
    ORDER BY m.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT t.created_at, 'tickets', t.user_id, 'wrote to support about ' || replace(t.issue_category, '_', ' ')
    FROM public.support_tickets AS t
    WHERE t.created_at >= %(since)s AND t.created_at < %(until)s
    ORDER BY t.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT t.updated_at, 'tickets', t.user_id, CASE t.status WHEN 'resolved' THEN 'had their ticket solved: '
        ELSE 'was answered by support: ' END || replace(t.issue_category, '_', ' ')
    FROM public.support_tickets AS t
    WHERE t.status <> 'open' AND t.created_at >= %(since)s::timestamptz - interval '8 days'
        AND t.updated_at >= %(since)s AND t.updated_at < %(until)s
    ORDER BY t.updated_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT p.created_at, 'sign-ups', p.user_id, 'signed up'
    FROM public.profiles AS p
    WHERE p.created_at >= %(since)s AND p.created_at < %(until)s
    ORDER BY p.created_at DESC LIMIT %(most)s)
)
SELECT d.at, d.kind,
    coalesce((SELECT p.display_name FROM public.profiles AS p
        WHERE p.user_id = u.id AND p.display_name !~ '^(Basic|Standard|Premium)_' ORDER BY p.created_at LIMIT 1),
        'Viewer ' || substring(u.raw_user_meta_data ->> 'distinct_id' FROM '^p_0*(\d+)'))
    || coalesce(' (' || initcap(replace(u.raw_user_meta_data ->> 'region', '_', ' ')) || ')', '') || ' ' || d.what AS text,
    d.person
FROM did AS d
JOIN auth.users AS u ON u.id = d.person
WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
  AND u.raw_user_meta_data ->> 'staff' IS NULL
ORDER BY d.at DESC, d.person, d.what
LIMIT %(most)s
