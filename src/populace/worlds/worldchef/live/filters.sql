-- By what people can be chosen: filter, label, value, title. joined and active take a number of days.
SELECT 'kind' AS filter, 'Role' AS label, r.role::text AS value, initcap(r.role::text) AS title
FROM (SELECT DISTINCT role FROM public.users WHERE split_part(email, '@', -1) = 'staging.worldchef.example.com') AS r
UNION ALL
SELECT v.filter, v.label, '', '' FROM (VALUES ('active', 'Active'), ('joined', 'Joined')) AS v (filter, label)
ORDER BY 1, 4
