-- Record objects (oid of their catalog, their own), as PostgreSQL identifies them.
INSERT INTO populace.made (catalog, object, kind, name, columns, definition, made_by)
SELECT c.relname, o.object, i.type, i.identity,
    CASE WHEN c.relname = 'pg_class' THEN
        (SELECT count(*) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = o.object AND a.attnum > 0 AND NOT a.attisdropped)
    END,
    CASE i.type
        WHEN 'function' THEN pg_catalog.md5(pg_catalog.pg_get_functiondef(o.object))
        WHEN 'view' THEN pg_catalog.md5(pg_catalog.pg_get_viewdef(o.object))
        WHEN 'materialized view' THEN pg_catalog.md5(pg_catalog.pg_get_viewdef(o.object))
    END,
    current_user
FROM unnest(%(catalogs)s::oid[], %(objects)s::oid[]) WITH ORDINALITY AS o (catalog, object, place)
JOIN pg_catalog.pg_class AS c ON c.oid = o.catalog,
LATERAL pg_catalog.pg_identify_object(o.catalog, o.object, 0) AS i
WHERE i.identity IS NOT NULL
ORDER BY o.place
ON CONFLICT (catalog, object) DO UPDATE
    SET kind = excluded.kind, name = excluded.name, columns = excluded.columns, definition = excluded.definition,
        made_by = excluded.made_by
