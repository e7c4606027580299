-- Who (`person`) signed up when (`joined`, on their own clock).
SELECT hashtextextended(person::text, 0), (extract(epoch FROM joined) * 1000000)::bigint
FROM (
:given
) AS given
WHERE hashtextextended(person::text, 0) %% %(one_in)s = 0
ORDER BY 1
