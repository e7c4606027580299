-- Moments (`at`), each with that of what it followed (`since`), by `kind` and by whose they are (`person`).
SELECT hashtextextended(person::text, 0), kind::text, (extract(epoch FROM since) * 1000000)::bigint,
    (extract(epoch FROM at) * 1000000)::bigint
FROM (
:given
) AS given
WHERE hashtextextended(person::text, 0) %% %(one_in)s = 0
ORDER BY 1, 2, 4
