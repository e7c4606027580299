-- chart: bar · What people watch · watch_progress by category, completed or not
SELECT c.name AS label, count(*) AS value, CASE WHEN w.completed THEN 'completed' ELSE 'left off' END AS series
FROM public.watch_progress AS w
JOIN auth.users AS u ON u.id = w.user_id
JOIN public.videos AS v ON v.id = w.video_id
JOIN public.categories AS c ON c.id = v.category_id
WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
GROUP BY c.name, w.completed
ORDER BY w.completed DESC, c.name
