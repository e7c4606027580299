-- The content that journeys and cues draw on (000: templates, scenes with contracts, NaviCue v2), as Populace wrote it.
WITH held (title, documented, target, measured) AS (
    SELECT 'practices', '9', %(practices)s, count(*) FROM public.practice_template WHERE source = 'populace'
    UNION ALL
    SELECT 'journey templates', '64', %(templates)s, count(*) FROM public.journey_template WHERE source = 'populace'
    UNION ALL
    SELECT 'scenes of journey templates', '832', %(templates)s * %(sprint_scenes)s, count(*)
    FROM public.journey_template_scene AS s JOIN public.journey_template AS t ON t.id = s.template_id
    WHERE t.source = 'populace' AND substr(s.id::text, 15, 1) = '8'
    UNION ALL
    SELECT 'scene contracts', '832', %(templates)s * %(sprint_scenes)s, count(*)
    FROM public.scene_contracts AS s JOIN public.journey_template AS t ON t.id = s.template_id
    WHERE t.source = 'populace' AND substr(s.id::text, 15, 1) = '8'
    UNION ALL
    SELECT 'cues', '3000', %(cues)s, count(*) FROM public.navicues_v2 WHERE substr(id::text, 15, 1) = '8'
)
SELECT 'content' AS id, title, documented, target::text, measured::text, measured = target AS ok, '' AS note FROM held
UNION ALL
SELECT 'content', 'rows of protocol_integrity_issues', '0', '0', count(*)::text, count(*) = 0,
    'a scene without its contract, or a contract without its scene'
FROM public.protocol_integrity_issues
UNION ALL
SELECT 'content', 'cues that can be answered, of those shown', '', 'info',
    coalesce(round(avg((c.default_response_type <> 'none')::int), 3)::float8::text, 'none'), NULL,
    'a cue that asks for no answer gets none, whatever answered_share says'
FROM public.navicue_responses_v2 AS r JOIN public.navicues_v2 AS c ON c.id = r.navicue_id
WHERE r.response_data ->> 'synthetic' = 'true'
