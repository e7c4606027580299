-- The claims of the signed-in visitor, as the API sets them for each request; NULL outside a request. Bound to what it calls
-- when it is made, whatever search path it is called under.
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE
RETURN coalesce(
    nullif(current_setting('request.jwt.claims', true), ''),
    nullif(current_setting('request.jwt.claim', true), '')
)::jsonb;
COMMENT ON FUNCTION auth.jwt() IS 'made by Populace';
