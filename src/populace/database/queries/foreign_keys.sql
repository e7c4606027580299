-- The foreign keys, of any table in any schema, that refer to the tables (schemas, names: arrays of the same length), their
-- partitions, and what they are partitions of. One row a key: its name, the child, its columns, the parent, the columns
-- referred to in the same order, the columns of the child's primary key (none when it has no such key), what it does when a row
-- goes, the operators by which the columns are compared, the partitions to which alone it refers (null: the whole table),
-- whether children of the child by inheritance are left out, and whether the child holds parts of accounts.
SELECT
    f.name,
    child_schema.nspname,
    child.relname,
    f.columns,
    wanted.schema_name,
    wanted.name,
    f.keys,
    ARRAY(
        SELECT a.attname::text FROM pg_catalog.pg_index AS i
        CROSS JOIN pg_catalog.unnest(i.indkey) WITH ORDINALITY AS part (attnum, place)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = part.attnum
        WHERE i.indrelid = f.child AND i.indisprimary AND place <= i.indnkeyatts ORDER BY place),
    f.on_delete,
    f.operators,
    CASE WHEN f.parent <> parent.oid THEN (
        SELECT pg_catalog.array_agg(below.relid::oid) FROM pg_catalog.pg_partition_tree(f.parent) AS below
        WHERE below.relid IN (SELECT relid FROM pg_catalog.pg_partition_tree(parent.oid))) END,
    child.relkind = 'r',
    f.is_part
FROM ROWS FROM (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[]))
    WITH ORDINALITY AS wanted (schema_name, name, place)
JOIN pg_catalog.pg_namespace AS parent_schema ON parent_schema.nspname = wanted.schema_name
JOIN pg_catalog.pg_class AS parent ON parent.relnamespace = parent_schema.oid AND parent.relname = wanted.name
JOIN populace.foreign_keys() AS f ON f.parent = ANY (populace.relatives(parent.oid::regclass))
JOIN pg_catalog.pg_class AS child ON child.oid = f.child
JOIN pg_catalog.pg_namespace AS child_schema ON child_schema.oid = child.relnamespace
ORDER BY wanted.place, child_schema.nspname, child.relname, f.name
