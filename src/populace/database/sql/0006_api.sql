-- Keys of the control API, by role: their hashes alone.
CREATE TABLE populace.api_key (
    role    text        PRIMARY KEY,
    hash    bytea       NOT NULL,
    made_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE populace.api_key IS 'Hashes (sha256) of the keys that a server made for its control API; a key itself is shown once and stands nowhere';
-- As the secret of the target: only the owner of the table reads it, whatever is granted to others.
ALTER TABLE populace.api_key ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON populace.api_key FROM PUBLIC;
