-- name: made: keys that stand in the target
SELECT role, hash FROM populace.api_key;

-- name: add: a key for a role that has none yet
INSERT INTO populace.api_key (role, hash) VALUES (%(role)s, %(hash)s) ON CONFLICT (role) DO NOTHING;

-- name: replace: a key in place of whatever there is
INSERT INTO populace.api_key (role, hash) VALUES (%(role)s, %(hash)s)
ON CONFLICT (role) DO UPDATE SET hash = excluded.hash, made_at = pg_catalog.now();
