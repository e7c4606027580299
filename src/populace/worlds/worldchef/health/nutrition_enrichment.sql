-- What the app asks the function when a recipe is saved: its ingredients. 200 recipes have about 1,600 lines: enough to
-- say that more than 90 % are remembered, if 93 % of these are.
SELECT jsonb_build_object('ingredients', r.ingredients)
FROM public.recipes AS r JOIN public.users AS u ON u.id = r.author_id
WHERE split_part(u.email, '@', -1) = 'staging.worldchef.example.com' AND substr(u.id::text, 15, 1) = '8'
  AND jsonb_array_length(r.ingredients) BETWEEN 1 AND 100
ORDER BY md5(r.id::text)
LIMIT 200
