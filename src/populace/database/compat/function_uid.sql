-- The signed-in visitor's id; the older setting, one per claim, comes first, as on Supabase.
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE
RETURN coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
)::uuid;
COMMENT ON FUNCTION auth.uid() IS 'made by Populace';
