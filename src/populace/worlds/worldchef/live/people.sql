-- People by key: key, name, email, about, since.
SELECT u.id AS key, u.display_name AS name, u.email, concat_ws(', ', u.role::text, u.location) AS about, u.created_at AS since
FROM public.users AS u
WHERE u.id > %(after)s AND u.created_at < %(until)s AND split_part(u.email, '@', -1) = 'staging.worldchef.example.com'
  AND (%(search)s = '%%' OR u.display_name ILIKE %(search)s OR u.email ILIKE %(search)s OR u.location ILIKE %(search)s)
  AND (%(kind)s = '' OR u.role::text = %(kind)s) AND u.created_at >= %(joined_since)s
  AND (%(active_since)s::timestamptz IS NULL OR (u.last_active_at >= %(active_since)s AND u.last_active_at < %(until)s))
ORDER BY u.id
LIMIT %(most)s
