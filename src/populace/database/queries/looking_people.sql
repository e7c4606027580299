-- Domains of a sample of addresses, and whether they are reserved for examples (RFC 2606), where nobody reads mail.
SELECT domain, domain ~ '(^|\.)(example\.(com|net|org)|example|test|invalid|localhost)$', count(*)
FROM (SELECT pg_catalog.lower(pg_catalog.split_part({column}::text, '@', 2)) AS domain FROM {table}
      WHERE {column}::text LIKE '%@%' LIMIT {most}) AS sampled
GROUP BY 1, 2
