-- The oids of the types we name, NULL when the database has none of that name, and whether they are text.
SELECT named, to_regtype(named)::oid, coalesce(to_regtype(named) IN ('text'::regtype, 'varchar'::regtype), false)
FROM unnest(%(types)s::text[]) AS wanted (named)
