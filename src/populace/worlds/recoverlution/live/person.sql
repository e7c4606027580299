-- What somebody did, newest first: at, kind, text. A title stands between asterisks.
SELECT at, kind, text
FROM (
    (SELECT e.created_at AS at, 'scene events' AS kind,
        replace(e.event_type, '_', ' ') || ': *' || coalesce(p.title, t.title, e.template_id) || '*, scene '
        || e.scene_number AS text
    FROM public.journey_scene_events AS e
    LEFT JOIN public.practice_template AS p ON p.id = e.template_id
    LEFT JOIN public.journey_template AS t ON t.id = e.template_id
    WHERE e.user_id = %(person)s AND e.created_at < %(before)s
    ORDER BY e.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT m.created_at, 'mindblock events', m.signal_type || ': ' || coalesce('*' || l.limiting_prediction || '*', 'a mindblock')
    FROM public.mindblock_events AS m
    LEFT JOIN public.mindblock_library AS l ON l.id::text = m.mindblock_id
    WHERE m.individual_id = %(person)s AND m.created_at < %(before)s
    ORDER BY m.created_at DESC LIMIT %(most)s)
    UNION ALL
    (SELECT c.created_at, 'engagements', c.action || ' a ' || c.content_type
    FROM public.content_engagements AS c
    WHERE c.individual_id = %(person)s AND c.created_at < %(before)s
    ORDER BY c.created_at DESC LIMIT %(most)s)
) AS lines
ORDER BY at DESC, kind, text
LIMIT %(most)s
