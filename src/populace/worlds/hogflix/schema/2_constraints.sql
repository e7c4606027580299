-- What the tables of HogFlix get once they are full. Every statement runs exactly once, in this order:
-- keys and indexes table by table, foreign keys, functions, triggers, row level security, the view, grants.

-- Keys and indexes. An index on a time serves what asks for a period; every foreign key has one that begins with it.

ALTER TABLE public.profiles ADD CONSTRAINT profiles_pkey PRIMARY KEY (id);
CREATE INDEX profiles_user_id_idx ON public.profiles (user_id);
CREATE INDEX profiles_created_at_idx ON public.profiles (created_at DESC);

ALTER TABLE public.profiles_public ADD CONSTRAINT profiles_public_pkey PRIMARY KEY (id);

ALTER TABLE public.user_roles ADD CONSTRAINT user_roles_pkey PRIMARY KEY (id);
ALTER TABLE public.user_roles ADD CONSTRAINT user_roles_user_id_role_key UNIQUE (user_id, role);

ALTER TABLE public.subscription_plans ADD CONSTRAINT subscription_plans_pkey PRIMARY KEY (id);
ALTER TABLE public.subscription_plans ADD CONSTRAINT subscription_plans_name_key UNIQUE (name);
CREATE UNIQUE INDEX subscription_plans_default_key ON public.subscription_plans (is_default) WHERE is_default;

ALTER TABLE public.user_subscriptions ADD CONSTRAINT user_subscriptions_pkey PRIMARY KEY (id);
ALTER TABLE public.user_subscriptions ADD CONSTRAINT user_subscriptions_user_id_key UNIQUE (user_id);
CREATE INDEX user_subscriptions_plan_id_idx ON public.user_subscriptions (plan_id);

ALTER TABLE public.categories ADD CONSTRAINT categories_pkey PRIMARY KEY (id);
CREATE INDEX categories_sort_order_idx ON public.categories (sort_order);

ALTER TABLE public.videos ADD CONSTRAINT videos_pkey PRIMARY KEY (id);
ALTER TABLE public.videos ADD CONSTRAINT videos_slug_key UNIQUE (slug);
CREATE INDEX videos_category_id_idx ON public.videos (category_id);
CREATE INDEX videos_published_at_idx ON public.videos (published_at DESC);

ALTER TABLE public.video_assets ADD CONSTRAINT video_assets_pkey PRIMARY KEY (id);
CREATE INDEX video_assets_video_id_idx ON public.video_assets (video_id);

ALTER TABLE public.subtitles ADD CONSTRAINT subtitles_pkey PRIMARY KEY (id);
ALTER TABLE public.subtitles ADD CONSTRAINT subtitles_video_id_language_key UNIQUE (video_id, language);

ALTER TABLE public.video_categories ADD CONSTRAINT video_categories_pkey PRIMARY KEY (video_id, category_id);
CREATE INDEX video_categories_category_id_idx ON public.video_categories (category_id);

ALTER TABLE public.video_tags ADD CONSTRAINT video_tags_pkey PRIMARY KEY (id);
ALTER TABLE public.video_tags ADD CONSTRAINT video_tags_name_key UNIQUE (name);

ALTER TABLE public.video_tag_assignments ADD CONSTRAINT video_tag_assignments_pkey PRIMARY KEY (video_id, tag_id);
CREATE INDEX video_tag_assignments_tag_id_idx ON public.video_tag_assignments (tag_id);

ALTER TABLE public.video_thumbnail_tests ADD CONSTRAINT video_thumbnail_tests_pkey PRIMARY KEY (id);
CREATE INDEX video_thumbnail_tests_video_id_idx ON public.video_thumbnail_tests (video_id);

ALTER TABLE public.video_analytics ADD CONSTRAINT video_analytics_pkey PRIMARY KEY (video_id);

ALTER TABLE public.watch_progress ADD CONSTRAINT watch_progress_pkey PRIMARY KEY (id);
ALTER TABLE public.watch_progress ADD CONSTRAINT watch_progress_user_id_profile_id_video_id_key
    UNIQUE (user_id, profile_id, video_id);
CREATE INDEX watch_progress_profile_id_idx ON public.watch_progress (profile_id);
CREATE INDEX watch_progress_video_id_idx ON public.watch_progress (video_id);
CREATE INDEX watch_progress_last_watched_at_idx ON public.watch_progress (last_watched_at DESC);

ALTER TABLE public.video_ratings ADD CONSTRAINT video_ratings_pkey PRIMARY KEY (id);
ALTER TABLE public.video_ratings ADD CONSTRAINT video_ratings_video_id_profile_id_key UNIQUE (video_id, profile_id);
CREATE INDEX video_ratings_user_id_idx ON public.video_ratings (user_id);
CREATE INDEX video_ratings_profile_id_idx ON public.video_ratings (profile_id);
CREATE INDEX video_ratings_created_at_idx ON public.video_ratings (created_at DESC);

ALTER TABLE public.user_watchlist ADD CONSTRAINT user_watchlist_pkey PRIMARY KEY (id);
ALTER TABLE public.user_watchlist ADD CONSTRAINT user_watchlist_user_id_profile_id_video_id_key
    UNIQUE (user_id, profile_id, video_id);
CREATE INDEX user_watchlist_profile_id_idx ON public.user_watchlist (profile_id);
CREATE INDEX user_watchlist_video_id_idx ON public.user_watchlist (video_id);
CREATE INDEX user_watchlist_created_at_idx ON public.user_watchlist (created_at DESC);

ALTER TABLE public.chat_conversations ADD CONSTRAINT chat_conversations_pkey PRIMARY KEY (id);
CREATE INDEX chat_conversations_user_id_idx ON public.chat_conversations (user_id);
CREATE INDEX chat_conversations_profile_id_idx ON public.chat_conversations (profile_id);

