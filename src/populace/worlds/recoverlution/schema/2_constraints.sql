-- What the tables of Recoverlution get once they are full. Every statement runs exactly once, in this order:
-- keys and indexes table by table, foreign keys, functions, triggers, row level security, views, grants, realtime.

-- Keys and indexes

ALTER TABLE public.organizations ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);
ALTER TABLE public.organizations ADD CONSTRAINT organizations_name_key UNIQUE (name);

ALTER TABLE public.profiles ADD CONSTRAINT profiles_pkey PRIMARY KEY (id);
CREATE INDEX profiles_organization_id_idx ON public.profiles (organization_id);
CREATE INDEX profiles_email_idx ON public.profiles (email);

ALTER TABLE public.org_members ADD CONSTRAINT org_members_pkey PRIMARY KEY (organization_id, user_id);
CREATE INDEX org_members_user_id_idx ON public.org_members (user_id);

ALTER TABLE public.sim_users ADD CONSTRAINT sim_users_pkey PRIMARY KEY (id);
ALTER TABLE public.sim_users ADD CONSTRAINT sim_users_profile_id_key UNIQUE (profile_id);
CREATE INDEX sim_users_org_id_idx ON public.sim_users (org_id);
CREATE INDEX sim_users_persona_key_idx ON public.sim_users (persona_key);
CREATE INDEX sim_users_cohort_label_idx ON public.sim_users (cohort_label);

ALTER TABLE public.synthetic_settings ADD CONSTRAINT synthetic_settings_pkey PRIMARY KEY (id);

ALTER TABLE public.pillar_catalog ADD CONSTRAINT pillar_catalog_pkey PRIMARY KEY (id);
ALTER TABLE public.pillar_catalog ADD CONSTRAINT pillar_catalog_pillar_key_key UNIQUE (pillar_key);

ALTER TABLE public.schema_catalog ADD CONSTRAINT schema_catalog_pkey PRIMARY KEY (id);
ALTER TABLE public.schema_catalog ADD CONSTRAINT schema_catalog_schema_key_key UNIQUE (schema_key);
CREATE INDEX schema_catalog_pillar_id_idx ON public.schema_catalog (pillar_id);

ALTER TABLE public.family_catalog ADD CONSTRAINT family_catalog_pkey PRIMARY KEY (id);
ALTER TABLE public.family_catalog ADD CONSTRAINT family_catalog_family_key_key UNIQUE (family_key);
CREATE INDEX family_catalog_schema_id_idx ON public.family_catalog (schema_id);

ALTER TABLE public.mindblock_library ADD CONSTRAINT mindblock_library_pkey PRIMARY KEY (id);
ALTER TABLE public.mindblock_library ADD CONSTRAINT mindblock_library_mindblock_key_key UNIQUE (mindblock_key);
CREATE INDEX mindblock_library_family_id_idx ON public.mindblock_library (family_id);

ALTER TABLE public.practice_template ADD CONSTRAINT practice_template_pkey PRIMARY KEY (id);

ALTER TABLE public.journey_template ADD CONSTRAINT journey_template_pkey PRIMARY KEY (id);
CREATE INDEX journey_template_pillar_id_idx ON public.journey_template (pillar_id);
CREATE INDEX journey_template_status_idx ON public.journey_template (status);

ALTER TABLE public.journey_template_scene ADD CONSTRAINT journey_template_scene_pkey PRIMARY KEY (id);
ALTER TABLE public.journey_template_scene ADD CONSTRAINT journey_template_scene_template_id_scene_number_key
    UNIQUE (template_id, scene_number);

ALTER TABLE public.scene_contracts ADD CONSTRAINT scene_contracts_pkey PRIMARY KEY (id);
ALTER TABLE public.scene_contracts ADD CONSTRAINT scene_contracts_template_id_scene_number_key
    UNIQUE (template_id, scene_number);

ALTER TABLE public.navicues_v2 ADD CONSTRAINT navicues_v2_pkey PRIMARY KEY (id);
ALTER TABLE public.navicues_v2 ADD CONSTRAINT navicues_v2_code_key UNIQUE (code);
CREATE INDEX navicues_v2_status_idx ON public.navicues_v2 (status);
CREATE INDEX navicues_v2_primary_schema_id_idx ON public.navicues_v2 (primary_schema_id);

ALTER TABLE public.navicue_steps_v2 ADD CONSTRAINT navicue_steps_v2_pkey PRIMARY KEY (id);
ALTER TABLE public.navicue_steps_v2 ADD CONSTRAINT navicue_steps_v2_navicue_id_step_index_key
    UNIQUE (navicue_id, step_index);

ALTER TABLE public.navicue_variants_v2 ADD CONSTRAINT navicue_variants_v2_pkey PRIMARY KEY (id);
CREATE INDEX navicue_variants_v2_navicue_id_idx ON public.navicue_variants_v2 (navicue_id);

ALTER TABLE public.navicue_targets_v2 ADD CONSTRAINT navicue_targets_v2_pkey PRIMARY KEY (id);
CREATE INDEX navicue_targets_v2_navicue_id_idx ON public.navicue_targets_v2 (navicue_id);
CREATE INDEX navicue_targets_v2_pillar_id_idx ON public.navicue_targets_v2 (pillar_id);
CREATE INDEX navicue_targets_v2_schema_id_idx ON public.navicue_targets_v2 (schema_id);
CREATE INDEX navicue_targets_v2_family_id_idx ON public.navicue_targets_v2 (family_id);
CREATE INDEX navicue_targets_v2_mindblock_id_idx ON public.navicue_targets_v2 (mindblock_id);

ALTER TABLE public.journey_runs ADD CONSTRAINT journey_runs_pkey PRIMARY KEY (id);
CREATE INDEX journey_runs_user_id_idx ON public.journey_runs (user_id);

ALTER TABLE public.scene_runs ADD CONSTRAINT scene_runs_pkey PRIMARY KEY (id);
CREATE INDEX scene_runs_journey_run_id_idx ON public.scene_runs (journey_run_id);

ALTER TABLE public.notifications_outbox ADD CONSTRAINT notifications_outbox_pkey PRIMARY KEY (id);
CREATE INDEX notifications_outbox_recipient_profile_id_idx ON public.notifications_outbox (recipient_profile_id);
CREATE INDEX notifications_outbox_queued_idx ON public.notifications_outbox (send_after) WHERE status = 'queued';

-- The largest table. organization_id has no index: three organisations of it would only cost time to build.
ALTER TABLE public.content_engagements ADD CONSTRAINT content_engagements_pkey PRIMARY KEY (id);
CREATE INDEX content_engagements_individual_id_idx ON public.content_engagements (individual_id);
CREATE INDEX content_engagements_content_idx ON public.content_engagements (content_type, content_id);
CREATE INDEX content_engagements_created_at_idx ON public.content_engagements (created_at DESC);
CREATE INDEX content_engagements_cohort_label_idx ON public.content_engagements ((metadata ->> 'cohort_label'))
    WHERE (metadata ->> 'cohort_label') IS NOT NULL;

ALTER TABLE public.journey_instances ADD CONSTRAINT journey_instances_pkey PRIMARY KEY (id);
CREATE INDEX journey_instances_user_id_idx ON public.journey_instances (user_id);
CREATE INDEX journey_instances_status_idx ON public.journey_instances (status);
CREATE INDEX journey_instances_template_id_idx ON public.journey_instances (template_id);
CREATE INDEX journey_instances_organization_id_idx ON public.journey_instances (organization_id);
CREATE INDEX journey_instances_synthetic_idx ON public.journey_instances (status, template_id)
    WHERE (metadata ->> 'synthetic') = 'true';
-- For the latest journeys and for those completed in a period. updated_at has no index: a journey that moves on to its
-- next scene then changes no indexed column, and its indexes need no new entries.
CREATE INDEX journey_instances_synthetic_started_idx ON public.journey_instances (started_at DESC)
    WHERE (metadata ->> 'synthetic') = 'true';
CREATE INDEX journey_instances_synthetic_completed_idx ON public.journey_instances (completed_at DESC)
    WHERE (metadata ->> 'synthetic') = 'true' AND completed_at IS NOT NULL;

