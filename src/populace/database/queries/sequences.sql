-- The sequences that number whole-number columns of tables (schemas, names: arrays of the same length), by an identity, a
-- serial or any default, of partitions too.
SELECT DISTINCT
    n.nspname,
    c.relname,
    a.attname,
    s.seqrelid::oid::regclass::text,
    s.seqincrement,
    s.seqmin,
    s.seqmax,
    has_sequence_privilege(s.seqrelid, 'UPDATE') AND has_sequence_privilege(s.seqrelid, 'SELECT')
        -- It is called by its name.
        AND has_schema_privilege((SELECT relnamespace FROM pg_class WHERE oid = s.seqrelid), 'USAGE')
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_namespace AS n ON n.nspname = wanted.schema_name
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = wanted.name
CROSS JOIN LATERAL (SELECT c.oid UNION SELECT relid::oid FROM pg_partition_tree(c.oid)) AS part (oid)
JOIN pg_attribute AS own ON own.attrelid = part.oid AND own.attnum > 0 AND NOT own.attisdropped
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = own.attname AND a.atttypid IN (20, 21, 23)
LEFT JOIN pg_attrdef AS d ON d.adrelid = own.attrelid AND d.adnum = own.attnum
JOIN pg_depend AS link ON
    -- Owned by the column, or read by its default.
    (link.classid = 'pg_class'::regclass AND link.refclassid = 'pg_class'::regclass AND link.refobjid = own.attrelid
        AND link.refobjsubid = own.attnum AND link.deptype IN ('a', 'i'))
    OR (link.classid = 'pg_attrdef'::regclass AND link.objid = d.oid AND link.refclassid = 'pg_class'::regclass)
JOIN pg_sequence AS s ON s.seqrelid = CASE WHEN link.classid = 'pg_class'::regclass THEN link.objid ELSE link.refobjid END
ORDER BY 1, 2, 3, 4
