-- A16, A17: what starts ends, and how. Cut at the watermark, the scenes that began within the longest dwell time are open.
WITH events AS MATERIALIZED (
    SELECT journey_instance_id AS journey, scene_number AS scene, created_at AS at,
        CASE event_type WHEN 'scene_opened' THEN 'scene_started' WHEN 'capture_submitted' THEN 'artifact_captured'
            ELSE event_type END AS type,
        coalesce(event_payload ->> 'reason', '') = 'error' AS paused
    FROM public.journey_scene_events WHERE event_payload ->> 'synthetic' = 'true'
),
scenes AS MATERIALIZED (
    SELECT journey, scene,
        count(*) FILTER (WHERE type = 'scene_started') AS started,
        count(*) FILTER (WHERE type = 'scene_completed') AS completed,
        count(*) FILTER (WHERE type = 'scene_abandoned') AS abandoned,
        count(*) FILTER (WHERE type = 'scene_abandoned' AND NOT paused) AS left_for_good,
        count(*) FILTER (WHERE type = 'artifact_captured') AS artifacts,
        max(at) FILTER (WHERE type = 'scene_started') AS last_start,
        min(at) FILTER (WHERE type = 'scene_started') AS first_start,
        min(at) FILTER (WHERE type = 'scene_completed') AS completed_at,
        max(at) FILTER (WHERE type = 'artifact_captured') AS artifact_at
    FROM events GROUP BY journey, scene
),
journeys AS MATERIALIZED (
    SELECT j.id, j.status, j.total_scenes,
        coalesce(sum(s.completed), 0) AS completed, coalesce(sum(s.left_for_good), 0) AS left_for_good,
        coalesce(sum(s.artifacts), 0) AS artifacts, coalesce(max(s.completed), 0) AS most
    FROM public.journey_instances AS j LEFT JOIN scenes AS s ON s.journey = j.id
    WHERE j.metadata ->> 'synthetic' = 'true' GROUP BY j.id
),
facts AS (
    SELECT sum(started) AS started, sum(completed) AS completed, sum(abandoned) AS abandoned,
        count(*) FILTER (WHERE started = completed + abandoned + 1
            AND last_start >= %(watermark)s - %(dwell_high)s * interval '1 second') AS open,
        count(*) FILTER (WHERE started <> completed + abandoned AND NOT (started = completed + abandoned + 1
            AND last_start >= %(watermark)s - %(dwell_high)s * interval '1 second')) AS wrong,
        count(*) FILTER (WHERE completed_at < first_start OR artifact_at > completed_at) AS out_of_order,
        count(*) FILTER (WHERE artifacts > 0 AND completed = 0
            AND artifact_at < %(watermark)s - %(dwell_high)s * interval '1 second') AS artifacts_left
    FROM scenes
),
-- A ratio of sums with journeys as clusters: the scenes of one journey share its template and its contracts.
ratio AS (
    SELECT sum(artifacts) AS artifacts, sum(completed) AS completed,
        sqrt(sum((artifacts - %(artifact_share)s::numeric * completed) ^ 2)) / nullif(sum(completed), 0) AS error
    FROM journeys
),
ends AS (
    SELECT count(*) AS n,
        count(*) FILTER (WHERE left_for_good <> CASE WHEN status = 'abandoned' THEN 1 ELSE 0 END) AS wrong_left,
        count(*) FILTER (WHERE most > 1 OR (status = 'completed') <> (completed = total_scenes)) AS wrong_completed,
        count(*) FILTER (WHERE status = 'abandoned') AS abandoned, count(*) FILTER (WHERE status = 'completed') AS completed
    FROM journeys
),
lines (id, title, documented, target, measured, ok, why, note) AS (
    SELECT 'A16', 'scenes started = completed + abandoned + open now', '',
        completed + abandoned + open || ' = ' || completed || ' + ' || abandoned || ' + ' || open, started::text,
        wrong = 0 AND started = completed + abandoned + open,
        CASE WHEN NOT %(scene_starts)s THEN 'this preset records no starts' WHEN started IS NULL THEN 'no scene has begun' END,
        CASE WHEN wrong > 0 THEN wrong || ' scenes have a start without its end, or an end without its start'
            ELSE 'the specification: 450 = 380 + 70' END
    FROM facts
    UNION ALL
    SELECT 'A16', 'journeys whose status and scenes disagree about leaving', '0', '0', wrong_left::text, wrong_left = 0,
        CASE WHEN n = 0 THEN 'no journey has begun' END, abandoned || ' abandoned journeys, each with one scene_abandoned of its own'
    FROM ends
    UNION ALL
    SELECT 'A16', 'journeys whose status and scenes disagree about completion', '0', '0', wrong_completed::text,
        wrong_completed = 0, CASE WHEN n = 0 THEN 'no journey has begun' END,
        completed || ' completed journeys, each with one scene_completed a scene'
    FROM ends
    UNION ALL
    SELECT 'A16', 'scenes whose events are out of order', '0', '0', coalesce(out_of_order, 0)::text,
        coalesce(out_of_order, 0) = 0, CASE WHEN started IS NULL AND completed IS NULL THEN 'no scene has begun' END,
        'started, then what was captured, then completed'
    FROM facts
    UNION ALL
    SELECT 'A16', 'completed scenes without their row in journey_instance_scenes', '0', '0', count(*)::text,
        count(*) = 0, NULL, NULL
    FROM scenes AS s
    LEFT JOIN public.journey_instance_scenes AS i
        ON i.journey_instance_id = s.journey AND i.scene_number = s.scene AND i.status = 'completed'
    WHERE s.completed > 0 AND i.id IS NULL
    UNION ALL
    SELECT 'A17', 'artifacts a completed scene', '0.316', %(artifact_share)s::text,
        round(artifacts / nullif(completed, 0), 4)::float8::text,
        abs(artifacts / nullif(completed, 0) - %(artifact_share)s::numeric) <= 1e-9 + 3.29 * error,
        CASE WHEN coalesce(completed, 0) < 380 THEN 'fewer than 380 completed scenes' END,
        'within ' || round(3.29 * error, 4)::float8 || ', with journeys as clusters'
    FROM ratio
    UNION ALL
    SELECT 'A17', 'artifacts in scenes that were not completed', '0', '0', coalesce(artifacts_left, 0)::text,
        coalesce(artifacts_left, 0) = 0, NULL, NULL
    FROM facts
    UNION ALL
    SELECT 'A17', 'artifacts, and captures that hold them', '', sum(artifacts)::text, held::text,
        coalesce(sum(artifacts), 0) = held,
        CASE WHEN coalesce(sum(artifacts), 0) = 0 AND held = 0 THEN 'nothing has been captured' END, NULL
    FROM journeys, (
        SELECT count(*) AS held FROM public.journey_scene_captures AS c
        JOIN public.journey_instances AS j ON j.id = c.journey_instance_id
        WHERE j.metadata ->> 'synthetic' = 'true') AS captures
    GROUP BY held
    UNION ALL
    SELECT 'contracts', 'completed scenes whose contract expects a receipt, without a capture', '0', '0',
        count(*) FILTER (WHERE s.artifacts = 0 OR k.journey_instance_id IS NULL)::text,
        count(*) FILTER (WHERE s.artifacts = 0 OR k.journey_instance_id IS NULL) = 0,
        CASE WHEN count(*) = 0 THEN 'no such scene has been completed' END, count(*) || ' such scenes'
    FROM scenes AS s
    JOIN public.journey_instances AS j ON j.id = s.journey
    JOIN public.scene_contracts AS c ON c.template_id = j.template_id AND c.scene_number = s.scene AND c.expects_receipt
    LEFT JOIN (SELECT DISTINCT journey_instance_id, scene_number FROM public.journey_scene_captures) AS k
        ON k.journey_instance_id = s.journey AND k.scene_number = s.scene
    WHERE s.completed > 0
    UNION ALL
    SELECT 'contracts', 'completed scenes whose contract expects checks, without a resistance check', '0', '0',
        count(*) FILTER (WHERE r.journey_instance_id IS NULL)::text, count(*) FILTER (WHERE r.journey_instance_id IS NULL) = 0,
        CASE WHEN count(*) = 0 THEN 'no such scene has been completed' END, count(*) || ' such scenes'
    FROM scenes AS s
    JOIN public.journey_instances AS j ON j.id = s.journey
    JOIN public.scene_contracts AS c ON c.template_id = j.template_id AND c.scene_number = s.scene AND c.expects_checks
    LEFT JOIN (SELECT DISTINCT journey_instance_id, scene_number FROM public.journey_resistance_checks) AS r
        ON r.journey_instance_id = s.journey AND r.scene_number = s.scene
    WHERE s.completed > 0
)
SELECT id, title, documented, coalesce(target, 'none'), coalesce(measured, 'none'),
    CASE WHEN why IS NULL THEN coalesce(ok, false) END, coalesce(why, note, '')
FROM lines
