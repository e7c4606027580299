-- By what people can be chosen: filter, label, value, title. joined and active take a number of days.
SELECT 'kind' AS filter, 'Plan' AS label, p.name AS value, initcap(p.name) AS title FROM public.subscription_plans AS p
UNION ALL
SELECT 'state', 'Subscription', v.value, v.title
FROM (VALUES ('active', 'Subscribed'), ('cancelled', 'Left'), ('expired', 'Ran out')) AS v (value, title)
UNION ALL
SELECT v.filter, v.label, '', '' FROM (VALUES ('active', 'Active'), ('joined', 'Joined')) AS v (filter, label)
ORDER BY 1, 4
