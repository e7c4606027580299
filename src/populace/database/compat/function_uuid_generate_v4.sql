-- The one function apps use of uuid-ossp.
CREATE FUNCTION extensions.uuid_generate_v4() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT pg_catalog.gen_random_uuid()
$$;
COMMENT ON FUNCTION extensions.uuid_generate_v4() IS 'made by Populace';
