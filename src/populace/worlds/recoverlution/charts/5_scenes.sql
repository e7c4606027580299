-- chart: funnel · How far a sprint goes · journey_instances of more than three scenes that began at least two weeks ago, by scenes completed
WITH sprints AS MATERIALIZED (
    SELECT j.id, j.total_scenes, (
        SELECT count(*) FROM public.journey_instance_scenes AS s
        WHERE s.journey_instance_id = j.id AND s.status = 'completed') AS done
    FROM public.journey_instances AS j
    WHERE j.metadata ->> 'synthetic' = 'true' AND j.total_scenes > 3
      AND j.started_at < %(watermark)s::timestamptz - interval '14 days'
)
SELECT v.step, count(*) FILTER (WHERE v.reached) AS value
FROM sprints AS s
CROSS JOIN LATERAL (VALUES (1, 'began', true), (2, 'first scene', s.done >= 1), (3, 'a quarter', s.done * 4 >= s.total_scenes),
    (4, 'half', s.done * 2 >= s.total_scenes), (5, 'the whole', s.done >= s.total_scenes)) AS v (place, step, reached)
GROUP BY v.place, v.step
ORDER BY v.place
