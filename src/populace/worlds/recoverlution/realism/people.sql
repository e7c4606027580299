-- Who signed up when; their clocks show UTC where nothing says where they live.
SELECT s.profile_id AS person, s.started_at AT TIME ZONE coalesce(s.metadata ->> 'timezone', 'UTC') AS joined
FROM public.sim_users AS s
