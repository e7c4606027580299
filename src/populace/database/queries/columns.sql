-- What the catalog knows of the tables (schemas, names: arrays of the same length), one row a column; a table that is
-- missing has no row, one without columns a row without a column.
SELECT
    n.nspname,
    c.relname,
    c.relkind::text,
    row_security_active(c.oid),
    has_table_privilege(c.oid, 'INSERT'),
    a.attname,
    format_type(a.atttypid, a.atttypmod),
    -- A domain is written as its base type.
    CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END,
    format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL),
    CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END,
    a.attnotnull OR t.typnotnull,
    a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL,
    a.attgenerated <> '',
    a.attidentity = 'a',
    ARRAY(SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_namespace AS n ON n.nspname = wanted.schema_name
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = wanted.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_type AS t ON t.oid = a.atttypid
ORDER BY n.nspname, c.relname, a.attnum
