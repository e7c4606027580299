-- Extensions and the schema of each.
SELECT e.extname, n.nspname
FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.oid >= 16384
ORDER BY e.extname
