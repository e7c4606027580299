-- Where Supabase keeps the functions of extensions.
CREATE SCHEMA extensions;
COMMENT ON SCHEMA extensions IS 'made by Populace';
