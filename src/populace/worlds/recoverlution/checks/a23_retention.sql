-- A23: how old closed journeys get. Where the runner cleans up by itself, once a day, they get a day older than it keeps
-- them at most; else the retention is the default of the world's own clean-up, and somebody has to run it.
WITH facts AS (
    SELECT extract(epoch FROM %(watermark)s - min(coalesce(completed_at, updated_at))) / 86400 AS age,
        coalesce(nullif((%(in_force)s ->> 'retention_days')::numeric, 0) + 1,
            pg_get_function_arg_default(to_regprocedure('public.cleanup_old_synthetic_data(integer)'), 1)::numeric) AS days,
        coalesce((%(in_force)s ->> 'retention_days')::numeric, 0) > 0 AS by_itself,
        %(removed)s ? 'journey_instances' AS cleaned
    FROM public.journey_instances
    WHERE metadata ->> 'synthetic' = 'true' AND status IN ('completed', 'abandoned')
)
SELECT 'A23' AS id, 'days since the oldest journey that is left was closed' AS title, 'below 45' AS documented,
    coalesce('below ' || days, 'no clean-up') AS target, coalesce(round(age, 1)::text, 'none') AS measured,
    CASE WHEN age < days OR (cleaned OR by_itself) AND NOT %(changes)s ? 'retention_days' THEN age < days END AS ok,
    CASE WHEN age IS NULL THEN 'no journey has closed'
        WHEN days IS NULL THEN 'this database has no clean-up function'
        WHEN age < days AND by_itself THEN 'retention_days, and a day until the next clean-up'
        WHEN age < days THEN
            'specified in two ways; this follows the default of the clean-up; monthly runs that retain 30 days let rows reach 60'
        WHEN %(changes)s ? 'retention_days' THEN 'retention_days was changed on ' || (%(changes)s ->> 'retention_days')
        WHEN cleaned OR by_itself THEN 'the last clean-up is too long ago'
        ELSE 'no clean-up has run yet that retains ' || days || ' days' END AS note
FROM facts
