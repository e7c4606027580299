-- A1: the people, their organisations and their personas.
-- Where people differ, they sign up with organisations and personas as it happens, and go on doing so after the epoch.
WITH people AS (SELECT * FROM public.sim_users WHERE NOT %(differ)s OR started_at < %(epoch)s),
found AS (SELECT o.name, count(*) AS n FROM people AS p JOIN public.organizations AS o ON o.id = p.org_id GROUP BY 1),
wanted AS (
    SELECT name, n FROM (VALUES
        ('alpha', %(count_users)s::bigint * %(alpha_percent)s / 100),
        ('beta', %(count_users)s::bigint * %(beta_percent)s / 100 - %(count_users)s::bigint * %(alpha_percent)s / 100),
        ('gamma', %(count_users)s::bigint - %(count_users)s::bigint * %(beta_percent)s / 100)) AS v (name, n)
    WHERE n > 0 AND %(with_orgs)s
),
-- Where it is drawn for each, a count may be off by 4.3 deviations, and by what rounding takes.
shares AS (
    SELECT string_agg(name || ' ' || w.n, ', ' ORDER BY name) FILTER (WHERE w.n > 0) AS target,
        string_agg(name || ' ' || f.n, ', ' ORDER BY name) FILTER (WHERE f.n > 0) AS measured,
        coalesce(bool_and(w.n IS NOT NULL AND abs(coalesce(f.n, 0) - w.n)
            <= 1 + 4.3 * sqrt(w.n * (1 - w.n / %(count_users)s::numeric))), true) AS near
    FROM wanted AS w FULL JOIN found AS f USING (name)
)
SELECT 'A1' AS id, 'people in sim_users' AS title, '3000' AS documented, %(count_users)s::text AS target,
    count(*)::text AS measured, count(*) = %(count_users)s AS ok, NULL AS note
FROM people
UNION ALL
SELECT 'A1', 'people by organisation', 'alpha 1800, beta 900, gamma 300', coalesce(target, 'none'),
    coalesce(measured, 'none'), CASE WHEN %(differ)s THEN near ELSE target IS NOT DISTINCT FROM measured END,
    CASE WHEN %(differ)s THEN 'about: where people differ it is drawn for each' END
FROM shares
UNION ALL
SELECT 'A1', 'fewest and most people of a persona', '300 to 300',
    (%(count_users)s / %(personas)s)::text || ' to ' || ((%(count_users)s + %(personas)s - 1) / %(personas)s)::text,
    min(n)::text || ' to ' || max(n)::text, min(n) = %(count_users)s / %(personas)s
        AND max(n) = (%(count_users)s + %(personas)s - 1) / %(personas)s, NULL
FROM (
    SELECT k.persona_key, count(p.id) AS n
    FROM (VALUES ('motivated_beginner'), ('struggling_returner'), ('high_risk_relapse'), ('stable_maintainer'),
        ('crisis_intervention'), ('family_concerned'), ('mandated_treatment'), ('dual_diagnosis'),
        ('chronic_relapser'), ('early_recovery')) AS k (persona_key)
    LEFT JOIN people AS p USING (persona_key) GROUP BY 1) AS personas
UNION ALL
SELECT 'A1', 'people with an auth user, an identity, a profile and their own e-mail', '3000', %(count_users)s::text,
    count(*)::text, count(*) = %(count_users)s, NULL
FROM people AS s
JOIN public.profiles AS p ON p.id = s.profile_id
JOIN auth.users AS u ON u.id = p.id AND u.email = p.email AND u.email LIKE 'synthetic+%%@example.com'
JOIN auth.identities AS i ON i.user_id = u.id AND i.provider_id = u.id::text
