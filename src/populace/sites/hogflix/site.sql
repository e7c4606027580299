-- name: account
SELECT u.id, u.encrypted_password AS password FROM auth.users AS u
WHERE u.email = %(email)s AND NOT u.is_sso_user AND u.deleted_at IS NULL
    AND (u.banned_until IS NULL OR u.banned_until < populace.now())

-- name: visitor (somebody who is signed in, with their first profile, their plan, and whether they are synthetic)
SELECT u.id AS user_id, p.id AS profile_id, u.email, coalesce(p.display_name, u.email) AS name,
    coalesce(u.raw_user_meta_data ->> 'distinct_id', u.id::text) AS distinct_id,
    u.raw_user_meta_data ->> 'acq_source' AS source,
    split_part(u.email, '@', -1) = %(domain)s AND coalesce(u.raw_user_meta_data ->> 'is_synthetic' = 'true', false)
        AS is_synthetic,
    plan.name AS plan, plan.display_name AS plan_shown, s.status, s.expires_at
FROM auth.users AS u
JOIN LATERAL (SELECT * FROM public.profiles WHERE user_id = u.id ORDER BY created_at, id LIMIT 1) AS p ON true
LEFT JOIN public.user_subscriptions AS s ON s.user_id = u.id
LEFT JOIN public.subscription_plans AS plan ON plan.id = s.plan_id
WHERE u.id = %(user)s AND u.deleted_at IS NULL

-- name: sign_up_key (of somebody of the population whose sign-up a browser plays now; null for everybody else)
SELECT populace.sign_up_key(%(email)s) AS key

-- name: add_user
INSERT INTO auth.users (id, instance_id, aud, role, email, encrypted_password, email_confirmed_at, confirmation_token,
    recovery_token, email_change_token_new, email_change, raw_app_meta_data, raw_user_meta_data, is_sso_user,
    is_anonymous, created_at, updated_at)
VALUES (coalesce(%(key)s, gen_random_uuid()), '00000000-0000-0000-0000-000000000000', 'authenticated', 'authenticated', %(email)s,
    %(password)s, populace.now(), '', '', '', '', '{"provider": "email", "providers": ["email"]}', %(about)s, false,
    false, populace.now(), populace.now())
ON CONFLICT DO NOTHING
RETURNING id

-- name: add_identity
INSERT INTO auth.identities (id, provider_id, user_id, identity_data, provider, created_at, updated_at)
VALUES (gen_random_uuid(), %(user)s::text, %(user)s::uuid,
    %(said)s::jsonb || jsonb_build_object('sub', %(user)s::text, 'email', %(email)s::text, 'email_verified', true),
    'email', populace.now(), populace.now())

-- name: add_profile (the first of an account has its key; triggers of the app add the role, the public profile and the subscription)
INSERT INTO public.profiles (id, user_id, display_name, email, created_at, updated_at)
VALUES (%(profile)s, %(user)s, %(name)s, %(email)s, populace.now(), populace.now())

-- name: titles
SELECT v.id, coalesce(v.slug, v.id::text) AS key, v.title, v.description, v.ai_summary AS summary,
    coalesce(v.duration, 60) AS duration, v.published_at, c.name AS category, r.avg_rating AS rating,
    coalesce(r.rating_count, 0) AS ratings, coalesce(w.lately, 0) AS lately, coalesce(w.viewers, 0) AS viewers,
    -- Categories that follow each other are far apart on the colour wheel.
    (dense_rank() OVER (ORDER BY c.sort_order, c.name) * 137 + 250)::int % 360 AS hue
FROM public.videos AS v
JOIN public.categories AS c ON c.id = v.category_id
LEFT JOIN (
    SELECT video_id, count(*) AS rating_count, round(avg(rating), 1)::float8 AS avg_rating
    FROM public.video_ratings GROUP BY video_id) AS r ON r.video_id = v.id
LEFT JOIN (
    SELECT video_id, count(*) AS viewers,
        count(*) FILTER (WHERE last_watched_at > (SELECT populace.now()) - interval '7 days') AS lately
    FROM public.watch_progress GROUP BY video_id) AS w ON w.video_id = v.id
WHERE v.is_public AND (v.published_at IS NULL OR v.published_at <= (SELECT populace.now()))
ORDER BY v.title, v.id

-- name: found (titles that have any of the words, best first)
WITH asked AS (
    SELECT nullif(replace(plainto_tsquery('english', %(words)s)::text, '&', '|'), '')::tsquery AS query)
SELECT t.id FROM asked, (
    SELECT v.id, v.title, setweight(to_tsvector('english', v.title), 'A')
        || setweight(to_tsvector('english', c.name), 'B')
        || setweight(to_tsvector('english', coalesce(v.description, '') || ' ' || coalesce(v.ai_summary, '')), 'C')
        AS words
    FROM public.videos AS v JOIN public.categories AS c ON c.id = v.category_id) AS t
WHERE t.words @@ asked.query OR (%(part)s <> '' AND strpos(lower(t.title), lower(%(part)s)) > 0)
ORDER BY (%(part)s <> '' AND strpos(lower(t.title), lower(%(part)s)) > 0) DESC, ts_rank(t.words, asked.query) DESC NULLS LAST,
    t.title

-- name: year (that it is for the population)
SELECT extract(year FROM populace.now() AT TIME ZONE 'UTC')::int

