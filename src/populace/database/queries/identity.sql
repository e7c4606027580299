-- Which database this is. pg_control_system is asked for in a query of its own, where it may be read at all.
SELECT d.oid, d.datname::text, c.oid, current_user::text,
    pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
FROM pg_catalog.pg_database AS d, pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE d.datname = pg_catalog.current_database() AND n.nspname = 'populace' AND c.relname = 'target'
