-- Who signed up when, by the clock where they live; the staff, who never visit, have no place to live.
SELECT u.id AS person, u.created_at AT TIME ZONE (%(zones)s ->> (u.raw_user_meta_data ->> 'region')) AS joined
FROM auth.users AS u
WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true' AND u.raw_user_meta_data ? 'region'
