-- What was watched last: at, who, what, done, total, state, person.
SELECT w.last_watched_at AS at,
    coalesce((SELECT p.display_name FROM public.profiles AS p
        WHERE p.user_id = u.id AND p.display_name !~ '^(Basic|Standard|Premium)_' ORDER BY p.created_at LIMIT 1),
        'Viewer ' || substring(u.raw_user_meta_data ->> 'distinct_id' FROM '^p_0*(\d+)')) AS who,
    v.title AS what, round(w.progress_seconds / 60.0) AS done, round(w.duration_seconds / 60.0) AS total,
    CASE WHEN w.completed THEN 'finished' ELSE 'left off' END AS state, w.user_id AS person
FROM (
    SELECT p.* FROM public.watch_progress AS p
    WHERE p.last_watched_at < %(until)s
    ORDER BY p.last_watched_at DESC
    LIMIT 100
) AS w
JOIN auth.users AS u ON u.id = w.user_id
JOIN public.videos AS v ON v.id = w.video_id
WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
ORDER BY w.last_watched_at DESC, w.id
LIMIT 8