-- The partial index of each event table is keyed by time, since every question about synthetic rows is about a period.
ALTER TABLE public.journey_scene_events ADD CONSTRAINT journey_scene_events_pkey PRIMARY KEY (id);
ALTER TABLE public.journey_scene_events ADD CONSTRAINT journey_scene_events_idempotency_key_key
    UNIQUE (idempotency_key);
CREATE INDEX journey_scene_events_journey_instance_id_idx ON public.journey_scene_events (journey_instance_id);
CREATE INDEX journey_scene_events_user_id_idx ON public.journey_scene_events (user_id);
CREATE INDEX journey_scene_events_event_type_idx ON public.journey_scene_events (event_type);
CREATE INDEX journey_scene_events_created_at_idx ON public.journey_scene_events (created_at DESC);
CREATE INDEX journey_scene_events_synthetic_idx ON public.journey_scene_events (created_at DESC)
    WHERE (event_payload ->> 'synthetic') = 'true';
CREATE INDEX journey_scene_events_synthetic_error_idx ON public.journey_scene_events (created_at DESC)
    WHERE (event_payload ->> 'synthetic') = 'true' AND (event_payload ->> 'error') = 'true';

ALTER TABLE public.mindblock_events ADD CONSTRAINT mindblock_events_pkey PRIMARY KEY (id);
CREATE INDEX mindblock_events_individual_id_idx ON public.mindblock_events (individual_id);
CREATE INDEX mindblock_events_mindblock_id_idx ON public.mindblock_events (mindblock_id);
CREATE INDEX mindblock_events_signal_type_idx ON public.mindblock_events (signal_type);
CREATE INDEX mindblock_events_created_at_idx ON public.mindblock_events (created_at DESC);
CREATE INDEX mindblock_events_synthetic_idx ON public.mindblock_events (created_at DESC)
    WHERE (evidence ->> 'synthetic') = 'true';
-- The journey that a row names, for the clean-up. As text: evidence is free-form, and a value may be no uuid.
CREATE INDEX mindblock_events_journey_idx ON public.mindblock_events ((evidence ->> 'journey_instance_id'))
    WHERE (evidence ->> 'journey_instance_id') IS NOT NULL;

ALTER TABLE public.journey_instance_scenes ADD CONSTRAINT journey_instance_scenes_pkey PRIMARY KEY (id);
ALTER TABLE public.journey_instance_scenes ADD CONSTRAINT journey_instance_scenes_journey_instance_id_scene_number_key
    UNIQUE (journey_instance_id, scene_number);

ALTER TABLE public.journey_scene_captures ADD CONSTRAINT journey_scene_captures_pkey PRIMARY KEY (id);
CREATE INDEX journey_scene_captures_journey_instance_id_idx ON public.journey_scene_captures (journey_instance_id);

ALTER TABLE public.journey_resistance_checks ADD CONSTRAINT journey_resistance_checks_pkey PRIMARY KEY (id);
CREATE INDEX journey_resistance_checks_journey_instance_id_idx
    ON public.journey_resistance_checks (journey_instance_id);

ALTER TABLE public.journey_real_world_triggers ADD CONSTRAINT journey_real_world_triggers_pkey PRIMARY KEY (id);
CREATE INDEX journey_real_world_triggers_journey_instance_id_idx
    ON public.journey_real_world_triggers (journey_instance_id);

ALTER TABLE public.journey_audio_events ADD CONSTRAINT journey_audio_events_pkey PRIMARY KEY (id);
CREATE INDEX journey_audio_events_journey_instance_id_idx ON public.journey_audio_events (journey_instance_id);

ALTER TABLE public.mindblock_realtime_signals ADD CONSTRAINT mindblock_realtime_signals_pkey PRIMARY KEY (id);
CREATE INDEX mindblock_realtime_signals_individual_id_idx ON public.mindblock_realtime_signals (individual_id);
CREATE INDEX mindblock_realtime_signals_mindblock_key_idx ON public.mindblock_realtime_signals (mindblock_key);
CREATE INDEX mindblock_realtime_signals_synthetic_idx ON public.mindblock_realtime_signals (created_at DESC)
    WHERE (evidence ->> 'synthetic') = 'true';
CREATE INDEX mindblock_realtime_signals_journey_idx
    ON public.mindblock_realtime_signals ((evidence ->> 'journey_instance_id'))
    WHERE (evidence ->> 'journey_instance_id') IS NOT NULL;

ALTER TABLE public.navicue_responses_v2 ADD CONSTRAINT navicue_responses_v2_pkey PRIMARY KEY (id);
CREATE INDEX navicue_responses_v2_individual_id_idx ON public.navicue_responses_v2 (individual_id);
CREATE INDEX navicue_responses_v2_navicue_id_idx ON public.navicue_responses_v2 (navicue_id);
CREATE INDEX navicue_responses_v2_synthetic_idx ON public.navicue_responses_v2 (created_at DESC)
    WHERE (response_data ->> 'synthetic') = 'true';
CREATE INDEX navicue_responses_v2_journey_idx ON public.navicue_responses_v2 ((response_data ->> 'journey_instance_id'))
    WHERE (response_data ->> 'journey_instance_id') IS NOT NULL;

-- Foreign keys

