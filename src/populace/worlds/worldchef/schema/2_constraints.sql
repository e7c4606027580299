-- Keys, indexes, foreign keys, triggers and row level security of WorldChef. Each statement runs exactly once, in this order.

ALTER TABLE public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
ALTER TABLE public.recipes ADD CONSTRAINT recipes_pkey PRIMARY KEY (id);
ALTER TABLE public.nutrition ADD CONSTRAINT nutrition_pkey PRIMARY KEY (id);
ALTER TABLE public.recipe_likes ADD CONSTRAINT recipe_likes_pkey PRIMARY KEY (user_id, recipe_id);
ALTER TABLE public.recipe_favorites ADD CONSTRAINT recipe_favorites_pkey PRIMARY KEY (user_id, recipe_id);
ALTER TABLE public.recipe_ratings ADD CONSTRAINT recipe_ratings_pkey PRIMARY KEY (id);
ALTER TABLE public.user_follows ADD CONSTRAINT user_follows_pkey PRIMARY KEY (follower_id, following_id);
ALTER TABLE public.recipe_collections ADD CONSTRAINT recipe_collections_pkey PRIMARY KEY (id);
ALTER TABLE public.recipe_collection_items
    ADD CONSTRAINT recipe_collection_items_pkey PRIMARY KEY (collection_id, recipe_id);
ALTER TABLE public.nutrition_cache ADD CONSTRAINT nutrition_cache_pkey PRIMARY KEY (ingredient_hash);

ALTER TABLE public.users ADD CONSTRAINT users_email_key UNIQUE (email);
ALTER TABLE public.recipe_ratings ADD CONSTRAINT recipe_ratings_user_recipe_key UNIQUE (user_id, recipe_id);
ALTER TABLE public.nutrition ADD CONSTRAINT nutrition_ingredient_hash_key UNIQUE (ingredient_hash);

CREATE INDEX users_role_idx ON public.users (role);
CREATE INDEX users_created_at_idx ON public.users (created_at);
CREATE INDEX recipes_author_id_idx ON public.recipes (author_id);
CREATE INDEX recipes_status_idx ON public.recipes (status);
CREATE INDEX recipes_cuisine_idx ON public.recipes (cuisine);
CREATE INDEX recipes_meal_type_idx ON public.recipes (meal_type);
CREATE INDEX recipes_created_at_idx ON public.recipes (created_at);
CREATE INDEX recipes_published_at_idx ON public.recipes (published_at);
CREATE INDEX nutrition_name_idx ON public.nutrition (name);
CREATE INDEX recipe_likes_recipe_id_idx ON public.recipe_likes (recipe_id);
CREATE INDEX recipe_likes_created_at_idx ON public.recipe_likes (created_at);
CREATE INDEX recipe_favorites_recipe_id_idx ON public.recipe_favorites (recipe_id);
CREATE INDEX recipe_favorites_created_at_idx ON public.recipe_favorites (created_at);
CREATE INDEX recipe_ratings_recipe_id_idx ON public.recipe_ratings (recipe_id);
CREATE INDEX recipe_ratings_created_at_idx ON public.recipe_ratings (created_at);
CREATE INDEX user_follows_following_id_idx ON public.user_follows (following_id);
CREATE INDEX user_follows_created_at_idx ON public.user_follows (created_at);
CREATE INDEX recipe_collections_user_id_idx ON public.recipe_collections (user_id);
CREATE INDEX recipe_collection_items_recipe_id_idx ON public.recipe_collection_items (recipe_id);
CREATE INDEX recipe_collection_items_added_at_idx ON public.recipe_collection_items (added_at);
CREATE INDEX nutrition_cache_expires_at_idx ON public.nutrition_cache (expires_at);

ALTER TABLE public.recipes ADD CONSTRAINT recipes_author_id_fkey
    FOREIGN KEY (author_id) REFERENCES public.users (id) ON DELETE RESTRICT;
ALTER TABLE public.recipe_likes ADD CONSTRAINT recipe_likes_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE;
ALTER TABLE public.recipe_likes ADD CONSTRAINT recipe_likes_recipe_id_fkey
    FOREIGN KEY (recipe_id) REFERENCES public.recipes (id) ON DELETE CASCADE;
ALTER TABLE public.recipe_favorites ADD CONSTRAINT recipe_favorites_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE;
ALTER TABLE public.recipe_favorites ADD CONSTRAINT recipe_favorites_recipe_id_fkey
    FOREIGN KEY (recipe_id) REFERENCES public.recipes (id) ON DELETE CASCADE;
ALTER TABLE public.recipe_ratings ADD CONSTRAINT recipe_ratings_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE;
ALTER TABLE public.recipe_ratings ADD CONSTRAINT recipe_ratings_recipe_id_fkey
    FOREIGN KEY (recipe_id) REFERENCES public.recipes (id) ON DELETE CASCADE;
