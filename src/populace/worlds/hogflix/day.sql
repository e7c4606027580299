-- What a day of people's lives came to, over all pools, for the journal; no row where it has none.
SELECT
    sum(total_personas)::bigint  AS people,
    sum(active_today)::bigint    AS active,
    sum(new_signups)::bigint     AS signups,
    sum(churned)::bigint         AS churned,
    sum(churned_cleaned)::bigint AS removed,
    sum(reactivated)::bigint     AS reactivated
FROM public.daily_metrics
WHERE created_at = %(ended)s
HAVING count(*) > 0;
