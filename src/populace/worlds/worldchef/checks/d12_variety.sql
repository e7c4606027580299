-- D12: every value that the app knows occurs, of the enums and of the regions.
WITH ours AS MATERIALIZED (
    SELECT * FROM public.users
    WHERE split_part(email, '@', -1) = 'staging.worldchef.example.com' AND substr(id::text, 15, 1) = '8'
),
theirs AS MATERIALIZED (SELECT r.* FROM public.recipes AS r JOIN ours AS u ON u.id = r.author_id),
found (title, known, present) AS (
    SELECT 'roles of users', enum_range(NULL::public.user_role)::text[], ARRAY(SELECT DISTINCT role::text FROM ours)
    UNION ALL SELECT 'cuisines of recipes', enum_range(NULL::public.cuisine_type)::text[], ARRAY(SELECT DISTINCT cuisine::text FROM theirs)
    UNION ALL SELECT 'dietary tags of recipes', enum_range(NULL::public.dietary_type)::text[],
        ARRAY(SELECT DISTINCT unnest(dietary_tags)::text FROM theirs)
    UNION ALL SELECT 'meals of recipes', enum_range(NULL::public.meal_type)::text[], ARRAY(SELECT DISTINCT meal_type::text FROM theirs)
    UNION ALL SELECT 'difficulties of recipes', enum_range(NULL::public.difficulty_type)::text[],
        ARRAY(SELECT DISTINCT difficulty::text FROM theirs)
    UNION ALL SELECT 'statuses of recipes', enum_range(NULL::public.recipe_status)::text[], ARRAY(SELECT DISTINCT status::text FROM theirs)
),
compared AS (
    SELECT title, cardinality(known) AS known, cardinality(present) AS present,
        ARRAY(SELECT unnest(known) EXCEPT SELECT unnest(present) ORDER BY 1) AS missing
    FROM found
),
small AS (SELECT %(users)s < 250 OR %(recipes)s < 500 OR %(watermark)s < %(epoch)s AS is FROM (SELECT 1) AS one)
SELECT 'D12' AS id, title, '' AS documented, known::text AS target, present::text AS measured,
    CASE WHEN missing = '{}' OR NOT small.is THEN missing = '{}' END AS ok,
    CASE WHEN missing = '{}' THEN '' WHEN small.is THEN 'too few users and recipes for every value: ' ELSE 'missing: ' END
        || array_to_string(missing, ', ') AS note
FROM compared, small
UNION ALL
SELECT 'D12', 'places where users live', '', 'at least 30', count(DISTINCT location)::text,
    CASE WHEN small.is THEN NULL ELSE count(DISTINCT location) >= 30 END, CASE WHEN small.is THEN 'few users' ELSE '' END
FROM ours, small
GROUP BY small.is
