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
    base.oid,
    -- Types that take each other's binary form: any text. citext is known by its extension, whatever schema it is in.
    base.oid IN ('text'::regtype, 'varchar'::regtype) OR EXISTS (
        SELECT FROM pg_depend AS d JOIN pg_extension AS x ON x.oid = d.refobjid AND x.extname = 'citext'
        WHERE d.classid = 'pg_type'::regclass AND d.objid = base.oid AND d.refclassid = 'pg_extension'::regclass
            AND d.deptype = 'e' AND base.name = 'citext'),
    base.modifier,
    a.attnotnull OR base.takes_no_null,
    a.atthasdef OR a.attidentity <> '' OR base.has_default,
    a.attgenerated <> '',
    a.attidentity = 'a',
    ARRAY(SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = base.oid ORDER BY e.enumsortorder)
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_namespace AS n ON n.nspname = wanted.schema_name
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = wanted.name AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
-- A domain, also one over another, is written as its base type.
LEFT JOIN LATERAL (
    WITH RECURSIVE layer AS (
        SELECT t.oid, t.typname AS name, t.typtype, t.typbasetype, t.typtypmod, a.atttypmod AS modifier,
               t.typnotnull AS takes_no_null, t.typdefault IS NOT NULL AS has_default
        FROM pg_type AS t WHERE t.oid = a.atttypid
        UNION ALL
        SELECT t.oid, t.typname, t.typtype, t.typbasetype, t.typtypmod, layer.typtypmod,
               layer.takes_no_null OR t.typnotnull, layer.has_default OR t.typdefault IS NOT NULL
        FROM layer JOIN pg_type AS t ON t.oid = layer.typbasetype WHERE layer.typtype = 'd'
    )
    SELECT * FROM layer WHERE typtype <> 'd'
) AS base ON true
ORDER BY n.nspname, c.relname, a.attnum
