-- What synthetic people did in the last so many hours of simulated time, by kind. hours: a whole number.
WITH period AS MATERIALIZED (
    SELECT n - make_interval(hours => %(hours)s::integer) AS since, n AS until
    FROM (SELECT populace.now() AS n) AS clock
),
people AS MATERIALIZED (
    SELECT u.id FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
),
watched AS MATERIALIZED (
    SELECT w.user_id, w.video_id, w.completed
    FROM public.watch_progress AS w
    WHERE w.last_watched_at >= (SELECT since FROM period) AND w.last_watched_at <= (SELECT until FROM period)
      AND w.user_id IN (SELECT id FROM people)
),
rated AS MATERIALIZED (
    SELECT r.rating, count(*) AS n
    FROM public.video_ratings AS r
    WHERE r.created_at >= (SELECT since FROM period) AND r.created_at <= (SELECT until FROM period)
      AND r.user_id IN (SELECT id FROM people)
    GROUP BY r.rating
),
listed AS MATERIALIZED (
    SELECT count(*) AS n
    FROM public.user_watchlist AS w
    WHERE w.created_at >= (SELECT since FROM period) AND w.created_at <= (SELECT until FROM period)
      AND w.user_id IN (SELECT id FROM people)
),
said AS MATERIALIZED (
    SELECT m.role, count(*) AS n
    FROM public.chat_messages AS m
    JOIN public.chat_conversations AS c ON c.id = m.conversation_id
    WHERE m.created_at >= (SELECT since FROM period) AND m.created_at <= (SELECT until FROM period)
      AND c.user_id IN (SELECT id FROM people)
    GROUP BY m.role
),
complained AS MATERIALIZED (
    SELECT t.issue_category, count(*) AS n
    FROM public.support_tickets AS t
    WHERE t.created_at >= (SELECT since FROM period) AND t.created_at <= (SELECT until FROM period)
      AND t.user_id IN (SELECT id FROM people)
    GROUP BY t.issue_category
),
joined AS MATERIALIZED (
    SELECT count(*) AS n
    FROM public.profiles AS p
    WHERE p.created_at >= (SELECT since FROM period) AND p.created_at <= (SELECT until FROM period)
      AND p.user_id IN (SELECT id FROM people)
)
SELECT json_build_object(
    'period_hours', %(hours)s::integer,
    'since', (SELECT since FROM period),
    'signups', (SELECT n FROM joined),
    'people_watching', (SELECT count(DISTINCT user_id) FROM watched),
    'titles_watched', (SELECT count(*) FROM watched),
    'titles_completed', (SELECT count(*) FROM watched WHERE completed),
    'titles_watched_by_category', (
        SELECT coalesce(json_object_agg(name, n ORDER BY n DESC, name), '{}')
        FROM (
            SELECT c.name, count(*) AS n
            FROM watched AS w
            JOIN public.videos AS v ON v.id = w.video_id
            JOIN public.categories AS c ON c.id = v.category_id
            GROUP BY c.name) AS by_category),
    'ratings_by_stars', (SELECT coalesce(json_object_agg(rating, n ORDER BY rating), '{}') FROM rated),
    'watchlist_added', (SELECT n FROM listed),
    'chat_messages_by_role', (SELECT coalesce(json_object_agg(role, n ORDER BY role DESC), '{}') FROM said),
    'tickets_by_category', (
        SELECT coalesce(json_object_agg(issue_category, n ORDER BY n DESC, issue_category), '{}') FROM complained),
    'total_events', (
        SELECT coalesce(sum(n), 0)::bigint
        FROM (
            SELECT count(*) AS n FROM watched
            UNION ALL SELECT n FROM rated
            UNION ALL SELECT n FROM listed
            UNION ALL SELECT n FROM said
            UNION ALL SELECT n FROM complained
            UNION ALL SELECT n FROM joined) AS every_kind)
) AS activity
