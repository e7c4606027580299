-- What each partition of a table (schema, name) takes.
SELECT pg_catalog.pg_get_expr(b.relpartbound, b.oid)
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS b ON b.oid = i.inhrelid AND b.relispartition
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhparent
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relname = %(name)s
