-- chart: hours · When people watch · watch_progress by weekday and hour of the last time, in UTC
SELECT w.last_watched_at AT TIME ZONE 'UTC' AS at
FROM public.watch_progress AS w
JOIN auth.users AS u ON u.id = w.user_id
WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