ALTER TABLE public.chat_messages ADD CONSTRAINT chat_messages_pkey PRIMARY KEY (id);
CREATE INDEX chat_messages_conversation_id_created_at_idx ON public.chat_messages (conversation_id, created_at);
CREATE INDEX chat_messages_created_at_idx ON public.chat_messages (created_at DESC);

ALTER TABLE public.support_tickets ADD CONSTRAINT support_tickets_pkey PRIMARY KEY (id);
CREATE INDEX support_tickets_user_id_created_at_idx ON public.support_tickets (user_id, created_at DESC);
CREATE INDEX support_tickets_created_at_idx ON public.support_tickets (created_at DESC);

ALTER TABLE public.admin_activity_log ADD CONSTRAINT admin_activity_log_pkey PRIMARY KEY (id);
CREATE INDEX admin_activity_log_user_id_idx ON public.admin_activity_log (user_id);
CREATE INDEX admin_activity_log_created_at_idx ON public.admin_activity_log (created_at DESC);

ALTER TABLE public.daily_metrics ADD CONSTRAINT daily_metrics_pkey PRIMARY KEY (pool, day);

-- Foreign keys

ALTER TABLE public.profiles ADD CONSTRAINT profiles_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.profiles_public ADD CONSTRAINT profiles_public_id_fkey
    FOREIGN KEY (id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.user_roles ADD CONSTRAINT user_roles_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.user_subscriptions ADD CONSTRAINT user_subscriptions_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.user_subscriptions ADD CONSTRAINT user_subscriptions_plan_id_fkey
    FOREIGN KEY (plan_id) REFERENCES public.subscription_plans (id) ON DELETE RESTRICT;
ALTER TABLE public.videos ADD CONSTRAINT videos_category_id_fkey
    FOREIGN KEY (category_id) REFERENCES public.categories (id) ON DELETE CASCADE;
ALTER TABLE public.video_assets ADD CONSTRAINT video_assets_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id) ON DELETE CASCADE;
ALTER TABLE public.subtitles ADD CONSTRAINT subtitles_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id) ON DELETE CASCADE;
ALTER TABLE public.video_categories ADD CONSTRAINT video_categories_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id) ON DELETE CASCADE;
ALTER TABLE public.video_tag_assignments ADD CONSTRAINT video_tag_assignments_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id) ON DELETE CASCADE;
ALTER TABLE public.video_thumbnail_tests ADD CONSTRAINT video_thumbnail_tests_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id) ON DELETE CASCADE;
ALTER TABLE public.video_analytics ADD CONSTRAINT video_analytics_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id) ON DELETE CASCADE;
ALTER TABLE public.video_categories ADD CONSTRAINT video_categories_category_id_fkey
    FOREIGN KEY (category_id) REFERENCES public.categories (id) ON DELETE CASCADE;
ALTER TABLE public.video_tag_assignments ADD CONSTRAINT video_tag_assignments_tag_id_fkey
    FOREIGN KEY (tag_id) REFERENCES public.video_tags (id) ON DELETE CASCADE;
ALTER TABLE public.watch_progress ADD CONSTRAINT watch_progress_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.watch_progress ADD CONSTRAINT watch_progress_profile_id_fkey
    FOREIGN KEY (profile_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.watch_progress ADD CONSTRAINT watch_progress_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id) ON DELETE CASCADE;
ALTER TABLE public.video_ratings ADD CONSTRAINT video_ratings_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.video_ratings ADD CONSTRAINT video_ratings_profile_id_fkey
    FOREIGN KEY (profile_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.video_ratings ADD CONSTRAINT video_ratings_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id) ON DELETE CASCADE;
ALTER TABLE public.user_watchlist ADD CONSTRAINT user_watchlist_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.user_watchlist ADD CONSTRAINT user_watchlist_profile_id_fkey
    FOREIGN KEY (profile_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.user_watchlist ADD CONSTRAINT user_watchlist_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id) ON DELETE CASCADE;
ALTER TABLE public.chat_conversations ADD CONSTRAINT chat_conversations_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.chat_conversations ADD CONSTRAINT chat_conversations_profile_id_fkey
    FOREIGN KEY (profile_id) REFERENCES public.profiles (id) ON DELETE CASCADE;
ALTER TABLE public.chat_messages ADD CONSTRAINT chat_messages_conversation_id_fkey
    FOREIGN KEY (conversation_id) REFERENCES public.chat_conversations (id) ON DELETE CASCADE;
ALTER TABLE public.support_tickets ADD CONSTRAINT support_tickets_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.admin_activity_log ADD CONSTRAINT admin_activity_log_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;

-- Functions. Simulated time is populace.now(). A search path of '' leaves nothing to be shadowed.

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

