-- Whether the schema populace is there, whether the record of migrations is, whether the layout is, and what in it is none
-- of the tables and functions of Populace. Catalogs are read directly: an app's schema may be closed to us.
WITH relation AS (
    SELECT c.oid, c.relname, c.relkind
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'populace' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
)
SELECT
    EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'populace'),
    EXISTS (SELECT FROM relation AS r WHERE r.relname = 'migration' AND r.relkind = 'r' AND 3 = (
        SELECT count(*) FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = r.oid AND (a.attname, a.atttypid::oid) IN (('name', 25), ('sha256', 25), ('applied_at', 1184)))),
    EXISTS (SELECT FROM relation AS r WHERE r.relname = 'layout' AND r.relkind = 'r'),
    ARRAY(
        SELECT 'populace.' || r.relname FROM relation AS r
        WHERE r.relkind <> 'r' OR NOT r.relname = ANY (%(tables)s)
        UNION ALL
        SELECT 'populace.' || p.proname || '()'
        FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = 'populace' AND NOT p.proname = ANY (%(functions)s)
        UNION ALL
        SELECT 'populace.' || t.typname
        FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
        WHERE n.nspname = 'populace' AND t.typtype IN ('d', 'e', 'r')
        ORDER BY 1),
    ARRAY(SELECT 'populace.' || r.relname FROM relation AS r ORDER BY 1)
