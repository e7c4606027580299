-- chart: funnel · From a start to a rating · watch_progress and video_ratings; each share is of the step before
WITH watched AS MATERIALIZED (
    SELECT count(*) AS started, count(*) FILTER (WHERE w.progress_percentage >= 50) AS half,
        count(*) FILTER (WHERE w.completed) AS completed,
        count(*) FILTER (WHERE w.completed AND EXISTS (
            SELECT 1 FROM public.video_ratings AS r WHERE r.user_id = w.user_id AND r.video_id = w.video_id)) AS rated
    FROM public.watch_progress AS w
    WHERE w.user_id IN (
        SELECT u.id FROM auth.users AS u
        WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true')
)
SELECT v.step, v.value
FROM watched AS w
CROSS JOIN LATERAL (VALUES (1, 'started', w.started), (2, 'half watched', w.half), (3, 'watched to the end', w.completed),
    (4, 'rated', w.rated)) AS v (place, step, value)
WHERE w.started > 0
ORDER BY v.place
