-- What synthetic people are doing now, in simulated time. What happened lately is found by the index on its time, and
-- its owner by key, for each row: how many people carry the mark is guessed far too low for a join.
WITH moment AS MATERIALIZED (SELECT populace.now() AS now),
watched AS MATERIALIZED (
    SELECT w.user_id, w.video_id, w.progress_percentage, w.completed, w.last_watched_at
    FROM public.watch_progress AS w
    WHERE w.last_watched_at >= (SELECT now - interval '24 hours' FROM moment)
      AND w.last_watched_at <= (SELECT now FROM moment)
      AND (SELECT split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
           FROM auth.users AS u WHERE u.id = w.user_id)
),
said AS MATERIALIZED (
    SELECT m.role, m.created_at
    FROM public.chat_messages AS m
    WHERE m.created_at >= (SELECT now - interval '24 hours' FROM moment)
      AND m.created_at <= (SELECT now FROM moment)
      AND (SELECT split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
           FROM public.chat_conversations AS c JOIN auth.users AS u ON u.id = c.user_id
           WHERE c.id = m.conversation_id)
),
joined AS MATERIALIZED (
    SELECT u.id
    FROM public.profiles AS p
    JOIN auth.users AS u ON u.id = p.user_id
    WHERE p.created_at >= (SELECT now - interval '24 hours' FROM moment)
      AND p.created_at <= (SELECT now FROM moment)
      AND split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
      AND u.raw_user_meta_data ->> 'staff' IS NULL
)
SELECT json_build_object(
    'last_5_min', json_build_object(
        'titles_watched', (
            SELECT count(*) FROM watched WHERE last_watched_at >= (SELECT now - interval '5 minutes' FROM moment)),
        'chat_messages', (
            SELECT count(*) FROM said WHERE created_at >= (SELECT now - interval '5 minutes' FROM moment))),
    'last_24_hours', json_build_object(
        'people_watching', (SELECT count(DISTINCT user_id) FROM watched),
        'titles_watched', (SELECT count(*) FROM watched),
        'flixbuddy_questions', (SELECT count(*) FROM said WHERE role = 'user'),
        'signups', (SELECT count(*) FROM joined)),
    'last_day', (
        SELECT json_build_object(
            'day', d.day,
            'total_personas', sum(d.total_personas),
            'active_today', sum(d.active_today),
            'new_signups', sum(d.new_signups),
            'churned', sum(d.churned))
        FROM public.daily_metrics AS d
        WHERE d.day = (SELECT max(day) FROM public.daily_metrics)
        GROUP BY d.day),
    'recent_titles', (
        SELECT coalesce(json_agg(r ORDER BY r.last_watched_at DESC, r.user_id), '[]')
        FROM (
            SELECT w.user_id, v.title, w.progress_percentage, w.completed, w.last_watched_at
            FROM watched AS w
            JOIN public.videos AS v ON v.id = w.video_id
            ORDER BY w.last_watched_at DESC
            LIMIT 10) AS r)
) AS activity
