-- The signed-in visitor's role.
CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE
RETURN coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
);
COMMENT ON FUNCTION auth.role() IS 'made by Populace';
