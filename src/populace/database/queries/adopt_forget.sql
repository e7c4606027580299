-- Forget what is recorded and is another object here, or none: a restored dump gives everything a new oid, and an old one may
-- by now be somebody else's.
DELETE FROM populace.made AS m
WHERE CASE WHEN m.catalog = 'pg_authid'
    THEN NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid = m.object AND r.rolname = m.name
                     AND pg_catalog.shobj_description(r.oid, 'pg_authid') = 'made by Populace')
    ELSE NOT EXISTS (
        SELECT FROM pg_catalog.pg_identify_object(('pg_catalog.' || m.catalog)::regclass, m.object, 0) AS i
        WHERE i.identity = m.name AND i.type = m.kind)
    END
