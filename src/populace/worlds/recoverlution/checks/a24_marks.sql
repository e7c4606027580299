-- A24: the rows of synthetic people are known as synthetic, in every table. Rows of humans are nobody's business here.
WITH people AS MATERIALIZED (SELECT profile_id AS id FROM public.sim_users),
journeys AS MATERIALIZED (
    SELECT j.id, j.metadata ->> 'synthetic' = 'true' AS marked
    FROM public.journey_instances AS j JOIN people AS p ON p.id = j.user_id
),
found (name, n, marked) AS (
    SELECT 'auth.users', count(*), count(*) FILTER (WHERE t.raw_user_meta_data ->> 'synthetic' = 'true')
    FROM auth.users AS t JOIN people AS p ON p.id = t.id
    UNION ALL
    SELECT 'auth.identities', count(*), count(*) FILTER (WHERE t.identity_data ->> 'synthetic' = 'true')
    FROM auth.identities AS t JOIN people AS p ON p.id = t.user_id
    UNION ALL
    SELECT 'profiles', count(*), count(*) FILTER (WHERE t.email LIKE 'synthetic+%%@example.com')
    FROM public.profiles AS t JOIN people AS p ON p.id = t.id
    UNION ALL
    SELECT 'organizations', count(DISTINCT t.id), count(DISTINCT t.id) FILTER (WHERE t.settings ->> 'synthetic' = 'true')
    FROM public.organizations AS t JOIN public.sim_users AS s ON s.org_id = t.id
    UNION ALL
    SELECT 'notifications_outbox', count(*), count(*) FILTER (WHERE t.metadata ->> 'synthetic' = 'true')
    FROM public.notifications_outbox AS t JOIN people AS p ON p.id = t.recipient_profile_id
    UNION ALL
    SELECT 'content_engagements', count(*), count(*) FILTER (WHERE t.metadata ->> 'cohort_label' IS NOT NULL)
    FROM public.content_engagements AS t JOIN people AS p ON p.id = t.individual_id
    UNION ALL
    SELECT 'journey_instances', count(*), count(*) FILTER (WHERE marked) FROM journeys
    UNION ALL
    SELECT 'journey_scene_events', count(*), count(*) FILTER (WHERE t.event_payload ->> 'synthetic' = 'true')
    FROM public.journey_scene_events AS t JOIN people AS p ON p.id = t.user_id
    UNION ALL
    SELECT 'mindblock_events', count(*), count(*) FILTER (WHERE t.evidence ->> 'synthetic' = 'true')
    FROM public.mindblock_events AS t JOIN people AS p ON p.id = t.individual_id
    UNION ALL
    SELECT 'mindblock_realtime_signals', count(*), count(*) FILTER (WHERE t.evidence ->> 'synthetic' = 'true')
    FROM public.mindblock_realtime_signals AS t JOIN people AS p ON p.id = t.individual_id
    UNION ALL
    SELECT 'navicue_responses_v2', count(*), count(*) FILTER (WHERE t.response_data ->> 'synthetic' = 'true')
    FROM public.navicue_responses_v2 AS t JOIN people AS p ON p.id = t.individual_id
    -- What hangs on a journey is known by it.
    UNION ALL
    SELECT 'journey_instance_scenes', count(*), count(*) FILTER (WHERE j.marked)
    FROM public.journey_instance_scenes AS t JOIN journeys AS j ON j.id = t.journey_instance_id
    UNION ALL
    SELECT 'journey_scene_captures', count(*), count(*) FILTER (WHERE j.marked)
    FROM public.journey_scene_captures AS t JOIN journeys AS j ON j.id = t.journey_instance_id
    UNION ALL
    SELECT 'journey_resistance_checks', count(*), count(*) FILTER (WHERE j.marked)
    FROM public.journey_resistance_checks AS t JOIN journeys AS j ON j.id = t.journey_instance_id
    UNION ALL
    SELECT 'journey_real_world_triggers', count(*), count(*) FILTER (WHERE j.marked)
    FROM public.journey_real_world_triggers AS t JOIN journeys AS j ON j.id = t.journey_instance_id
    UNION ALL
    SELECT 'journey_audio_events', count(*), count(*) FILTER (WHERE j.marked)
    FROM public.journey_audio_events AS t JOIN journeys AS j ON j.id = t.journey_instance_id
)
SELECT 'A24' AS id, 'rows of synthetic people that carry the mark, of ' || sum(n) AS title, '1' AS documented, '1' AS target,
    trim_scale(trunc(sum(marked) / nullif(sum(n), 0), 9))::text AS measured, sum(marked) = sum(n) AS ok,
    coalesce('without the mark: ' || string_agg(name || ' ' || n - marked, ', ') FILTER (WHERE n > marked),
        count(*) || ' tables') AS note
FROM found