-- name: categories
SELECT c.name FROM public.categories AS c
WHERE EXISTS (SELECT 1 FROM public.videos AS v WHERE v.category_id = c.id AND v.is_public)
ORDER BY c.sort_order, c.name

-- name: progress (of one profile, latest first)
SELECT video_id, progress_seconds AS seconds, progress_percentage AS percentage, completed
FROM public.watch_progress WHERE user_id = %(user)s AND profile_id = %(profile)s
ORDER BY last_watched_at DESC, video_id

-- name: watched (re-watching overwrites)
INSERT INTO public.watch_progress AS w (user_id, profile_id, video_id, progress_seconds, duration_seconds,
    progress_percentage, last_watched_at, completed, session_id, created_at, updated_at)
VALUES (%(user)s, %(profile)s, %(video)s, %(seconds)s, %(duration)s, %(percentage)s, populace.now(), %(completed)s,
    %(session)s, populace.now(), populace.now())
ON CONFLICT (user_id, profile_id, video_id) DO UPDATE SET
    progress_seconds = excluded.progress_seconds, duration_seconds = excluded.duration_seconds,
    progress_percentage = excluded.progress_percentage, completed = excluded.completed,
    session_id = excluded.session_id, last_watched_at = greatest(w.last_watched_at, excluded.last_watched_at),
    updated_at = greatest(w.updated_at, excluded.updated_at)

-- name: my_list
SELECT video_id FROM public.user_watchlist WHERE user_id = %(user)s AND profile_id = %(profile)s
ORDER BY created_at DESC, video_id

-- name: keep
INSERT INTO public.user_watchlist (user_id, profile_id, video_id, created_at, updated_at)
VALUES (%(user)s, %(profile)s, %(video)s, populace.now(), populace.now())
ON CONFLICT (user_id, profile_id, video_id) DO NOTHING

-- name: drop
DELETE FROM public.user_watchlist WHERE user_id = %(user)s AND profile_id = %(profile)s AND video_id = %(video)s

-- name: my_ratings
SELECT video_id, rating FROM public.video_ratings WHERE user_id = %(user)s AND profile_id = %(profile)s
ORDER BY updated_at DESC, video_id

-- name: rate
INSERT INTO public.video_ratings AS r (video_id, user_id, profile_id, rating, created_at, updated_at)
VALUES (%(video)s, %(user)s, %(profile)s, %(rating)s, populace.now(), populace.now())
ON CONFLICT (video_id, profile_id) DO UPDATE SET
    rating = excluded.rating, updated_at = greatest(r.updated_at, excluded.updated_at)

-- name: plans
SELECT id, name, display_name, price_monthly AS price, features, max_profiles, video_quality, is_default
FROM public.subscription_plans ORDER BY price_monthly, name

-- name: subscribe
INSERT INTO public.user_subscriptions AS s (user_id, plan_id, status, payment_intent, started_at, expires_at,
    created_at, updated_at)
VALUES (%(user)s, %(plan)s, 'active', %(payment)s, populace.now(),
    CASE WHEN %(payment)s::text IS NOT NULL THEN populace.now() + interval '1 month' END, populace.now(),
    populace.now())
ON CONFLICT (user_id) DO UPDATE SET plan_id = excluded.plan_id, status = excluded.status,
    payment_intent = excluded.payment_intent, started_at = excluded.started_at, expires_at = excluded.expires_at,
    updated_at = greatest(s.updated_at, excluded.updated_at)

-- name: add_ticket
INSERT INTO public.support_tickets (user_id, issue_category, description, status, created_at, updated_at)
VALUES (%(user)s, %(category)s, %(description)s, 'open', populace.now(), populace.now())
RETURNING id

-- name: tickets
SELECT issue_category, description, status, created_at FROM public.support_tickets WHERE user_id = %(user)s
ORDER BY created_at DESC, id LIMIT 5

-- name: conversation (somebody's latest)
SELECT id FROM public.chat_conversations WHERE user_id = %(user)s AND profile_id = %(profile)s
ORDER BY created_at DESC, id LIMIT 1

-- name: converse (after the one before, also while the population's clock stands still)
INSERT INTO public.chat_conversations (user_id, profile_id, title, created_at, updated_at)
SELECT %(user)s, %(profile)s, 'FlixBuddy Chat', n.at, n.at
FROM (SELECT greatest(populace.now(), max(created_at) + interval '1 millisecond') AS at
      FROM public.chat_conversations WHERE user_id = %(user)s) AS n
RETURNING id

-- name: is_conversation (of somebody; user: null for whoever it is)
SELECT 1 FROM public.chat_conversations
WHERE id = %(conversation)s AND (%(user)s::uuid IS NULL OR user_id = %(user)s::uuid)

-- name: said
SELECT m.role, m.content FROM public.chat_messages AS m
JOIN public.chat_conversations AS c ON c.id = m.conversation_id
WHERE c.id = %(conversation)s AND (%(user)s::uuid IS NULL OR c.user_id = %(user)s::uuid)
ORDER BY m.created_at, m.role DESC, m.id

-- name: say (each message after the one before, also while the population's clock stands still)
INSERT INTO public.chat_messages (conversation_id, role, content, metadata, created_at)
SELECT %(conversation)s, %(role)s, %(content)s, %(metadata)s, greatest(populace.now(),
    (SELECT max(created_at) + interval '1 millisecond' FROM public.chat_messages
     WHERE conversation_id = %(conversation)s))
