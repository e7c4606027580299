-- name: backdate_users: accounts that were made a moment ago get the moment at which their people signed up
UPDATE auth.users AS u SET created_at = given.at
FROM unnest(%(ids)s::pg_catalog.uuid[], %(moments)s::pg_catalog.timestamptz[]) AS given (id, at)
WHERE u.id OPERATOR(pg_catalog.=) given.id;

-- name: backdate_identities: and so do the identities that the service made with them
UPDATE auth.identities AS i SET created_at = given.at
FROM unnest(%(ids)s::pg_catalog.uuid[], %(moments)s::pg_catalog.timestamptz[]) AS given (user_id, at)
WHERE i.user_id OPERATOR(pg_catalog.=) given.user_id;

-- name: forget: accounts to be deleted once this window is committed; the id of the row is that of the account
INSERT INTO populace.outbox (id, channel, at, kind, payload)
SELECT u.id, %(channel)s, coalesce(populace.watermark(), u.created_at), 'delete',
       jsonb_build_object('user_id', u.id::text, 'email', u.email,
                          'created_at', to_char(u.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
FROM auth.users AS u WHERE u.id = ANY(%(ids)s::uuid[])
ORDER BY u.id
ON CONFLICT (id) DO NOTHING;
