-- Stars for mindblocks.
SELECT c.individual_id AS person, c.content_id AS item, (c.metadata ->> 'rating')::float8 AS stars
FROM public.content_engagements AS c
WHERE c.action = 'rated' AND c.metadata ? 'seed_key' AND c.metadata ? 'rating'
