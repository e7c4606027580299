-- The role of the app's server, which row-level security does not restrict. Roles belong to the whole server: another database may make it in this moment.
DO $$
BEGIN
    CREATE ROLE service_role NOLOGIN BYPASSRLS;
    COMMENT ON ROLE service_role IS 'made by Populace';
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
