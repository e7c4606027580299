-- Whether this is a database of a Supabase project: its own roles, or the migrations of its account server.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname IN ('supabase_admin', 'supabase_auth_admin'))
    OR 2 = (SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'auth' AND c.relname IN ('users', 'schema_migrations'))
