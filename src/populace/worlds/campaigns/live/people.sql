-- Contacts by key: key, name, email, about, since.
SELECT c.id AS key, concat_ws(' ', c.first_name, c.last_name) AS name, c.email,
    concat_ws(', ', c.city, c.state, c.job_title) AS about, c.created_at AS since
FROM public.contacts AS c
WHERE c.id > %(after)s AND c.is_simulated AND c.created_at < %(until)s
  AND (%(search)s = '%%' OR concat_ws(' ', c.first_name, c.last_name) ILIKE %(search)s OR c.email ILIKE %(search)s
       OR c.city ILIKE %(search)s)
ORDER BY c.id
LIMIT %(most)s
