-- The foreign keys, of any table in any schema, that refer to the tables (schemas, names: arrays of the same length), their
-- partitions included. One row a key: its name, the child, its columns, the parent, the columns referred to in the same
-- order, the columns of the child's primary key (none when it has no such key), and whether the child is a plain table: then
-- the key is not one of tables that inherit from it. What a partition inherits is left out.
SELECT
    k.conname,
    child_schema.nspname,
    child.relname,
    ARRAY(
        SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = part.attnum ORDER BY place),
    wanted.schema_name,
    wanted.name,
    ARRAY(
        SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = part.attnum ORDER BY place),
    ARRAY(
        SELECT a.attname::text FROM pg_index AS i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = part.attnum
        WHERE i.indrelid = k.conrelid AND i.indisprimary AND place <= i.indnkeyatts ORDER BY place),
    child.relkind = 'r'
FROM unnest(%(schemas)s::text[], %(names)s::text[]) WITH ORDINALITY AS wanted (schema_name, name, place)
JOIN pg_namespace AS parent_schema ON parent_schema.nspname = wanted.schema_name
JOIN pg_class AS parent ON parent.relnamespace = parent_schema.oid AND parent.relname = wanted.name
JOIN pg_constraint AS k ON k.contype = 'f' AND k.conparentid = 0
    AND (k.confrelid = parent.oid OR k.confrelid IN (SELECT relid FROM pg_partition_tree(parent.oid)))
JOIN pg_class AS child ON child.oid = k.conrelid
JOIN pg_namespace AS child_schema ON child_schema.oid = child.relnamespace
-- What the app's authentication keeps about its own users (sessions, factors ...) goes with them, by its own keys.
WHERE NOT (wanted.schema_name = 'auth' AND child_schema.nspname = 'auth' AND k.confdeltype = 'c'
    AND NOT EXISTS (
        SELECT 1 FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS ours (schema_name, name)
        WHERE ours.schema_name = child_schema.nspname AND ours.name = child.relname))
ORDER BY wanted.place, child_schema.nspname, child.relname, k.conname
