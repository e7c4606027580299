-- People by key: key, name, email, about, since. Where their profile is called by their plan, which may change, their number
-- serves as a name.
SELECT u.id AS key,
    n.name, u.email::text AS email,
    concat_ws(', ', initcap(replace(u.raw_user_meta_data ->> 'region', '_', ' ')), u.raw_user_meta_data ->> 'device',
        u.raw_user_meta_data ->> 'genre') AS about,
    u.created_at AS since
FROM auth.users AS u
CROSS JOIN LATERAL (SELECT coalesce((SELECT p.display_name FROM public.profiles AS p
        WHERE p.user_id = u.id AND p.display_name !~ '^(Basic|Standard|Premium)_' ORDER BY p.created_at LIMIT 1),
        'Viewer ' || substring(u.raw_user_meta_data ->> 'distinct_id' FROM '^p_0*(\d+)')) AS name) AS n
WHERE u.id > %(after)s AND u.created_at < %(until)s
  AND split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
  AND u.raw_user_meta_data ->> 'staff' IS NULL
  AND (%(search)s = '%%' OR u.email ILIKE %(search)s OR u.raw_user_meta_data ->> 'region' ILIKE %(search)s
       OR n.name ILIKE %(search)s)
  AND u.created_at >= %(joined_since)s
  AND ((%(kind)s = '' AND %(state)s = '') OR EXISTS (
       SELECT FROM public.user_subscriptions AS s JOIN public.subscription_plans AS p ON p.id = s.plan_id
       WHERE s.user_id = u.id AND %(kind)s IN ('', p.name) AND %(state)s IN ('', s.status)))
  AND (%(active_since)s::timestamptz IS NULL OR EXISTS (SELECT FROM public.watch_progress AS w
       WHERE w.user_id = u.id AND w.last_watched_at >= %(active_since)s AND w.last_watched_at < %(until)s))
ORDER BY u.id
LIMIT %(most)s
