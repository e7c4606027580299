-- After a restore: what Populace had made has a new oid, and is known by its kind and name. numbers: the rows that held when
-- the backup was taken.
WITH there AS (
    SELECT c.relname AS catalog, o.object, i.type, i.identity
    FROM unnest(%(catalogs)s::oid[], %(objects)s::oid[]) AS o (catalog, object)
    JOIN pg_catalog.pg_class AS c ON c.oid = o.catalog,
    LATERAL pg_catalog.pg_identify_object(o.catalog, o.object, 0) AS i
), held AS (DELETE FROM populace.made AS m WHERE m.catalog <> 'pg_authid' RETURNING m.*)
SELECT h.catalog, t.object, h.kind, h.name, h.cluster_wide, h.columns, h.definition, h.made_by, h.made_at
FROM held AS h JOIN there AS t ON t.catalog = h.catalog AND t.type = h.kind AND t.identity = h.name
WHERE h.number = ANY (%(numbers)s)
ORDER BY h.number
