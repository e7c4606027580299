-- name: role: as the app's function works; without the role, as whoever connects
SELECT set_config('role', rolname, true) FROM pg_roles WHERE rolname = 'service_role' AND pg_has_role(rolname, 'MEMBER');

-- name: request_id
SELECT gen_random_uuid()::text;

-- name: cached: what is remembered and has not expired
SELECT ingredient_hash, macros, source FROM public.nutrition_cache
WHERE ingredient_hash = ANY (%(keys)s) AND expires_at > %(now)s;

-- name: known: what a source says of food by name: 100 g of it, and usual amounts with their weight
SELECT lower(regexp_replace(name, '[^[:alnum:] ]', '', 'g')) AS food, unit, quantity::float8, grams::float8, macros
FROM public.nutrition WHERE lower(regexp_replace(name, '[^[:alnum:] ]', '', 'g')) = ANY (%(food)s)
ORDER BY name, unit <> 'g', quantity DESC, id;

-- name: remember: what is asked again was found again
INSERT INTO public.nutrition_cache (ingredient_hash, canonical_string, macros, fdc_id, source, created_at, updated_at, expires_at)
VALUES (%(key)s, %(canonical)s, %(macros)s, %(fdc_id)s, %(source)s, %(now)s, %(now)s, %(expires)s)
ON CONFLICT (ingredient_hash) DO UPDATE
SET macros = excluded.macros, fdc_id = excluded.fdc_id, source = excluded.source, updated_at = excluded.updated_at, expires_at = excluded.expires_at;
