-- Accounts of the auth server, by what somebody may know of them.

-- name: by_id The e-mail address of an account.
SELECT u.id::text, u.email FROM auth.users AS u WHERE u.id = %(text)s::uuid;

-- name: by_email The account of an e-mail address.
SELECT u.id::text, u.email FROM auth.users AS u WHERE lower(u.email) = lower(%(text)s);