-- Whether a key is one that Populace makes: of version 7 or 8. The app's defaults, and services for accounts, make
-- version 4.
CREATE FUNCTION public.is_populace_key(p_id uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT substr(p_id::text, 15, 1) IN ('7', '8')
$$;

-- Both marks: a human who owns such an address is none of ours, nor is one who claims to be synthetic.
CREATE FUNCTION public.is_synthetic_account(p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT 1 FROM auth.users AS u
        WHERE u.id = p_user_id
          AND u.email LIKE '%@hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true')
$$;

-- Whether an account may not act for humans. Its owner can edit both marks, and not the id.
CREATE FUNCTION public.is_kept_apart(p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT public.is_populace_key(p_user_id) OR public.is_synthetic_account(p_user_id)
$$;

-- Whether somebody has a role. It is not subject to policies, so synthetic visitors learn nothing of humans here.
CREATE FUNCTION public.has_role(p_user_id uuid, p_role text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT 1 FROM public.user_roles WHERE user_id = p_user_id AND role = p_role)
        AND (auth.uid() IS NULL OR p_user_id = auth.uid() OR NOT public.is_kept_apart(auth.uid())
            OR public.is_synthetic_account(p_user_id))
$$;

-- Whether the visitor is a human who has one of these roles. Policies ask it.
CREATE FUNCTION public.is_staff(VARIADIC p_roles text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT NOT coalesce(public.is_kept_apart(auth.uid()), true)
        AND EXISTS (SELECT 1 FROM public.user_roles WHERE user_id = auth.uid() AND role = ANY (p_roles))
$$;

-- Whether the visitor is a synthetic person who has one of these roles: they look after synthetic people alone.
CREATE FUNCTION public.is_synthetic_staff(VARIADIC p_roles text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(public.is_kept_apart(auth.uid()), false)
        AND EXISTS (SELECT 1 FROM public.user_roles WHERE user_id = auth.uid() AND role = ANY (p_roles))
$$;

-- Whether the caller is an admin, the app's server, or the owner of these tables. For functions that run with their
-- owner's rights, and have no other way to know who called.
CREATE FUNCTION public.may_administer() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(public.has_role(auth.uid(), 'admin'), false)
        OR c.caller = 'service_role'
        OR pg_catalog.pg_has_role(c.caller, current_user, 'MEMBER')
    FROM (SELECT coalesce(nullif(current_setting('role', true), 'none'), session_user::text)::name AS caller) AS c
$$;

-- The plan somebody is on: one's own, or anybody's for an admin.
CREATE FUNCTION public.get_user_subscription(p_user_id uuid DEFAULT auth.uid())
RETURNS TABLE (
    subscription_id uuid, plan_id uuid, plan_name text, display_name text, price_monthly double precision,
    features jsonb, max_profiles integer, video_quality text, status text, started_at timestamptz,
    expires_at timestamptz)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.id, p.id, p.name, p.display_name, p.price_monthly, p.features, p.max_profiles, p.video_quality, s.status,
        s.started_at, s.expires_at
    FROM public.user_subscriptions AS s
    JOIN public.subscription_plans AS p ON p.id = s.plan_id
    WHERE s.user_id = p_user_id
$$;

-- Of everybody's ratings, to two places; null without any.
CREATE FUNCTION public.get_video_average_rating(p_video_id uuid) RETURNS numeric
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT round(avg(r.rating), 2) FROM public.video_ratings AS r WHERE r.video_id = p_video_id
$$;

-- What a profile gave a title, as far as the caller may see it; null when nothing.
CREATE FUNCTION public.get_user_video_rating(p_video_id uuid, p_profile_id uuid) RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT r.rating FROM public.video_ratings AS r WHERE r.video_id = p_video_id AND r.profile_id = p_profile_id
$$;

-- Whether a profile has put a title on its list, as far as the caller may see it.
CREATE FUNCTION public.is_video_in_watchlist(p_video_id uuid, p_profile_id uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT 1 FROM public.user_watchlist AS w WHERE w.video_id = p_video_id AND w.profile_id = p_profile_id)
$$;

-- Counts every title again.
CREATE FUNCTION public.refresh_video_analytics() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT public.may_administer() THEN
        RAISE EXCEPTION 'only an admin or the server may refresh the figures of titles'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO public.video_analytics AS a (video_id, viewers, completions, average_percentage, seconds_watched,
        rating_count, average_rating, watchlist_count, refreshed_at)
    SELECT v.id, coalesce(p.viewers, 0), coalesce(p.completions, 0), coalesce(p.percentage, 0), coalesce(p.seconds, 0),
        coalesce(r.ratings, 0), r.average, coalesce(w.listed, 0), populace.now()
    FROM public.videos AS v
    LEFT JOIN (
        SELECT video_id, count(*) AS viewers, count(*) FILTER (WHERE completed) AS completions,
            round(avg(progress_percentage)::numeric, 2) AS percentage, sum(progress_seconds) AS seconds
        FROM public.watch_progress GROUP BY video_id) AS p ON p.video_id = v.id
    LEFT JOIN (
        SELECT video_id, count(*) AS ratings, round(avg(rating), 2) AS average
        FROM public.video_ratings GROUP BY video_id) AS r ON r.video_id = v.id
    LEFT JOIN (
        SELECT video_id, count(*) AS listed FROM public.user_watchlist GROUP BY video_id) AS w ON w.video_id = v.id
    ON CONFLICT (video_id) DO UPDATE SET
        viewers = excluded.viewers, completions = excluded.completions,
        average_percentage = excluded.average_percentage, seconds_watched = excluded.seconds_watched,
        rating_count = excluded.rating_count, average_rating = excluded.average_rating,
        watchlist_count = excluded.watchlist_count, refreshed_at = excluded.refreshed_at;
END
$$;

-- What the synthetic people of this database amount to.
CREATE FUNCTION public.count_synthetic_data() RETURNS json
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH people AS MATERIALIZED (
        SELECT u.id FROM auth.users AS u
        WHERE u.email LIKE '%@hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true')
    SELECT json_build_object(
        'profiles', (SELECT count(*) FROM public.profiles WHERE user_id IN (SELECT id FROM people)),
        'subscriptions', (SELECT count(*) FROM public.user_subscriptions WHERE user_id IN (SELECT id FROM people)),
        'watch_progress', (SELECT count(*) FROM public.watch_progress WHERE user_id IN (SELECT id FROM people)),
        'video_ratings', (SELECT count(*) FROM public.video_ratings WHERE user_id IN (SELECT id FROM people)),
        'watchlist', (SELECT count(*) FROM public.user_watchlist WHERE user_id IN (SELECT id FROM people)),
        'support_tickets', (SELECT count(*) FROM public.support_tickets WHERE user_id IN (SELECT id FROM people)),
        'chat_conversations', (
            SELECT count(*) FROM public.chat_conversations WHERE user_id IN (SELECT id FROM people)),
        'chat_messages', (
            SELECT count(*) FROM public.chat_messages AS m
            JOIN public.chat_conversations AS c ON c.id = m.conversation_id
            WHERE c.user_id IN (SELECT id FROM people)),
        'auth_users', (SELECT count(*) FROM people))
$$;

-- Takes away every synthetic person with everything of theirs, accounts included, and ends the population first: a
-- runner that lives in this database would go on otherwise. The catalogue stays, since others may be watching it.
CREATE FUNCTION public.cleanup_synthetic_data() RETURNS json
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_people CONSTANT text[] := ARRAY['watch_progress', 'video_ratings', 'user_watchlist', 'support_tickets',
        'user_subscriptions', 'user_roles', 'admin_activity_log'];
    of_profiles CONSTANT text[] := ARRAY['watch_progress', 'video_ratings', 'user_watchlist', 'chat_conversations'];
    people uuid[];
    name text;
    others bigint;
    held text;
    deleted bigint;
    removed jsonb := '{}';
    written jsonb;
    noted bigint;
    found bigint;
BEGIN
    IF NOT public.may_administer() THEN
        RAISE EXCEPTION 'only an admin or the server may remove the synthetic people'
            USING ERRCODE = 'insufficient_privilege', HINT = 'sign in as a user who has the role admin';
    END IF;
    SELECT jsonb_object_agg(t.name, t.n) INTO written
    FROM (SELECT d.table_name, sum(d.inserted - d.removed) FROM populace.day_tally AS d GROUP BY 1) AS t (name, n);
    IF to_regprocedure('populace.end_population()') IS NOT NULL THEN
        PERFORM populace.end_population();
    END IF;
    SELECT coalesce(array_agg(u.id), '{}') INTO people FROM auth.users AS u
    WHERE u.email LIKE '%@hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
      -- Both may be set by others: only accounts that Populace made are on its list.
      AND EXISTS (
          SELECT 1 FROM populace.own_row AS o WHERE o.relation = 'auth.users'::regclass AND o.key = ARRAY[u.id::text]);

    -- A profile takes with it what names it: that must not be a human's.
    FOREACH name IN ARRAY of_profiles LOOP
        EXECUTE format('SELECT count(*) FROM public.%I AS t JOIN public.profiles AS p ON p.id = t.profile_id'
            ' WHERE p.user_id = ANY ($1) AND t.user_id <> ALL ($1)', name) INTO others USING people;
        IF others > 0 THEN
            RAISE EXCEPTION '% rows of % belong to humans and name the profile of a synthetic person', others, name
                USING ERRCODE = 'restrict_violation', HINT = 'give them a profile of their own, or delete them';
        END IF;
    END LOOP;

    -- Nor may the app's own rows about these people go: they have other keys, or are more than Populace wrote. Which of
    -- them, if their keys are of the same version, only the plan proves: a clean-up computes it.
    FOREACH name IN ARRAY of_people || ARRAY['chat_conversations', 'chat_messages', 'profiles'] LOOP
        EXECUTE format('SELECT count(*), count(*) FILTER (WHERE NOT %s) FROM public.%I AS t WHERE %s',
            populace.ours('public.' || name), name, CASE name WHEN 'chat_messages' THEN
                't.conversation_id IN (SELECT c.id FROM public.chat_conversations AS c WHERE c.user_id = ANY ($1))'
                ELSE 't.user_id = ANY ($1)' END) INTO found, others USING people;
        SELECT count(*) INTO noted FROM populace.own_row AS o WHERE o.relation = to_regclass('public.' || name);
        others := greatest(others, found - noted - (written ->> name)::bigint);
        IF others > 0 THEN
            RAISE EXCEPTION '% rows of % about synthetic people are not Populace''s', others, name
                USING ERRCODE = 'restrict_violation', HINT = 'delete them first; populace cleanup --all lists them';
        END IF;
    END LOOP;

    -- Neither may rows of other tables go or change with what they refer to.
    IF to_regprocedure('populace.held(jsonb, uuid[])') IS NOT NULL THEN
        SELECT string_agg(format('%s rows of %s by %s (ON DELETE %s)', coalesce(f.n::text, 'unreadable'), f.child, f.link,
            f.on_delete), ', ') INTO held
        FROM (
            SELECT h.child, h.link, h.on_delete, sum(h.many) AS n FROM populace.held((
                SELECT jsonb_agg(jsonb_build_object('table', t.name, 'rows', t.key || ' = ANY ($1)', 'key', t.key)) FROM (
                    SELECT 'public.' || n, 't.user_id' FROM unnest(of_people || ARRAY['chat_conversations', 'profiles']) AS n
                    UNION ALL VALUES
                        ('public.chat_messages',
                            '(SELECT c.user_id FROM public.chat_conversations AS c WHERE c.id = t.conversation_id)'),
                        ('public.profiles_public', '(SELECT p.user_id FROM public.profiles AS p WHERE p.id = t.id)'),
                        ('auth.identities', 't.user_id'),
                        ('auth.users', 't.id')) AS t (name, key)), people) AS h
            GROUP BY 1, 2, 3 ORDER BY 1, 2) AS f;
        IF held IS NOT NULL THEN
            RAISE EXCEPTION 'rows of others refer to those of synthetic people: %', held
                USING ERRCODE = 'restrict_violation', HINT = 'delete or change them first';
        END IF;
    END IF;

    DELETE FROM public.chat_messages AS m USING public.chat_conversations AS c
    WHERE c.id = m.conversation_id AND c.user_id = ANY (people);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    removed := removed || jsonb_build_object('chat_messages', deleted);
    FOREACH name IN ARRAY of_people || ARRAY['chat_conversations'] LOOP
        EXECUTE format('DELETE FROM public.%I WHERE user_id = ANY ($1)', name) USING people;
        GET DIAGNOSTICS deleted = ROW_COUNT;
        removed := removed || jsonb_build_object(name, deleted);
    END LOOP;
    DELETE FROM public.profiles_public AS t USING public.profiles AS p
    WHERE p.id = t.id AND p.user_id = ANY (people);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    removed := removed || jsonb_build_object('profiles_public', deleted);
    DELETE FROM public.profiles WHERE user_id = ANY (people);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    removed := removed || jsonb_build_object('profiles', deleted);
    DELETE FROM auth.identities WHERE user_id = ANY (people);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    removed := removed || jsonb_build_object('identities', deleted);
    DELETE FROM auth.users WHERE id = ANY (people);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    removed := removed || jsonb_build_object('users', deleted);
    DELETE FROM public.daily_metrics AS t WHERE EXISTS (
        SELECT 1 FROM populace.own_row AS o WHERE o.relation = 'public.daily_metrics'::regclass AND o.key = ARRAY[
            t.pool::text, (extract(epoch FROM t.day) * 1000000)::bigint::text,
            (extract(epoch FROM t.created_at) * 1000000)::bigint::text]);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    removed := removed || jsonb_build_object('daily_metrics', deleted);

    IF to_regprocedure('populace.end_population()') IS NULL THEN
        PERFORM populace.count_removed(removed);
    END IF;
    RETURN json_build_object(
        'watch_progress', removed -> 'watch_progress',
        'video_ratings', removed -> 'video_ratings',
        'user_watchlist', removed -> 'user_watchlist',
        'support_tickets', removed -> 'support_tickets',
        'user_subscriptions', removed -> 'user_subscriptions',
        'profiles', removed -> 'profiles',
        'chat_conversations', removed -> 'chat_conversations',
        'chat_messages', removed -> 'chat_messages',
        'auth_users', removed -> 'users',
        'note', 'Accounts, roles, public profiles and daily metrics went too. '
            'The catalogue stays until a clean-up of everything.');
END
$$;

-- What the app adds to a new profile: its public side, a subscription to the default plan, a role. The first human gets
-- to be the admin. Populace writes these rows itself. Their ids are the user's, so that none is a matter of chance.
CREATE FUNCTION public.complete_profile() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := populace.now();
BEGIN
    IF coalesce(current_setting('populace.writing', true), '') = 'on' THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.profiles_public (id, display_name, is_kids_profile, created_at, updated_at)
    VALUES (NEW.id, NEW.display_name, NEW.is_kids_profile, at, at)
    ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, is_kids_profile = excluded.is_kids_profile;
    IF TG_OP = 'UPDATE' THEN
        RETURN NULL;
    END IF;

    INSERT INTO public.user_subscriptions (id, user_id, plan_id, started_at, created_at, updated_at)
    SELECT NEW.user_id, NEW.user_id, p.id, at, at, at FROM public.subscription_plans AS p WHERE p.is_default
    ON CONFLICT (user_id) DO NOTHING;

    -- Two who come first at the same time must not both find nobody there.
    PERFORM pg_advisory_xact_lock(hashtextextended('hogflix: the first human', 0));
    INSERT INTO public.user_roles (id, user_id, role, created_at, updated_at)
    SELECT
        NEW.user_id, NEW.user_id,
        CASE WHEN public.is_kept_apart(NEW.user_id)
            OR EXISTS (SELECT 1 FROM public.user_roles AS r WHERE NOT public.is_kept_apart(r.user_id))
            THEN 'user' ELSE 'admin' END,
        at, at
    WHERE NOT EXISTS (SELECT 1 FROM public.user_roles AS r WHERE r.user_id = NEW.user_id);
    RETURN NULL;
END
$$;

-- At most five tickets of one user in any hour, by the tickets' own times, so that a history is judged as it would
-- have been, in whatever order it comes.
CREATE FUNCTION public.limit_support_tickets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Populace writes in one transaction after another, and a lock for every user would be too many.
    IF coalesce(current_setting('populace.writing', true), '') <> 'on' THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('hogflix: tickets of ' || NEW.user_id, 0));
    END IF;
    IF EXISTS (
        SELECT 1 FROM (
            SELECT n.at - lag(n.at, 5) OVER (ORDER BY n.at) AS five_before
            FROM (
                SELECT t.created_at AS at FROM public.support_tickets AS t
                WHERE t.user_id = NEW.user_id
                  AND t.id <> NEW.id
                  AND t.created_at > NEW.created_at - interval '1 hour'
                  AND t.created_at < NEW.created_at + interval '1 hour'
                UNION ALL
                SELECT NEW.created_at) AS n) AS near
        WHERE near.five_before < interval '1 hour')
    THEN
        RAISE EXCEPTION 'user % has more than 5 support tickets within an hour', NEW.user_id
            USING ERRCODE = 'check_violation', HINT = 'wait until an hour has passed since the first of them';
    END IF;
    RETURN NEW;
END
$$;

-- Triggers. An update that brings its own updated_at keeps it, and one that changes nothing leaves no trace.

CREATE TRIGGER profiles_updated_at BEFORE UPDATE ON public.profiles FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER profiles_public_updated_at BEFORE UPDATE ON public.profiles_public FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER user_roles_updated_at BEFORE UPDATE ON public.user_roles FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER subscription_plans_updated_at BEFORE UPDATE ON public.subscription_plans FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER user_subscriptions_updated_at BEFORE UPDATE ON public.user_subscriptions FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER categories_updated_at BEFORE UPDATE ON public.categories FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER videos_updated_at BEFORE UPDATE ON public.videos FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER video_assets_updated_at BEFORE UPDATE ON public.video_assets FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER subtitles_updated_at BEFORE UPDATE ON public.subtitles FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER video_tags_updated_at BEFORE UPDATE ON public.video_tags FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER video_thumbnail_tests_updated_at BEFORE UPDATE ON public.video_thumbnail_tests FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER watch_progress_updated_at BEFORE UPDATE ON public.watch_progress FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER video_ratings_updated_at BEFORE UPDATE ON public.video_ratings FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER user_watchlist_updated_at BEFORE UPDATE ON public.user_watchlist FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER chat_conversations_updated_at BEFORE UPDATE ON public.chat_conversations FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER support_tickets_updated_at BEFORE UPDATE ON public.support_tickets FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER profiles_complete AFTER INSERT OR UPDATE OF display_name, is_kids_profile ON public.profiles
    FOR EACH ROW EXECUTE FUNCTION public.complete_profile();
CREATE TRIGGER support_tickets_limit BEFORE INSERT ON public.support_tickets
    FOR EACH ROW EXECUTE FUNCTION public.limit_support_tickets();

-- Row level security

ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.profiles_public ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.user_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.subscription_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.user_subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.categories ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.videos ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.video_assets ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.subtitles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.video_categories ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.video_tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.video_tag_assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.video_thumbnail_tests ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.video_analytics ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.watch_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.video_ratings ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.user_watchlist ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.chat_conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.chat_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.support_tickets ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.admin_activity_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.daily_metrics ENABLE ROW LEVEL SECURITY;

CREATE POLICY service_all ON public.profiles FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.profiles_public FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.user_roles FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.subscription_plans FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.user_subscriptions FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.categories FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.videos FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.video_assets FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.subtitles FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.video_categories FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.video_tags FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.video_tag_assignments FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.video_thumbnail_tests FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.video_analytics FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.watch_progress FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.video_ratings FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.user_watchlist FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.chat_conversations FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.chat_messages FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.support_tickets FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.admin_activity_log FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.daily_metrics FOR ALL TO service_role USING (true) WITH CHECK (true);

-- The shop window, and what is shown of titles and people to anybody; categories to those who have signed in.
CREATE POLICY read_all ON public.subscription_plans FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.profiles_public FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_all ON public.video_tags FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY read_public ON public.video_assets FOR SELECT TO anon, authenticated
    USING (EXISTS (SELECT 1 FROM public.videos AS v WHERE v.id = video_id AND v.is_public));
CREATE POLICY read_public ON public.subtitles FOR SELECT TO anon, authenticated
    USING (EXISTS (SELECT 1 FROM public.videos AS v WHERE v.id = video_id AND v.is_public));
CREATE POLICY read_public ON public.video_categories FOR SELECT TO anon, authenticated
    USING (EXISTS (SELECT 1 FROM public.videos AS v WHERE v.id = video_id AND v.is_public));
CREATE POLICY read_public ON public.video_tag_assignments FOR SELECT TO anon, authenticated
    USING (EXISTS (SELECT 1 FROM public.videos AS v WHERE v.id = video_id AND v.is_public));
CREATE POLICY read_public ON public.videos FOR SELECT TO anon, authenticated USING (is_public);
CREATE POLICY read_all ON public.categories FOR SELECT TO authenticated USING (true);
CREATE POLICY read_active ON public.video_thumbnail_tests FOR SELECT TO authenticated USING (is_active);

-- People see and write what is theirs; a row that names a profile names one of their own.
CREATE POLICY read_own ON public.profiles FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY add_own ON public.profiles FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY edit_own ON public.profiles FOR UPDATE TO authenticated
    USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.user_subscriptions FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY add_own ON public.user_subscriptions FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY edit_own ON public.user_subscriptions FOR UPDATE TO authenticated
    USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY drop_own ON public.profiles FOR DELETE TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.watch_progress FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY add_own ON public.watch_progress FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid())
        AND profile_id IN (SELECT p.id FROM public.profiles AS p WHERE p.user_id = (SELECT auth.uid())));
CREATE POLICY edit_own ON public.watch_progress FOR UPDATE TO authenticated USING (user_id = (SELECT auth.uid()))
    WITH CHECK (user_id = (SELECT auth.uid())
        AND profile_id IN (SELECT p.id FROM public.profiles AS p WHERE p.user_id = (SELECT auth.uid())));
CREATE POLICY drop_own ON public.watch_progress FOR DELETE TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.video_ratings FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY add_own ON public.video_ratings FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid())
        AND profile_id IN (SELECT p.id FROM public.profiles AS p WHERE p.user_id = (SELECT auth.uid())));
