-- The people of the simulation, as the app's control API lists them. most: so many of them.
SELECT json_build_object(
    'count', (SELECT count(*) FROM public.sim_users),
    'users', (
        SELECT coalesce(json_agg(u), '[]')
        FROM (
            SELECT s.profile_id, s.org_id, s.started_at FROM public.sim_users AS s ORDER BY s.profile_id LIMIT %(most)s
        ) AS u),
    'ready', EXISTS (SELECT FROM public.sim_users)) AS sim_users
