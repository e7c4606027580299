-- For people of an older seed, who have a profile and no row in sim_users. Their e-mail says who they are:
-- synthetic+NNNNN@example.com, five digits, or more without a leading zero. What only resembles it is left alone.

-- name: count: rows in sim_users, people of an older seed who have theirs, and those who have not
SELECT
    (SELECT count(*) FROM public.sim_users),
    count(*) FILTER (WHERE s.profile_id IS NOT NULL),
    count(*) FILTER (WHERE s.profile_id IS NULL)
FROM public.profiles AS p LEFT JOIN public.sim_users AS s ON s.profile_id = p.id
WHERE p.email ~ '^synthetic\+([0-9]{5}|[1-9][0-9]{5,6})@example\.com$' AND p.email <> 'synthetic+00000@example.com';

-- name: backfill: the missing rows; the persona by the number in the e-mail, as the seed function deals them out
WITH people AS (
    SELECT p.*, substring(p.email FROM '[0-9]+')::bigint AS number, md5('sim_users of ' || p.id) AS hash
    FROM public.profiles AS p
    WHERE p.email ~ '^synthetic\+([0-9]{5}|[1-9][0-9]{5,6})@example\.com$' AND p.email <> 'synthetic+00000@example.com'
        AND NOT EXISTS (SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = p.id)
),
personas AS (
    SELECT ARRAY[
        'motivated_beginner', 'struggling_returner', 'high_risk_relapse', 'stable_maintainer', 'crisis_intervention',
        'family_concerned', 'mandated_treatment', 'dual_diagnosis', 'chronic_relapser', 'early_recovery'
    ] AS keys
)
INSERT INTO public.sim_users (id, profile_id, org_id, persona_key, cohort_label, started_at, created_at, metadata)
SELECT
    -- A hash as a version-8 uuid: the same person gets the same id wherever this runs.
    overlay(overlay(hash PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid,
    id,
    organization_id,
    keys[1 + (number - 1) %% cardinality(keys)],
    %(cohort)s,
    coalesce(created_at, %(at)s),
    coalesce(created_at, %(at)s),
    jsonb_build_object('email', email, 'created_by', 'backfill_script', 'backfilled_at', %(at)s)
FROM people, personas
ORDER BY number
ON CONFLICT DO NOTHING;
