-- The roles may name the functions of the visitor's identity; the tables of accounts stay closed to them.
GRANT USAGE ON SCHEMA auth TO anon, authenticated, service_role;
