-- By what contacts can be chosen: filter, label, value, title. joined and active take a number of days.
SELECT f.filter, f.label, f.value, f.title
FROM (
    SELECT 'kind', 'Client', c.id::text, c.name, 0
    FROM public.clients AS c
    WHERE EXISTS (SELECT FROM public.contacts AS o WHERE o.client_id = c.id AND o.is_simulated)
    UNION ALL
    VALUES ('state', 'Stage', 'lead', 'Lead', 1), ('state', 'Stage', 'mql', 'Marketing qualified', 2),
        ('state', 'Stage', 'sql', 'Sales qualified', 3), ('state', 'Stage', 'opportunity', 'Opportunity', 4),
        ('state', 'Stage', 'customer', 'Customer', 5), ('state', 'Stage', 'evangelist', 'Evangelist', 6),
        ('active', 'Active', '', '', 0), ('joined', 'Added', '', '', 0)
) AS f (filter, label, value, title, place)
ORDER BY f.filter, f.place, f.title
