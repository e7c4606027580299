-- What somebody did, newest first: at, kind, text, page. A title stands between asterisks.
SELECT at, kind, text, page
FROM (
    (SELECT w.last_watched_at AS at, 'watching' AS kind,
        CASE WHEN w.completed THEN 'finished ' ELSE 'watched ' || round(w.progress_percentage) || ' percent of ' END
        || '*' || v.title || '*' AS text,
        '/title/' || coalesce(v.slug, v.id::text) AS page
    FROM public.watch_progress AS w
    JOIN public.videos AS v ON v.id = w.video_id
    WHERE w.user_id = %(person)s AND w.last_watched_at < %(before)s
    ORDER BY w.last_watched_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT r.created_at, 'ratings',
        'gave *' || v.title || '* ' || r.rating || CASE WHEN r.rating = 1 THEN ' star' ELSE ' stars' END,
        '/title/' || coalesce(v.slug, v.id::text)
    FROM public.video_ratings AS r
    JOIN public.videos AS v ON v.id = r.video_id
    WHERE r.user_id = %(person)s AND r.created_at < %(before)s
    ORDER BY r.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT l.created_at, 'watchlist', 'put *' || v.title || '* on their list',
        '/title/' || coalesce(v.slug, v.id::text)
    FROM public.user_watchlist AS l
    JOIN public.videos AS v ON v.id = l.video_id
    WHERE l.user_id = %(person)s AND l.created_at < %(before)s
    ORDER BY l.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT m.created_at, 'FlixBuddy',
        CASE m.role WHEN 'user' THEN 'asked FlixBuddy: *' ELSE 'FlixBuddy answered: *' END || left(m.content, 120) || '*',
        NULL
    FROM public.chat_messages AS m
    JOIN public.chat_conversations AS c ON c.id = m.conversation_id
    WHERE c.user_id = %(person)s AND m.created_at < %(before)s
    ORDER BY m.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT t.created_at, 'tickets', 'wrote to support about ' || replace(t.issue_category, '_', ' '), NULL
    FROM public.support_tickets AS t
    WHERE t.user_id = %(person)s AND t.created_at < %(before)s
    ORDER BY t.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT p.created_at, 'sign-ups', 'signed up', NULL
    FROM public.profiles AS p
    WHERE p.user_id = %(person)s AND p.created_at < %(before)s
    LIMIT %(most)s)
) AS lines
ORDER BY at DESC, kind, text, page
LIMIT %(most)s
