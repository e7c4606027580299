-- A statement for each object in some schemas, but for members of extensions and parts of others, that drops it with what is in these schemas.
WITH ours AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ANY (%(schemas)s)), objects (catalog, oid) AS (
    SELECT c.tableoid, c.oid FROM pg_catalog.pg_class AS c JOIN ours ON c.relnamespace = ours.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL SELECT p.tableoid, p.oid FROM pg_catalog.pg_proc AS p JOIN ours ON p.pronamespace = ours.oid
    UNION ALL SELECT t.tableoid, t.oid FROM pg_catalog.pg_type AS t JOIN ours ON t.typnamespace = ours.oid
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
    WHERE (t.typrelid = 0 OR c.relkind = 'c') AND t.typcategory <> 'A' AND t.typtype <> 'm'
    UNION ALL SELECT o.tableoid, o.oid FROM pg_catalog.pg_operator AS o JOIN ours ON o.oprnamespace = ours.oid
    UNION ALL SELECT o.tableoid, o.oid FROM pg_catalog.pg_opfamily AS o JOIN ours ON o.opfnamespace = ours.oid
    UNION ALL SELECT o.tableoid, o.oid FROM pg_catalog.pg_collation AS o JOIN ours ON o.collnamespace = ours.oid
    UNION ALL SELECT o.tableoid, o.oid FROM pg_catalog.pg_ts_config AS o JOIN ours ON o.cfgnamespace = ours.oid
    UNION ALL SELECT o.tableoid, o.oid FROM pg_catalog.pg_ts_dict AS o JOIN ours ON o.dictnamespace = ours.oid
)
SELECT pg_catalog.format('DROP %%s IF EXISTS %%s CASCADE', i.type, i.identity)
FROM objects AS o, LATERAL pg_catalog.pg_identify_object(o.catalog, o.oid, 0) AS i
WHERE i.identity IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = o.catalog AND d.objid = o.oid AND d.deptype IN ('e', 'i'))
ORDER BY o.catalog = 'pg_catalog.pg_class'::regclass DESC