ALTER TABLE public.user_follows ADD CONSTRAINT user_follows_follower_id_fkey
    FOREIGN KEY (follower_id) REFERENCES public.users (id) ON DELETE CASCADE;
ALTER TABLE public.user_follows ADD CONSTRAINT user_follows_following_id_fkey
    FOREIGN KEY (following_id) REFERENCES public.users (id) ON DELETE CASCADE;
ALTER TABLE public.recipe_collections ADD CONSTRAINT recipe_collections_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE;
ALTER TABLE public.recipe_collection_items ADD CONSTRAINT recipe_collection_items_collection_id_fkey
    FOREIGN KEY (collection_id) REFERENCES public.recipe_collections (id) ON DELETE CASCADE;
ALTER TABLE public.recipe_collection_items ADD CONSTRAINT recipe_collection_items_recipe_id_fkey
    FOREIGN KEY (recipe_id) REFERENCES public.recipes (id) ON DELETE CASCADE;

-- last_active_at: the last thing that somebody did. What was loaded before is caught up with once; from then on each insert
-- moves it. It follows from the rows alone, so that a history loaded at once and one that was lived agree.

UPDATE public.users AS u SET last_active_at = d.at
FROM (
    SELECT person, max(at) AS at
    FROM (
        SELECT author_id AS person, greatest(created_at, published_at) AS at FROM public.recipes
        UNION ALL SELECT user_id, created_at FROM public.recipe_likes
        UNION ALL SELECT user_id, created_at FROM public.recipe_favorites
        UNION ALL SELECT user_id, created_at FROM public.recipe_ratings
        UNION ALL SELECT follower_id, created_at FROM public.user_follows
        UNION ALL SELECT user_id, created_at FROM public.recipe_collections
        UNION ALL SELECT c.user_id, i.added_at
            FROM public.recipe_collection_items AS i JOIN public.recipe_collections AS c ON c.id = i.collection_id
    ) AS done
    GROUP BY person
) AS d
WHERE u.id = d.person AND u.last_active_at < d.at;

CREATE FUNCTION public.touch_users() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The first argument says how to find who did it, the second when.
    EXECUTE format(
        'UPDATE public.users AS u SET last_active_at = d.at FROM (SELECT %1$s AS person, max(%2$s) AS at FROM added AS n'
        ' GROUP BY 1) AS d WHERE u.id = d.person AND u.last_active_at < d.at', TG_ARGV[0], TG_ARGV[1]);
    RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION public.touch_users() FROM PUBLIC;

CREATE TRIGGER recipes_begun AFTER INSERT ON public.recipes REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.touch_users('n.author_id', 'greatest(n.created_at, n.published_at)');
CREATE TRIGGER recipes_changed AFTER UPDATE ON public.recipes REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.touch_users('n.author_id', 'greatest(n.created_at, n.published_at)');
CREATE TRIGGER recipe_likes_added AFTER INSERT ON public.recipe_likes REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.touch_users('n.user_id', 'n.created_at');
CREATE TRIGGER recipe_favorites_added AFTER INSERT ON public.recipe_favorites REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.touch_users('n.user_id', 'n.created_at');
CREATE TRIGGER recipe_ratings_added AFTER INSERT ON public.recipe_ratings REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.touch_users('n.user_id', 'n.created_at');
CREATE TRIGGER user_follows_added AFTER INSERT ON public.user_follows REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.touch_users('n.follower_id', 'n.created_at');
CREATE TRIGGER recipe_collections_added AFTER INSERT ON public.recipe_collections REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.touch_users('n.user_id', 'n.created_at');
CREATE TRIGGER recipe_collection_items_added AFTER INSERT ON public.recipe_collection_items REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION public.touch_users('(SELECT c.user_id FROM public.recipe_collections AS c WHERE c.id = n.collection_id)', 'n.added_at');

-- updated_at. An update that brings its own keeps it, and so does one by Populace; a search path of '' leaves nothing to
-- be shadowed.

CREATE FUNCTION public.set_updated_at() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(current_setting('populace.writing', true), '') <> 'on' THEN
        NEW.updated_at := populace.now();
    END IF;
    RETURN NEW;
END
$$;

REVOKE ALL ON FUNCTION public.set_updated_at() FROM PUBLIC;

CREATE TRIGGER users_updated_at BEFORE UPDATE ON public.users FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*
        AND NEW.last_active_at IS NOT DISTINCT FROM OLD.last_active_at)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER recipes_updated_at BEFORE UPDATE ON public.recipes FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER recipe_ratings_updated_at BEFORE UPDATE ON public.recipe_ratings FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER recipe_collections_updated_at BEFORE UPDATE ON public.recipe_collections FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();