ALTER TABLE public.profiles ADD CONSTRAINT profiles_id_fkey
    FOREIGN KEY (id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.profiles ADD CONSTRAINT profiles_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES public.organizations (id) ON DELETE SET NULL;
ALTER TABLE public.org_members ADD CONSTRAINT org_members_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES public.organizations (id) ON DELETE CASCADE;
ALTER TABLE public.org_members ADD CONSTRAINT org_members_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.sim_users ADD CONSTRAINT sim_users_profile_id_fkey
    FOREIGN KEY (profile_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.sim_users ADD CONSTRAINT sim_users_org_id_fkey
    FOREIGN KEY (org_id) REFERENCES public.organizations (id) ON DELETE SET NULL;
ALTER TABLE public.schema_catalog ADD CONSTRAINT schema_catalog_pillar_id_fkey
    FOREIGN KEY (pillar_id) REFERENCES public.pillar_catalog (id) ON DELETE RESTRICT;
ALTER TABLE public.family_catalog ADD CONSTRAINT family_catalog_schema_id_fkey
    FOREIGN KEY (schema_id) REFERENCES public.schema_catalog (id) ON DELETE RESTRICT;
ALTER TABLE public.mindblock_library ADD CONSTRAINT mindblock_library_family_id_fkey
    FOREIGN KEY (family_id) REFERENCES public.family_catalog (id) ON DELETE RESTRICT;
ALTER TABLE public.journey_template ADD CONSTRAINT journey_template_pillar_id_fkey
    FOREIGN KEY (pillar_id) REFERENCES public.pillar_catalog (id) ON DELETE RESTRICT;
ALTER TABLE public.journey_template_scene ADD CONSTRAINT journey_template_scene_template_id_fkey
    FOREIGN KEY (template_id) REFERENCES public.journey_template (id) ON DELETE RESTRICT;
ALTER TABLE public.scene_contracts ADD CONSTRAINT scene_contracts_template_id_fkey
    FOREIGN KEY (template_id) REFERENCES public.journey_template (id) ON DELETE RESTRICT;
ALTER TABLE public.navicues_v2 ADD CONSTRAINT navicues_v2_primary_schema_id_fkey
    FOREIGN KEY (primary_schema_id) REFERENCES public.schema_catalog (id) ON DELETE RESTRICT;
ALTER TABLE public.navicue_steps_v2 ADD CONSTRAINT navicue_steps_v2_navicue_id_fkey
    FOREIGN KEY (navicue_id) REFERENCES public.navicues_v2 (id) ON DELETE RESTRICT;
ALTER TABLE public.navicue_variants_v2 ADD CONSTRAINT navicue_variants_v2_navicue_id_fkey
    FOREIGN KEY (navicue_id) REFERENCES public.navicues_v2 (id) ON DELETE RESTRICT;
ALTER TABLE public.navicue_targets_v2 ADD CONSTRAINT navicue_targets_v2_navicue_id_fkey
    FOREIGN KEY (navicue_id) REFERENCES public.navicues_v2 (id) ON DELETE RESTRICT;
ALTER TABLE public.navicue_targets_v2 ADD CONSTRAINT navicue_targets_v2_pillar_id_fkey
    FOREIGN KEY (pillar_id) REFERENCES public.pillar_catalog (id) ON DELETE RESTRICT;
ALTER TABLE public.navicue_targets_v2 ADD CONSTRAINT navicue_targets_v2_schema_id_fkey
    FOREIGN KEY (schema_id) REFERENCES public.schema_catalog (id) ON DELETE RESTRICT;
ALTER TABLE public.navicue_targets_v2 ADD CONSTRAINT navicue_targets_v2_family_id_fkey
    FOREIGN KEY (family_id) REFERENCES public.family_catalog (id) ON DELETE RESTRICT;
ALTER TABLE public.navicue_targets_v2 ADD CONSTRAINT navicue_targets_v2_mindblock_id_fkey
    FOREIGN KEY (mindblock_id) REFERENCES public.mindblock_library (id) ON DELETE RESTRICT;
ALTER TABLE public.journey_runs ADD CONSTRAINT journey_runs_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.scene_runs ADD CONSTRAINT scene_runs_journey_run_id_fkey
    FOREIGN KEY (journey_run_id) REFERENCES public.journey_runs (id) ON DELETE CASCADE;
ALTER TABLE public.notifications_outbox ADD CONSTRAINT notifications_outbox_recipient_profile_id_fkey
    FOREIGN KEY (recipient_profile_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.content_engagements ADD CONSTRAINT content_engagements_individual_id_fkey
    FOREIGN KEY (individual_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.content_engagements ADD CONSTRAINT content_engagements_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES public.organizations (id) ON DELETE SET NULL;
ALTER TABLE public.journey_instances ADD CONSTRAINT journey_instances_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.journey_instances ADD CONSTRAINT journey_instances_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES public.organizations (id) ON DELETE SET NULL;
ALTER TABLE public.journey_scene_events ADD CONSTRAINT journey_scene_events_journey_instance_id_fkey
    FOREIGN KEY (journey_instance_id) REFERENCES public.journey_instances (id) ON DELETE CASCADE;
ALTER TABLE public.journey_scene_events ADD CONSTRAINT journey_scene_events_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.journey_scene_events ADD CONSTRAINT journey_scene_events_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES public.organizations (id) ON DELETE SET NULL;
ALTER TABLE public.mindblock_events ADD CONSTRAINT mindblock_events_individual_id_fkey
    FOREIGN KEY (individual_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.mindblock_events ADD CONSTRAINT mindblock_events_organization_id_fkey
    FOREIGN KEY (organization_id) REFERENCES public.organizations (id) ON DELETE SET NULL;
ALTER TABLE public.journey_instance_scenes ADD CONSTRAINT journey_instance_scenes_journey_instance_id_fkey
    FOREIGN KEY (journey_instance_id) REFERENCES public.journey_instances (id) ON DELETE CASCADE;
ALTER TABLE public.journey_scene_captures ADD CONSTRAINT journey_scene_captures_journey_instance_id_fkey
    FOREIGN KEY (journey_instance_id) REFERENCES public.journey_instances (id) ON DELETE CASCADE;
ALTER TABLE public.journey_resistance_checks ADD CONSTRAINT journey_resistance_checks_journey_instance_id_fkey
    FOREIGN KEY (journey_instance_id) REFERENCES public.journey_instances (id) ON DELETE CASCADE;
ALTER TABLE public.journey_real_world_triggers ADD CONSTRAINT journey_real_world_triggers_journey_instance_id_fkey
    FOREIGN KEY (journey_instance_id) REFERENCES public.journey_instances (id) ON DELETE CASCADE;
ALTER TABLE public.journey_audio_events ADD CONSTRAINT journey_audio_events_journey_instance_id_fkey
    FOREIGN KEY (journey_instance_id) REFERENCES public.journey_instances (id) ON DELETE CASCADE;
ALTER TABLE public.mindblock_realtime_signals ADD CONSTRAINT mindblock_realtime_signals_individual_id_fkey
    FOREIGN KEY (individual_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.mindblock_realtime_signals ADD CONSTRAINT mindblock_realtime_signals_mindblock_key_fkey
    FOREIGN KEY (mindblock_key) REFERENCES public.mindblock_library (mindblock_key) ON DELETE RESTRICT;
ALTER TABLE public.navicue_responses_v2 ADD CONSTRAINT navicue_responses_v2_individual_id_fkey
    FOREIGN KEY (individual_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.navicue_responses_v2 ADD CONSTRAINT navicue_responses_v2_navicue_id_fkey
    FOREIGN KEY (navicue_id) REFERENCES public.navicues_v2 (id) ON DELETE RESTRICT;

-- Functions. Simulated time is populace.now(). A search path of '' leaves nothing to be shadowed.

-- Whether the person whose claims are in force is one of ours. Claims that the person can edit are not asked.
CREATE FUNCTION public.is_synthetic_person() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT 1 FROM public.sim_users WHERE profile_id = auth.uid())
$$;

CREATE FUNCTION public.set_updated_at() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Populace says itself when a row changed, also where two of its versions have the same moment.
    IF coalesce(current_setting('populace.writing', true), '') <> 'on' THEN
        NEW.updated_at := populace.now();
    END IF;
    RETURN NEW;
END
$$;

-- What synthetic people did in the last so many hours of simulated time.
CREATE FUNCTION public.get_synthetics_activity_summary(hours integer DEFAULT 24) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    until timestamptz := populace.now();
    since timestamptz;
BEGIN
    IF hours IS NULL OR hours NOT BETWEEN 1 AND 8760 THEN
        RAISE EXCEPTION 'hours is %, but must be a whole number from 1 to 8760 (one year)', coalesce(hours::text, 'null')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    since := until - make_interval(hours => hours);
    RETURN json_build_object(
        'period_hours', hours,
        'since', since,
        'scene_events', (
            SELECT count(*) FROM public.journey_scene_events AS e
            WHERE e.event_payload ->> 'synthetic' = 'true' AND e.created_at BETWEEN since AND until),
        'mindblock_events', (
            SELECT count(*) FROM public.mindblock_events AS e
            WHERE e.evidence ->> 'synthetic' = 'true' AND e.created_at BETWEEN since AND until),
        'journeys_completed', (
            SELECT count(*) FROM public.journey_instances AS j
            WHERE j.metadata ->> 'synthetic' = 'true' AND j.status = 'completed'
              AND j.completed_at BETWEEN since AND until),
        'active_journeys', (
            SELECT count(*) FROM public.journey_instances AS j
            WHERE j.metadata ->> 'synthetic' = 'true' AND j.status = 'active'));
END
$$;

-- Deletes what synthetic people left before a moment. A closed journey that ended by then goes as a whole, with all that
-- hangs on it; what belongs to a journey that stays is kept, whatever its age; rows without a journey go by their own.
-- An abandoned journey has no completed_at, so its end is its last change. A row is a synthetic person's when it has the
-- mark and its person is in sim_users; all others are a human's, are never deleted, and keep the journey they hang on.
-- Rows of any table that refer to something of a journey keep it too, and so do rows of it under keys that are not
-- Populace's (populace.ours); what is kept is tried again the next time.
-- Engagements, runs and notifications are history that was asked for, not activity: they stay.
CREATE FUNCTION public.cleanup_synthetic_data_before(cutoff timestamptz) RETURNS json
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_journeys CONSTANT text[] := ARRAY['journey_scene_events', 'journey_instance_scenes', 'journey_scene_captures',
        'journey_resistance_checks', 'journey_real_world_triggers', 'journey_audio_events'];
    of_people CONSTANT jsonb := '{"mindblock_events": "evidence", "mindblock_realtime_signals": "evidence",
        "navicue_responses_v2": "response_data"}';
    doomed uuid[];
    loose uuid[];
    parts jsonb;
    part jsonb;
    held jsonb;
    strange jsonb;
    kept bigint;
    child record;
    deleted bigint;
    tables jsonb := '{}';
BEGIN
    IF cutoff IS NULL THEN
        RAISE EXCEPTION 'cutoff is null, but must be a moment' USING ERRCODE = 'invalid_parameter_value';
    END IF;

    -- Locked first, so that nobody hangs a row on a journey after it was looked at.
    SELECT coalesce(array_agg(closed.id), '{}') INTO doomed FROM (
        SELECT j.id FROM public.journey_instances AS j
        WHERE j.metadata ->> 'synthetic' = 'true'
          AND j.status IN ('completed', 'abandoned')
          AND coalesce(j.completed_at, j.updated_at) < cutoff
          AND EXISTS (SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = j.user_id)
          -- Others may write both: the account has to be on Populace's list.
          AND EXISTS (SELECT 1 FROM populace.own_row AS o
              WHERE o.relation = 'auth.users'::regclass AND o.key = ARRAY[j.user_id::text])
        FOR UPDATE OF j) AS closed;
    EXECUTE format('SELECT coalesce(array_agg(t.id), ''{}'') FROM public.journey_instances AS t WHERE t.id = ANY ($1) AND %s',
        populace.ours('public.journey_instances')) INTO doomed USING doomed;

    SELECT coalesce(array_agg(d.id), '{}') INTO doomed FROM unnest(doomed) AS d (id)
    WHERE NOT EXISTS (
        SELECT 1 FROM public.journey_scene_events AS e
        WHERE e.journey_instance_id = d.id
          AND (e.event_payload ->> 'synthetic' IS DISTINCT FROM 'true'
               OR NOT EXISTS (SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = e.user_id)));
    FOR child IN SELECT key AS name, value AS payload FROM jsonb_each_text(of_people) LOOP
        EXECUTE format($sql$
            SELECT coalesce(array_agg(d.id), '{}') FROM unnest($1) AS d (id)
            WHERE NOT EXISTS (
                SELECT 1 FROM public.%1$I AS e
                WHERE e.%2$I ->> 'journey_instance_id' = d.id::text
                  AND (e.%2$I ->> 'synthetic' IS DISTINCT FROM 'true'
                       OR NOT EXISTS (SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = e.individual_id)))
            $sql$, child.name, child.payload) INTO doomed USING doomed;
    END LOOP;
    -- What rows of others refer to by any foreign key stays, and so does its whole journey.
    SELECT jsonb_agg(jsonb_build_object('table', 'public.' || known.name, 'key', known.key,
        'of', format('%s = ANY ($1::%s[])', known.key, known.type),
        'rows', format('%s = ANY ($1::%s[]) AND %s', known.key, known.type, populace.ours('public.' || known.name))))
    INTO parts FROM (
        SELECT n, 't.journey_instance_id', 'uuid' FROM unnest(of_journeys) AS n
        UNION ALL VALUES ('journey_instances', 't.id', 'uuid')
        -- As text, since what is no uuid must not reach a cast.
        UNION ALL SELECT key, format('t.%I ->> ''journey_instance_id''', value), 'text' FROM jsonb_each_text(of_people))
        AS known (name, key, type);
    SELECT coalesce(jsonb_object_agg(h.key, h.because), '{}') INTO held FROM (
        SELECT f.key, string_agg(format('%s by %s', f.child, f.link), ', ' ORDER BY f.child, f.link) AS because
        FROM populace.held(parts, doomed) AS f GROUP BY f.key) AS h;
    -- Not every table has a key: what names a journey and is not ours keeps it all the same.
    FOR part IN SELECT value FROM jsonb_array_elements(parts) LOOP
        EXECUTE format($sql$
            SELECT coalesce(jsonb_object_agg(s.id, s.many || ' rows of %1$s are somebody else''s'), '{}') FROM (
                SELECT %2$s AS id, count(*) AS many FROM %1$s AS t WHERE %3$s AND (%4$s) IS NOT TRUE GROUP BY 1) AS s
            $sql$, part ->> 'table', part ->> 'key', part ->> 'of', part ->> 'rows') INTO strange USING doomed;
        held := strange || held;
    END LOOP;
    PERFORM populace.keep('public.journey_instances', doomed, held);
    SELECT coalesce(array_agg(d.id), '{}') INTO doomed FROM unnest(doomed) AS d (id) WHERE NOT held ? d.id::text;
    kept := (SELECT count(*) FROM jsonb_object_keys(held));

    FOR child IN SELECT name FROM unnest(of_journeys) AS known (name) LOOP
        EXECUTE format('DELETE FROM public.%I AS t WHERE t.journey_instance_id = ANY ($1) AND %s',
            child.name, populace.ours('public.' || child.name)) USING doomed;
        GET DIAGNOSTICS deleted = ROW_COUNT;
        tables := tables || jsonb_build_object(child.name, deleted);
    END LOOP;
    EXECUTE format($sql$
        SELECT coalesce(array_agg(t.id), '{}') FROM public.journey_scene_events AS t
        WHERE t.event_payload ->> 'synthetic' = 'true' AND t.created_at < $1 AND t.journey_instance_id IS NULL
          AND EXISTS (SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = t.user_id) AND %s
        $sql$, populace.ours('public.journey_scene_events')) INTO loose USING cutoff;
    loose := populace.free('public.journey_scene_events', loose);
    DELETE FROM public.journey_scene_events AS e WHERE e.id = ANY (loose);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    tables := jsonb_set(tables, '{journey_scene_events}', to_jsonb((tables ->> 'journey_scene_events')::bigint + deleted));

    -- A journey that is named but not there is none. What is no uuid names none, and must not reach the cast.
    FOR child IN SELECT key AS name, value AS payload FROM jsonb_each_text(of_people) LOOP
        EXECUTE format('DELETE FROM public.%I AS t WHERE t.%I ->> ''journey_instance_id'' = ANY ($1::text[]) AND %s',
            child.name, child.payload, populace.ours('public.' || child.name)) USING doomed;
        GET DIAGNOSTICS deleted = ROW_COUNT;
        tables := tables || jsonb_build_object(child.name, deleted);
        EXECUTE format($sql$
            SELECT coalesce(array_agg(t.id), '{}') FROM public.%1$I AS t
            WHERE t.%2$I ->> 'synthetic' = 'true' AND t.created_at < $1
              AND EXISTS (SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = t.individual_id)
              AND NOT EXISTS (
                  SELECT 1 FROM public.journey_instances AS j
                  WHERE j.id = CASE WHEN t.%2$I ->> 'journey_instance_id'
                          ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                      THEN (t.%2$I ->> 'journey_instance_id')::uuid END)
              AND %3$s
            $sql$, child.name, child.payload, populace.ours('public.' || child.name)) INTO loose USING cutoff;
        loose := populace.free('public.' || child.name, loose);
        EXECUTE format('DELETE FROM public.%I AS e WHERE e.id = ANY ($1)', child.name) USING loose;
        GET DIAGNOSTICS deleted = ROW_COUNT;
        tables := jsonb_set(tables, ARRAY[child.name], to_jsonb((tables ->> child.name)::bigint + deleted));
    END LOOP;

    DELETE FROM public.journey_instances AS j WHERE j.id = ANY (doomed);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    tables := tables || jsonb_build_object('journey_instances', deleted);

    PERFORM populace.count_removed(tables);
    RETURN json_build_object(
        'deleted_events', tables -> 'journey_scene_events',
        'deleted_journeys', tables -> 'journey_instances',
        'cutoff_date', cutoff,
        'kept', kept,
        'tables', tables);
END
$$;

-- The same by days of simulated time.
CREATE FUNCTION public.cleanup_old_synthetic_data(retain_days integer DEFAULT 45) RETURNS json
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF retain_days IS NULL OR retain_days NOT BETWEEN 0 AND 36500 THEN
        RAISE EXCEPTION 'retain_days is %, but must be a whole number from 0 to 36500', coalesce(retain_days::text, 'null')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN public.cleanup_synthetic_data_before(populace.now() - make_interval(days => retain_days));
END
$$;

-- What somebody sets by hand becomes a wish of the same parameter (the trigger's argument), unless it is what the row
-- said and nobody has asked for anything else meanwhile: the later request wins.
CREATE FUNCTION public.ask_for_setting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name CONSTANT text := TG_ARGV[0];
    wanted CONSTANT jsonb := to_jsonb(NEW) -> name;
    awaited jsonb;
BEGIN
    SELECT i.changes -> name INTO awaited FROM populace.intervention AS i
    WHERE i.applies_at IS NULL AND i.refused IS NULL AND i.not_before IS NULL AND i.changes ? name
    ORDER BY i.number DESC LIMIT 1;
    IF wanted IS DISTINCT FROM coalesce(awaited, to_jsonb(OLD) -> name) THEN
        PERFORM populace.ask(jsonb_build_object(name, wanted), 'UPDATE on synthetic_settings');
    END IF;
    RETURN NULL;
END
$$;

-- The settings are one row, always: only Populace takes it away, together with the population.
CREATE FUNCTION public.keep_settings() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(current_setting('populace.writing', true), '') <> 'on' THEN
        RAISE EXCEPTION 'synthetic_settings is one row and stays: it cannot be deleted'
            USING ERRCODE = 'restrict_violation', HINT = 'UPDATE it; to pause the population, set enabled to false';
    END IF;
    RETURN OLD;
END
$$;

-- Protocols: figures and faults of journey templates, as of the last refresh.
CREATE FUNCTION public.refresh_protocol_analytics() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    REFRESH MATERIALIZED VIEW CONCURRENTLY public.mv_protocol_summary;
    REFRESH MATERIALIZED VIEW CONCURRENTLY public.mv_protocol_step_summary;
END
$$;

CREATE FUNCTION public.refresh_navicues_v2_list_matview(p_concurrent boolean DEFAULT true) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF p_concurrent THEN
        REFRESH MATERIALIZED VIEW CONCURRENTLY public.navicues_v2_list;
    ELSE
        REFRESH MATERIALIZED VIEW public.navicues_v2_list;
    END IF;
END
$$;

-- Writes a cue, and its steps, variants and targets where the payload names them; those then replace what was there.
-- A payload with the id or the code of a cue changes that cue, in the fields it names; any other makes a new one. What
-- is made here has a version-4 uuid and is nobody's mark; rows of Populace's own that are replaced are counted.
CREATE FUNCTION public.navicue_v2_save(payload jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fields CONSTANT text[] := ARRAY['id', 'code', 'status', 'kbe_layer', 'tier', 'family', 'primary_schema_id',
        'component_type', 'default_response_type', 'intent', 'safety_notes', 'config', 'analytics_config', 'tags',
        'guidance_mode_key', 'move_key', 'state_band', 'receipt_type_keys', 'real_life_check_keys'];
    parts CONSTANT text[] := ARRAY['steps', 'variants', 'targets'];
    cue public.navicues_v2;
    part text;
    unknown text;
    replaced bigint;
BEGIN
    IF jsonb_typeof(payload) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'payload must be a JSON object' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT string_agg(key, ', ') INTO unknown FROM jsonb_object_keys(payload) AS given (key)
    WHERE key <> ALL (fields || parts);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'payload has what a cue has not: %', unknown
            USING ERRCODE = 'invalid_parameter_value', HINT = 'allowed: ' || array_to_string(fields || parts, ', ');
    END IF;

    IF payload ->> 'id' IS NOT NULL THEN
        SELECT * INTO cue FROM public.navicues_v2 WHERE id = (payload ->> 'id')::uuid FOR UPDATE;
        IF cue.id IS NULL THEN
            RAISE EXCEPTION 'there is no cue with the id %', payload ->> 'id' USING ERRCODE = 'no_data_found';
        END IF;
    ELSE
        SELECT * INTO cue FROM public.navicues_v2 WHERE code = payload ->> 'code' FOR UPDATE;
    END IF;
    IF cue.id IS NULL THEN
        cue := jsonb_populate_record(NULL::public.navicues_v2, '{"status": "draft", "config": {},
            "analytics_config": {}, "tags": [], "receipt_type_keys": [], "real_life_check_keys": []}' || payload);
        cue.id := gen_random_uuid();
        cue.created_at := populace.now();
        cue.updated_at := cue.created_at;
        INSERT INTO public.navicues_v2 SELECT cue.*;
    ELSE
        cue := jsonb_populate_record(cue, payload - 'id');
        UPDATE public.navicues_v2 SET
            code = cue.code, status = cue.status, kbe_layer = cue.kbe_layer, tier = cue.tier, family = cue.family,
            primary_schema_id = cue.primary_schema_id, component_type = cue.component_type,
            default_response_type = cue.default_response_type, intent = cue.intent, safety_notes = cue.safety_notes,
            config = cue.config, analytics_config = cue.analytics_config, tags = cue.tags,
            guidance_mode_key = cue.guidance_mode_key, move_key = cue.move_key, state_band = cue.state_band,
            receipt_type_keys = cue.receipt_type_keys, real_life_check_keys = cue.real_life_check_keys
        WHERE id = cue.id;
    END IF;

    FOREACH part IN ARRAY parts LOOP
        CONTINUE WHEN NOT payload ? part;
        EXECUTE format(
            'WITH gone AS (DELETE FROM public.%I WHERE navicue_id = $1 RETURNING id)'
            ' SELECT count(*) FROM gone WHERE substr(id::text, 15, 1) = ''8''', 'navicue_' || part || '_v2')
            INTO replaced USING cue.id;
        PERFORM populace.count_removed(jsonb_build_object('navicue_' || part || '_v2', replaced));
    END LOOP;
    INSERT INTO public.navicue_steps_v2 (navicue_id, step_index, component_type, response_type, config)
    SELECT cue.id, s.step_index, s.component_type, coalesce(s.response_type, 'none'), coalesce(s.config, '{}')
    FROM jsonb_to_recordset(payload -> 'steps')
        AS s (step_index integer, component_type text, response_type text, config jsonb);
    INSERT INTO public.navicue_variants_v2 (navicue_id, lens, language, copy, is_default, version)
    SELECT cue.id, v.lens, coalesce(v.language, 'en'), coalesce(v.copy, '{}'), coalesce(v.is_default, false),
        coalesce(v.version, 1)
    FROM jsonb_to_recordset(payload -> 'variants')
        AS v (lens text, language text, copy jsonb, is_default boolean, version integer);
    INSERT INTO public.navicue_targets_v2 (navicue_id, scope_type, pillar_id, schema_id, family_id, mindblock_id,
        concept_id, theme_id, weight, is_primary)
    SELECT cue.id, t.scope_type, t.pillar_id, t.schema_id, t.family_id, t.mindblock_id, t.concept_id, t.theme_id,
        coalesce(t.weight, 1), coalesce(t.is_primary, false)
    FROM jsonb_to_recordset(payload -> 'targets')
        AS t (scope_type text, pillar_id uuid, schema_id uuid, family_id uuid, mindblock_id uuid, concept_id uuid,
              theme_id uuid, weight double precision, is_primary boolean);
    RETURN cue.id;
END
$$;

-- A cue leaves service; what people answered to it stays.
CREATE FUNCTION public.navicue_v2_archive(p_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE public.navicues_v2 SET status = 'archived' WHERE id = p_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no cue with the id %', coalesce(p_id::text, 'null') USING ERRCODE = 'no_data_found';
    END IF;
END
$$;

-- A copy of a cue with its steps, variants and targets, as a draft under another code.
CREATE FUNCTION public.navicue_v2_clone(p_source_id uuid, p_new_code text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cue public.navicues_v2;
BEGIN
    SELECT * INTO cue FROM public.navicues_v2 WHERE id = p_source_id;
    IF cue.id IS NULL THEN
        RAISE EXCEPTION 'there is no cue with the id %', coalesce(p_source_id::text, 'null')
            USING ERRCODE = 'no_data_found';
    ELSIF coalesce(p_new_code, '') = '' THEN
        RAISE EXCEPTION 'the copy of a cue needs a code of its own' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    cue.id := gen_random_uuid();
    cue.code := p_new_code;
    cue.status := 'draft';
    cue.created_at := populace.now();
    cue.updated_at := cue.created_at;
    INSERT INTO public.navicues_v2 SELECT cue.*;
    INSERT INTO public.navicue_steps_v2 (navicue_id, step_index, component_type, response_type, config)
    SELECT cue.id, step_index, component_type, response_type, config
    FROM public.navicue_steps_v2 WHERE navicue_id = p_source_id;
    INSERT INTO public.navicue_variants_v2 (navicue_id, lens, language, copy, is_default, version)
    SELECT cue.id, lens, language, copy, is_default, version
    FROM public.navicue_variants_v2 WHERE navicue_id = p_source_id;
    INSERT INTO public.navicue_targets_v2 (navicue_id, scope_type, pillar_id, schema_id, family_id, mindblock_id,
        concept_id, theme_id, weight, is_primary)
    SELECT cue.id, scope_type, pillar_id, schema_id, family_id, mindblock_id, concept_id, theme_id, weight, is_primary
    FROM public.navicue_targets_v2 WHERE navicue_id = p_source_id;
    RETURN cue.id;
END
$$;

-- last_sign_in_at: the last time that somebody opened a scene. What was loaded before is caught up with once; from then on each
-- insert moves it. It stays null where it is, as in the documented scenario, and is never touched of anybody who is not ours.
UPDATE auth.users AS u SET last_sign_in_at = d.at
FROM (
    SELECT e.user_id, max(e.created_at) AS at
    FROM public.journey_scene_events AS e
    WHERE e.event_type IN ('scene_started', 'scene_opened') AND (e.event_payload ->> 'synthetic') = 'true'
    GROUP BY e.user_id
) AS d
WHERE u.id = d.user_id AND u.last_sign_in_at < d.at AND (u.raw_user_meta_data ->> 'synthetic') = 'true';

CREATE FUNCTION public.sign_in_synthetic_people() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE auth.users AS u SET last_sign_in_at = d.at
    FROM (
        SELECT e.user_id, max(e.created_at) AS at
        FROM added AS e
        WHERE e.event_type IN ('scene_started', 'scene_opened') AND (e.event_payload ->> 'synthetic') = 'true'
        GROUP BY e.user_id
    ) AS d
    WHERE u.id = d.user_id AND u.last_sign_in_at < d.at AND (u.raw_user_meta_data ->> 'synthetic') = 'true';
    RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION public.sign_in_synthetic_people() FROM PUBLIC;

CREATE TRIGGER journey_scene_events_sign_in AFTER INSERT ON public.journey_scene_events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.sign_in_synthetic_people();

-- Triggers. An update that brings its own updated_at keeps it, and one that changes nothing leaves no trace.

CREATE TRIGGER organizations_updated_at BEFORE UPDATE ON public.organizations FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER profiles_updated_at BEFORE UPDATE ON public.profiles FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER synthetic_settings_updated_at BEFORE UPDATE ON public.synthetic_settings FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER mindblock_library_updated_at BEFORE UPDATE ON public.mindblock_library FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER practice_template_updated_at BEFORE UPDATE ON public.practice_template FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER journey_template_updated_at BEFORE UPDATE ON public.journey_template FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER navicues_v2_updated_at BEFORE UPDATE ON public.navicues_v2 FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER journey_instances_updated_at BEFORE UPDATE ON public.journey_instances FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();

CREATE TRIGGER synthetic_settings_ask_enabled AFTER UPDATE OF enabled ON public.synthetic_settings FOR EACH ROW
    EXECUTE FUNCTION public.ask_for_setting('enabled');
CREATE TRIGGER synthetic_settings_ask_sessions_per_min AFTER UPDATE OF sessions_per_min ON public.synthetic_settings FOR EACH ROW
    EXECUTE FUNCTION public.ask_for_setting('sessions_per_min');
CREATE TRIGGER synthetic_settings_ask_max_per_run AFTER UPDATE OF max_per_run ON public.synthetic_settings FOR EACH ROW
    EXECUTE FUNCTION public.ask_for_setting('max_per_run');
CREATE TRIGGER synthetic_settings_ask_error_rate AFTER UPDATE OF error_rate ON public.synthetic_settings FOR EACH ROW
    EXECUTE FUNCTION public.ask_for_setting('error_rate');
CREATE TRIGGER synthetic_settings_ask_abandon_rate AFTER UPDATE OF abandon_rate ON public.synthetic_settings FOR EACH ROW
    EXECUTE FUNCTION public.ask_for_setting('abandon_rate');
CREATE TRIGGER synthetic_settings_keep BEFORE DELETE ON public.synthetic_settings FOR EACH ROW
    EXECUTE FUNCTION public.keep_settings();
CREATE TRIGGER synthetic_settings_keep_all BEFORE TRUNCATE ON public.synthetic_settings FOR EACH STATEMENT
    EXECUTE FUNCTION public.keep_settings();

-- Row level security

ALTER TABLE public.organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.org_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sim_users ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.synthetic_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.pillar_catalog ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.schema_catalog ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.family_catalog ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.mindblock_library ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.practice_template ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_template ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_template_scene ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.scene_contracts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.navicues_v2 ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.navicue_steps_v2 ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.navicue_variants_v2 ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.navicue_targets_v2 ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.scene_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.notifications_outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.content_engagements ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_instances ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_scene_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.mindblock_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_instance_scenes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_scene_captures ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_resistance_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_real_world_triggers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_audio_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.mindblock_realtime_signals ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.navicue_responses_v2 ENABLE ROW LEVEL SECURITY;

CREATE POLICY service_all ON public.organizations FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.profiles FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.org_members FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.sim_users FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.synthetic_settings FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.pillar_catalog FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.schema_catalog FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.family_catalog FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.mindblock_library FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.practice_template FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_template FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_template_scene FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.scene_contracts FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.navicues_v2 FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.navicue_steps_v2 FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.navicue_variants_v2 FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.navicue_targets_v2 FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_runs FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.scene_runs FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.notifications_outbox FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.content_engagements FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_instances FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_scene_events FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.mindblock_events FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_instance_scenes FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_scene_captures FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_resistance_checks FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_real_world_triggers FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_audio_events FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.mindblock_realtime_signals FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.navicue_responses_v2 FOR ALL TO service_role USING (true) WITH CHECK (true);

CREATE POLICY read_all ON public.sim_users FOR SELECT TO authenticated USING (true);
CREATE POLICY read_all ON public.synthetic_settings FOR SELECT TO authenticated USING (true);
CREATE POLICY read_all ON public.pillar_catalog FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.schema_catalog FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.family_catalog FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.mindblock_library FOR SELECT TO anon, authenticated USING (deleted_at IS NULL);
CREATE POLICY read_all ON public.practice_template FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.journey_template FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.journey_template_scene FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.scene_contracts FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_active ON public.navicues_v2 FOR SELECT TO anon, authenticated USING (status = 'active');
CREATE POLICY read_active ON public.navicue_steps_v2 FOR SELECT TO anon, authenticated
    USING (navicue_id IN (SELECT c.id FROM public.navicues_v2 AS c WHERE c.status = 'active'));
CREATE POLICY read_active ON public.navicue_variants_v2 FOR SELECT TO anon, authenticated
    USING (navicue_id IN (SELECT c.id FROM public.navicues_v2 AS c WHERE c.status = 'active'));
CREATE POLICY read_active ON public.navicue_targets_v2 FOR SELECT TO anon, authenticated
    USING (navicue_id IN (SELECT c.id FROM public.navicues_v2 AS c WHERE c.status = 'active'));

CREATE POLICY read_own ON public.organizations FOR SELECT TO authenticated
    USING (id IN (SELECT m.organization_id FROM public.org_members AS m WHERE m.user_id = (SELECT auth.uid())));
CREATE POLICY read_own ON public.org_members FOR SELECT TO authenticated
    USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.profiles FOR SELECT TO authenticated
    USING (id = (SELECT auth.uid()));
CREATE POLICY edit_own ON public.profiles FOR UPDATE TO authenticated
    USING (id = (SELECT auth.uid())) WITH CHECK (id = (SELECT auth.uid()));

CREATE POLICY read_own ON public.content_engagements FOR SELECT TO authenticated
    USING (individual_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.journey_instances FOR SELECT TO authenticated
    USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.journey_scene_events FOR SELECT TO authenticated
    USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.mindblock_events FOR SELECT TO authenticated
    USING (individual_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.journey_runs FOR SELECT TO authenticated
    USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.scene_runs FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_runs AS r
        WHERE r.id = journey_run_id AND r.user_id = (SELECT auth.uid())));
CREATE POLICY read_own ON public.notifications_outbox FOR SELECT TO authenticated
    USING (recipient_profile_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.journey_instance_scenes FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())));
CREATE POLICY read_own ON public.journey_scene_captures FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())));
CREATE POLICY read_own ON public.journey_resistance_checks FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())));
CREATE POLICY read_own ON public.journey_real_world_triggers FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())));
CREATE POLICY read_own ON public.journey_audio_events FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())));
CREATE POLICY read_own ON public.mindblock_realtime_signals FOR SELECT TO authenticated
    USING (individual_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.navicue_responses_v2 FOR SELECT TO authenticated
    USING (individual_id = (SELECT auth.uid()));

-- The mark opens a row to every signed-in person, so it opens only rows whose owner really is synthetic: a mark on a
-- human's row shows nobody anything.
CREATE POLICY read_synthetic ON public.journey_instances FOR SELECT TO authenticated
    USING ((metadata ->> 'synthetic') = 'true' AND user_id IN (SELECT s.profile_id FROM public.sim_users AS s));
CREATE POLICY read_synthetic ON public.journey_scene_events FOR SELECT TO authenticated
    USING ((event_payload ->> 'synthetic') = 'true' AND user_id IN (SELECT s.profile_id FROM public.sim_users AS s));
CREATE POLICY read_synthetic ON public.mindblock_events FOR SELECT TO authenticated
    USING ((evidence ->> 'synthetic') = 'true' AND individual_id IN (SELECT s.profile_id FROM public.sim_users AS s));
CREATE POLICY read_synthetic ON public.mindblock_realtime_signals FOR SELECT TO authenticated
    USING ((evidence ->> 'synthetic') = 'true' AND individual_id IN (SELECT s.profile_id FROM public.sim_users AS s));
CREATE POLICY read_synthetic ON public.navicue_responses_v2 FOR SELECT TO authenticated
    USING ((response_data ->> 'synthetic') = 'true'
        AND individual_id IN (SELECT s.profile_id FROM public.sim_users AS s));
CREATE POLICY read_synthetic ON public.notifications_outbox FOR SELECT TO authenticated
    USING ((metadata ->> 'synthetic') = 'true'
        AND recipient_profile_id IN (SELECT s.profile_id FROM public.sim_users AS s));
CREATE POLICY read_synthetic ON public.journey_runs FOR SELECT TO authenticated
    USING (user_id IN (SELECT s.profile_id FROM public.sim_users AS s));
CREATE POLICY read_synthetic ON public.scene_runs FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_runs AS r JOIN public.sim_users AS s ON s.profile_id = r.user_id
        WHERE r.id = journey_run_id));
