-- Who signed up when, by their own clock where they say where they live.
SELECT u.id AS person,
    u.created_at AT TIME ZONE 'UTC' + make_interval(hours => coalesce((%(zones)s ->> u.location)::integer, 0)) AS joined
FROM public.users AS u
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
