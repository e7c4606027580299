-- The partitions of a table (schema, name) whose comment says that they are ours (mark): schema and name.
SELECT p.nspname, b.relname
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS b ON b.oid = i.inhrelid AND b.relispartition
JOIN pg_catalog.pg_namespace AS p ON p.oid = b.relnamespace
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhparent
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %(schema)s AND c.relname = %(name)s
    AND pg_catalog.obj_description(b.oid, 'pg_class') = %(mark)s
ORDER BY b.relname