CREATE POLICY read_synthetic ON public.journey_instance_scenes FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j JOIN public.sim_users AS s ON s.profile_id = j.user_id
        WHERE j.id = journey_instance_id AND (j.metadata ->> 'synthetic') = 'true'));
CREATE POLICY read_synthetic ON public.journey_scene_captures FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j JOIN public.sim_users AS s ON s.profile_id = j.user_id
        WHERE j.id = journey_instance_id AND (j.metadata ->> 'synthetic') = 'true'));
CREATE POLICY read_synthetic ON public.journey_resistance_checks FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j JOIN public.sim_users AS s ON s.profile_id = j.user_id
        WHERE j.id = journey_instance_id AND (j.metadata ->> 'synthetic') = 'true'));
CREATE POLICY read_synthetic ON public.journey_real_world_triggers FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j JOIN public.sim_users AS s ON s.profile_id = j.user_id
        WHERE j.id = journey_instance_id AND (j.metadata ->> 'synthetic') = 'true'));
CREATE POLICY read_synthetic ON public.journey_audio_events FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.journey_instances AS j JOIN public.sim_users AS s ON s.profile_id = j.user_id
        WHERE j.id = journey_instance_id AND (j.metadata ->> 'synthetic') = 'true'));

-- People write their own rows only: a synthetic person's carry the mark, a human's do not, and what belongs to a
-- journey, or names one, belongs to a journey of the same person. Notifications are the server's to write.
CREATE POLICY add_own ON public.content_engagements FOR INSERT TO authenticated
    WITH CHECK (individual_id = (SELECT auth.uid())
        AND ((metadata ->> 'cohort_label') IS NOT NULL) = (SELECT public.is_synthetic_person()));
