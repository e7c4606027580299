-- What may be taken away: what is recorded and still there under its oid. With what somebody has changed of it since (null:
-- nothing), and whether it is a table that may have rows of others.
WITH ours AS (
    SELECT ('pg_catalog.' || m.catalog)::regclass::oid AS catalog, m.object, m.name, m.columns, m.definition, m.number
    FROM populace.made AS m WHERE m.catalog <> 'pg_authid'
), named AS (
    SELECT o.*, i.type AS kind, i.schema, i.identity
    FROM ours AS o, LATERAL pg_catalog.pg_identify_object(o.catalog, o.object, 0) AS i
    WHERE i.identity IS NOT NULL
)
SELECT catalog, object, kind, identity,
    CASE
        WHEN schema = 'populace' THEN NULL
        WHEN kind IN ('schema', 'table', 'view', 'materialized view', 'function', 'type', 'publication') AND name <> identity
            THEN 'it was called ' || name || ' when it was made'
        WHEN kind = 'table' AND columns <> (
            SELECT count(*) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = object AND a.attnum > 0 AND NOT a.attisdropped)
            THEN 'its columns have been changed'
        WHEN kind = 'function' AND definition <> pg_catalog.md5(pg_catalog.pg_get_functiondef(object))
            OR kind IN ('view', 'materialized view') AND definition <> pg_catalog.md5(pg_catalog.pg_get_viewdef(object))
            THEN 'its definition has been changed'
    END,
    kind = 'table' AND schema <> 'populace'
FROM named
ORDER BY number
