-- How many people each `campaign` asked (`trials`), and how many of them answered (`successes`).
SELECT hashtextextended(campaign::text, 0), trials::bigint, successes::bigint
FROM (
:given
) AS given
ORDER BY 1
