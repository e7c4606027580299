-- By what people can be chosen: filter, label, value, title. joined and active take a number of days.
SELECT 'kind' AS filter, 'Persona' AS label, k.persona_key AS value,
    upper(left(k.persona_key, 1)) || substr(replace(k.persona_key, '_', ' '), 2) AS title
FROM (SELECT DISTINCT persona_key FROM public.sim_users) AS k
UNION ALL
SELECT 'state', 'Journey', v.value, v.title
FROM (VALUES ('active', 'On a journey'), ('paused', 'Paused a journey'), ('none', 'On none now')) AS v (value, title)
UNION ALL
SELECT v.filter, v.label, '', '' FROM (VALUES ('active', 'Active'), ('joined', 'Joined')) AS v (filter, label)
ORDER BY 1, 4
