-- How many people signed up on each `day`, as daily statistics counted them, whoever is still there.
SELECT 0::bigint, day::date - DATE '1970-01-01', people::bigint
FROM (
:given
) AS given
ORDER BY 2
