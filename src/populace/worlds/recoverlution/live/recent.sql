-- Journeys that began last: at, who, what, done, total, state, person.
SELECT j.started_at AS at,
    coalesce(p.full_name, initcap(left(replace(s.persona_key, '_', ' '), 1)) || substr(replace(s.persona_key, '_', ' '), 2)
        || ' ' || ltrim(split_part(split_part(p.email, '@', 1), '+', 2), '0'), 'somebody') AS who,
    coalesce(r.title, t.title, j.template_id) AS what, j.current_scene_number AS done, j.total_scenes AS total,
    j.status AS state, j.user_id AS person
FROM (
    SELECT i.* FROM public.journey_instances AS i
    WHERE i.metadata ->> 'synthetic' = 'true' AND i.started_at < %(until)s
    ORDER BY i.started_at DESC
    LIMIT 8
) AS j
LEFT JOIN public.profiles AS p ON p.id = j.user_id
LEFT JOIN public.sim_users AS s ON s.profile_id = j.user_id
LEFT JOIN public.practice_template AS r ON r.id = j.template_id
LEFT JOIN public.journey_template AS t ON t.id = j.template_id
ORDER BY j.started_at DESC, j.id
