-- Contacts by key: key, name, email, about, since.
SELECT c.id AS key, concat_ws(' ', c.first_name, c.last_name) AS name, c.email,
    concat_ws(', ', c.city, c.state, c.job_title) AS about, c.created_at AS since
FROM public.contacts AS c
WHERE c.id > %(after)s AND c.is_simulated AND c.created_at < %(until)s
  AND (%(search)s = '%%' OR concat_ws(' ', c.first_name, c.last_name) ILIKE %(search)s OR c.email ILIKE %(search)s
       OR c.city ILIKE %(search)s)
  AND (%(kind)s = '' OR c.client_id::text = %(kind)s) AND (%(state)s = '' OR c.lifecycle_stage = %(state)s)
  AND c.created_at >= %(joined_since)s
  AND (%(active_since)s::timestamptz IS NULL OR EXISTS (
       SELECT FROM public.recipients AS r JOIN public.events AS e ON e.recipient_id = r.id
       WHERE r.contact_id = c.id AND e.event_type NOT LIKE 'imb%%'
         AND e.occurred_at >= %(active_since)s AND e.occurred_at < %(until)s))
ORDER BY c.id
LIMIT %(most)s