CREATE POLICY edit_own ON public.video_ratings FOR UPDATE TO authenticated USING (user_id = (SELECT auth.uid()))
    WITH CHECK (user_id = (SELECT auth.uid())
        AND profile_id IN (SELECT p.id FROM public.profiles AS p WHERE p.user_id = (SELECT auth.uid())));
CREATE POLICY drop_own ON public.video_ratings FOR DELETE TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.user_watchlist FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY add_own ON public.user_watchlist FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid())
        AND profile_id IN (SELECT p.id FROM public.profiles AS p WHERE p.user_id = (SELECT auth.uid())));
CREATE POLICY edit_own ON public.user_watchlist FOR UPDATE TO authenticated USING (user_id = (SELECT auth.uid()))
    WITH CHECK (user_id = (SELECT auth.uid())
        AND profile_id IN (SELECT p.id FROM public.profiles AS p WHERE p.user_id = (SELECT auth.uid())));
CREATE POLICY drop_own ON public.user_watchlist FOR DELETE TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.chat_conversations FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY add_own ON public.chat_conversations FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid())
        AND profile_id IN (SELECT p.id FROM public.profiles AS p WHERE p.user_id = (SELECT auth.uid())));
CREATE POLICY edit_own ON public.chat_conversations FOR UPDATE TO authenticated USING (user_id = (SELECT auth.uid()))
    WITH CHECK (user_id = (SELECT auth.uid())
        AND profile_id IN (SELECT p.id FROM public.profiles AS p WHERE p.user_id = (SELECT auth.uid())));
