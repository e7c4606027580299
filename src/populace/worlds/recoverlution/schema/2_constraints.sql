-- What the tables of Recoverlution get once they are full. Every statement runs exactly once, in this order:
-- keys and indexes table by table, foreign keys, functions, triggers, row level security, grants, realtime.

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

-- The partial index of each event table is keyed by time, since every question about synthetic rows is about a period.
ALTER TABLE public.journey_scene_events ADD CONSTRAINT journey_scene_events_pkey PRIMARY KEY (id);
ALTER TABLE public.journey_scene_events ADD CONSTRAINT journey_scene_events_idempotency_key_key UNIQUE (idempotency_key);
CREATE INDEX journey_scene_events_journey_instance_id_idx ON public.journey_scene_events (journey_instance_id);
CREATE INDEX journey_scene_events_user_id_idx ON public.journey_scene_events (user_id);
CREATE INDEX journey_scene_events_event_type_idx ON public.journey_scene_events (event_type);
CREATE INDEX journey_scene_events_created_at_idx ON public.journey_scene_events (created_at DESC);
CREATE INDEX journey_scene_events_synthetic_idx ON public.journey_scene_events (created_at DESC)
    WHERE (event_payload ->> 'synthetic') = 'true';

ALTER TABLE public.mindblock_events ADD CONSTRAINT mindblock_events_pkey PRIMARY KEY (id);
CREATE INDEX mindblock_events_individual_id_idx ON public.mindblock_events (individual_id);
CREATE INDEX mindblock_events_mindblock_id_idx ON public.mindblock_events (mindblock_id);
CREATE INDEX mindblock_events_signal_type_idx ON public.mindblock_events (signal_type);
CREATE INDEX mindblock_events_created_at_idx ON public.mindblock_events (created_at DESC);
CREATE INDEX mindblock_events_synthetic_idx ON public.mindblock_events (created_at DESC)
    WHERE (evidence ->> 'synthetic') = 'true';

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

-- Functions. Simulated time is populace.now(). A search path of '' leaves nothing to be shadowed.

-- Whether the person whose claims are in force is one of ours. Claims she can edit herself are not asked.
CREATE FUNCTION public.is_synthetic_person() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$
    SELECT EXISTS (SELECT 1 FROM public.sim_users WHERE profile_id = auth.uid())
$$;

CREATE FUNCTION public.set_updated_at() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    NEW.updated_at := populace.now();
    RETURN NEW;
END
$$;

-- What synthetic people did in the last so many hours of simulated time.
CREATE FUNCTION public.get_synthetics_activity_summary(hours integer DEFAULT 24) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ''
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

-- Deletes synthetic rows older than so many days of simulated time. An open journey keeps all of its events, whatever
-- their age; a closed one goes as a whole once it ended before the cutoff. An abandoned journey has no completed_at,
-- so its end is its last change. A synthetic journey that a human's event hangs on stays, since deleting it would cascade.
CREATE FUNCTION public.cleanup_old_synthetic_data(retain_days integer DEFAULT 45) RETURNS json
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    cutoff timestamptz;
    doomed uuid[];
    deleted_events bigint;
    deleted_journeys bigint;
BEGIN
    IF retain_days IS NULL OR retain_days NOT BETWEEN 0 AND 36500 THEN
        RAISE EXCEPTION 'retain_days is %, but must be a whole number from 0 to 36500', coalesce(retain_days::text, 'null')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    cutoff := populace.now() - make_interval(days => retain_days);

    SELECT coalesce(array_agg(j.id), '{}') INTO doomed
    FROM public.journey_instances AS j
    WHERE j.metadata ->> 'synthetic' = 'true'
      AND j.status IN ('completed', 'abandoned')
      AND coalesce(j.completed_at, j.updated_at) < cutoff
      AND NOT EXISTS (
          SELECT 1 FROM public.journey_scene_events AS e
          WHERE e.journey_instance_id = j.id AND e.event_payload ->> 'synthetic' IS DISTINCT FROM 'true');

    DELETE FROM public.journey_scene_events AS e
    WHERE e.event_payload ->> 'synthetic' = 'true'
      AND (e.journey_instance_id = ANY (doomed)
           OR (e.created_at < cutoff AND NOT EXISTS (
               SELECT 1 FROM public.journey_instances AS j
               WHERE j.id = e.journey_instance_id AND j.status IN ('active', 'paused'))));
    GET DIAGNOSTICS deleted_events = ROW_COUNT;

    -- Compared as text: evidence is free-form, and a cast to uuid would fail on a value that is none.
    DELETE FROM public.mindblock_events AS e
    WHERE e.evidence ->> 'synthetic' = 'true'
      AND (e.evidence ->> 'journey_instance_id' = ANY (doomed::text[])
           OR (e.created_at < cutoff AND NOT EXISTS (
               SELECT 1 FROM public.journey_instances AS j
               WHERE j.id::text = e.evidence ->> 'journey_instance_id' AND j.status IN ('active', 'paused'))));

    DELETE FROM public.journey_instances AS j WHERE j.id = ANY (doomed);
    GET DIAGNOSTICS deleted_journeys = ROW_COUNT;

    RETURN json_build_object(
        'deleted_events', deleted_events, 'deleted_journeys', deleted_journeys, 'cutoff_date', cutoff);
