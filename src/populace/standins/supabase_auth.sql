-- name: create: an account as the Admin API makes it; the id is the caller's, where one is given
INSERT INTO auth.users (
    instance_id, id, aud, role, email, email_confirmed_at, confirmation_token, recovery_token, email_change_token_new,
    email_change, encrypted_password, raw_app_meta_data, raw_user_meta_data, is_sso_user, is_anonymous, created_at, updated_at)
VALUES (
    '00000000-0000-0000-0000-000000000000', coalesce(%(id)s::uuid, gen_random_uuid()), 'authenticated', 'authenticated',
    %(email)s, CASE WHEN %(confirmed)s THEN now() END, '', '', '',
    '', %(password_hash)s::text, '{"provider":"email","providers":["email"]}', %(metadata)s, false, false, now(), now())
RETURNING id::text;

-- name: identity: how it signs in
INSERT INTO auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
VALUES (%(id)s::text, %(id)s::text::uuid,
        jsonb_build_object('sub', %(id)s::text, 'email', %(email)s::text, 'email_verified', false), 'email', now(), now());

-- name: has_email
SELECT EXISTS (SELECT 1 FROM auth.users WHERE lower(email) = %(email)s AND NOT is_sso_user);

-- name: page: newest first; the filter is part of an e-mail
SELECT u.id::text, u.email, u.email_confirmed_at, u.raw_user_meta_data, u.created_at
FROM auth.users AS u
WHERE u.aud = 'authenticated' AND (%(filter)s::text = '' OR u.email LIKE '%%' || %(filter)s::text || '%%')
ORDER BY u.created_at DESC, u.id
LIMIT %(size)s OFFSET %(skip)s;

-- name: total
SELECT count(*) FROM auth.users AS u
WHERE u.aud = 'authenticated' AND (%(filter)s::text = '' OR u.email LIKE '%%' || %(filter)s::text || '%%');

-- name: one
SELECT u.id::text, u.email, u.email_confirmed_at, u.raw_user_meta_data, u.created_at
FROM auth.users AS u WHERE u.id = %(id)s;

-- name: delete
DELETE FROM auth.users WHERE id = %(id)s;