CREATE POLICY drop_own ON public.chat_conversations FOR DELETE TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.chat_messages FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.chat_conversations AS c
        WHERE c.id = conversation_id AND c.user_id = (SELECT auth.uid())));
-- What FlixBuddy says, the server writes.
CREATE POLICY add_own ON public.chat_messages FOR INSERT TO authenticated
    WITH CHECK (role = 'user' AND EXISTS (SELECT 1 FROM public.chat_conversations AS c
        WHERE c.id = conversation_id AND c.user_id = (SELECT auth.uid())));
CREATE POLICY read_own ON public.support_tickets FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY add_own ON public.support_tickets FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid()) AND status = 'open');
CREATE POLICY read_own ON public.user_roles FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));

-- Staff. Moderators answer tickets; admins look after everything that is not a person's own, and see who pays. Staff
-- who are synthetic look after synthetic people alone, and change nothing of the catalogue: rows of humans hang on it.
CREATE POLICY read_staff ON public.support_tickets FOR SELECT TO authenticated
    USING ((SELECT public.is_staff('admin', 'moderator'))
        OR (SELECT public.is_synthetic_staff('admin', 'moderator')) AND public.is_synthetic_account(user_id));
CREATE POLICY edit_staff ON public.support_tickets FOR UPDATE TO authenticated
    USING ((SELECT public.is_staff('admin', 'moderator'))
        OR (SELECT public.is_synthetic_staff('admin', 'moderator')) AND public.is_synthetic_account(user_id))
    WITH CHECK ((SELECT public.is_staff('admin', 'moderator'))
        OR (SELECT public.is_synthetic_staff('admin', 'moderator')) AND public.is_synthetic_account(user_id));
