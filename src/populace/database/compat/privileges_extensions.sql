-- The roles may name the functions of extensions.
GRANT USAGE ON SCHEMA extensions TO anon, authenticated, service_role;
