-- K7 by rows: wherever a draw leaves a row, the rows are recounted. A draw is accounted when its visit arrives, and its
-- row follows; so rows may lag behind by the scenes, or the journeys, that are still to come. How many these are is known
-- exactly: every scene draws its dwell time once. Nothing is drawn for visits that are turned away.
WITH chances AS (
    SELECT point, (sums ->> 0)::numeric AS n, (sums ->> 3)::numeric AS yes
    FROM jsonb_each(%(draw_statistics)s -> 'chances') AS c (point, sums)
),
events AS MATERIALIZED (
    SELECT CASE event_type WHEN 'capture_submitted' THEN 'artifact_captured' ELSE event_type END AS type,
        journey_instance_id AS journey, scene_number AS scene, event_payload ->> 'error' = 'true' AS erring
    FROM public.journey_scene_events WHERE event_payload ->> 'synthetic' = 'true'
),
scenes AS (
    SELECT coalesce((%(draw_statistics)s #>> '{measures,scene.dwell,0}')::numeric, 0)
        - count(*) FILTER (WHERE type IN ('scene_completed', 'scene_abandoned')) AS lag
    FROM events
),
journeys AS (
    SELECT count(*) FILTER (WHERE status NOT IN ('completed', 'abandoned'))
            + coalesce((SELECT n FROM chances WHERE point = 'journey.is_practice'), 0) - count(*) AS lag,
        coalesce((SELECT n FROM chances WHERE point = 'journey.is_practice'), 0) - count(*) AS unseen,
        count(*) FILTER (WHERE status = 'abandoned') AS abandoned, count(*) AS n
    FROM public.journey_instances WHERE metadata ->> 'synthetic' = 'true'
),
signals AS (
    SELECT count(*) FILTER (WHERE signal_type IN ('viewed', 'activation')) AS met,
        count(*) FILTER (WHERE signal_type IN ('engaged', 'release')) AS engaged,
        count(*) FILTER (WHERE signal_type IN ('completed', 'reframe')) AS completed,
        count(*) FILTER (WHERE signal_type IN ('resonated', 'alignment_choice', 'transfer')) AS resonated
    FROM public.mindblock_events WHERE evidence ->> 'synthetic' = 'true'
),
engagements AS (
    SELECT count(*) FILTER (WHERE action = 'completed') AS completed, count(*) FILTER (WHERE action = 'rated') AS rated,
        count(*) FILTER (WHERE metadata ->> 'reflection' IS NOT NULL) AS reflected,
        -- From the first row of an engagement to its last it takes 32 minutes at most.
        count(*) FILTER (WHERE action = 'viewed' AND created_at >= %(watermark)s - interval '32 minutes') AS lag
    FROM public.content_engagements WHERE metadata ->> 'cohort_label' = %(cohort_label)s
),
cues AS (
    SELECT count(*) AS shown, count(*) FILTER (WHERE completed) AS answered, count(*) FILTER (WHERE helpful) AS helpful
    FROM public.navicue_responses_v2 WHERE response_data ->> 'synthetic' = 'true'
),
free AS (
    SELECT count(*) AS artifacts
    FROM events AS e
    JOIN public.journey_instances AS j ON j.id = e.journey
    LEFT JOIN public.scene_contracts AS c ON c.template_id = j.template_id AND c.scene_number = e.scene
    WHERE e.type = 'artifact_captured' AND NOT coalesce(c.expects_receipt, false)
),
-- drawn: what the accounts say; lag: how many of these may have no row yet.
compared (title, drawn, rows, lag, table_name) AS (
    SELECT 'engagements completed', (SELECT yes FROM chances WHERE point = 'engagement.completed'), completed, lag, 'content_engagements' FROM engagements
    UNION ALL
    SELECT 'engagements rated', (SELECT yes FROM chances WHERE point = 'engagement.rated'), rated, lag, 'content_engagements' FROM engagements
    UNION ALL
    SELECT 'engagements with a reflection', (SELECT yes FROM chances WHERE point = 'engagement.reflection'), reflected, lag, 'content_engagements' FROM engagements
    UNION ALL
    SELECT 'journeys abandoned', (SELECT yes FROM chances WHERE point = 'journey.abandoned'), abandoned, lag, 'journey_instances' FROM journeys
    UNION ALL
    SELECT 'journeys with an error', (SELECT yes FROM chances WHERE point = 'journey.error'),
        (SELECT count(DISTINCT journey) FROM events WHERE erring), lag, 'journey_instances' FROM journeys
    UNION ALL
    SELECT 'artifacts that no contract asked for',
        (SELECT sum(yes) FROM chances WHERE point IN ('scene.artifact', 'scene.artifact_beside')), artifacts, lag, 'journey_scene_events' FROM free, scenes
    UNION ALL
    SELECT 'mindblocks met', (SELECT yes FROM chances WHERE point = 'mindblock.met'), met, lag, 'mindblock_events' FROM signals, scenes
    UNION ALL
    SELECT 'mindblocks engaged with', (SELECT yes FROM chances WHERE point = 'mindblock.engaged'), engaged, lag, 'mindblock_events' FROM signals, scenes
    UNION ALL
    SELECT 'mindblocks completed', (SELECT yes FROM chances WHERE point = 'mindblock.completed'), completed, lag, 'mindblock_events' FROM signals, scenes
    UNION ALL
    SELECT 'mindblocks that resonated', (SELECT yes FROM chances WHERE point = 'mindblock.resonated'), resonated, lag, 'mindblock_events' FROM signals, scenes
    UNION ALL
    SELECT 'cues shown', (SELECT yes FROM chances WHERE point = 'cue.shown'), shown, lag, 'navicue_responses_v2' FROM cues, scenes
    UNION ALL
    -- Only an answer can be helpful or not: that draw is taken once for each.
    SELECT 'cues answered', (SELECT n FROM chances WHERE point = 'cue.helpful'), answered, lag, 'navicue_responses_v2' FROM cues, scenes
    UNION ALL
    SELECT 'cues found helpful', (SELECT yes FROM chances WHERE point = 'cue.helpful'), helpful, lag, 'navicue_responses_v2' FROM cues, scenes
)
SELECT 'recount' AS id, title, '' AS documented,
    coalesce(drawn, 0) || CASE WHEN lag > 0 AND NOT %(removed)s ? table_name THEN ', less at most ' || lag || ' to come' ELSE '' END AS target, rows::text AS measured,
    CASE WHEN %(removed)s ? table_name OR coalesce(drawn, 0) = 0 AND rows = 0 THEN NULL
        ELSE rows BETWEEN coalesce(drawn, 0) - lag AND coalesce(drawn, 0) END AS ok,
    CASE WHEN %(removed)s ? table_name THEN 'a clean-up deleted ' || (%(removed)s ->> table_name) || ' rows of ' || table_name
        WHEN coalesce(drawn, 0) = 0 AND rows = 0 THEN 'none has been drawn yet' ELSE 'drawn, by draw statistics, against rows' END AS note
FROM compared
UNION ALL
-- A visit has so many scenes at most and ends within two hours of its arrival.
SELECT 'recount', 'scenes drawn that have not ended', '',
    '0 to ' || allowed, lag::text,
    CASE WHEN NOT %(removed)s ? 'journey_scene_events' THEN lag BETWEEN 0 AND allowed END,
    CASE WHEN %(removed)s ? 'journey_scene_events' THEN 'a clean-up deleted scenes' ELSE 'under way, or waiting for their person' END
FROM scenes, LATERAL (
    SELECT ceil(%(most_scenes)s * extract(epoch FROM %(watermark)s - %(settled)s) / 60
            * greatest(%(max_per_run)s, (%(in_force)s ->> 'max_per_run')::bigint) + %(asked_for)s) AS allowed) AS a
UNION ALL
SELECT 'recount', 'journeys drawn that have not begun', '', '0 to ' || allowed, unseen::text,
    CASE WHEN NOT %(removed)s ? 'journey_instances' THEN unseen BETWEEN 0 AND allowed END,
    CASE WHEN %(removed)s ? 'journey_instances' THEN 'a clean-up deleted journeys' ELSE 'waiting for their person' END
FROM journeys, LATERAL (
    SELECT ceil(extract(epoch FROM %(watermark)s - %(settled)s) / 60
            * greatest(%(max_per_run)s, (%(in_force)s ->> 'max_per_run')::bigint) + %(asked_for)s) AS allowed) AS a
