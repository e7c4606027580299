-- What people did, in words, newest first: at, kind, text, person. A title stands between asterisks.
WITH scenes AS (
    SELECT e.created_at AS at, e.event_type AS kind, e.user_id AS person, e.template_id, e.scene_number,
        e.journey_instance_id, e.event_payload ->> 'artifact_type' AS artifact
    FROM public.journey_scene_events AS e
    WHERE e.event_payload ->> 'synthetic' = 'true' AND e.created_at >= %(since)s AND e.created_at < %(until)s
    ORDER BY e.created_at DESC
    LIMIT %(most)s
),
blocks AS (
    SELECT e.created_at AS at, e.signal_type AS kind, e.individual_id AS person, e.mindblock_id
    FROM public.mindblock_events AS e
    WHERE e.evidence ->> 'synthetic' = 'true' AND e.created_at >= %(since)s AND e.created_at < %(until)s
    ORDER BY e.created_at DESC
    LIMIT %(most)s
),
done AS (
    SELECT s.at, 'scene events' AS kind, s.person,
        CASE s.kind
            WHEN 'scene_started' THEN 'began '
            WHEN 'scene_progressed' THEN 'went on in '
            WHEN 'scene_completed' THEN 'finished '
            WHEN 'scene_abandoned' THEN 'left '
            WHEN 'artifact_captured' THEN 'kept ' || coalesce(replace(s.artifact, '_', ' '), 'something') || ' from '
            ELSE replace(s.kind, '_', ' ') || ' in '
        END
        || '*' || coalesce(p.title, t.title, s.template_id) || '*, scene ' || s.scene_number
        || coalesce(' of ' || coalesce(p.total_scenes, t.total_scenes, j.total_scenes), '') AS what
    FROM scenes AS s
    LEFT JOIN public.practice_template AS p ON p.id = s.template_id
    LEFT JOIN public.journey_template AS t ON t.id = s.template_id
    LEFT JOIN public.journey_instances AS j ON j.id = s.journey_instance_id
    UNION ALL
    SELECT b.at, 'mindblock events', b.person,
        CASE b.kind
            WHEN 'viewed' THEN 'looked at '
            WHEN 'engaged' THEN 'worked on '
            WHEN 'resonated' THEN 'saw themselves in '
            WHEN 'completed' THEN 'got through '
            ELSE b.kind || ' '
        END
        || coalesce('*' || m.limiting_prediction || '*', 'a mindblock')
    FROM blocks AS b
    LEFT JOIN public.mindblock_library AS m ON m.id::text = b.mindblock_id
)
SELECT d.at, d.kind,
    coalesce(f.full_name, initcap(left(replace(s.persona_key, '_', ' '), 1)) || substr(replace(s.persona_key, '_', ' '), 2)
        || ' ' || ltrim(split_part(split_part(f.email, '@', 1), '+', 2), '0'), split_part(f.email, '@', 1), 'somebody')
    || coalesce(' (' || o.name || ')', '') || ' ' || d.what AS text,
    d.person
FROM done AS d
LEFT JOIN public.profiles AS f ON f.id = d.person
LEFT JOIN public.sim_users AS s ON s.profile_id = d.person
LEFT JOIN public.organizations AS o ON o.id = f.organization_id
ORDER BY d.at DESC, d.person, d.what
LIMIT %(most)s
