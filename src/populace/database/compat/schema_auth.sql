-- Where Supabase keeps accounts.
CREATE SCHEMA auth;
COMMENT ON SCHEMA auth IS 'made by Populace';
