-- feature: uniqueness among what is not deleted, and NULLS NOT DISTINCT
-- holds: SELECT count(*) > 50 AND count(*) FILTER (WHERE deleted_at IS NULL) > 20 AND count(DISTINCT org_id) > 3 FROM members
CREATE TABLE orgs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), slug text NOT NULL, deleted_at timestamptz);
CREATE UNIQUE INDEX ON orgs (slug) WHERE deleted_at IS NULL;
CREATE TABLE members (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), org_id uuid NOT NULL REFERENCES orgs, email text NOT NULL, deleted_at timestamptz, is_owner boolean NOT NULL DEFAULT false,
    UNIQUE NULLS NOT DISTINCT (org_id, email, deleted_at));
CREATE UNIQUE INDEX ON members (org_id, lower(email)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX ON members (org_id) WHERE is_owner AND deleted_at IS NULL;
CREATE TABLE settings_of (org_id uuid REFERENCES orgs, name text NOT NULL, value jsonb NOT NULL, UNIQUE NULLS NOT DISTINCT (org_id, name));
