-- Whether an object that was just made (one of those given) is defined as the one that was moved aside: a row for each that
-- has one to be compared with.
WITH new AS (
    SELECT c.relname AS catalog, n.object
    FROM unnest(%(catalogs)s::oid[], %(objects)s::oid[]) AS n (catalog, object) JOIN pg_catalog.pg_class AS c ON c.oid = n.catalog
)
SELECT pg_catalog.pg_get_indexdef(n.object)
    = pg_catalog.replace(pg_catalog.pg_get_indexdef(o.oid), %(aside)s, pg_catalog.quote_ident(%(bare)s))
FROM new AS n JOIN pg_catalog.pg_index AS i ON i.indexrelid = n.object
JOIN pg_catalog.pg_index AS j ON j.indrelid = i.indrelid JOIN pg_catalog.pg_class AS o ON o.oid = j.indexrelid AND o.relname = %(aside)s
WHERE n.catalog = 'pg_class'
UNION ALL
SELECT ARRAY(SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = n.object ORDER BY enumsortorder)
    = ARRAY(SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = o.oid ORDER BY enumsortorder)
FROM new AS n JOIN pg_catalog.pg_type AS t ON t.oid = n.object AND t.typtype = 'e'
JOIN pg_catalog.pg_type AS o ON o.typnamespace = t.typnamespace AND o.typname = %(aside)s AND o.typtype = 'e'
WHERE n.catalog = 'pg_type'
UNION ALL
SELECT pg_catalog.pg_get_triggerdef(n.object)
    = pg_catalog.replace(pg_catalog.pg_get_triggerdef(o.oid), 'TRIGGER ' || %(aside)s, 'TRIGGER ' || pg_catalog.quote_ident(%(bare)s))
    AND o.tgenabled = t.tgenabled
FROM new AS n JOIN pg_catalog.pg_trigger AS t ON t.oid = n.object
JOIN pg_catalog.pg_trigger AS o ON o.tgrelid = t.tgrelid AND o.tgname = %(aside)s
WHERE n.catalog = 'pg_trigger'
UNION ALL
SELECT (p.polcmd, p.polpermissive, p.polroles, pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
    IS NOT DISTINCT FROM
    (o.polcmd, o.polpermissive, o.polroles, pg_catalog.pg_get_expr(o.polqual, o.polrelid), pg_catalog.pg_get_expr(o.polwithcheck, o.polrelid))
FROM new AS n JOIN pg_catalog.pg_policy AS p ON p.oid = n.object
JOIN pg_catalog.pg_policy AS o ON o.polrelid = p.polrelid AND o.polname = %(aside)s
WHERE n.catalog = 'pg_policy'
