-- Whether this is a database of a Supabase project: its account server has run its migrations here, or owns the schema of
-- accounts. Judged by this database alone: roles belong to the whole server, where a project may be one database of many.
SELECT 2 = (SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'auth' AND c.relname IN ('users', 'schema_migrations') AND c.relkind IN ('r', 'p'))
    OR EXISTS (SELECT FROM pg_catalog.pg_namespace AS n JOIN pg_catalog.pg_roles AS r ON r.oid = n.nspowner
               WHERE n.nspname = 'auth' AND r.rolname IN ('supabase_admin', 'supabase_auth_admin'))