CREATE POLICY read_admin ON public.user_subscriptions FOR SELECT TO authenticated
    USING ((SELECT public.is_staff('admin'))
        OR (SELECT public.is_synthetic_staff('admin')) AND public.is_synthetic_account(user_id));
CREATE POLICY read_admin ON public.video_analytics FOR SELECT TO authenticated
    USING ((SELECT public.is_staff('admin'))
        OR (SELECT public.is_synthetic_staff('admin')) AND public.is_populace_key(video_id));
CREATE POLICY read_admin ON public.admin_activity_log FOR SELECT TO authenticated
    USING ((SELECT public.is_staff('admin'))
        OR (SELECT public.is_synthetic_staff('admin')) AND public.is_synthetic_account(user_id));
CREATE POLICY read_admin ON public.daily_metrics FOR SELECT TO authenticated
    USING ((SELECT public.is_staff('admin')) OR (SELECT public.is_synthetic_staff('admin')));
CREATE POLICY add_admin ON public.admin_activity_log FOR INSERT TO authenticated
    WITH CHECK (user_id = (SELECT auth.uid()) AND (SELECT public.has_role(auth.uid(), 'admin')));
CREATE POLICY manage_admin ON public.user_roles FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin'))
        OR (SELECT public.is_synthetic_staff('admin')) AND public.is_synthetic_account(user_id))
    WITH CHECK ((SELECT public.is_staff('admin'))
        OR (SELECT public.is_synthetic_staff('admin')) AND public.is_synthetic_account(user_id));