CREATE POLICY add_own ON public.journey_instances FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid())
        AND ((metadata ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person()));
CREATE POLICY add_own ON public.journey_scene_events FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid())
        AND ((event_payload ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person())
        AND (journey_instance_id IS NULL OR journey_instance_id IN (
            SELECT j.id FROM public.journey_instances AS j WHERE j.user_id = (SELECT auth.uid()))));
CREATE POLICY add_own ON public.mindblock_events FOR INSERT TO authenticated
    WITH CHECK (individual_id = (SELECT auth.uid())
        AND ((evidence ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person())
        AND (evidence ->> 'journey_instance_id' IS NULL OR evidence ->> 'journey_instance_id' IN (
            SELECT j.id::text FROM public.journey_instances AS j WHERE j.user_id = (SELECT auth.uid()))));
CREATE POLICY add_own ON public.mindblock_realtime_signals FOR INSERT TO authenticated
    WITH CHECK (individual_id = (SELECT auth.uid())
        AND ((evidence ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person())
        AND (evidence ->> 'journey_instance_id' IS NULL OR evidence ->> 'journey_instance_id' IN (
            SELECT j.id::text FROM public.journey_instances AS j WHERE j.user_id = (SELECT auth.uid()))));
CREATE POLICY add_own ON public.navicue_responses_v2 FOR INSERT TO authenticated
    WITH CHECK (individual_id = (SELECT auth.uid())
        AND ((response_data ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person())
        AND (response_data ->> 'journey_instance_id' IS NULL OR response_data ->> 'journey_instance_id' IN (
            SELECT j.id::text FROM public.journey_instances AS j WHERE j.user_id = (SELECT auth.uid()))));
CREATE POLICY add_own ON public.journey_runs FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY add_own ON public.scene_runs FOR INSERT TO authenticated
    WITH CHECK (EXISTS (SELECT 1 FROM public.journey_runs AS r
        WHERE r.id = journey_run_id AND r.user_id = (SELECT auth.uid())));
CREATE POLICY add_own ON public.journey_instance_scenes FOR INSERT TO authenticated
    WITH CHECK (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())
          AND ((j.metadata ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person())));
CREATE POLICY add_own ON public.journey_scene_captures FOR INSERT TO authenticated
    WITH CHECK (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())
          AND ((j.metadata ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person())));
CREATE POLICY add_own ON public.journey_resistance_checks FOR INSERT TO authenticated
    WITH CHECK (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())
          AND ((j.metadata ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person())));
