-- What makes a recipe one: lists and steps that agree, times that add up, tags that follow, amounts that the nutrition table
-- knows. Counted are the recipes, lines or steps that break a rule.
WITH theirs AS MATERIALIZED (
    SELECT r.* FROM public.recipes AS r JOIN public.users AS u ON u.id = r.author_id
    WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com' AND substr(u.id::text, 15, 1) = '8'
),
lines AS MATERIALIZED (
    SELECT r.id, l ->> 'name' AS name, (l ->> 'quantity')::numeric AS quantity, l ->> 'unit' AS unit
    FROM theirs AS r, jsonb_array_elements(r.ingredients) AS l
),
used AS MATERIALIZED (
    SELECT DISTINCT r.id, n.name
    FROM theirs AS r, jsonb_array_elements(r.instructions) AS s, jsonb_array_elements_text(s -> 'ingredients') AS n (name)
),
serving AS (
    SELECT id, dietary_tags AS tags, (nutrition_data #>> '{per_serving,carbohydrates_g}')::numeric AS carbohydrates,
        (nutrition_data #>> '{per_serving,fat_g}')::numeric AS fat
    FROM theirs
),
broken (title, n) AS (
    SELECT 'ingredients that no step uses', (SELECT count(*) FROM lines AS l LEFT JOIN used AS u USING (id, name) WHERE u.id IS NULL)
    UNION ALL SELECT 'steps with an ingredient that is not listed',
        (SELECT count(*) FROM used AS u LEFT JOIN lines AS l USING (id, name) WHERE l.id IS NULL)
    UNION ALL SELECT 'recipes whose steps take longer or shorter than they say', count(*) FROM theirs AS r
        WHERE prep_time_minutes + cook_time_minutes
            <> (SELECT sum((s ->> 'minutes')::integer) FROM jsonb_array_elements(r.instructions) AS s)
    UNION ALL SELECT 'recipes whose tags do not follow from their nutrition', count(*) FROM serving
        WHERE ('low_carb' = ANY (tags)) <> (carbohydrates < 20) OR ('low_fat' = ANY (tags)) <> (fat < 10)
            OR ('keto' = ANY (tags)) <> (carbohydrates < 10 AND fat > 20) OR ('vegan' = ANY (tags) AND 'vegetarian' <> ALL (tags))
    UNION ALL SELECT 'lines that the nutrition table does not know',
        (SELECT count(*) FROM lines AS l LEFT JOIN public.nutrition AS n USING (name, quantity, unit) WHERE n.id IS NULL)
    UNION ALL SELECT 'recipes with 8 KB of JSON or more', count(*) FROM theirs
        WHERE octet_length(ingredients::text) + octet_length(instructions::text) + octet_length(nutrition_data::text) >= 8192
    UNION ALL SELECT 'published recipes without a moment, or others that are public', count(*) FROM theirs
        WHERE (status = 'published') <> is_public OR (status = 'published' AND published_at IS NULL)
)
SELECT 'recipes' AS id, title, '' AS documented, '0' AS target, n::text AS measured, n = 0 AS ok, '' AS note FROM broken
