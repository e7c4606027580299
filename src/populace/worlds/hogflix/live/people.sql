-- People by key: key, name, email, about, since. Their number serves as a name: their plan may change.
SELECT u.id AS key,
    'Viewer ' || substring(u.raw_user_meta_data ->> 'distinct_id' FROM '^p_0*(\d+)') AS name,
    u.email::text AS email,
    concat_ws(', ', initcap(replace(u.raw_user_meta_data ->> 'region', '_', ' ')), u.raw_user_meta_data ->> 'device',
        u.raw_user_meta_data ->> 'genre') AS about,
    u.created_at AS since
FROM auth.users AS u
WHERE u.id > %(after)s AND u.created_at < %(until)s
  AND split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
  AND u.raw_user_meta_data ->> 'staff' IS NULL
  AND (%(search)s = '%%' OR u.email ILIKE %(search)s OR u.raw_user_meta_data ->> 'region' ILIKE %(search)s
       OR 'Viewer ' || substring(u.raw_user_meta_data ->> 'distinct_id' FROM '^p_0*(\d+)')
           ILIKE %(search)s)
ORDER BY u.id
LIMIT %(most)s
