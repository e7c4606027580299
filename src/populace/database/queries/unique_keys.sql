-- The unique keys of the tables that a merge can use: whole (no WHERE, no expression) and checked at once.
SELECT n.nspname, c.relname, ARRAY(
    SELECT a.attname::text FROM pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_namespace AS n ON n.nspname = wanted.schema_name
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_index AS i ON i.indrelid = c.oid
WHERE i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
