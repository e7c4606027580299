-- How many of a sample of people were here lately, but for those whose address is reserved for examples; and of how many.
SELECT count(*) FILTER (WHERE at > pg_catalog.now() - interval '30 days'), count(*)
FROM (SELECT {column}::timestamptz AS at, {email}::text AS email FROM {table} WHERE {column} IS NOT NULL LIMIT {most}) AS sampled
WHERE coalesce(pg_catalog.lower(pg_catalog.split_part(email, '@', 2)), '')
    !~ '(^|\.)(example\.(com|net|org)|example|test|invalid|localhost)$'
