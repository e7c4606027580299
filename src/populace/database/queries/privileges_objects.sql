-- What privileges may have been changed on: oid, kind and name as they are recorded.
SELECT n.oid::bigint, 'SCHEMA', pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_namespace AS n
UNION ALL
SELECT c.oid::bigint, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.oid >= 16384
UNION ALL
SELECT p.oid::bigint, 'FUNCTION', i.identity
FROM pg_catalog.pg_proc AS p, LATERAL pg_catalog.pg_identify_object(p.tableoid, p.oid, 0) AS i
WHERE p.oid >= 16384
