-- What the transaction under way has made or changed in the catalogs: rows that we see although their transaction has not
-- ended. Savepoints have numbers of their own, all of them later than that of the transaction. Objects of PostgreSQL itself,
-- of toast and of rows' types are left out: they go with what they belong to.
WITH here AS (
    SELECT pg_catalog.pg_current_xact_id()::text::bigint AS xact,
        pg_catalog.age(pg_catalog.xid(pg_catalog.pg_current_xact_id())) AS age
), touched (catalog, object, written_by) AS (
    SELECT tableoid, oid, xmin FROM pg_catalog.pg_namespace
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_class WHERE relkind <> 't' AND relnamespace <> 99
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_type WHERE typrelid = 0 AND typelem = 0
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_proc
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_constraint
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_policy
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_rewrite
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_attrdef
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_statistic_ext
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_extension
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_publication
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_publication_rel
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_collation
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_operator
    UNION ALL SELECT tableoid, oid, xmin FROM pg_catalog.pg_cast
)
SELECT t.catalog, t.object
FROM touched AS t, here
WHERE t.object >= 16384 AND pg_catalog.age(t.written_by) <= here.age
  AND pg_catalog.pg_xact_status((here.xact + here.age - pg_catalog.age(t.written_by))::text::xid8) = 'in progress'
