-- The role of visitors who are signed in. Roles belong to the whole server: another database may make it in this moment.
DO $$
BEGIN
    CREATE ROLE authenticated NOLOGIN;
    COMMENT ON ROLE authenticated IS 'made by Populace';
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
