-- What a plain ANALYZE would look at but for the catalogs, by schema and name: tables, the largest first, then the rest.
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't'
    AND n.nspname <> ALL (ARRAY['pg_catalog', 'information_schema']) AND n.nspname !~ '^pg_toast'
ORDER BY c.relkind <> 'r', pg_catalog.pg_relation_size(c.oid) DESC, c.oid
