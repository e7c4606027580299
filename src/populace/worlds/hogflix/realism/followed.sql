-- A rating after its title was watched, and what somebody says after FlixBuddy's answer.
SELECT r.user_id AS person, 'rating after watching' AS kind, w.last_watched_at AS since, r.created_at AS at
FROM public.video_ratings AS r JOIN public.watch_progress AS w ON w.user_id = r.user_id AND w.video_id = r.video_id
JOIN auth.users AS u ON u.id = r.user_id
WHERE r.created_at > w.last_watched_at AND split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
UNION ALL
SELECT s.user_id, 'next question after an answer', s.before, s.at
FROM (
    SELECT c.user_id, m.role, m.created_at AS at, lag(m.role) OVER turns AS answered, lag(m.created_at) OVER turns AS before
    FROM public.chat_messages AS m JOIN public.chat_conversations AS c ON c.id = m.conversation_id
    WINDOW turns AS (PARTITION BY c.id ORDER BY m.created_at, m.role DESC)
) AS s JOIN auth.users AS u ON u.id = s.user_id
WHERE s.role = 'user' AND s.answered = 'assistant' AND split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
