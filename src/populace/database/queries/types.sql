-- The oids of the types we name, NULL when the database has none of that name, and whether they are text. An enum is
-- named without its schema, and known by its name where there is one alone.
SELECT
    wanted.named,
    found.type::oid,
    coalesce(found.type IN ('pg_catalog.text'::regtype, 'pg_catalog.varchar'::regtype), false)
FROM unnest(%(types)s::text[]) AS wanted (named),
    LATERAL (
        SELECT coalesce(
            to_regtype(wanted.named),
            (SELECT min(t.oid::bigint)::oid::regtype FROM pg_catalog.pg_type AS t
             WHERE t.typname = wanted.named AND t.typtype = 'e' HAVING count(*) = 1))
    ) AS found (type)
