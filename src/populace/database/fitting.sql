-- What tables (schemas, names: arrays of the same length) ask of a row, beside the types of its columns.

-- name: columns
-- by_itself: how a column that is not written gets its value, and whether from the row's other columns. A sequence is
-- left alone.
SELECT
    n.nspname || '.' || c.relname,
    a.attname,
    format_type(a.atttypid, a.atttypmod),
    -- With -1 a type of bits or characters without a length is any length, and not one.
    format_type(base.oid, -1),
    base.oid <> a.atttypid OR a.atttypmod >= 0 OR base.typtype = 'e',
    CASE WHEN EXISTS (
        SELECT FROM pg_depend AS k JOIN pg_class AS s ON s.oid = k.refobjid AND s.relkind = 'S'
        WHERE k.classid = 'pg_attrdef'::regclass AND k.objid = d.oid AND k.refclassid = 'pg_class'::regclass)
    THEN NULL ELSE pg_get_expr(d.adbin, d.adrelid) END,
    a.attgenerated <> ''
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_namespace AS n ON n.nspname = wanted.schema_name
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
CROSS JOIN LATERAL (
    WITH RECURSIVE layer AS (
        SELECT t.oid, t.typtype, t.typbasetype FROM pg_type AS t WHERE t.oid = a.atttypid
        UNION ALL
        SELECT t.oid, t.typtype, t.typbasetype FROM layer JOIN pg_type AS t ON t.oid = layer.typbasetype
        WHERE layer.typtype = 'd'
    )
    SELECT * FROM layer WHERE typtype <> 'd'
) AS base
ORDER BY 1, a.attnum;

-- name: checks
SELECT
    n.nspname || '.' || c.relname,
    k.conname,
    pg_get_expr(k.conbin, k.conrelid),
    ARRAY(SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey))
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_namespace AS n ON n.nspname = wanted.schema_name
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'c'
ORDER BY 1, 2;

-- name: uniques
-- keys: expressions, and the operators by which they are equal. columns: all that these and the condition read.
SELECT
    n.nspname || '.' || c.relname,
    own.relname,
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, false) FROM generate_series(1, i.indnkeyatts) AS place ORDER BY place),
    ARRAY(
        SELECT format('OPERATOR(%%I.%%s)', os.nspname, o.oprname)
        FROM unnest(i.indclass::oid[]) WITH ORDINALITY AS class (oid, place)
        JOIN pg_opclass AS oc ON oc.oid = class.oid
        JOIN pg_amop AS m ON m.amopfamily = oc.opcfamily AND m.amopstrategy = 3
            AND m.amoplefttype = oc.opcintype AND m.amoprighttype = oc.opcintype
        JOIN pg_operator AS o ON o.oid = m.amopopr
        JOIN pg_namespace AS os ON os.oid = o.oprnamespace
        WHERE class.place <= i.indnkeyatts ORDER BY class.place),
    coalesce(pg_get_expr(i.indpred, i.indrelid), 'true'),
    ARRAY(
        SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND (
            a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]) OR EXISTS (
                SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum))
        ORDER BY a.attnum)
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_namespace AS n ON n.nspname = wanted.schema_name
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = wanted.name
JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisunique AND i.indisvalid
JOIN pg_class AS own ON own.oid = i.indexrelid
JOIN pg_am AS am ON am.oid = own.relam AND am.amname = 'btree'
ORDER BY 1, 2;
