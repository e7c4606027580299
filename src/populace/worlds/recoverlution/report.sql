-- What a seed is asked to report: people, pairs of a person and a mindblock, and how evenly mindblocks are covered.
WITH pairs AS (
    SELECT content_id, count(*) AS engagements
    FROM public.content_engagements
    WHERE metadata ->> 'cohort_label' IS NOT NULL AND content_type = 'mindblock' AND action = 'viewed'
    GROUP BY content_id
)
SELECT
    (SELECT count(*) FROM public.sim_users)                     AS users_created,
    (SELECT coalesce(sum(engagements), 0)::bigint FROM pairs)   AS engagements_created,
    (SELECT count(*) FROM pairs)                                AS mindblocks_covered,
    (SELECT coalesce(min(engagements), 0) FROM pairs)           AS min_engagements_per_mindblock,
    (SELECT coalesce(max(engagements), 0) FROM pairs)           AS max_engagements_per_mindblock
