-- id: D10 · quick vegan dinners · 200
SELECT r.id, r.name, r.nutrition_data -> 'per_serving' ->> 'calories' AS calories
FROM public.recipes AS r
WHERE r.status = 'published' AND r.meal_type = 'dinner' AND 'vegan' = ANY (r.dietary_tags)
  AND r.prep_time_minutes + r.cook_time_minutes <= 45
ORDER BY r.published_at DESC LIMIT 50
