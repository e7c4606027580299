-- People by key: key, name, email, about, since.
SELECT s.profile_id AS key, coalesce(p.full_name, split_part(p.email, '@', 1)) AS name, p.email,
    replace(s.persona_key, '_', ' ') AS about, s.started_at AS since
FROM public.sim_users AS s
JOIN public.profiles AS p ON p.id = s.profile_id
WHERE s.profile_id > %(after)s AND s.started_at < %(until)s
  AND (%(search)s = '%%' OR p.full_name ILIKE %(search)s OR p.email ILIKE %(search)s)
ORDER BY s.profile_id
LIMIT %(most)s
