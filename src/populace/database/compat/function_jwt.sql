-- The claims of the signed-in visitor, as the API sets them for each request; NULL outside a request.
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT COALESCE(
        NULLIF(current_setting('request.jwt.claims', true), ''),
        NULLIF(current_setting('request.jwt.claim', true), '')
    )::jsonb
$$;
COMMENT ON FUNCTION auth.jwt() IS 'made by Populace';
