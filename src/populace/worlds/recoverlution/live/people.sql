-- People by key: key, name, email, about, since. For those without a name their persona and number serve as one.
SELECT s.profile_id AS key,
    coalesce(p.full_name, initcap(left(replace(s.persona_key, '_', ' '), 1)) || substr(replace(s.persona_key, '_', ' '), 2)
        || ' ' || ltrim(split_part(split_part(p.email, '@', 1), '+', 2), '0')) AS name,
    p.email, o.name AS about, s.started_at AS since
FROM public.sim_users AS s
JOIN public.profiles AS p ON p.id = s.profile_id
LEFT JOIN public.organizations AS o ON o.id = p.organization_id
WHERE s.profile_id > %(after)s AND s.started_at < %(until)s
  AND (%(search)s = '%%' OR p.full_name ILIKE %(search)s OR p.email ILIKE %(search)s
       OR replace(s.persona_key, '_', ' ') ILIKE %(search)s
       OR replace(s.persona_key, '_', ' ') || ' ' || ltrim(split_part(split_part(p.email, '@', 1), '+', 2), '0')
           ILIKE %(search)s)
  AND (%(kind)s = '' OR s.persona_key = %(kind)s) AND s.started_at >= %(joined_since)s
  AND (%(state)s = '' OR (SELECT CASE WHEN bool_or(j.status = 'active') THEN 'active'
           WHEN bool_or(j.status = 'paused') THEN 'paused' ELSE 'none' END
       FROM public.journey_instances AS j WHERE j.user_id = s.profile_id) = %(state)s)
  AND (%(active_since)s::timestamptz IS NULL
       OR EXISTS (SELECT FROM public.journey_scene_events AS e
           WHERE e.user_id = s.profile_id AND e.created_at >= %(active_since)s AND e.created_at < %(until)s)
       OR EXISTS (SELECT FROM public.mindblock_events AS e
           WHERE e.individual_id = s.profile_id AND e.created_at >= %(active_since)s AND e.created_at < %(until)s))
ORDER BY s.profile_id
LIMIT %(most)s
