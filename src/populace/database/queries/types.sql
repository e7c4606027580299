-- What the database calls the types we name: the oid (NULL when it has none of that name) and the name in full.
SELECT named, to_regtype(named)::oid, format_type(to_regtype(named)::oid, NULL)
FROM unnest(%(types)s::text[]) AS wanted (named)