CREATE POLICY manage_admin ON public.subscription_plans FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin')))
    WITH CHECK ((SELECT public.is_staff('admin')));
CREATE POLICY manage_admin ON public.categories FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin')))
    WITH CHECK ((SELECT public.is_staff('admin')));
CREATE POLICY manage_admin ON public.videos FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin')))
    WITH CHECK ((SELECT public.is_staff('admin')));
CREATE POLICY manage_admin ON public.video_assets FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin')))
    WITH CHECK ((SELECT public.is_staff('admin')));
CREATE POLICY manage_admin ON public.subtitles FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin')))
    WITH CHECK ((SELECT public.is_staff('admin')));
CREATE POLICY manage_admin ON public.video_categories FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin')))
    WITH CHECK ((SELECT public.is_staff('admin')));
CREATE POLICY manage_admin ON public.video_tags FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin')))
    WITH CHECK ((SELECT public.is_staff('admin')));
CREATE POLICY manage_admin ON public.video_tag_assignments FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin')))
    WITH CHECK ((SELECT public.is_staff('admin')));
CREATE POLICY manage_admin ON public.video_thumbnail_tests FOR ALL TO authenticated
    USING ((SELECT public.is_staff('admin')))
    WITH CHECK ((SELECT public.is_staff('admin')));
CREATE POLICY read_synthetic_staff ON public.videos FOR SELECT TO authenticated
    USING ((SELECT public.is_synthetic_staff('admin')) AND public.is_populace_key(id));
