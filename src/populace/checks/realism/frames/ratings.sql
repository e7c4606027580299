-- Who (`person`) gave which `item` how many `stars`.
SELECT hashtextextended(person::text, 0), hashtextextended(item::text, 0), stars::float8
FROM (
:given
) AS given
WHERE hashtextextended(person::text, 0) %% %(one_in)s = 0
ORDER BY 1, 2
