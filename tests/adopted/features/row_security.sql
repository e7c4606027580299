-- feature: row level security that is forced
-- holds: SELECT count(*) > 0 FROM secrets
CREATE TABLE secrets (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant text NOT NULL, body text NOT NULL);
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON secrets USING (tenant = current_setting('app.tenant', true));
