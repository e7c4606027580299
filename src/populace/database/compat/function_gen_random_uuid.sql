-- pgcrypto's name for what PostgreSQL has built in.
CREATE FUNCTION extensions.gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT pg_catalog.gen_random_uuid()
$$;
COMMENT ON FUNCTION extensions.gen_random_uuid() IS 'made by Populace';
