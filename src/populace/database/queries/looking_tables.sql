-- Tables that an app fills: schema, name, pages, whether we may read them, and their columns of addresses and log-ins. Left
-- out: PostgreSQL's own, Populace's own, those of extensions, and the tables in which a Supabase project counts its migrations.
SELECT n.nspname, c.relname, c.relpages,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),
    (SELECT pg_catalog.array_agg(ARRAY[a.attname::text, CASE WHEN t.typcategory = 'S' THEN 'email' ELSE 'login' END] ORDER BY a.attnum)
     FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       AND (t.typcategory = 'S' AND a.attname ~* '(^|_)e_?mail(_?addr(ess)?)?$'
            OR t.typcategory = 'D' AND a.attname ~* '^last_?(sign_?in|log_?in|seen|active)(_?at)?$'))
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname !~ '^pg_'
  AND n.nspname <> ALL (ARRAY['information_schema', 'populace', '_realtime', 'realtime', 'vault', 'pgsodium', 'supabase_migrations',
                              'supabase_functions', 'graphql', 'cron', 'net'])
  AND NOT (n.nspname IN ('auth', 'storage') AND c.relname IN ('schema_migrations', 'migrations', 'instances'))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname <> 'auth', n.nspname <> 'public', n.nspname, c.relname
