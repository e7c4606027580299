-- Which object depends on which other one (of users), and how, as pg_depend has it. A function of others that calls something
-- in the schema populace in its text depends on that schema, where it was made after it.
SELECT classid, objid, refclassid, refobjid, deptype::text
FROM pg_catalog.pg_depend
WHERE objid >= 16384 AND (refobjid >= 16384 OR refclassid = 'pg_catalog.pg_namespace'::regclass)
UNION ALL
SELECT p.tableoid, p.oid, n.tableoid, n.oid, 'n'
FROM pg_catalog.pg_proc AS p, pg_catalog.pg_namespace AS n
WHERE n.nspname = 'populace' AND p.pronamespace <> n.oid AND p.oid > n.oid AND p.prosrc ~ '\mpopulace\.'