-- Row level security, by the app's pattern: everybody reads what is published, and only its owner writes it.

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.recipes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.nutrition ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.recipe_likes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.recipe_favorites ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.recipe_ratings ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.user_follows ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.recipe_collections ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.recipe_collection_items ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.nutrition_cache ENABLE ROW LEVEL SECURITY;

CREATE POLICY service_all ON public.users FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.recipes FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.nutrition FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.recipe_likes FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.recipe_favorites FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.recipe_ratings FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.user_follows FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.recipe_collections FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.recipe_collection_items FOR ALL TO service_role USING (true) WITH CHECK (true);
CREATE POLICY service_all ON public.nutrition_cache FOR ALL TO service_role USING (true) WITH CHECK (true);

CREATE POLICY read_own ON public.users FOR SELECT TO authenticated USING (id = (SELECT auth.uid()));
CREATE POLICY edit_own ON public.users FOR UPDATE TO authenticated
    USING (id = (SELECT auth.uid())) WITH CHECK (id = (SELECT auth.uid()));

CREATE POLICY read_published ON public.recipes FOR SELECT TO anon, authenticated
    USING (status = 'published' AND is_public AND deleted_at IS NULL);
CREATE POLICY read_own ON public.recipes FOR SELECT TO authenticated USING (author_id = (SELECT auth.uid()));
CREATE POLICY add_own ON public.recipes FOR INSERT TO authenticated
    WITH CHECK (author_id = (SELECT auth.uid()) AND status <> 'admin_removed');
CREATE POLICY edit_own ON public.recipes FOR UPDATE TO authenticated
    USING (author_id = (SELECT auth.uid()) AND status <> 'admin_removed')
    WITH CHECK (author_id = (SELECT auth.uid()) AND status <> 'admin_removed');
CREATE POLICY drop_own ON public.recipes FOR DELETE TO authenticated USING (author_id = (SELECT auth.uid()));

CREATE POLICY read_all ON public.nutrition FOR SELECT TO anon, authenticated USING (true);

CREATE POLICY read_all ON public.recipe_likes FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY add_own ON public.recipe_likes FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()));
CREATE POLICY drop_own ON public.recipe_likes FOR DELETE TO authenticated USING (user_id = (SELECT auth.uid()));

CREATE POLICY own ON public.recipe_favorites FOR ALL TO authenticated
    USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));

CREATE POLICY read_all ON public.recipe_ratings FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY write_own ON public.recipe_ratings FOR ALL TO authenticated
    USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));

CREATE POLICY read_all ON public.user_follows FOR SELECT TO anon, authenticated USING (true);
CREATE POLICY add_own ON public.user_follows FOR INSERT TO authenticated WITH CHECK (follower_id = (SELECT auth.uid()));
CREATE POLICY drop_own ON public.user_follows FOR DELETE TO authenticated USING (follower_id = (SELECT auth.uid()));

CREATE POLICY read_public ON public.recipe_collections FOR SELECT TO anon, authenticated USING (is_public);
CREATE POLICY own ON public.recipe_collections FOR ALL TO authenticated
    USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()));

CREATE POLICY read_visible ON public.recipe_collection_items FOR SELECT TO anon, authenticated
    USING (EXISTS (SELECT FROM public.recipe_collections AS c WHERE c.id = collection_id));
CREATE POLICY own ON public.recipe_collection_items FOR ALL TO authenticated
    USING (EXISTS (SELECT FROM public.recipe_collections AS c WHERE c.id = collection_id AND c.user_id = (SELECT auth.uid())))
    WITH CHECK (EXISTS (SELECT FROM public.recipe_collections AS c WHERE c.id = collection_id AND c.user_id = (SELECT auth.uid())));

-- A user may change what is said of them, and neither their role nor whether they are verified.
GRANT SELECT ON public.users TO authenticated;
GRANT UPDATE (display_name, avatar_url, bio, location, dietary_preferences, last_active_at) ON public.users TO authenticated;
GRANT SELECT ON public.recipes, public.nutrition, public.recipe_likes, public.recipe_ratings, public.user_follows,
    public.recipe_collections, public.recipe_collection_items TO anon, authenticated;
GRANT INSERT, UPDATE, DELETE ON public.recipes, public.recipe_ratings, public.recipe_collections,
    public.recipe_collection_items TO authenticated;
GRANT INSERT, DELETE ON public.recipe_likes, public.user_follows TO authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.recipe_favorites TO authenticated;
GRANT ALL ON public.users, public.recipes, public.nutrition, public.recipe_likes, public.recipe_favorites,
    public.recipe_ratings, public.user_follows, public.recipe_collections, public.recipe_collection_items,
    public.nutrition_cache TO service_role;