CREATE POLICY add_own ON public.journey_real_world_triggers FOR INSERT TO authenticated
    WITH CHECK (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())
          AND ((j.metadata ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person())));
CREATE POLICY add_own ON public.journey_audio_events FOR INSERT TO authenticated
    WITH CHECK (EXISTS (SELECT 1 FROM public.journey_instances AS j
        WHERE j.id = journey_instance_id AND j.user_id = (SELECT auth.uid())
          AND ((j.metadata ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person())));

-- Views. A protocol is a journey template, and its slug is its id. A plain view shows what its reader may read; a
-- materialized one knows no row level security, so it holds content only, or is the server's own.

CREATE MATERIALIZED VIEW public.mv_protocol_summary AS
SELECT
    t.id AS protocol_id,
    t.id AS slug,
    t.title,
    t.status,
    coalesce(s.scenes, 0) AS scene_count,
    coalesce(c.contracts, 0) AS contract_count,
    coalesce(s.without_contract, 0) AS missing_contracts,
    coalesce(c.expect_receipt, 0) AS contracts_expect_receipt,
    coalesce(c.expect_checks, 0) AS contracts_expect_checks,
    coalesce(s.require_trigger, 0) AS scenes_require_trigger,
    coalesce(s.require_resistance, 0) AS scenes_require_resistance,
    populace.now() AS refreshed_at
FROM public.journey_template AS t
LEFT JOIN (
    SELECT s.template_id, count(*) AS scenes, count(*) FILTER (WHERE c.id IS NULL) AS without_contract,
        count(*) FILTER (WHERE s.requires_real_world_trigger) AS require_trigger,
        count(*) FILTER (WHERE s.requires_resistance_check) AS require_resistance
    FROM public.journey_template_scene AS s
    LEFT JOIN public.scene_contracts AS c USING (template_id, scene_number)
    GROUP BY s.template_id) AS s ON s.template_id = t.id
LEFT JOIN (
    SELECT c.template_id, count(*) AS contracts, count(*) FILTER (WHERE c.expects_receipt) AS expect_receipt,
        count(*) FILTER (WHERE c.expects_checks) AS expect_checks
    FROM public.scene_contracts AS c
    GROUP BY c.template_id) AS c ON c.template_id = t.id
WITH DATA;
CREATE UNIQUE INDEX mv_protocol_summary_key ON public.mv_protocol_summary (protocol_id);

CREATE MATERIALIZED VIEW public.mv_protocol_step_summary AS
SELECT
    s.template_id AS protocol_id,
    s.phase_label AS phase,
    s.scene_type,
    count(*) AS scene_count,
    count(*) FILTER (WHERE s.has_audio) AS scenes_with_audio,
    count(*) FILTER (WHERE c.expects_receipt) AS contracts_expect_receipt,
    count(*) FILTER (WHERE c.expects_checks) AS contracts_expect_checks,
    count(*) FILTER (WHERE s.requires_real_world_trigger) AS scenes_require_trigger,
    count(*) FILTER (WHERE s.requires_resistance_check) AS scenes_require_resistance
FROM public.journey_template_scene AS s
LEFT JOIN public.scene_contracts AS c USING (template_id, scene_number)
GROUP BY s.template_id, s.phase_label, s.scene_type
WITH DATA;
CREATE UNIQUE INDEX mv_protocol_step_summary_key
    ON public.mv_protocol_step_summary (protocol_id, phase, scene_type);

CREATE VIEW public.protocol_integrity_issues WITH (security_invoker = true) AS
SELECT template_id AS protocol_id, scene_number,
    CASE WHEN s.id IS NULL THEN 'contract_without_scene' ELSE 'scene_without_contract' END AS issue
FROM public.journey_template_scene AS s
FULL JOIN public.scene_contracts AS c USING (template_id, scene_number)
WHERE s.id IS NULL OR c.id IS NULL;

CREATE VIEW public.protocols_by_slug WITH (security_invoker = true) AS
SELECT t.id AS slug, t.id AS protocol_id, t.title, t.description, t.status, t.pillar_id, t.sprint_number,
    t.is_onboarding, t.total_scenes, t.duration_minutes, t.created_at, t.updated_at
FROM public.journey_template AS t;

CREATE VIEW public.protocols_active WITH (security_invoker = true) AS
SELECT p.* FROM public.protocols_by_slug AS p WHERE p.status = 'active';

CREATE MATERIALIZED VIEW public.navicues_v2_list AS
SELECT c.id, c.code, c.status, c.kbe_layer, c.tier, c.family, c.primary_schema_id, s.schema_key, c.component_type,
    c.default_response_type, c.guidance_mode_key, c.move_key, c.state_band, c.tags,
    (SELECT v.copy ->> 'headline' FROM public.navicue_variants_v2 AS v
     WHERE v.navicue_id = c.id ORDER BY v.is_default DESC, v.version DESC, v.id LIMIT 1) AS headline,
    (SELECT count(*) FROM public.navicue_steps_v2 AS p WHERE p.navicue_id = c.id) AS steps,
    (SELECT count(*) FROM public.navicue_variants_v2 AS v WHERE v.navicue_id = c.id) AS variants,
    (SELECT count(*) FROM public.navicue_targets_v2 AS t WHERE t.navicue_id = c.id) AS targets,
    c.created_at, c.updated_at
FROM public.navicues_v2 AS c
LEFT JOIN public.schema_catalog AS s ON s.id = c.primary_schema_id
WITH DATA;
CREATE UNIQUE INDEX navicues_v2_list_key ON public.navicues_v2_list (id);

-- Grants. Supabase gives new tables and functions to everyone by default, so what is not granted here is taken back first.

REVOKE ALL ON public.organizations, public.profiles, public.org_members, public.sim_users, public.synthetic_settings,
    public.pillar_catalog, public.schema_catalog, public.family_catalog, public.mindblock_library,
    public.practice_template, public.journey_template, public.journey_template_scene, public.scene_contracts,
    public.navicues_v2, public.navicue_steps_v2, public.navicue_variants_v2, public.navicue_targets_v2,
    public.journey_runs, public.scene_runs, public.notifications_outbox, public.content_engagements,
    public.journey_instances, public.journey_scene_events, public.mindblock_events, public.journey_instance_scenes,
    public.journey_scene_captures, public.journey_resistance_checks, public.journey_real_world_triggers,
    public.journey_audio_events, public.mindblock_realtime_signals, public.navicue_responses_v2,
    public.mv_protocol_summary, public.mv_protocol_step_summary, public.protocol_integrity_issues,
    public.protocols_by_slug, public.protocols_active, public.navicues_v2_list
    FROM anon, authenticated;
GRANT ALL ON public.organizations, public.profiles, public.org_members, public.sim_users, public.synthetic_settings,
    public.pillar_catalog, public.schema_catalog, public.family_catalog, public.mindblock_library,
    public.practice_template, public.journey_template, public.journey_template_scene, public.scene_contracts,
    public.navicues_v2, public.navicue_steps_v2, public.navicue_variants_v2, public.navicue_targets_v2,
    public.journey_runs, public.scene_runs, public.notifications_outbox, public.content_engagements,
    public.journey_instances, public.journey_scene_events, public.mindblock_events, public.journey_instance_scenes,
    public.journey_scene_captures, public.journey_resistance_checks, public.journey_real_world_triggers,
    public.journey_audio_events, public.mindblock_realtime_signals, public.navicue_responses_v2
    TO service_role;
GRANT SELECT ON public.pillar_catalog, public.schema_catalog, public.family_catalog, public.mindblock_library,
    public.practice_template, public.journey_template, public.journey_template_scene, public.scene_contracts,
    public.navicues_v2, public.navicue_steps_v2, public.navicue_variants_v2, public.navicue_targets_v2,
    public.protocols_by_slug, public.protocols_active
    TO anon, authenticated;
GRANT SELECT ON public.organizations, public.profiles, public.org_members, public.sim_users, public.synthetic_settings,
    public.journey_runs, public.scene_runs, public.notifications_outbox, public.content_engagements,
    public.journey_instances, public.journey_scene_events, public.mindblock_events, public.journey_instance_scenes,
    public.journey_scene_captures, public.journey_resistance_checks, public.journey_real_world_triggers,
    public.journey_audio_events, public.mindblock_realtime_signals, public.navicue_responses_v2,
    public.mv_protocol_summary, public.mv_protocol_step_summary, public.protocol_integrity_issues
    TO authenticated;
GRANT SELECT ON public.mv_protocol_summary, public.mv_protocol_step_summary, public.protocol_integrity_issues,
    public.protocols_by_slug, public.protocols_active, public.navicues_v2_list
    TO service_role;
GRANT INSERT ON public.journey_runs, public.scene_runs, public.content_engagements, public.journey_instances,
    public.journey_scene_events, public.mindblock_events, public.journey_instance_scenes,
    public.journey_scene_captures, public.journey_resistance_checks, public.journey_real_world_triggers,
    public.journey_audio_events, public.mindblock_realtime_signals, public.navicue_responses_v2
    TO authenticated;
-- A person may correct their name and address, not their role or organisation.
GRANT UPDATE (email, full_name) ON public.profiles TO authenticated;

REVOKE ALL ON FUNCTION public.is_synthetic_person() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.is_synthetic_person() TO authenticated, service_role;
REVOKE ALL ON FUNCTION public.set_updated_at(), public.ask_for_setting(), public.keep_settings()
    FROM PUBLIC, anon, authenticated, service_role;
REVOKE ALL ON FUNCTION public.get_synthetics_activity_summary(integer) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_synthetics_activity_summary(integer) TO authenticated, service_role;
REVOKE ALL ON FUNCTION public.cleanup_old_synthetic_data(integer), public.cleanup_synthetic_data_before(timestamptz),
    public.refresh_protocol_analytics(), public.refresh_navicues_v2_list_matview(boolean),
    public.navicue_v2_save(jsonb), public.navicue_v2_archive(uuid), public.navicue_v2_clone(uuid, text)
    FROM PUBLIC, anon, authenticated;
GRANT EXECUTE ON FUNCTION public.cleanup_old_synthetic_data(integer),
    public.cleanup_synthetic_data_before(timestamptz), public.refresh_protocol_analytics(),
    public.refresh_navicues_v2_list_matview(boolean), public.navicue_v2_save(jsonb), public.navicue_v2_archive(uuid),
    public.navicue_v2_clone(uuid, text)
    TO service_role;

-- Realtime

ALTER PUBLICATION supabase_realtime ADD TABLE
    public.journey_scene_events, public.mindblock_events, public.journey_instances;
