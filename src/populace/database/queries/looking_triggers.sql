-- Triggers and rules of an app, by table: schema, table, and their names. Left out: the server's own (of foreign keys, of views, and
-- the copies that partitions have), Populace's own, those of extensions, and those in schemas that a Supabase project keeps for itself.
SELECT n.nspname, c.relname, pg_catalog.array_agg(w.name ORDER BY w.name)
FROM (
    SELECT t.tgrelid AS relation, t.tgname::text AS name, 'pg_catalog.pg_trigger'::regclass AS catalog, t.oid
    FROM pg_catalog.pg_trigger AS t WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D'
    UNION ALL
    SELECT r.ev_class, r.rulename::text, 'pg_catalog.pg_rewrite'::regclass, r.oid
    FROM pg_catalog.pg_rewrite AS r WHERE r.rulename <> '_RETURN' AND r.ev_enabled <> 'D'
) AS w
JOIN pg_catalog.pg_class AS c ON c.oid = w.relation JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_'
  AND n.nspname <> ALL (ARRAY['information_schema', 'populace', '_realtime', 'realtime', 'storage', 'vault', 'pgsodium', 'supabase_migrations',
                              'supabase_functions', 'graphql', 'cron', 'net'])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = w.catalog AND d.objid = w.oid AND d.deptype = 'e')
GROUP BY n.nspname, c.relname
ORDER BY n.nspname, c.relname
