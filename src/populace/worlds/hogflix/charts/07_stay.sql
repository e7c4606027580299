-- chart: bar · Retention, by when people signed up · sign-ups as daily_metrics counted them, and who of them has not churned
WITH unit (name) AS (
    SELECT CASE WHEN %(watermark)s::timestamptz - %(origin)s::timestamptz > interval '90 days' THEN 'month' ELSE 'week' END
),
joined AS (
    SELECT date_trunc(u.name, d.day AT TIME ZONE 'UTC') AS cohort, sum(d.new_signups) AS people
    FROM public.daily_metrics AS d CROSS JOIN unit AS u GROUP BY 1
),
ours AS MATERIALIZED (
    SELECT u.id, u.created_at FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
),
-- A day of the metrics begins in the morning, and its row is written when it ends.
begins AS (
    SELECT min(d.created_at - interval '1 day' - d.day) AS after FROM public.daily_metrics AS d
),
-- Who has churned and is kept has a subscription that ended.
here AS (
    SELECT date_trunc(u.name, (o.created_at - b.after) AT TIME ZONE 'UTC') AS cohort, count(*) AS people
    FROM ours AS o CROSS JOIN begins AS b CROSS JOIN unit AS u
    WHERE EXISTS (SELECT 1 FROM public.user_subscriptions AS s WHERE s.user_id = o.id AND s.status = 'active')
    GROUP BY 1
),
cohorts AS (
    SELECT j.cohort, j.people, least(coalesce(h.people, 0), j.people) AS stayed
    FROM joined AS j LEFT JOIN here AS h USING (cohort)
    WHERE j.people > 0
)
SELECT to_char(b.cohort, CASE u.name WHEN 'month' THEN 'YYYY-MM' ELSE 'YYYY-MM-DD' END) AS label, v.value, v.series
FROM cohorts AS b CROSS JOIN unit AS u
CROSS JOIN LATERAL (VALUES (1, 'still here', b.stayed), (2, 'left', b.people - b.stayed)) AS v (place, series, value)
ORDER BY v.place, b.cohort
