-- The staging schema of WorldChef, without keys, indexes or triggers: those follow the bulk load, in 2_constraints.sql.
-- Column defaults are there for the app and for people who write by hand; Populace writes every column itself.

CREATE TYPE public.user_role AS ENUM ('standard', 'creator', 'moderator', 'admin');
CREATE TYPE public.dietary_type AS ENUM (
    'vegetarian', 'vegan', 'gluten_free', 'dairy_free', 'keto', 'paleo', 'low_carb', 'low_fat', 'halal', 'kosher');
CREATE TYPE public.recipe_status AS ENUM ('draft', 'published', 'archived', 'admin_removed');
CREATE TYPE public.difficulty_type AS ENUM ('easy', 'medium', 'hard');
CREATE TYPE public.cuisine_type AS ENUM (
    'american', 'italian', 'mexican', 'chinese', 'indian', 'thai', 'french', 'mediterranean', 'japanese', 'korean');
CREATE TYPE public.meal_type AS ENUM ('breakfast', 'lunch', 'dinner', 'snack', 'dessert', 'appetizer');

CREATE TABLE public.users (
    id                  uuid                   NOT NULL DEFAULT gen_random_uuid(),
    email               varchar(255)           NOT NULL,
    display_name        varchar(255)           NOT NULL,
    role                public.user_role       NOT NULL DEFAULT 'standard',
    avatar_url          text,
    bio                 text,
    location            varchar(255),
    dietary_preferences public.dietary_type[]  DEFAULT '{}',
    is_verified         boolean                NOT NULL DEFAULT false,
    created_at          timestamptz            NOT NULL DEFAULT now(),
    updated_at          timestamptz            NOT NULL DEFAULT now(),
    last_active_at      timestamptz            NOT NULL DEFAULT now(),
    deleted_at          timestamptz
);

-- ingredients: [{name, quantity, unit}]. instructions: [{step_number, description, minutes, ingredients: [name]}].
CREATE TABLE public.recipes (
    id                uuid                   NOT NULL DEFAULT gen_random_uuid(),
    author_id         uuid                   NOT NULL,
    name              varchar(255)           NOT NULL,
    description       text,
    ingredients       jsonb                  NOT NULL DEFAULT '[]',
    instructions      jsonb                  NOT NULL DEFAULT '[]',
    prep_time_minutes integer,
    cook_time_minutes integer,
    servings          integer,
    difficulty        public.difficulty_type DEFAULT 'medium',
    cuisine           public.cuisine_type,
    meal_type         public.meal_type,
    dietary_tags      public.dietary_type[]  DEFAULT '{}',
    nutrition_data    jsonb,
    is_public         boolean                NOT NULL DEFAULT true,
    status            public.recipe_status   NOT NULL DEFAULT 'draft',
    published_at      timestamptz,
    created_at        timestamptz            NOT NULL DEFAULT now(),
    updated_at        timestamptz            NOT NULL DEFAULT now(),
    deleted_at        timestamptz,
    CONSTRAINT recipes_servings_check CHECK (servings > 0),
    CONSTRAINT recipes_minutes_check CHECK (prep_time_minutes >= 0 AND cook_time_minutes >= 0),
    CONSTRAINT recipes_ingredients_check CHECK (jsonb_typeof(ingredients) = 'array'),
    CONSTRAINT recipes_instructions_check CHECK (jsonb_typeof(instructions) = 'array'),
    CONSTRAINT recipes_nutrition_check CHECK (nutrition_data IS NULL OR jsonb_typeof(nutrition_data) = 'object'),
    CONSTRAINT recipes_published_check CHECK (status <> 'published' OR jsonb_array_length(instructions) > 0)
);

-- What usual amounts of an ingredient contain: per row so much of it, as the edge function looks it up.
CREATE TABLE public.nutrition (
    id                 uuid          NOT NULL DEFAULT gen_random_uuid(),
    ingredient_hash    text          NOT NULL,
    canonical_string   text          NOT NULL,
    name               text          NOT NULL,
    quantity           numeric(14,2) NOT NULL,
    unit               text          NOT NULL,
    grams              numeric(14,2) NOT NULL,
    macros             jsonb         NOT NULL,
    calculation_method text          NOT NULL DEFAULT 'measured',
    created_at         timestamptz   NOT NULL DEFAULT now(),
    CONSTRAINT nutrition_quantity_check CHECK (quantity > 0 AND grams > 0),
    CONSTRAINT nutrition_macros_check CHECK (jsonb_typeof(macros) = 'object')
);

CREATE TABLE public.recipe_likes (
    user_id    uuid        NOT NULL,
    recipe_id  uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.recipe_favorites (
    user_id    uuid        NOT NULL,
    recipe_id  uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.recipe_ratings (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id    uuid        NOT NULL,
    recipe_id  uuid        NOT NULL,
    rating     integer     NOT NULL,
    comment    text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recipe_ratings_rating_check CHECK (rating BETWEEN 1 AND 5)
);

CREATE TABLE public.user_follows (
    follower_id  uuid        NOT NULL,
    following_id uuid        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_follows_self_check CHECK (follower_id <> following_id)
);

CREATE TABLE public.recipe_collections (
    id          uuid         NOT NULL DEFAULT gen_random_uuid(),
    user_id     uuid         NOT NULL,
    name        varchar(255) NOT NULL,
    description text,
    is_public   boolean      NOT NULL DEFAULT false,
    created_at  timestamptz  NOT NULL DEFAULT now(),
    updated_at  timestamptz  NOT NULL DEFAULT now()
);

CREATE TABLE public.recipe_collection_items (
    collection_id uuid        NOT NULL,
    recipe_id     uuid        NOT NULL,
    added_at      timestamptz NOT NULL DEFAULT now()
);

-- What the edge function nutrition_enrichment remembers. Populace writes no row of it.
CREATE TABLE public.nutrition_cache (
    ingredient_hash  text        NOT NULL,
    canonical_string text        NOT NULL,
    macros           jsonb       NOT NULL,
    fdc_id           integer,
    source           text        NOT NULL DEFAULT 'USDA_FDC',
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    expires_at       timestamptz NOT NULL DEFAULT now() + interval '168 hours'
);
