-- Stars for titles.
SELECT r.user_id AS person, r.video_id AS item, r.rating AS stars
FROM public.video_ratings AS r JOIN auth.users AS u ON u.id = r.user_id
WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
