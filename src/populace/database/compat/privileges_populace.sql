-- The roles may ask for simulated time, and for nothing else of Populace.
GRANT USAGE ON SCHEMA populace TO anon, authenticated, service_role;
GRANT EXECUTE ON FUNCTION populace.now() TO anon, authenticated, service_role;
