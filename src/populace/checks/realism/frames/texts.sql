-- What people (`person`) wrote (`said`), in which table (`kind`): of each kind at most `most` texts, by a hash of who wrote them.
SELECT who, kind, said
FROM (
    SELECT hashtextextended(person::text, 0) AS who, kind::text AS kind, said::text AS said,
        row_number() OVER (PARTITION BY kind ORDER BY hashtextextended(person::text, 1), said) AS place
    FROM (
:given
    ) AS given
    WHERE said IS NOT NULL
) AS numbered
WHERE place <= %(most)s
ORDER BY 1, 2, 3