CREATE POLICY read_synthetic_staff ON public.video_assets FOR SELECT TO authenticated
    USING ((SELECT public.is_synthetic_staff('admin')) AND public.is_populace_key(video_id));
CREATE POLICY read_synthetic_staff ON public.subtitles FOR SELECT TO authenticated
    USING ((SELECT public.is_synthetic_staff('admin')) AND public.is_populace_key(video_id));
CREATE POLICY read_synthetic_staff ON public.video_categories FOR SELECT TO authenticated
    USING ((SELECT public.is_synthetic_staff('admin')) AND public.is_populace_key(video_id));
CREATE POLICY read_synthetic_staff ON public.video_tag_assignments FOR SELECT TO authenticated
    USING ((SELECT public.is_synthetic_staff('admin')) AND public.is_populace_key(video_id));
CREATE POLICY read_synthetic_staff ON public.video_thumbnail_tests FOR SELECT TO authenticated
    USING ((SELECT public.is_synthetic_staff('admin')) AND public.is_populace_key(video_id));

-- How a title is rated, of all ratings: the view reads past row level security, and shows no single one.

CREATE VIEW public.video_ratings_aggregate AS
SELECT
    r.video_id,
    count(*) AS rating_count,
    round(avg(r.rating), 2)::numeric(3, 2) AS avg_rating,
    count(*) FILTER (WHERE r.rating = 1) AS rating_1_count,
    count(*) FILTER (WHERE r.rating = 2) AS rating_2_count,
    count(*) FILTER (WHERE r.rating = 3) AS rating_3_count,
    count(*) FILTER (WHERE r.rating = 4) AS rating_4_count,
    count(*) FILTER (WHERE r.rating = 5) AS rating_5_count
FROM public.video_ratings AS r
GROUP BY r.video_id;

-- Grants. Supabase gives new tables and functions to everyone by default: what is not granted here is taken back first.

REVOKE ALL ON public.profiles, public.profiles_public, public.user_roles, public.subscription_plans,
    public.user_subscriptions, public.categories, public.videos, public.video_assets, public.subtitles,
    public.video_categories, public.video_tags, public.video_tag_assignments, public.video_thumbnail_tests,
    public.video_analytics, public.watch_progress, public.video_ratings, public.user_watchlist,
    public.chat_conversations, public.chat_messages, public.support_tickets, public.admin_activity_log,
    public.daily_metrics, public.video_ratings_aggregate
    FROM anon, authenticated;
GRANT ALL ON public.profiles, public.profiles_public, public.user_roles, public.subscription_plans,
    public.user_subscriptions, public.categories, public.videos, public.video_assets, public.subtitles,
    public.video_categories, public.video_tags, public.video_tag_assignments, public.video_thumbnail_tests,
    public.video_analytics, public.watch_progress, public.video_ratings, public.user_watchlist,
    public.chat_conversations, public.chat_messages, public.support_tickets, public.admin_activity_log,
    public.daily_metrics
    TO service_role;
GRANT SELECT ON public.subscription_plans, public.profiles_public, public.video_tags, public.video_assets,
    public.subtitles, public.video_categories, public.video_tag_assignments, public.videos,
    public.video_ratings_aggregate
    TO anon, authenticated;
GRANT SELECT ON public.video_ratings_aggregate TO service_role;
GRANT SELECT ON public.profiles, public.user_roles, public.user_subscriptions, public.categories,
    public.video_thumbnail_tests, public.video_analytics, public.watch_progress, public.video_ratings,
    public.user_watchlist, public.chat_conversations, public.chat_messages, public.support_tickets,
    public.admin_activity_log, public.daily_metrics
    TO authenticated;
GRANT INSERT, UPDATE, DELETE ON public.profiles, public.watch_progress, public.video_ratings, public.user_watchlist,
    public.chat_conversations, public.user_roles, public.subscription_plans, public.categories, public.videos,
    public.video_assets, public.subtitles, public.video_categories, public.video_tags, public.video_tag_assignments,
    public.video_thumbnail_tests
    TO authenticated;
GRANT INSERT ON public.user_subscriptions, public.chat_messages, public.support_tickets, public.admin_activity_log
    TO authenticated;
-- A checkout changes the plan and its dates; staff change what becomes of a ticket.
GRANT UPDATE (plan_id, status, payment_intent, started_at, expires_at) ON public.user_subscriptions TO authenticated;
GRANT UPDATE (status) ON public.support_tickets TO authenticated;

REVOKE ALL ON FUNCTION public.set_updated_at(), public.complete_profile(), public.limit_support_tickets(),
    public.is_kept_apart(uuid), public.may_administer()
    FROM PUBLIC, anon, authenticated, service_role;
REVOKE ALL ON FUNCTION public.get_user_subscription(uuid), public.has_role(uuid, text), public.is_staff(text[]),
    public.is_synthetic_staff(text[]), public.is_synthetic_account(uuid), public.is_populace_key(uuid),
    public.get_user_video_rating(uuid, uuid), public.is_video_in_watchlist(uuid, uuid),
    public.refresh_video_analytics(), public.count_synthetic_data(), public.cleanup_synthetic_data()
    FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_user_subscription(uuid), public.has_role(uuid, text), public.is_staff(text[]),
    public.is_synthetic_staff(text[]), public.is_synthetic_account(uuid), public.is_populace_key(uuid),
    public.get_user_video_rating(uuid, uuid), public.is_video_in_watchlist(uuid, uuid),
    public.refresh_video_analytics(), public.count_synthetic_data(), public.cleanup_synthetic_data()
    TO authenticated, service_role;
REVOKE ALL ON FUNCTION public.get_video_average_rating(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.get_video_average_rating(uuid) TO anon, authenticated, service_role;