END
$$;

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
CREATE TRIGGER journey_instances_updated_at BEFORE UPDATE ON public.journey_instances FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();

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
ALTER TABLE public.content_engagements ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_instances ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.journey_scene_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.mindblock_events ENABLE ROW LEVEL SECURITY;

CREATE POLICY service_all ON public.organizations FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.profiles FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.org_members FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.sim_users FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.synthetic_settings FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.pillar_catalog FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.schema_catalog FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.family_catalog FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.mindblock_library FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.content_engagements FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_instances FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.journey_scene_events FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.mindblock_events FOR ALL TO service_role USING (true) WITH CHECK (true);

CREATE POLICY read_all ON public.sim_users FOR SELECT TO authenticated USING (true);
CREATE POLICY read_all ON public.synthetic_settings FOR SELECT TO authenticated USING (true);
CREATE POLICY read_all ON public.pillar_catalog FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.schema_catalog FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.family_catalog FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.mindblock_library FOR SELECT TO anon, authenticated USING (deleted_at IS NULL);

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

-- The mark opens a row to every signed-in person, so it opens only rows whose owner really is synthetic: a mark on a
-- human's row shows nobody anything.
CREATE POLICY read_synthetic ON public.journey_instances FOR SELECT TO authenticated
    USING ((metadata ->> 'synthetic') = 'true' AND user_id IN (SELECT s.profile_id FROM public.sim_users AS s));
CREATE POLICY read_synthetic ON public.journey_scene_events FOR SELECT TO authenticated
    USING ((event_payload ->> 'synthetic') = 'true' AND user_id IN (SELECT s.profile_id FROM public.sim_users AS s));
CREATE POLICY read_synthetic ON public.mindblock_events FOR SELECT TO authenticated
    USING ((evidence ->> 'synthetic') = 'true' AND individual_id IN (SELECT s.profile_id FROM public.sim_users AS s));

-- People write their own rows only: a synthetic person's carry the mark, a human's do not, and an event belongs to a
-- journey of the same person.
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
        AND ((evidence ->> 'synthetic') IS NOT DISTINCT FROM 'true') = (SELECT public.is_synthetic_person()));

-- Grants. Supabase gives new tables and functions to everyone by default, so what is not granted here is taken back first.

REVOKE ALL ON public.organizations, public.profiles, public.org_members, public.sim_users, public.synthetic_settings,
    public.pillar_catalog, public.schema_catalog, public.family_catalog, public.mindblock_library,
    public.content_engagements, public.journey_instances, public.journey_scene_events, public.mindblock_events
    FROM anon, authenticated;
GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;
GRANT ALL ON public.organizations, public.profiles, public.org_members, public.sim_users, public.synthetic_settings,
    public.pillar_catalog, public.schema_catalog, public.family_catalog, public.mindblock_library,
    public.content_engagements, public.journey_instances, public.journey_scene_events, public.mindblock_events
    TO service_role;
GRANT SELECT ON public.pillar_catalog, public.schema_catalog, public.family_catalog, public.mindblock_library
    TO anon, authenticated;
GRANT SELECT ON public.organizations, public.profiles, public.org_members, public.sim_users, public.synthetic_settings,
    public.content_engagements, public.journey_instances, public.journey_scene_events, public.mindblock_events
    TO authenticated;
GRANT INSERT ON public.content_engagements, public.journey_instances, public.journey_scene_events,
    public.mindblock_events TO authenticated;
-- A person may correct her name and address, not her role or organisation.
GRANT UPDATE (email, full_name) ON public.profiles TO authenticated;

REVOKE ALL ON FUNCTION public.is_synthetic_person() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.is_synthetic_person() TO authenticated, service_role;
REVOKE ALL ON FUNCTION public.set_updated_at() FROM PUBLIC, anon, authenticated, service_role;
REVOKE ALL ON FUNCTION public.get_synthetics_activity_summary(integer) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_synthetics_activity_summary(integer) TO authenticated, service_role;
REVOKE ALL ON FUNCTION public.cleanup_old_synthetic_data(integer) FROM PUBLIC, anon, authenticated;
GRANT EXECUTE ON FUNCTION public.cleanup_old_synthetic_data(integer) TO service_role;

-- Realtime

ALTER PUBLICATION supabase_realtime ADD TABLE
    public.journey_scene_events, public.mindblock_events, public.journey_instances;
